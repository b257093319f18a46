package dev.muster.edge.view;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// Events for a terminal, a line each.
public final class EventText {
    private static final Set<String> HIDDEN = Set.of("type", "identity", "by", "reason");
    private static final Set<String> WITHIN =
            Set.of("name", "config", "status", "note", "sha", "bytes", "millis", "transport", "fetched");

    /// Of values whose other fields would make a line too long.
    private static final Map<String, Set<String>> WITHIN_OF = Map.of(
            "bulletin", Set.of("number", "alert", "kind", "level", "open", "channels"),
            "silence", Set.of("id", "pattern", "until"));

    private EventText() {}

    public static String list(Doc answer) {
        StringBuilder text = new StringBuilder();
        for (Doc event : answer.list("events")) text.append(line(event));
        return text.toString();
    }

    /// `TIME  REVISION  NAME  what it is about  -- why (who)`.
    public static String line(Doc event) {
        StringBuilder text = new StringBuilder();
        String at = event.text("at");
        text.append(at, 0, Math.min(19, at.length()))
                .append("Z  ")
                .append(event.text("revision"))
                .append("  ");
        text.append(event.text("name"));
        facts(text, event.get("event"), Optional.empty());
        String why = event.text("why");
        text.append("  -- ")
                .append(why.isEmpty() ? "" : why + " ")
                .append('(')
                .append(event.text("actor"))
                .append(')');
        return TextTable.oneLine(text.toString()) + "\n";
    }

    /// What it is about: `node=n1 reason=…`.
    public static String facts(Doc event) {
        StringBuilder text = new StringBuilder();
        facts(text, event, Optional.empty());
        return TextTable.oneLine(text.toString().strip());
    }

    /// Of what stands within only what names it.
    private static void facts(StringBuilder text, Doc event, Optional<Set<String>> within) {
        for (Map.Entry<String, Doc> fact : event.entries().entrySet()) {
            Doc value = fact.getValue();
            String key = fact.getKey();
            boolean shown = within.map(keys -> keys.contains(key)).orElse(!HIDDEN.contains(key));
            if (value.isObject()) facts(text, value, Optional.of(WITHIN_OF.getOrDefault(key, WITHIN)));
            else if (shown && value.isSomething())
                text.append(' ').append(key).append('=').append(brief(value));
        }
    }

    private static String element(Doc element) {
        if (!element.isObject()) return Words.brief(element.text());
        return element.has("node") ? element.text("node") : "…";
    }

    private static String brief(Doc value) {
        return value.list().isEmpty()
                ? Words.brief(value.text())
                : value.list().stream().map(EventText::element).collect(Collectors.joining(","));
    }
}
