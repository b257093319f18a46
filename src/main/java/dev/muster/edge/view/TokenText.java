package dev.muster.edge.view;

import java.time.Duration;
import java.time.Instant;

/// One-time tokens for a terminal.
public final class TokenText {
    private TokenText() {}

    public static String list(Doc answer, Instant now) {
        if (answer.list("tokens").isEmpty()) return "no one-time tokens; `muster cluster token --for NODE` makes one\n";
        TextTable table = new TextTable("NODE", "STATUS", "ROLE", "WHEN", "BY");
        for (Doc token : answer.list("tokens")) {
            String role = token.flag("voter") ? "voter" : NodeText.or(NodeText.lower(token.text("role")), "any");
            table.row(
                    token.text("node"), NodeText.lower(token.text("status")), role, when(token, now), token.text("by"));
        }
        return table.render();
    }

    private static String when(Doc token, Instant now) {
        if (token.has("used_at")) return "used " + Words.age(token.time("used_at"), now) + " ago";
        Instant end = token.time("expires_at").orElse(now);
        return end.isAfter(now)
                ? "good for " + Words.span(Duration.between(now, end))
                : "expired " + Words.age(token.time("expires_at"), now) + " ago";
    }
}
