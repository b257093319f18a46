package dev.muster.edge.cli;

import dev.muster.edge.view.Doc;
import dev.muster.edge.view.DocText;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

/// In which form a command answers.
enum Output {
    TABLE,
    WIDE,
    JSON,
    YAML,
    NAME;

    /// @throws Failure usage, when there is no such form
    static Output of(Optional<String> written) throws Failure {
        String word = written.orElse("table").toUpperCase(Locale.ROOT);
        for (Output output : values()) {
            if (output.name().equals(word)) return output;
        }
        throw Failure.usage(
                "expected -o table, wide, json, yaml or name, but found \"" + written.orElse("") + "\"", "");
    }

    /// @param table from whether it may be wide to the text for people
    /// @param names what `-o name` prints, a line each
    String render(Doc doc, Function<Boolean, String> table, Function<Doc, List<String>> names) {
        return switch (this) {
            case TABLE -> table.apply(false);
            case WIDE -> table.apply(true);
            case JSON -> DocText.json(doc);
            case YAML -> DocText.yaml(doc);
            case NAME -> {
                StringBuilder lines = new StringBuilder();
                for (String name : names.apply(doc)) lines.append(name).append('\n');
                yield lines.toString();
            }
        };
    }
}
