package dev.muster.edge.local;

import java.io.IOException;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;

/// Says what happens in the loops, and counts promotions.
final class Watch {
    private static final Set<String> TOLD = Set.of(
            "LEADER_ELECTED",
            "SELFPLAY_STARTED",
            "TRAINING_STARTED",
            "EVALUATION_STARTED",
            "SELFPLAY_FAILED",
            "TRAINING_FAILED",
            "EVALUATION_FAILED",
            "MODEL_PROMOTED",
            "PROMOTION_REJECTED",
            "MODEL_DISTRIBUTION_COMPLETE",
            "MODEL_DISTRIBUTION_FAILED",
            "MODEL_DISTRIBUTION_SUPERSEDED",
            "DISTRIBUTION_INCOMPLETE",
            "SOURCE_STRUCK",
            "NODE_FENCED",
            "NODE_READMITTED",
            "INSTANCE_ORDERED",
            "INSTANCE_SEEN",
            "INSTANCE_ENDING",
            "INSTANCE_RELEASED",
            "INSTANCE_ENDED",
            "INSTANCE_ABANDONED",
            "MACHINE_BLAMED");
    private static final Set<String> STEPS = Set.of("SELFPLAY_STARTED", "TRAINING_STARTED", "EVALUATION_STARTED");

    private final Api api;
    private final Consumer<String> say;
    private long seen;
    private int steps;
    private boolean machinesOnly;
    private final Map<String, String> observed = new TreeMap<>();
    private final Map<String, Integer> promoted = new TreeMap<>();

    Watch(Api api, Consumer<String> say) {
        this.api = api;
        this.say = say;
    }

    void look() throws IOException, InterruptedException {
        for (JsonNode entry : api.get("/v1/events?after=" + seen + "&limit=500").path("events")) {
            seen = Math.max(seen, entry.path("revision").asLong());
            String name = entry.path("name").asString();
            if (STEPS.contains(name)) steps++;
            if (TOLD.contains(name) && news(name, entry.path("event")))
                say.accept(name + " " + what(entry.path("event")) + reason(entry));
        }
        for (var config : DemoLoops.BOARDS.keySet()) promoted.put(config.name(), promotions(config.name()));
    }

    /// A machine is seen again when its price or its message changes, too.
    private boolean news(String name, JsonNode event) {
        if (!name.equals("INSTANCE_SEEN")) return !machinesOnly || name.startsWith("INSTANCE_");
        String now = observed(event);
        return !now.equals(observed.put(event.path("instance").asString(), now));
    }

    private static String observed(JsonNode event) {
        return event.path("seen").path("observed").asString("");
    }

    /// The loops are stopped: what is broken off with them is no news.
    void machinesOnly() {
        machinesOnly = true;
    }

    /// Stages of generations that were begun.
    int steps() {
        return steps;
    }

    /// As last seen, by config key.
    Map<String, Integer> promotionsByConfig() {
        return promoted;
    }

    /// Of the config key that has promoted least.
    int promotions() {
        return promoted.values().stream().mapToInt(count -> count).min().orElse(0);
    }

    private int promotions(String config) throws IOException, InterruptedException {
        int count = 0;
        for (JsonNode model : api.get("/v1/models").path("models")) {
            if (model.path("config").asString().equals(config))
                count = model.path("versions").asInt();
        }
        return count;
    }

    private static String what(JsonNode event) {
        for (String field : new String[] {"generation", "config", "instance", "node", "machine"}) {
            JsonNode value = event.path(field);
            if (value.isString()) return (value.asString() + " " + observed(event)).strip();
        }
        return "";
    }

    private static String reason(JsonNode entry) {
        String why = entry.path("why").asString("");
        return why.isBlank() ? "" : "  -- " + why;
    }
}
