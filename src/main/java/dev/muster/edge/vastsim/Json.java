package dev.muster.edge.vastsim;

import dev.muster.market.Usd;
import java.time.Instant;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// JSON as the wire has it.
final class Json {
    static final JsonMapper MAPPER = JsonMapper.builder().build();

    private static final double NANOS = 1e9;

    private Json() {}

    static ObjectNode object() {
        return MAPPER.createObjectNode();
    }

    static ArrayNode array() {
        return MAPPER.createArrayNode();
    }

    static ObjectNode success() {
        return object().put("success", true);
    }

    /// @throws Refusal when it is none
    static JsonNode parse(String text, String what) {
        try {
            return MAPPER.readTree(text);
        } catch (JacksonException e) {
            throw new Refusal(400, "invalid_request", what + " is no JSON: " + e.getOriginalMessage());
        }
    }

    /// Seconds of the epoch, with fractions.
    static double seconds(Instant instant) {
        return instant.getEpochSecond() + instant.getNano() / NANOS;
    }

    static double hourly(Usd price) {
        return price.dollars();
    }

    /// A field's text; empty when it is absent, null or blank.
    static Optional<String> text(JsonNode object, String field) {
        JsonNode value = object.path(field);
        return value.isNull() || value.isMissingNode()
                ? Optional.empty()
                : Optional.of(value.asString("")).filter(text -> !text.isEmpty());
    }

    /// A number, also where it was written as a string.
    ///
    /// @throws Refusal when it is there and no number
    static double number(JsonNode object, String field, double absent) {
        JsonNode value = object.path(field);
        if (value.isNull() || value.isMissingNode()) return absent;
        Optional<Double> number = number(value);
        return number.orElseThrow(() -> Refusal.invalid(field + " must be a number, but is " + value));
    }

    static Optional<Double> number(JsonNode value) {
        if (value.isNumber()) return Optional.of(value.doubleValue());
        if (!value.isString()) return Optional.empty();
        try {
            return Optional.of(Double.parseDouble(value.stringValue().strip()));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }
}
