package dev.muster.edge.web;

import org.jspecify.annotations.Nullable;

/// How much of something is used, as a short bar beside its number. A drawing, not a style: the page's policy allows none inline.
final class Bar {
    private static final int WIDTH = 44;
    /// From here on it is tight.
    private static final double TIGHT = 0.9;

    private Bar() {}

    /// @param percent null where nobody knows
    static Html percent(@Nullable Double percent) {
        if (percent == null) return new Html().leaf("span", "faint", "–");
        return of(percent / 100, Math.round(percent) + "%");
    }

    /// @param words stand for it
    static Html of(double share, String words) {
        double part = Double.isNaN(share) ? 0 : Math.clamp(share, 0, 1);
        String style = share >= TIGHT ? "bar tight" : "bar";
        return new Html()
                .tag("span", "measure")
                .put(drawn(style, Math.round(part * WIDTH)))
                .leaf("span", words)
                .end();
    }

    /// Of several nodes, jobs or files some have come: full is good.
    static Html progress(long done, long all, String words) {
        long part = all <= 0 ? 0 : Math.round((double) Math.clamp(done, 0, all) / all * WIDTH);
        return new Html()
                .tag("span", "measure")
                .put(drawn("bar done", part))
                .leaf("span", words)
                .end();
    }

    private static Html drawn(String style, long part) {
        return new Html()
                .tag("svg", style)
                .with("viewBox", "0 0 " + WIDTH + " 8")
                .with("width", WIDTH)
                .with("height", "8")
                .with("aria-hidden", "true")
                .put(box("all", WIDTH))
                .put(box("part", part))
                .end();
    }

    private static Html box(String style, long width) {
        return new Html()
                .tag("rect", style)
                .with("width", width)
                .with("height", "8")
                .with("rx", "2")
                .end();
    }
}
