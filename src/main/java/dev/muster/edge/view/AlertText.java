package dev.muster.edge.view;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// Alerts for a terminal.
public final class AlertText {
    private static final String NOBODY = "The leader has no channel: nobody is told of anything."
            + " SLACK_WEBHOOK_URL in the agents' environment, or DATA/alerts.yaml, is one (docs/ALERTS.md).\n";

    private AlertText() {}

    // ---- what is open

    public static String list(Doc view, boolean wide) {
        Instant now = view.time("at").orElse(Instant.EPOCH);
        StringBuilder text = new StringBuilder(alerts(view, wide, now));
        section(
                text,
                "Over:",
                view.list("over").stream()
                        .map(one -> one.text("id") + " (" + one.text("level") + "), told "
                                + Words.age(one.time("at"), now) + " ago")
                        .toList());
        section(text, "Not told:", waits(view));
        section(
                text,
                "Owed:",
                view.list("owed").stream().map(one -> owed(one, now)).toList());
        section(
                text,
                "Silences:",
                view.list("silences").stream().map(one -> silence(one, now)).toList());
        section(
                text,
                "Channels:",
                view.list("channels").stream().map(AlertText::channel).toList());
        if (!view.flag("led"))
            text.append("\nNobody leads: nobody looks whether anything is wrong, and nobody is told.\n");
        else if (view.list("channels").isEmpty()) text.append('\n').append(NOBODY);
        return text.toString();
    }

    private static String alerts(Doc view, boolean wide, Instant now) {
        List<Doc> alerts = view.list("alerts");
        if (alerts.isEmpty()) return nothing(view);
        TextTable table = wide
                ? new TextTable("LEVEL", "ALERT", ">OPEN", ">SINCE", "TOLD", "WHAT", "RUNBOOK")
                : new TextTable("LEVEL", "ALERT", ">SINCE", "TOLD", "WHAT");
        for (Doc alert : alerts) {
            String since = Words.age(alert.time("since"), now);
            if (wide)
                table.row(
                        alert.text("level"),
                        alert.text("id"),
                        alert.text("open"),
                        since,
                        told(alert, now),
                        alert.text("title"),
                        alert.text("runbook"));
            else table.row(alert.text("level"), alert.text("id"), since, told(alert, now), alert.text("title"));
        }
        return table.render();
    }

    /// That nobody has looked is no sign that all is well.
    private static String nothing(Doc view) {
        if (!view.flag("led")) return "Nothing was wrong when a leader last looked.\n";
        return view.has("looked_at")
                ? "Nothing is wrong.\n"
                : "Nothing is known to be wrong; the leader has not looked yet.\n";
    }

    private static String told(Doc alert, Instant now) {
        if (!alert.has("told_at")) return "not yet";
        return Words.age(alert.time("told_at"), now) + " ago" + (alert.flag("news") ? ", more to tell" : "");
    }

    private static List<String> waits(Doc view) {
        return view.list("alerts").stream()
                .flatMap(alert -> alert.list("waits").stream().map(wait -> alert.text("id") + ": " + wait.text()))
                .toList();
    }

    private static String owed(Doc owed, Instant now) {
        StringBuilder text = new StringBuilder(owed.text("channel"))
                .append(": notice ")
                .append(owed.text("number"))
                .append(" of ")
                .append(owed.text("alert"))
                .append(", for ")
                .append(Words.age(owed.time("at"), now));
        if (!owed.flag("known"))
            return text.append("; the leader has no such channel").toString();
        if (owed.number("failures") == 0) return text.toString();
        text.append("; ").append(Words.count(owed.number("failures"), "try").replace("trys", "tries"));
        text.append(" failed: ").append(owed.text("note"));
        if (owed.flag("lasting")) text.append(" (somebody has to change something)");
        Optional<Instant> next = owed.time("next").filter(now::isBefore);
        next.ifPresent(at -> text.append("; again in ").append(Words.span(Duration.between(now, at))));
        return text.toString();
    }

    private static String silence(Doc silence, Instant now) {
        return silence.text("id") + "  " + silence.text("pattern") + ", for "
                + silence.time("until")
                        .map(until -> Words.span(Duration.between(now, until)))
                        .orElse("-")
                + " more, by " + silence.text("by") + (silence.has("why") ? ": " + silence.text("why") : "")
                + (silence.number("covers") > 0 ? " (" + silence.text("covers") + " open)" : "");
    }

