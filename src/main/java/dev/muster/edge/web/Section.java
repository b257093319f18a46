package dev.muster.edge.web;

/// What stands in the navigation, in its order. A page more is a line more.
public enum Section {
    OVERVIEW("/", "Overview"),
    ALERTS("/alerts", "Alerts"),
    NODES("/nodes", "Nodes"),
    JOBS("/jobs", "Jobs"),
    RUNS("/runs", "Runs"),
    MODELS("/models", "Models"),
    RATINGS("/ratings", "Ratings"),
    MONEY("/instances", "Machines & money"),
    EVENTS("/events", "Events");

    private final String path;
    private final String words;

    Section(String path, String words) {
        this.path = path;
        this.words = words;
    }

    String path() {
        return path;
    }

    String words() {
        return words;
    }
}
