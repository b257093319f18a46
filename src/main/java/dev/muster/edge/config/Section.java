package dev.muster.edge.config;

import dev.muster.core.state.Bytes;
import dev.muster.core.state.SecretBlanks;
import dev.muster.edge.wire.Durations;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;

/// One mapping of the file. Each key is asked for once; [#end] reports those that nobody asked for. Problems are collected,
/// and the default stands in meanwhile, so that a person sees all of them at once.
final class Section {
    private final String path;
    private final JsonNode node;
    private final Problems problems;
    private final Set<String> known = new TreeSet<>();

    Section(String path, JsonNode node, Problems problems) {
        this.path = path;
        this.node = node;
        this.problems = problems;
        if (!node.isMissingNode() && !node.isNull() && !node.isObject()) {
            problems.add(
                    path.isEmpty() ? "" : path.substring(0, path.length() - 1),
                    "expected a mapping, but found " + brief(node));
        }
    }

    /// Nothing was written there.
    boolean absent() {
        return node.isMissingNode() || node.isNull();
    }

    /// Something was written under the key, if only an empty list.
    boolean has(String key) {
        return !find(key).isMissingNode() && !find(key).isNull();
    }

    <T> Optional<T> value(String key, Function<String, T> parse) {
        JsonNode found = find(key);
        if (found.isMissingNode() || found.isNull()) return Optional.empty();
        if (!found.isValueNode()) {
            problems.add(path + key, "expected a single value, but found " + brief(found));
            return Optional.empty();
        }
        try {
            return Optional.of(parse.apply(found.asString()));
        } catch (IllegalArgumentException e) {
            problems.add(path + key, e.getMessage());
            return Optional.empty();
        }
    }

    Optional<String> text(String key) {
        return value(key, Function.identity());
    }

    int integer(String key, int fallback, int min, int max) {
        return value(key, text -> number(text, min, max)).orElse(fallback);
    }

    private static int number(String text, int min, int max) {
        try {
            int number = Integer.parseInt(text);
            if (number >= min && number <= max) return number;
        } catch (NumberFormatException e) {
            // told below, with what was expected
        }
        throw new IllegalArgumentException(
                "expected a whole number of " + min + " to " + max + ", but found \"" + text + "\"");
    }

    double share(String key, double fallback) {
        return value(key, Section::share).orElse(fallback);
    }

    private static double share(String text) {
        try {
            double share = Double.parseDouble(text);
            if (share > 0 && share <= 1) return share;
        } catch (NumberFormatException e) {
            // told below, with what was expected
        }
        throw new IllegalArgumentException("expected a share above 0 and at most 1, but found \"" + text + "\"");
    }

    /// A bare number is seconds, as the prior system has it.
    Duration duration(String key, Duration fallback) {
        return value(
                        key,
                        text -> text.matches("\\d{1,9}")
                                ? Duration.ofSeconds(Long.parseLong(text))
                                : Durations.parse(text))
                .orElse(fallback);
    }

    long size(String key, long fallback) {
        return value(key, text -> Bytes.parse(text).count()).orElse(fallback);
    }

    /// Bytes per second, `10MB` or `10MB/s`; or bits, `50Mbit/s`.
    long rate(String key, long fallback) {
        return value(key, Section::rate).orElse(fallback);
    }

    private static long rate(String text) {
        String count = text.replaceFirst("/s$", "");
        if (count.matches("\\d{1,6} ?Mbit")) return Long.parseLong(count.replaceFirst(" ?Mbit", "")) * 125_000;
        return Bytes.parse(count).count();
    }

    boolean bool(String key, boolean fallback) {
        return value(key, Section::bool).orElse(fallback);
    }

    private static boolean bool(String text) {
        if (text.equals("true") || text.equals("false")) return text.equals("true");
        throw new IllegalArgumentException("expected true or false, but found \"" + text + "\"");
    }

    Section section(String key) {
        return new Section(path + key + ".", find(key), problems);
    }

    /// Names to texts, for an environment: `NAME: TEXT`, or `NAME: {secret: SECRET}`, which becomes the secret's blank.
    Map<String, String> environment() {
        Map<String, String> env = new LinkedHashMap<>();
        for (String name : names()) {
            if (!find(name).isObject()) {
                text(name).ifPresent(text -> env.put(name, text));
                continue;
            }
            Section by = section(name);
            Optional<String> secret = by.value("secret", SecretBlanks::of);
            secret.ifPresent(blank -> env.put(name, blank));
            if (secret.isEmpty() && by.find("secret").isMissingNode())
                problems.add(path + name, "expected a text or {secret: NAME}, but found " + brief(find(name)));
            by.end();
        }
        return env;
    }

    /// Is there a mapping, and no single value?
    boolean isSection(String key) {
        return find(key).isObject();
    }

    /// The names below this section, for mappings whose keys a person chooses.
    List<String> names() {
        List<String> names = new ArrayList<>();
        if (node.isObject()) names.addAll(node.propertyNames());
        known.addAll(names);
        return names;
    }

    /// A name that a person chose as a key.
    <T> Optional<T> name(String key, Function<String, T> parse) {
        try {
            return Optional.of(parse.apply(key));
        } catch (IllegalArgumentException e) {
            problems.add(path + key, e.getMessage());
            return Optional.empty();
        }
    }

    List<String> texts(String key) {
        JsonNode found = find(key);
        List<String> texts = new ArrayList<>();
        if (found.isValueNode() && !found.isNull()) {
            for (String part : found.asString().split(",")) if (!part.isBlank()) texts.add(part.strip());
        } else if (found.isArray()) {
            found.forEach(element -> texts.add(element.asString()));
        } else if (found.isObject()) {
            problems.add(path + key, "expected a list, but found " + brief(found));
        }
        return texts;
    }

    /// A list whose elements are checked one by one; what is no list is a problem too.
    void elements(String key, Function<JsonNode, Object> parse) {
        JsonNode found = find(key);
        if (found.isMissingNode() || found.isNull()) return;
        if (!found.isArray()) {
            problems.add(path + key, "expected a list, but found " + brief(found));
            return;
        }
        for (JsonNode element : found) {
            try {
                parse.apply(element);
            } catch (IllegalArgumentException e) {
                problems.add(path + key, e.getMessage());
            }
        }
    }

    /// As messages show what was found.
    static String quoted(String text) {
        return text.startsWith("\"") ? text : "\"" + text + "\"";
    }

    private JsonNode find(String key) {
        known.add(key);
        return node.path(key);
    }

    void end() {
        if (!node.isObject()) return;
        for (String name : node.propertyNames()) {
            if (!known.contains(name)) problems.add(path + name, "unknown key" + nearest(name));
        }
    }

    private String nearest(String name) {
        return known.stream()
                .min(Comparator.comparingInt(key -> Nearest.distance(key, name)))
                .filter(key -> Nearest.distance(key, name) <= Math.max(2, name.length() / 3))
                .map(key -> "; did you mean " + path + key + "?")
                .orElse("; known are " + String.join(", ", known));
    }

    private static String brief(JsonNode node) {
        String text = node.toString();
        return text.length() > 60 ? text.substring(0, 60) + "…" : text;
    }
}
