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
            "NODE_READMITTED");

    private final Api api;
    private final Consumer<String> say;
    private long seen;
    private final Map<String, Integer> promoted = new TreeMap<>();

    Watch(Api api, Consumer<String> say) {
        this.api = api;
        this.say = say;
    }

    void look() throws IOException, InterruptedException {
        for (JsonNode entry : api.get("/v1/events?after=" + seen + "&limit=500").path("events")) {
            seen = Math.max(seen, entry.path("revision").asLong());
            String name = entry.path("name").asString();
            if (TOLD.contains(name)) say.accept(name + " " + what(entry.path("event")) + reason(entry));
        }
        for (var config : DemoLoops.BOARDS.keySet()) promoted.put(config.name(), promotions(config.name()));
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
        for (String field : new String[] {"generation", "config", "node"}) {
            JsonNode value = event.path(field);
            if (value.isString()) return value.asString();
        }
        return "";
    }

    private static String reason(JsonNode entry) {
        String why = entry.path("why").asString("");
        return why.isBlank() ? "" : "  -- " + why;
    }
}
