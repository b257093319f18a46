package dev.muster.edge.vastsim;

import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// One request.
///
/// @param base   where the client found us, as `http://127.0.0.1:8080`
/// @param id     the number in the path; 0 without one
/// @param second the second number in the path
/// @param body   an object; empty when none was sent
record Call(String base, String path, Map<String, String> query, long id, long second, JsonNode body) {
    Optional<String> asked(String name) {
        return Optional.ofNullable(query.get(name)).filter(value -> !value.isEmpty());
    }

    /// A query argument that is JSON; an empty object when it is absent.
    JsonNode json(String name) {
        return asked(name).map(text -> Json.parse(text, name)).orElseGet(Json::object);
    }

    int limit(int absent, int most) {
        double limit = asked("limit")
                .map(text -> Json.number(Json.MAPPER.getNodeFactory().stringNode(text))
                        .orElseThrow(
                                () -> new Refusal(400, "invalid_request", "limit must be a number, but is " + text)))
                .orElse((double) absent);
        if (limit < 1) throw new Refusal(400, "invalid_request", "limit must be at least 1");
        return (int) Math.min(limit, most);
    }
}
