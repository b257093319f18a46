package dev.muster.edge.view;

import dev.muster.core.state.Durations;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.stream.Collectors;

/// A distribution for a terminal: as lines that can be logged, and as a picture that is drawn again and again.
public final class ProgressText {
    private static final int BAR = 30;
    /// Nodes of a picture; it fits on a small terminal.
    private static final int ROWS_MAX = 16;

    private ProgressText() {}

    /// The line for people, and one for each node that lacks the file. Changes only when something happened.
    public static String lines(Doc progress) {
        StringBuilder text = new StringBuilder(progress.text("config"))
                .append(": ")
                .append(progress.text("line"))
                .append('\n');
        for (Doc node : progress.list("nodes")) {
            if (held(node)) continue;
            text.append("  ").append(node.text("node")).append(": ").append(state(node));
            if (node.has("why")) text.append(", ").append(node.text("why"));
            text.append('\n');
        }
        return text.toString();
    }

    /// `hex8_2p: 56% of 512MiB, 41.2MiB/s, 5s left`.
    public static String figures(Doc progress) {
        return progress.text("config") + ": " + percent(progress.number("bytes"), progress.number("bytes_total"))
                + " of " + Words.bytes(progress.number("bytes_total")) + rate(progress, ", ") + left(progress, ", ")
                + "\n";
    }

    /// A bar for all, and one for each node: those that have something to tell first.
    public static List<String> picture(Doc progress) {
        List<Doc> nodes = new ArrayList<>(progress.list("nodes"));
        nodes.sort((one, other) -> Integer.compare(rank(one), rank(other)));
        List<Doc> shown = nodes.subList(0, Math.min(nodes.size(), ROWS_MAX));
        int width = shown.stream()
                .mapToInt(node -> node.text("node").length())
                .max()
                .orElse(0);
        width = Math.max(width, "all".length());
        List<String> lines = new ArrayList<>();
        lines.add(progress.text("config") + ": " + progress.text("line"));
        lines.add(row("all", width, progress.number("bytes"), progress.number("bytes_total")) + "  "
                + percent(progress.number("bytes"), progress.number("bytes_total")) + rate(progress, "  ")
                + left(progress, "  "));
        long size = progress.number("size");
        for (Doc node : shown) {
            String row = row(node.text("node"), width, node.number("bytes"), size);
            lines.add(row + "  " + word(node, size));
        }
        if (nodes.size() > shown.size()) lines.add("  and " + (nodes.size() - shown.size()) + " more");
        return lines;
    }

    private static String word(Doc node, long size) {
        if (held(node)) return "has it";
        if (!node.text("state").equals("FETCHING")) {
            return TextTable.oneLine(state(node) + (node.has("why") ? ", " + node.text("why") : ""));
        }
        return percent(node.number("bytes"), size) + rate(node, "  ") + left(node, "  ");
    }

    private static String row(String name, int width, long part, long whole) {
        int full = whole <= 0 ? BAR : (int) Math.min(BAR, BAR * (double) part / whole);
        return "  " + name + " ".repeat(width - name.length()) + "  [" + "=".repeat(full)
                + (full > 0 && full < BAR ? ">" : "") + " ".repeat(BAR - full - (full > 0 && full < BAR ? 1 : 0)) + "]";
    }

    private static int rank(Doc node) {
        return switch (node.text("state")) {
            case "FETCHING" -> 0;
            case "HELD" -> 2;
            default -> 1;
        };
    }

    private static boolean held(Doc node) {
        return node.text("state").equals("HELD");
    }

    private static String state(Doc node) {
        return node.text("state").toLowerCase(Locale.ROOT);
    }

    private static String percent(long part, long whole) {
        return Words.percent(OptionalDouble.of(whole <= 0 ? 100 : Math.floor(100.0 * part / whole)));
    }

    private static String rate(Doc of, String before) {
        long rate = of.number("rate");
        return rate > 0 ? before + Words.bytes(rate) + "/s" : "";
    }

    private static String left(Doc of, String before) {
        return of.has("seconds_left")
                ? before + Words.span(Duration.ofSeconds(of.number("seconds_left"))) + " left"
                : "";
    }

    /// `12.3s`; what became of it where it has no end.
    static String took(Doc way) {
        if (way.text("state").equals("UNDERWAY")) return "on its way";
        if (way.text("state").equals("SUPERSEDED")) return "superseded";
        OptionalDouble seconds = way.decimal("seconds");
        return seconds.isPresent() ? Durations.brief(Duration.ofMillis(Math.round(seconds.getAsDouble() * 1000))) : "";
    }

    /// `39 swarm, 1 http`: nodes by the way the file took; empty where nothing was sent.
    static String how(Doc way) {
        return way.get("transports").entries().entrySet().stream()
                .map(one -> one.getValue().text() + " " + one.getKey())
                .collect(Collectors.joining(", "));
    }

    static String bytes(Doc way) {
        return way.has("bytes") ? Words.bytes(way.number("bytes")) : "";
    }

    /// `41 nodes in 12.3s, 2.6GiB sent to 40 (39 swarm, 1 http)`; what is known of it.
    public static String summary(Doc way) {
        if (!way.text("state").equals("COMPLETE")) return took(way);
        StringBuilder text = new StringBuilder();
        if (way.has("nodes"))
            text.append(Words.count(way.number("nodes"), "node")).append(' ');
        text.append("in ").append(took(way));
        if (!way.has("bytes")) return text.toString();
        text.append(", ").append(bytes(way)).append(" sent");
        String how = how(way);
        if (!how.isEmpty())
            text.append(" to ")
                    .append(way.text("fetched"))
                    .append(" (")
                    .append(how)
                    .append(')');
        return text.toString();
    }
}
