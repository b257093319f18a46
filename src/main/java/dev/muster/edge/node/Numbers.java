package dev.muster.edge.node;

import dev.muster.core.state.Attempt;
import dev.muster.core.state.Table;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.core.JacksonException;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The numbers of a stage's results file: whatever is a number in its JSON, by its path with dots. Texts and the like are left
/// alone. `NaN` and `Infinity`, which Python writes, are numbers here, too: a gate has to see them.
final class Numbers {
    private static final int BYTES_MAX = 1 << 20;

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .build();

    /// It is not as it should be; the message is the attempt's note.
    static final class Unread extends Exception {
        private static final long serialVersionUID = 1L;

        Unread(String message) {
            super(message);
        }
    }

    private Numbers() {}

    /// @param path relative to the working directory
    static Table<String, Double> read(Path work, String path) throws IOException, Unread {
        Path file = work.resolve(path);
        if (!Files.isRegularFile(file)) throw new Unread("expected results in " + path + ", but the process left none");
        if (!file.toRealPath().startsWith(work.toRealPath()))
            throw new Unread("expected results in the working directory, but " + path + " leads elsewhere");
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(BYTES_MAX + 1);
        }
        if (bytes.length > BYTES_MAX)
            throw new Unread("expected at most " + BYTES_MAX + " bytes of results in " + path);
        try {
            JsonNode tree = JSON.readTree(bytes);
            if (!tree.isObject())
                throw new Unread("expected names and numbers in " + path + ", but found " + tree.getNodeType());
            Table<String, Double> found = add(Table.empty(), "", tree);
            if (found.isEmpty()) throw new Unread("expected numbers in " + path + ", but found none");
            if (found.size() > Attempt.Ending.RESULTS_MAX)
                throw new Unread("expected at most " + Attempt.Ending.RESULTS_MAX + " numbers in " + path
                        + ", but found " + found.size());
            return found;
        } catch (JacksonException e) {
            throw new Unread("expected JSON in " + path + ", but " + e.getOriginalMessage());
        }
    }

    private static Table<String, Double> add(Table<String, Double> found, String name, JsonNode node) {
        Table<String, Double> next = found;
        if (node.isNumber()) return next.with(name, node.asDouble());
        if (!node.isObject()) return next;
        for (var entry : node.properties())
            next = add(next, name.isEmpty() ? entry.getKey() : name + "." + entry.getKey(), entry.getValue());
        return next;
    }
}
