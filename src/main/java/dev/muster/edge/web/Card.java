package dev.muster.edge.web;

import java.util.List;

/// A number that matters, with what it means.
final class Card {
    private Card() {}

    /// @param below smaller words; may be empty
    static Html of(String name, Html value, String below) {
        Html html = new Html().tag("div", "card").leaf("h3", name);
        html.tag("p", "big").put(value).end();
        if (!below.isEmpty()) html.leaf("p", "faint", below);
        return html.end();
    }

    static Html of(String name, String value, String below) {
        return of(name, new Html().text(value), below);
    }

    static Html row(List<Html> cards) {
        Html html = new Html().tag("div", "cards");
        cards.forEach(html::put);
        return html.end();
    }
}
