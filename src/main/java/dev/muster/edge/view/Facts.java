package dev.muster.edge.view;

import java.util.LinkedHashMap;
import java.util.Map;

/// One thing's properties, a line each: `Name      value`.
final class Facts {
    private final Map<String, String> facts = new LinkedHashMap<>();

    /// An empty value is left out.
    Facts fact(String name, String value) {
        if (!value.isEmpty()) facts.put(name, TextTable.oneLine(value));
        return this;
    }

    String render() {
        int width = facts.keySet().stream().mapToInt(String::length).max().orElse(0) + 2;
        StringBuilder text = new StringBuilder();
        facts.forEach((name, value) -> text.append(name)
                .append(" ".repeat(width - name.length()))
                .append(value)
                .append('\n'));
        return text.toString();
    }
}
