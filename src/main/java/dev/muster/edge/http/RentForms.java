package dev.muster.edge.http;

import dev.muster.core.rent.OfferQuery;
import dev.muster.core.rent.RentOrder;
import dev.muster.core.state.Again;
import dev.muster.core.state.Bytes;
import dev.muster.core.state.Caps;
import dev.muster.core.state.Group;
import dev.muster.core.state.Market;
import dev.muster.core.state.Money;
import dev.muster.core.state.Observed;
import dev.muster.core.state.Rent;
import dev.muster.core.state.Role;
import dev.muster.core.state.Scaling;
import dev.muster.core.state.Sighting;
import dev.muster.edge.wire.Wire;
import java.time.DayOfWeek;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Terms, groups, caps and policies as people write them, made whole: amounts in dollars (`0.08`, `"$0.08"`), words in
/// any case (`on-demand`), days as `mon`.
final class RentForms {
    private static final List<String> RENT_MONEY = List.of("bid", "per_hour", "per_hour_stopped");
    private static final List<String> SEEN_MONEY = List.of("per_hour_now", "per_hour_running");
    private static final int DISK_GB = 20;

    private RentForms() {}

    /// @throws Problem when something is missing, unknown or out of range
    static Rent rent(JsonNode written) {
        ObjectNode whole = Wire.MAPPER.createObjectNode();
        for (String text : List.of("offer", "machine", "gpu", "image")) whole.put(text, "");
        whole.put("gpus", 0).put("disk_gb", DISK_GB).put("role", "MIXED");
        whole.putNull("bid").put("per_hour_stopped", 0);
        Wire.merge(whole, written);
        for (String key : List.of("provider", "per_hour")) required(whole, key);
        for (String key : RENT_MONEY) money(whole, key);
        word(whole, "role", Role.class);
        return read(whole, Rent.class);
    }

    /// @throws Problem when something is missing, unknown or out of range
    static Sighting sighting(JsonNode written) {
        ObjectNode whole = Wire.MAPPER.createObjectNode();
        whole.put("message", "").putNull("contract_ends");
        if (written.isObject()) Wire.merge(whole, written);
        for (String key : List.of("rented", "observed")) required(whole, key);
        for (String key : SEEN_MONEY) required(whole, key);
        for (String key : SEEN_MONEY) money(whole, key);
        word(whole, "observed", Observed.class);
        return read(whole, Sighting.class);
    }

    /// @throws Problem when it is there, and something is missing or out of range
    static Optional<Again> again(JsonNode written) {
        if (written.isMissingNode() || written.isNull()) return Optional.empty();
        for (String key : List.of("query", "price_max", "tries")) required(written, key);
        try {
            String query = written.get("query").asString("");
            // Words that nobody understands would only be found out when they are needed.
            OfferQuery.DEFAULT.withoutDefaults().and(query);
            return Optional.of(new Again(
                    query,
                    amount("price_max", written.get("price_max")),
                    new Bytes(Math.max(0, written.path("up").asLong(0))),
                    new Bytes(Math.max(0, written.path("down").asLong(0))),
                    written.get("tries").asInt(0),
                    Optional.empty()));
        } catch (IllegalArgumentException e) {
            throw Problem.invalid("again: " + e.getMessage(), "");
        }
    }

    /// What is not written stays as it is; of a new group, it is as usual: no minimum, and up to twice its target.
    ///
    /// @throws Problem when something is missing, unknown or out of range
    static Group group(String name, Optional<Group> known, JsonNode written) {
        ObjectNode whole =
                known.map(group -> (ObjectNode) Wire.MAPPER.valueToTree(group)).orElseGet(() -> newGroup(written));
        Wire.merge(whole, written);
        if (!whole.path("name").asString(name).equals(name))
            throw Problem.invalid("name: expected " + name + " as in the path, but found " + whole.get("name"), "");
        whole.put("name", name);
        required(whole, "price_max");
        money(whole, "price_max");
        word(whole, "market", Market.class);
        word(whole, "role", Role.class);
        String image = whole.path("image").asString("");
        if (!image.isEmpty() && !RentOrder.isImage(image))
            throw Problem.invalid("image: " + RentOrder.noImage(image), "");
        return read(whole, Group.class);
    }

