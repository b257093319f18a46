package dev.muster.edge.web;

import dev.muster.edge.view.AlertSum;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/// What a browser has of a page, and what is news to it.
public final class Live {
    private final Map<String, Long> told = new HashMap<>();

    /// The live parts that have changed since, by their ids; the first time all of them, because something may have happened
    /// since the page was loaded.
    public Map<String, String> news(Page page, AlertSum alerts) {
        Map<String, String> news = new LinkedHashMap<>();
        for (Page.Part part : page.parts()) if (!part.id().isEmpty()) tell(news, part.id(), part.html());
        tell(news, Layout.OPEN, Layout.open(alerts));
        return news;
    }

    private void tell(Map<String, String> news, String id, Html html) {
        long now = html.fingerprint();
        Long before = told.put(id, now);
        if (before == null || before != now) news.put(id, html.toString());
    }
}
