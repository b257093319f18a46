package dev.muster.edge.web;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/// What a browser has of a page, and what is news to it.
public final class Live {
    private final Map<String, Long> told = new HashMap<>();

    /// The live parts that have changed since, by their ids; the first time all of them, because something may have happened
    /// since the page was loaded.
    public Map<String, String> news(Page page) {
        Map<String, String> news = new LinkedHashMap<>();
        for (Page.Part part : page.parts()) {
            if (part.id().isEmpty()) continue;
            long now = part.html().fingerprint();
            Long before = told.put(part.id(), now);
            if (before == null || before != now) news.put(part.id(), part.html().toString());
        }
        return news;
    }
}
