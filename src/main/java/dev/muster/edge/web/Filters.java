package dev.muster.edge.web;

import java.util.List;

/// The form above a list: what is asked of it stands in the address, so that it can be kept and sent.
final class Filters {
    private final Query query;
    private final Html html;

    Filters(String path, Query query) {
        this.query = query;
        this.html = new Html()
                .tag("form", "filters")
                .with("method", "get")
                .with("action", path)
                .with("role", "search")
                .with("aria-label", "Filter");
    }

    /// @param words in their order; the first one, empty, is for all
    Filters choice(String name, String label, List<String> words) {
        html.tag("label").text(label + " ").tag("select").with("name", name);
        html.tag("option").with("value", "").text("all").end();
        for (String word : words)
            html.tag("option")
                    .with("value", word)
                    .flag("selected", word.equals(query.get(name)))
                    .text(word)
                    .end();
        html.end().end();
        return this;
    }

    /// @param hint an example
    Filters field(String name, String label, String hint) {
        html.tag("label").text(label + " ").tag("input");
        html.with("name", name).with("value", query.get(name)).with("placeholder", hint);
        html.with("autocomplete", "off").with("spellcheck", "false").end().end();
        return this;
    }

    Html html() {
        html.tag("button").with("type", "submit").text("Filter").end();
        return html.end();
    }
}
