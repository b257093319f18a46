package dev.muster.edge.vastsim;

import java.nio.charset.StandardCharsets;
import tools.jackson.databind.JsonNode;

/// What is answered.
record Reply(int status, String type, byte[] bytes) {
    /// Without a charset: some clients compare it.
    static final String JSON = "application/json";

    static Reply json(int status, JsonNode body) {
        return new Reply(status, JSON, Json.MAPPER.writeValueAsBytes(body));
    }

    static Reply text(int status, String type, String text) {
        return new Reply(status, type, text.getBytes(StandardCharsets.UTF_8));
    }
}
