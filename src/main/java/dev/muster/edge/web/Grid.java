package dev.muster.edge.web;

import java.util.ArrayList;
import java.util.List;

/// A table: a caption, heads, rows. What is too wide for a phone is scrolled within its frame, which the keyboard reaches.
final class Grid {
    private final String caption;
    private final List<Column> columns = new ArrayList<>();
    private final Html rows = new Html();
    private int count;
    private int at;

    private record Column(String head, String style) {
        /// `>` before a head stands for numbers, `=` for words that stay on one line.
        static Column of(String written) {
            char first = written.isEmpty() ? ' ' : written.charAt(0);
            String style = first == '>' ? "number" : first == '=' ? "short" : "";
            return new Column(style.isEmpty() ? written : written.substring(1), style);
        }

        Html begin(Html html) {
            return style.isEmpty() ? html : html.with("class", style);
        }
    }

    /// @param caption what the rows are, for those who do not see the heading above
    Grid(String caption, String... heads) {
        this.caption = caption;
        for (String head : heads) columns.add(Column.of(head));
    }

    /// Begins a row.
    ///
    /// @param id by which a browser knows it again; empty where it need not
    Grid row(String id) {
        if (at > 0) endRow();
        rows.tag("tr");
        if (!id.isEmpty()) rows.with("id", id);
        count++;
        return this;
    }

    Grid row() {
        return row("");
    }

    Grid cell(String text) {
        return cell(new Html().text(text));
    }

    Grid cell(Html html) {
        Column column = columns.get(at);
        boolean head = at == 0;
        rows.tag(head ? "th" : "td");
        if (head) rows.with("scope", "row");
        column.begin(rows).put(html).end();
        at++;
        return this;
    }

    Grid link(String to, String text) {
        return cell(new Html().link(to, text));
    }

    Grid cell(long number) {
        return cell(Figures.whole(number));
    }

    private void endRow() {
        if (at != columns.size())
            throw new IllegalStateException(caption + ": expected " + columns.size() + " cells, but found " + at);
        rows.end();
        at = 0;
    }

    boolean isEmpty() {
        return count == 0;
    }

    /// @param empty what to do to see something here
    Html html(String empty) {
        if (count == 0) return new Html().leaf("p", "empty", empty);
        if (at > 0) endRow();
        Html html = new Html();
        html.tag("div", "scroll").with("tabindex", "0").with("role", "region").with("aria-label", caption);
        html.tag("table").tag("caption", "unseen").text(caption).end();
        html.tag("thead").tag("tr");
        for (Column column : columns) {
            html.tag("th").with("scope", "col");
            column.begin(html).text(column.head()).end();
        }
        html.end().end().tag("tbody").put(rows).end();
        return html.end().end();
    }
}
