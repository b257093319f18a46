package dev.muster.edge.vastsim;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The query language of searches and lists: `{"field":{"op":value}}`, with the real service's habits.
///
/// Numbers may be strings. `external: null` is as good as false. A country is compared by its two letters, although
/// rows say `Texas, US`. A filter on `id` matches no offer (ask for `ask_contract_id`). A field that rows do not have
/// filters nothing.
final class Query {
    /// More rows than that are never given by a search.
    static final int ROWS_MAX = 64;

    private static final Set<String> NO_FIELDS =
            Set.of("order", "type", "limit", "allocated_storage", "select_cols", "rentable_only", "disable_bundling");

    private Query() {}

    /// Rows that a search gives, in its order.
    ///
    /// @param sloppy comparisons of numbers are not honoured, as happens
    static List<ObjectNode> search(List<ObjectNode> rows, JsonNode query, boolean sloppy) {
        List<ObjectNode> found = new ArrayList<>(
                rows.stream().filter(row -> offerMatches(row, query, sloppy)).toList());
        found.sort(order(query));
        int limit = (int) Math.clamp(Json.number(query, "limit", ROWS_MAX), 1, ROWS_MAX);
        return found.subList(0, Math.min(limit, found.size()));
    }

    private static boolean offerMatches(ObjectNode row, JsonNode query, boolean sloppy) {
        for (Map.Entry<String, JsonNode> filter : query.properties()) {
            String field = filter.getKey();
            if (NO_FIELDS.contains(field)) continue;
            if (field.equals("id")) return false;
            JsonNode actual = switch (field) {
                case "verified" -> bool(row.path("verification").asString("").equals("verified"));
                case "driver_version" -> row.path("driver_vers");
                default -> row.path(field);
            };
            if (sloppy && actual.isNumber()) continue;
            if (!actual.isMissingNode() && !matches(field, actual, filter.getValue())) return false;
        }
        return true;
    }

    /// Whether a row of a list is wanted.
    static boolean matches(ObjectNode row, JsonNode filters) {
        for (Map.Entry<String, JsonNode> filter : filters.properties()) {
            if (!row.has(filter.getKey()))
                throw new Refusal(400, "invalid_request", "cannot filter by " + filter.getKey());
            if (!matches(filter.getKey(), row.get(filter.getKey()), filter.getValue())) return false;
        }
        return true;
    }

    private static boolean matches(String field, JsonNode actual, JsonNode filter) {
        if (!filter.isObject()) return is(field, actual, "eq", filter);
        for (Map.Entry<String, JsonNode> one : filter.properties())
            if (!is(field, actual, one.getKey(), one.getValue())) return false;
        return true;
    }

    private static boolean is(String field, JsonNode actual, String op, JsonNode wanted) {
        return switch (op) {
            case "eq" -> equal(field, actual, wanted);
            case "neq", "noteq" -> !equal(field, actual, wanted);
            case "in" -> any(field, actual, wanted);
            case "notin", "nin" -> !any(field, actual, wanted);
            case "gt" -> compare(actual, wanted).filter(sign -> sign > 0).isPresent();
            case "gte" -> compare(actual, wanted).filter(sign -> sign >= 0).isPresent();
            case "lt" -> compare(actual, wanted).filter(sign -> sign < 0).isPresent();
            case "lte" -> compare(actual, wanted).filter(sign -> sign <= 0).isPresent();
            default -> throw new Refusal(400, "invalid_args", "unknown operator " + op + " for " + field);
        };
    }

    private static boolean any(String field, JsonNode actual, JsonNode wanted) {
        for (JsonNode one : wanted) if (equal(field, actual, one)) return true;
        return false;
    }

    private static boolean equal(String field, JsonNode actual, JsonNode wanted) {
        if (wanted.isBoolean()) return truth(actual) == wanted.booleanValue();
        if (wanted.isNull()) return actual.isNull() || actual.isBoolean() && !actual.booleanValue();
        Optional<Integer> numbers = compare(actual, wanted);
        if (numbers.isPresent()) return numbers.get() == 0;
        String text = actual.asString("");
        String other = wanted.asString("");
        if (field.equals("geolocation") && other.length() == 2) return text.endsWith(", " + other);
        if (actual.isBoolean()) return Boolean.toString(actual.booleanValue()).equalsIgnoreCase(other);
        return text.equals(other);
    }

    private static boolean truth(JsonNode value) {
        if (value.isBoolean()) return value.booleanValue();
        return value.isNumber() && value.doubleValue() != 0;
    }

    private static Optional<Integer> compare(JsonNode actual, JsonNode wanted) {
        Optional<Double> left = actual.isNumber() ? Optional.of(actual.doubleValue()) : Optional.empty();
        Optional<Double> right = Json.number(wanted);
        return left.flatMap(l -> right.map(r -> Double.compare(l, r)));
    }

    /// `[["dph_total","asc"],…]`; by score without one.
    private static Comparator<ObjectNode> order(JsonNode query) {
        Comparator<ObjectNode> order = null;
        for (JsonNode pair : query.path("order")) {
            Comparator<ObjectNode> one =
                    by(pair.path(0).asString("score"), pair.path(1).asString("asc"));
            order = order == null ? one : order.thenComparing(one);
        }
        return Objects.requireNonNullElse(order, by("score", "desc")).thenComparing(by("ask_contract_id", "asc"));
    }

    static Comparator<ObjectNode> by(String field, String direction) {
        Comparator<ObjectNode> up = (left, right) -> {
            JsonNode a = left.path(field);
            JsonNode b = right.path(field);
            if (a.isNumber() && b.isNumber()) return Double.compare(a.doubleValue(), b.doubleValue());
            return a.asString("").compareTo(b.asString(""));
        };
        return direction.equals("desc") ? up.reversed() : up;
    }

    private static JsonNode bool(boolean value) {
        return Json.MAPPER.getNodeFactory().booleanNode(value);
    }
}
