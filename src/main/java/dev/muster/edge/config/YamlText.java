package dev.muster.edge.config;

import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.dataformat.yaml.YAMLFactory;

/// How we read what people write in YAML: a key that stands twice is an error, not a choice of the parser's.
public final class YamlText {
    private YamlText() {}

    public static YAMLFactory format() {
        return YAMLFactory.builder()
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .build();
    }

    /// What is wrong with the text, without its place.
    public static String told(JacksonException e) {
        // The parser's sentences; between them it shows parts of the file, indented.
        String said = e.getOriginalMessage()
                .lines()
                .filter(line -> !line.isBlank() && !line.startsWith(" "))
                .collect(Collectors.joining(": "));
        int duplicate = said.indexOf(DUPLICATE);
        return duplicate < 0
                ? "expected YAML, but found: " + said
                : "expected each key once, but found " + said.substring(duplicate + DUPLICATE.length()) + " again";
    }

    private static final String DUPLICATE = "Duplicate Object property ";
}
