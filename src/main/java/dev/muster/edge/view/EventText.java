package dev.muster.edge.view;

import java.util.Map;

/// Events for a terminal, a line each.
public final class EventText {
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
        text.append(at, 0, Math.min(19, at.length())).append("Z  ").append(event.text("revision")).append("  ");
        text.append(event.text("name"));
        for (Map.Entry<String, Doc> fact : event.get("event").entries().entrySet()) {
            Doc value = fact.getValue();
            boolean simple = !value.isObject() && value.list().isEmpty() && value.isSomething();
            if (simple && !fact.getKey().equals("type")) {
                text.append(' ').append(fact.getKey()).append('=').append(Words.brief(value.text()));
            }
        }
        String why = event.text("why");
        text.append("  -- ").append(why.isEmpty() ? "" : why + " ").append('(').append(event.text("actor")).append(')');
        return TextTable.oneLine(text.toString()) + "\n";
    }
}
