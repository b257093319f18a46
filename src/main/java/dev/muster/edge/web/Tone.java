package dev.muster.edge.web;

import java.util.Locale;

/// How a state is meant. It shows as a sign and a colour, beside the word that says it: never the colour alone.
enum Tone {
    GOOD("●"),
    BUSY("◐"),
    QUIET("○"),
    WARN("▲"),
    /// Nobody can say whether it is good or bad.
    UNSURE("?"),
    BAD("✖");

    private final String sign;

    Tone(String sign) {
        this.sign = sign;
    }

    /// The word with its sign.
    Html chip(String word) {
        return new Html()
                .tag("span", "chip " + style())
                .tag("span")
                .with("aria-hidden", "true")
                .text(sign)
                .end()
                .text(" " + word)
                .end();
    }

    String style() {
        return name().toLowerCase(Locale.ROOT);
    }
}
