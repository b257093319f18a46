package dev.muster.edge.web;

/// One thing's properties.
final class FactList {
    private final Html html = new Html().tag("dl", "facts");

    /// An empty value is left out.
    FactList fact(String name, String value) {
        return value.isEmpty() ? this : fact(name, new Html().text(value));
    }

    FactList fact(String name, Html value) {
        html.tag("div").leaf("dt", name).tag("dd").put(value).end().end();
        return this;
    }

    Html html() {
        return html.end();
    }
}
