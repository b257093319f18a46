package dev.muster.edge.http;

import dev.muster.edge.config.Nearest;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.exc.MismatchedInputException;
import tools.jackson.databind.exc.UnrecognizedPropertyException;

/// Says of JSON that cannot be read where it is, what was expected, what was found, and the nearest known key.
final class Malformed {
    private Malformed() {}

    /// Text that is no JSON.
    static Problem syntax(JacksonException e) {
        return Problem.invalid("expected JSON, but " + where(e) + ": " + firstLine(e.getOriginalMessage()), "");
    }

    /// JSON that is no such value, straight from its text.
    static Problem value(JacksonException e) {
        if (e instanceof StreamReadException) return syntax(e);
        return Problem.invalid(path(e) + what(e, Optional.empty()) + ", " + where(e), "");
    }

    /// A tree that is no such value.
    static Problem value(JacksonException e, JsonNode written) {
        return Problem.invalid(path(e) + what(e, Optional.of(written)), hint(e));
    }

    static String describe(JsonNode node) {
        return switch (node.getNodeType()) {
            case ARRAY -> "a list";
            case OBJECT -> "an object";
            case NULL, MISSING -> "nothing";
            default -> node.toString();
        };
    }

    private static String what(JacksonException e, Optional<JsonNode> written) {
        Throwable cause = e.getCause();
        if (e instanceof UnrecognizedPropertyException unknown)
            return "unknown key \"" + unknown.getPropertyName() + "\"";
        // A value's own constructor said no; it says best why.
        if (cause instanceof IllegalArgumentException && !(cause instanceof JacksonException))
            return cause.getMessage();
        if (e instanceof DatabindException && e.getOriginalMessage().startsWith("expected ")) {
            return firstLine(e.getOriginalMessage());
        }
        if (e instanceof MismatchedInputException mismatch && mismatch.getTargetType() != null) {
            String found = written.map(tree -> at(tree, e))
                    .map(node -> ", but found " + describe(node))
                    .orElse("");
            return "expected " + words(mismatch.getTargetType()) + found;
        }
        return firstLine(e.getOriginalMessage());
    }

    private static String hint(JacksonException e) {
        if (!(e instanceof UnrecognizedPropertyException unknown)) return "";
        Collection<Object> known = unknown.getKnownPropertyIds();
        if (known == null) return "";
        return nearest(
                        unknown.getPropertyName(),
                        known.stream().map(Object::toString).toList())
                .map(near -> "did you mean \"" + near + "\"?")
                .orElse("known keys are "
                        + known.stream().map(Object::toString).sorted().collect(Collectors.joining(", ")));
    }

    private static Optional<String> nearest(String word, Collection<String> known) {
        return Nearest.of(word, known);
    }

    private static JsonNode at(JsonNode tree, JacksonException e) {
        JsonNode node = tree;
        for (JacksonException.Reference step : e.getPath()) {
            node = step.getPropertyName() != null ? node.path(step.getPropertyName()) : node.path(step.getIndex());
        }
        return node;
    }

    private static String path(JacksonException e) {
        StringBuilder path = new StringBuilder();
        for (JacksonException.Reference step : e.getPath()) {
            if (step.getPropertyName() == null)
                path.append('[').append(step.getIndex()).append(']');
            else path.append(path.isEmpty() ? "" : ".").append(step.getPropertyName());
        }
        if (e instanceof UnrecognizedPropertyException) {
            int last = path.lastIndexOf(".");
            path.setLength(Math.max(0, last));
        }
        return path.isEmpty() ? "" : path + ": ";
    }

    private static String where(JacksonException e) {
        TokenStreamLocation location = e.getLocation();
        if (location == null || location.getLineNr() < 1) return "it ends too early";
        return "line " + location.getLineNr() + ", column " + location.getColumnNr();
    }

    /// Jackson's second line tells of Java objects.
    private static String firstLine(String message) {
        int end = message.indexOf('\n');
        String line = end < 0 ? message : message.substring(0, end);
        int detail = line.indexOf(" (start marker");
        return detail < 0 ? line : line.substring(0, detail);
    }

    private static String words(Class<?> type) {
        if (type.isEnum()) {
            return "one of "
                    + Arrays.stream(type.getEnumConstants())
                            .map(constant -> constant.toString().toLowerCase(Locale.ROOT))
                            .collect(Collectors.joining(", "));
        }
        if (type == int.class || type == long.class || type == Integer.class || type == Long.class)
            return "a whole number";
        if (type == double.class || type == Double.class) return "a number";
        if (type == boolean.class || type == Boolean.class) return "true or false";
        if (type == Duration.class) return "a duration such as 45s";
        if (type == String.class) return "a text";
        if (Collection.class.isAssignableFrom(type) || type.isArray()) return "a list";
        if (Map.class.isAssignableFrom(type) || type.isRecord()) return "an object";
        return "a " + type.getSimpleName();
    }
}
