package dev.muster.edge.view;

import java.io.InputStream;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.TokenStreamFactory;

/// A JSON (or YAML) value as it was read: what is missing is empty, never null.
///
/// It is made without a data binder, which would cost a command some 100 ms at its start. For the same reason there are
/// no pattern switches here: they spin up their code when they are first met.
public final class Doc {
    private static final Doc NOTHING = new Doc(null);

    /// `Map`, `List`, `String`, `Long`, `Double`, `Boolean` or null.
    private final Object value;

    private Doc(Object value) {
        this.value = value;
    }

    /// @throws NotJson when it is no JSON
    public static Doc json(byte[] utf8) {
        return new Doc(JsonText.read(utf8));
    }

    /// @param format the reader of another format, as YAML's
    /// @throws JacksonException when it is no such text
    public static Doc read(TokenStreamFactory format, InputStream in) {
        try (JsonParser parser = format.createParser(ObjectReadContext.empty(), in)) {
            return read(parser);
        }
    }

    /// An object to be filled by [#with].
    public static Doc object() {
        return new Doc(Map.of());
    }

    public static Doc of(List<String> texts) {
        return new Doc(List.copyOf(texts));
    }

    public static Doc all(List<Doc> elements) {
        List<Object> values = new ArrayList<>(elements.size());
        for (Doc element : elements) values.add(element.value);
        return new Doc(values);
    }

    public static Doc numbers(List<Long> numbers) {
        return new Doc(List.copyOf(numbers));
    }

    private static Doc read(JsonParser parser) {
        JsonToken first = parser.nextToken();
        return first == null ? NOTHING : new Doc(value(parser, first));
    }

    private static Object value(JsonParser parser, JsonToken token) {
        return switch (token) {
            case START_OBJECT -> {
                Map<String, Object> object = new LinkedHashMap<>();
                while (parser.nextToken() != JsonToken.END_OBJECT) {
                    String key = parser.currentName();
                    object.put(key, value(parser, parser.nextToken()));
                }
                yield object;
            }
            case START_ARRAY -> {
                List<Object> list = new ArrayList<>();
                for (JsonToken next = parser.nextToken(); next != JsonToken.END_ARRAY; next = parser.nextToken()) {
                    list.add(value(parser, next));
                }
                yield list;
            }
            case VALUE_NUMBER_INT -> parser.getLongValue();
            case VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NULL -> null;
            default -> parser.getString();
        };
    }

    Object raw() {
        return value;
    }

    public boolean isObject() {
        return value instanceof Map;
    }

    /// There, and neither null, nor an empty text, list or object.
    public boolean isSomething() {
        if (value instanceof String text) return !text.isEmpty();
        if (value instanceof List<?> list) return !list.isEmpty();
        if (value instanceof Map<?, ?> map) return !map.isEmpty();
        return value != null;
    }

    public boolean has(String key) {
        return get(key).isSomething();
    }

    public Doc get(String key) {
        if (!(value instanceof Map<?, ?> map)) return NOTHING;
        Object found = map.get(key);
        return found == null ? NOTHING : new Doc(found);
    }

    /// A copy with one more entry.
    ///
    /// @param entry a `String`, `Long`, `Double`, `Boolean` or `Doc`
    public Doc with(String key, Object entry) {
        Map<String, Object> copy = new LinkedHashMap<>();
        if (value instanceof Map<?, ?> map) {
            for (Map.Entry<?, ?> old : map.entrySet()) copy.put(old.getKey().toString(), old.getValue());
        }
        copy.put(key, entry instanceof Doc doc ? doc.value : entry);
        return new Doc(copy);
    }

    /// A copy with one more element.
    public Doc plus(Doc element) {
        List<Object> copy = value instanceof List<?> list ? new ArrayList<>(list) : new ArrayList<>();
        copy.add(element.value);
        return new Doc(copy);
    }

    /// As text; whole numbers without a point, nothing as an empty text.
    public String text() {
        if (value instanceof Double number && number == Math.rint(number) && Math.abs(number) < 1e15) {
            return Long.toString(number.longValue());
        }
        return value == null ? "" : value.toString();
    }

    public String text(String key) {
        return get(key).text();
    }

    public long number(String key) {
        return get(key).value instanceof Number number ? number.longValue() : 0;
    }

    public OptionalDouble decimal(String key) {
        return get(key).value instanceof Number number
                ? OptionalDouble.of(number.doubleValue())
                : OptionalDouble.empty();
    }

    public boolean flag(String key) {
        return get(key).value instanceof Boolean flag && flag;
    }

    /// Empty when it is missing or no time.
    public Optional<Instant> time(String key) {
        try {
            return has(key) ? Optional.of(Instant.parse(text(key))) : Optional.empty();
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }

    /// The elements of a list, or nothing.
    public List<Doc> list() {
        if (!(value instanceof List<?> list)) return List.of();
        List<Doc> docs = new ArrayList<>(list.size());
        for (Object element : list) docs.add(new Doc(element));
        return docs;
    }

    public List<Doc> list(String key) {
        return get(key).list();
    }

    /// An object's entries in their order, or nothing.
    public Map<String, Doc> entries() {
        Map<String, Doc> entries = new LinkedHashMap<>();
        if (value instanceof Map<?, ?> map) {
            for (Map.Entry<?, ?> entry : map.entrySet())
                entries.put(entry.getKey().toString(), new Doc(entry.getValue()));
        }
        return entries;
    }

    @Override
    public String toString() {
        return DocText.compact(this);
    }
}
