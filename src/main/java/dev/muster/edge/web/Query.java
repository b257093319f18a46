package dev.muster.edge.web;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What stands behind a `?`: the filters of a list, and how far down in it we are.
public record Query(Map<String, String> values) {
    /// Rows of a list on one page: a few screens, 40 KB.
    static final int ROWS = 100;

    public Query {
        values = Map.copyOf(values);
    }

    public static Query none() {
        return new Query(Map.of());
    }

    /// Empty when it is not there.
    public String get(String name) {
        return values.getOrDefault(name, "");
    }

    /// From 1; what is no such number is the first.
    int page() {
        String text = get("page");
        return text.matches("[1-9][0-9]{0,5}") ? Integer.parseInt(text) : 1;
    }

    Query with(String name, String value) {
        Map<String, String> changed = new TreeMap<>(values);
        if (value.isEmpty()) changed.remove(name);
        else changed.put(name, value);
        return new Query(changed);
    }

    /// As it stands in an address; empty where nothing is asked.
    public String text() {
        StringBuilder text = new StringBuilder();
        new TreeMap<>(values)
                .forEach((name, value) -> text.append(text.isEmpty() ? "?" : "&")
                        .append(encoded(name))
                        .append('=')
                        .append(encoded(value)));
        return text.toString();
    }

    /// The rows of this page.
    <T> List<T> cut(List<T> all) {
        int from = Math.min(all.size(), (page() - 1) * ROWS);
        return new ArrayList<>(all.subList(from, Math.min(all.size(), from + ROWS)));
    }

    /// Where we are in a list, and the ways on and back.
    Html pager(String path, int total) {
        int pages = Math.max(1, (total + ROWS - 1) / ROWS);
        Html html = new Html().tag("nav", "pager").with("aria-label", "Pages of this list");
        if (page() > 1)
            html.tag("a")
                    .with("href", path + to(page() - 1))
                    .with("rel", "prev")
                    .text("‹ Previous")
                    .end();
        int first = total == 0 ? 0 : (page() - 1) * ROWS + 1;
        String words = first > total
                ? "none here, of " + Figures.whole(total)
                : Figures.whole(first) + "–" + Figures.whole(Math.min(total, page() * ROWS)) + " of "
                        + Figures.whole(total);
        html.leaf("span", words);
        if (page() < pages)
            html.tag("a")
                    .with("href", path + to(page() + 1))
                    .with("rel", "next")
                    .text("Next ›")
                    .end();
        return html.end();
    }

    private String to(int page) {
        String text = with("page", page == 1 ? "" : Integer.toString(page)).text();
        return text.isEmpty() ? "?" : text;
    }

    public static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