    /// `pager (pagerduty): critical; owes 2: HTTP 503`.
    private static String channel(Doc channel) {
        String rules = texts(channel, "rules");
        String except = texts(channel, "except");
        return channel.text("name") + " (" + channel.text("type") + "): " + texts(channel, "levels")
                + (rules.isEmpty() ? "" : " of " + rules)
                + (except.isEmpty() ? "" : ", but " + except)
                + (channel.number("owed") == 0 ? "" : "; has not taken " + channel.text("owed"))
                + (channel.has("note") ? ": " + channel.text("note") : "");
    }

    private static String texts(Doc doc, String key) {
        return doc.list(key).stream().map(Doc::text).collect(Collectors.joining(", "));
    }

    private static void section(StringBuilder text, String head, List<String> lines) {
        if (lines.isEmpty()) return;
        text.append('\n').append(head).append('\n');
        for (String line : lines)
            text.append("  ").append(TextTable.oneLine(line)).append('\n');
    }

    // ---- one of them

    public static String show(Doc alert, Instant now) {
        Facts facts = new Facts()
                .fact("Alert", alert.text("id"))
                .fact("What", alert.text("title"))
                .fact("Level", alert.text("level"))
                .fact("Since", Words.age(alert.time("since"), now) + " (" + alert.text("since") + ")")
                .fact("Told", told(alert, now))
                .fact("Not told", texts(alert, "waits"))
                .fact("Runbook", alert.text("runbook"));
        TextTable table = new TextTable("LEVEL", "SUBJECT", ">SINCE", "TOLD", "WHAT");
        for (Doc one : alert.list("subjects"))
            table.row(
                    one.flag("over") ? "over" : one.text("level"),
                    one.text("subject"),
                    Words.age(one.time("since"), now),
                    one.has("silence")
                            ? "silenced by " + one.text("silence")
                            : one.has("told") ? one.text("told") : "not yet",
                    one.text("text"));
        String more = alert.number("more") > 0 ? "and " + alert.text("more") + " more\n" : "";
        return facts.render() + "\n" + table.render() + more;
    }

    // ---- rules

    public static String rules(Doc answer, boolean wide) {
        TextTable table = wide
                ? new TextTable("RULE", "LIMITS", ">HOLD", ">OPEN", "WATCHES", "RUNBOOK")
                : new TextTable("RULE", "LIMITS", ">HOLD", ">OPEN", "WATCHES");
        for (Doc rule : answer.list("rules")) {
            String limits = rule.flag("watched") ? limits(rule) : rule.text("why");
            if (wide)
                table.row(
                        rule.text("rule"),
                        limits,
                        rule.text("hold"),
                        rule.text("open"),
                        rule.text("watches"),
                        rule.text("runbook"));
            else table.row(rule.text("rule"), limits, rule.text("hold"), rule.text("open"), rule.text("watches"));
        }
        return table.render();
    }

    /// `warning < 16, critical < 10`: below, or at and above.
    private static String limits(Doc rule) {
        String sign = rule.text("side").equals("least") ? " < " : " >= ";
        return rule.get("limits").entries().entrySet().stream()
                .filter(limit -> limit.getValue().isSomething())
                .map(limit -> limit.getKey() + sign + limit.getValue().text())
                .collect(Collectors.joining(", "));
    }

    // ---- a test

    public static String tests(Doc answer) {
        StringBuilder text = new StringBuilder();
        List<Doc> channels = answer.list("channels");
        if (!channels.isEmpty()) {
            TextTable table = new TextTable("CHANNEL", "TYPE", "RESULT", "NOTE");
            for (Doc one : channels)
                table.row(one.text("name"), one.text("type"), one.flag("ok") ? "ok" : "failed", one.text("note"));
            text.append(table.render());
        }
        text.append("Tested by ").append(answer.text("node"));
        if (answer.flag("leads")) return text.append(", which leads.\n").toString();
        return text.append(", which does not lead: notices are given by the channels of ")
                .append(answer.has("leader") ? answer.text("leader") : "whoever leads")
                .append(".\n")
                .toString();
    }

    // ---- in one line

    /// Nothing where none is open.
    public static String sum(Doc sum) {
        List<String> counts = List.of("critical", "unknown", "warning").stream()
                .filter(level -> sum.number(level) > 0)
                .map(level -> sum.text(level) + " " + level)
                .toList();
        if (counts.isEmpty()) return "";
        return String.join(", ", counts) + ": "
                + sum.list("worst").stream()
                        .map(one -> one.text("id") + " (" + one.text("title") + ")")
                        .limit(1)
                        .collect(Collectors.joining("; "))
                + "; `muster alert list` shows all";
    }
}
