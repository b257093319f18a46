package dev.muster.edge.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/// What is wrong with a configuration, a line each: where the value stands, its key, what was expected and what was found.
final class Problems {
    private final Path file;
    private final Map<String, String> places = new HashMap<>();
    private final Map<String, String> options = new HashMap<>();
    private final List<String> found = new ArrayList<>();

    Problems(Path file) {
        this.file = file;
    }

    /// Notes on which line each key of the file stands.
    ///
    /// @param parser at the beginning of the file; closed by the caller
    void linesOf(JsonParser parser) {
        while (parser.nextToken() != null) {
            if (parser.currentToken() != JsonToken.PROPERTY_NAME) continue;
            String key = parser.streamReadContext().pathAsPointer().toString();
            places.put(
                    key.substring(1).replace('/', '.'),
                    file + ":" + parser.currentTokenLocation().getLineNr());
        }
    }

    /// The key's value does not come from the file.
    void from(String place, String key) {
        places.put(key, place);
    }

    /// The key's value was written on the command line, where it has another name.
    void fromOption(String option, String key) {
        options.put(key, option);
    }

    void add(String key, String text) {
        String option = options.get(key);
        String place = option != null ? option : places.getOrDefault(key, file.toString());
        found.add(place + ": " + (option != null || key.isEmpty() ? "" : key + ": ") + text);
    }

    /// Something about the file, which could not be read.
    void unreadable(int line, String text) {
        found.add(file + (line > 0 ? ":" + line : "") + ": " + text);
    }

    int count() {
        return found.size();
    }

    /// @throws ConfigException when there is any
    void check() throws ConfigException {
        if (!found.isEmpty()) throw new ConfigException(found);
    }
}
