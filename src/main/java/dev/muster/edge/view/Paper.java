package dev.muster.edge.view;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/// A report for people, as Markdown or as a page: one file, without scripts, and with nothing from elsewhere.
public final class Paper {
    private static final int CURVE_WIDTH = 90;
    private static final int CURVE_HEIGHT = 12;

    private sealed interface Block {
        record Section(String title) implements Block {}

        record Text(String text) implements Block {}

        record Rows(List<String> heads, List<List<String>> rows) implements Block {}

        record Points(List<String> points) implements Block {}

        record Plot(CurveText.Series series) implements Block {}
    }

    private final String title;
    private final List<Block> blocks = new ArrayList<>();

    public Paper(String title) {
        this.title = title;
    }

    public Paper section(String name) {
        blocks.add(new Block.Section(name));
        return this;
    }

    public Paper text(String text) {
        blocks.add(new Block.Text(text));
        return this;
    }

    /// Nothing when there are no rows. A head that begins with `>` is of numbers, as in [TextTable].
    public Paper rows(List<String> heads, List<List<String>> rows) {
        if (!rows.isEmpty()) blocks.add(new Block.Rows(heads, rows));
        return this;
    }

    public Paper points(List<String> points) {
        if (!points.isEmpty()) blocks.add(new Block.Points(points));
        return this;
    }

    public Paper plot(CurveText.Series series) {
        blocks.add(new Block.Plot(series));
        return this;
    }

    // ---- Markdown

    /// Curves are drawings of characters.
    public String markdown() {
        StringBuilder text = new StringBuilder("# ").append(marked(title)).append('\n');
        for (Block block : blocks) text.append('\n').append(markdown(block));
        return text.toString();
    }

    private static String markdown(Block block) {
        return switch (block) {
            case Block.Section section -> "## " + marked(section.title()) + "\n";
            case Block.Text text -> marked(text.text()) + "\n";
            case Block.Rows rows -> markdown(rows);
            case Block.Points points -> {
                StringBuilder lines = new StringBuilder();
                for (String point : points.points())
                    lines.append("- ").append(marked(point)).append('\n');
                yield lines.toString();
            }
            case Block.Plot plot -> "```\n" + CurveText.render(plot.series(), CURVE_WIDTH, CURVE_HEIGHT) + "```\n";
        };
    }

    private static String markdown(Block.Rows rows) {
        StringBuilder text = new StringBuilder(
                line(rows.heads().stream().map(head -> marked(name(head))).toList()));
        text.append(line(rows.heads().stream()
                .map(head -> head.startsWith(">") ? "---:" : "---")
                .toList()));
        for (List<String> row : rows.rows())
            text.append(line(row.stream().map(Paper::marked).toList()));
        return text.toString();
    }

    private static String line(List<String> cells) {
        return "| " + String.join(" | ", cells) + " |\n";
    }

    /// As it is, whatever Markdown would make of it; what stands between backticks is code and left alone.
    private static String marked(String text) {
        String[] parts = text.replaceAll("\\s+", " ").split("`", -1);
        for (int at = 0; at < parts.length; at++) {
            String part = at % 2 == 0 ? parts[at].replaceAll("([\\\\*_<>\\[\\]#])", "\\\\$1") : parts[at];
            parts[at] = part.replace("|", "\\|");
        }
        return String.join("`", parts);
    }

    private static String name(String head) {
        return head.startsWith(">") ? head.substring(1) : head;
    }

    // ---- a page

    /// @param plotter draws as `<svg>`; what it does not draw is drawn in characters
    public String html(Function<CurveText.Series, Optional<String>> plotter) {
        StringBuilder page = new StringBuilder(
                        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
                .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>")
                .append(escaped(title))
                .append("</title>\n<style>\n")
                .append(STYLE)
                .append("</style>\n</head>\n<body>\n<main>\n<h1>")
                .append(escaped(title))
                .append("</h1>\n");
        for (Block block : blocks) page.append(html(block, plotter));
        return page.append("</main>\n</body>\n</html>\n").toString();
    }

    private static String html(Block block, Function<CurveText.Series, Optional<String>> plotter) {
        return switch (block) {
            case Block.Section section -> "<h2>" + escaped(section.title()) + "</h2>\n";
            case Block.Text text -> "<p>" + escaped(text.text()) + "</p>\n";
            case Block.Rows rows -> html(rows);
            case Block.Points points -> {
                StringBuilder list = new StringBuilder("<ul>\n");
                for (String point : points.points())
                    list.append("<li>").append(escaped(point)).append("</li>\n");
                yield list.append("</ul>\n").toString();
            }
            case Block.Plot plot ->
                "<figure>\n<figcaption>" + escaped(plot.series().title()) + "</figcaption>\n"
                        + plotter.apply(plot.series())
                                .orElseGet(() ->
                                        "<pre>" + escaped(CurveText.render(plot.series(), CURVE_WIDTH, CURVE_HEIGHT))
                                                + "</pre>")
                        + "\n</figure>\n";
        };
    }

    private static String html(Block.Rows rows) {
        StringBuilder table = new StringBuilder("<div class=\"wide\"><table>\n<tr>");
        for (String head : rows.heads())
            table.append(head.startsWith(">") ? "<th class=\"n\">" : "<th>")
                    .append(escaped(name(head)))
                    .append("</th>");
        table.append("</tr>\n");
        for (List<String> row : rows.rows()) {
            table.append("<tr>");
            for (int at = 0; at < row.size(); at++)
                table.append(rows.heads().get(at).startsWith(">") ? "<td class=\"n\">" : "<td>")
                        .append(escaped(row.get(at)))
                        .append("</td>");
            table.append("</tr>\n");
        }
        return table.append("</table></div>\n").toString();
    }

    private static String escaped(String text) {
        String[] parts = text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .split("`", -1);
        // A backtick without another one is no code.
        if (parts.length % 2 == 0) return String.join("`", Arrays.asList(parts));
        StringBuilder html = new StringBuilder();
        for (int at = 0; at < parts.length; at++)
            html.append(at % 2 == 0 ? parts[at] : "<code>" + parts[at] + "</code>");
        return html.toString();
    }

    private static final String STYLE = """
            :root { color-scheme: light dark; --ink: #2b2f36; --paper: #ffffff; --grid: #c9ced6; --soft: #f3f5f8; --curve: #1f6feb; }
            @media (prefers-color-scheme: dark) {
              :root { --ink: #d6dbe3; --paper: #14171c; --grid: #3a414c; --soft: #1d2128; --curve: #6ea8fe; }
            }
            body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
            main { max-width: 60rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
            h1 { font-size: 1.6rem; } h2 { font-size: 1.2rem; margin-top: 2rem; border-bottom: 1px solid var(--grid); }
            .wide { overflow-x: auto; margin: .8rem 0; }
            table { border-collapse: collapse; font-size: .92rem; }
            th, td { text-align: left; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid var(--grid); vertical-align: top; }
            .n { text-align: right; font-variant-numeric: tabular-nums; }
            code, pre { background: var(--soft); border-radius: 4px; padding: .1rem .3rem; font-size: .88rem; }
            pre { overflow-x: auto; padding: .6rem; line-height: 1.2; }
            figure { margin: 1.2rem 0; } figcaption { font-weight: 600; } svg { width: 100%; height: auto; display: block; }
            """;
}
