package dev.muster.edge.view;

import java.util.ArrayList;
import java.util.List;

/// How nodes are, for a terminal: a line for each, in the runbook's words, worst last.
public final class CheckText {
    /// What is told of a node that is well, as the runbook has it; of others besides what is not.
    private static final List<String> TOLD = List.of("REACHABLE", "PYTORCH", "CUDA", "DISK");

    private CheckText() {}

    /// @param rounds  `nodes` and `gaps`
    /// @param wide    all checks, a line each
    /// @param symbols the terminal has them; otherwise words
    public static String list(Doc rounds, boolean wide, boolean symbols) {
        StringBuilder text = new StringBuilder();
        for (Doc node : rounds.list("nodes")) {
            String mark = mark(node.text("grade"), symbols) + " ";
            text.append(mark).append(node.text("node")).append(": ");
            if (wide) all(text, node, symbols);
            else text.append(String.join(", ", told(node))).append('\n');
        }
        List<Doc> gaps = rounds.list("gaps");
        if (!gaps.isEmpty()) text.append('\n');
        for (Doc gap : gaps) text.append(gap(gap)).append('\n');
        return text.append('\n').append(summary(rounds)).append('\n').toString();
    }

    private static void all(StringBuilder text, Doc node, boolean symbols) {
        text.append(node.has("age_seconds") ? Words.seconds(node.decimal("age_seconds")) + " ago" : "no report")
                .append('\n');
        for (Doc check : node.list("checks")) {
            text.append("    ")
                    .append(mark(check.text("grade"), symbols))
                    .append(' ')
                    .append(TextTable.oneLine(check.text("text")))
                    .append('\n');
        }
    }

    private static List<String> told(Doc node) {
        List<String> told = new ArrayList<>();
        for (Doc check : node.list("checks")) {
            boolean well = check.text("grade").equals("OK");
            if (!well || TOLD.contains(check.text("probe"))) told.add(TextTable.oneLine(check.text("text")));
        }
        return told;
    }

    /// `OK`, `WARN`, `????` or `FAIL` where the terminal has no symbols.
    private static String mark(String grade, boolean symbols) {
        if (!symbols) return grade.equals("UNKNOWN") ? "????" : grade.equals("OK") ? "OK  " : grade;
        if (grade.equals("OK")) return "✅";
        return grade.equals("FAIL") ? "❌" : "⚠️";
    }

    private static String gap(Doc gap) {
        List<Doc> from = gap.list("from");
        String to = gap.text("to") + ":" + gap.text("port") + " (" + gap.text("why") + ")";
        return from.size() == 1
                ? from.getFirst().text() + " cannot reach " + to
                : "nobody reaches " + to + ": " + Words.count(from.size(), "node") + " tried";
    }

    private static String summary(Doc rounds) {
        int well = 0;
        int failing = 0;
        List<Doc> nodes = rounds.list("nodes");
        for (Doc node : nodes) {
            if (node.text("grade").equals("OK")) well++;
            if (node.text("grade").equals("FAIL")) failing++;
        }
        int warned = nodes.size() - well - failing;
        String text = Words.count(nodes.size(), "node") + ": " + well + " well, " + warned + " with warnings, "
                + failing + " not healthy";
        int gaps = rounds.list("gaps").size();
        return gaps == 0 ? text : text + "; " + Words.count(gaps, "network problem");
    }

    /// What may be put right, a line each; empty when there is nothing.
    public static String plan(Doc rounds) {
        StringBuilder text = new StringBuilder();
        for (Doc node : rounds.list("nodes")) {
            for (Doc fix : node.list("fixes")) {
                text.append("  ")
                        .append(node.text("node"))
                        .append(": ")
                        .append(word(fix.text("kind")))
                        .append(", because of: ")
                        .append(TextTable.oneLine(fix.get("because").text("text")))
                        .append('\n');
            }
        }
        return text.toString();
    }

    /// `sync-clock`.
    public static String word(String kind) {
        return NodeText.lower(kind).replace('_', '-');
    }

    /// The worst of all: `OK`, `WARN`, `UNKNOWN` or `FAIL`.
    public static String grade(Doc rounds) {
        String worst = rounds.list("gaps").isEmpty() ? "OK" : "WARN";
        List<String> order = List.of("OK", "WARN", "UNKNOWN", "FAIL");
        for (Doc node : rounds.list("nodes"))
            if (order.indexOf(node.text("grade")) > order.indexOf(worst)) worst = node.text("grade");
        return worst;
    }
}
