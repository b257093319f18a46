package dev.muster.edge.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/// What is wrong with a configuration, a line each: where the value stands, its key, what was expected and what was found.
final class Problems {
    private final Path file;
    private final String about;
    private final Map<String, String> places = new HashMap<>();
    private final Map<String, String> options = new HashMap<>();
    private final List<String> found = new ArrayList<>();

    /// @param about what the file describes
    Problems(Path file, String about) {
        this.file = file;
        this.about = about;
    }

    /// The file's mapping; an empty one, and a problem, when it holds something else.
    ObjectNode read(byte[] yaml) {
        try {
            JsonNode found = Yaml.MAPPER.readTree(yaml);
            try (JsonParser parser = Yaml.MAPPER.createParser(yaml)) {
                linesOf(parser);
            }
            if (found instanceof ObjectNode object) return object;
            if (!found.isMissingNode() && !found.isNull())
                unreadable(1, "expected keys and values, but found " + found);
        } catch (JacksonException e) {
            unreadable(e.getLocation().getLineNr(), YamlText.told(e));
        }
        return Yaml.MAPPER.createObjectNode();
    }

    /// Loaded on first use: a client that reads no file does not pay for YAML.
    static final class Yaml {
        static final YAMLMapper MAPPER = new YAMLMapper(YamlText.format());

        private Yaml() {}
    }

    /// Notes on which line each key of the file stands.
    ///
    /// @param parser at the beginning of the file; closed by the caller
    private void linesOf(JsonParser parser) {
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

    /// As they stand in the file, one after the other; what has no line comes first.
    void inOrder() {
        found.sort(Comparator.comparingInt(this::line));
    }

    private int line(String problem) {
        String rest = problem.startsWith(file + ":") ? problem.substring((file + ":").length()) : "";
        String digits = rest.replaceFirst("^(\\d{0,9}).*", "$1");
        return digits.isEmpty() ? 0 : Integer.parseInt(digits);
    }

    int count() {
        return found.size();
    }

    /// @throws ConfigException when there is any
    void check() throws ConfigException {
        if (!found.isEmpty()) throw new ConfigException(about, found);
    }
}