    private static ObjectNode newGroup(JsonNode written) {
        ObjectNode whole = Wire.MAPPER.createObjectNode();
        int gpus = written.path("gpus").isEmpty() ? 0 : 1;
        whole.put("provider", "vast").put("gpu_count", gpus).put("query", "").put("min", 0);
        required(written, "target");
        whole.put("max", 2 * Math.clamp(written.path("target").asInt(0), 0, Group.SIZE_MAX));
        whole.put("market", "ON_DEMAND")
                .put("role", "SELFPLAY")
                .put("disk_gb", DISK_GB)
                .put("image", "");
        whole.putArray("gpus");
        return whole;
    }

    /// What is not written stays as it is; `null` and `none` take a cap away.
    static Caps caps(Caps known, JsonNode written) {
        for (String key : written.propertyNames()) {
            if (!List.of("hour", "day", "month").contains(key))
                throw Problem.invalid("unknown key \"" + key + "\"", "known keys are day, hour, month");
        }
        try {
            return new Caps(
                    cap(known.hour(), written, "hour"),
                    cap(known.day(), written, "day"),
                    cap(known.month(), written, "month"));
        } catch (IllegalArgumentException e) {
            throw Problem.invalid(e.getMessage(), "`none` takes a cap away");
        }
    }

    private static Optional<Money> cap(Optional<Money> known, JsonNode written, String key) {
        if (!written.has(key)) return known;
        JsonNode value = written.get(key);
        if (value.isNull() || value.isString() && value.asString().equals("none")) return Optional.empty();
        return Optional.of(amount(key, value));
    }

    /// What is not written stays as it is; a list of windows replaces the one there was.
    ///
    /// @throws Problem when something is unknown or out of range
    static Scaling scaling(Scaling known, JsonNode written) {
        ObjectNode whole = (ObjectNode) Wire.MAPPER.valueToTree(known);
        ObjectNode changes = (ObjectNode) written.deepCopy();
        if (changes.path("windows").isArray()) {
            for (JsonNode window : changes.get("windows")) if (window.isObject()) window((ObjectNode) window);
        }
        Wire.merge(whole, changes);
        word(whole, "on_cap", Scaling.OnCap.class);
        word(whole, "strays", Scaling.Strays.class);
        return read(whole, Scaling.class);
    }

    private static void window(ObjectNode window) {
        window.remove("open");
        for (String key : List.of("name", "from", "to")) required(window, key);
        for (String key : List.of("min", "target", "max", "price_max")) if (!window.has(key)) window.putNull(key);
        money(window, "price_max");
        if (!window.has("groups")) window.putArray("groups");
        ArrayNode days = Wire.MAPPER.createArrayNode();
        if (!window.has("days")) Arrays.stream(DayOfWeek.values()).forEach(day -> days.add(day.name()));
        for (JsonNode day : window.path("days")) days.add(day(day.asString("")));
        window.set("days", days);
    }

    private static String day(String written) {
        String word = written.toUpperCase(Locale.ROOT);
        for (DayOfWeek day : DayOfWeek.values())
            if (word.length() >= 2 && day.name().startsWith(word)) return day.name();
        throw Problem.invalid("days: expected mon to sun, but found \"" + written + "\"", "");
    }

    private static void required(JsonNode whole, String key) {
        if (whole.path(key).isMissingNode() || whole.path(key).isNull())
            throw Problem.invalid("expected the key " + key + ", but found none", "");
    }

    /// One that is none of them stays as it was written: so it stands in the message.
    private static <E extends Enum<E>> void word(ObjectNode whole, String key, Class<E> words) {
        if (!whole.path(key).isString()) return;
        String name = whole.get(key).asString().toUpperCase(Locale.ROOT).replace('-', '_');
        if (Arrays.stream(words.getEnumConstants()).anyMatch(one -> one.name().equals(name))) whole.put(key, name);
    }

    private static void money(ObjectNode whole, String key) {
        JsonNode value = whole.path(key);
        if (value.isNumber() || value.isString())
            whole.putObject(key).put("micros", amount(key, value).micros());
    }

    private static Money amount(String key, JsonNode value) {
        try {
            if (value.isNumber() || value.isString()) return Money.parse(value.asString());
            throw new IllegalArgumentException(
                    "expected an amount in dollars such as 0.08, but found " + Malformed.describe(value));
        } catch (IllegalArgumentException e) {
            throw Problem.invalid(key + ": " + e.getMessage(), "");
        }
    }

    private static <T> T read(ObjectNode whole, Class<T> type) {
        try {
            return Wire.STRICT.treeToValue(whole, type);
        } catch (JacksonException e) {
            throw Malformed.value(e, whole);
        } catch (IllegalArgumentException e) {
            throw Problem.invalid(e.getMessage(), "");
        }
    }
}
