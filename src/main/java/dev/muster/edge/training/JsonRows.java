package dev.muster.edge.training;

import dev.muster.edge.training.MetricsFile.Row;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonReadFeature;

/// An object in each line. Objects within it are stages; what is no number is left out. Python writes `NaN` and `Infinity`.
final class JsonRows extends Lines {
    static final JsonFactory JSON = JsonFactory.builder()
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .build();

    private static final int DEPTH_MAX = 8;

    @Override
    boolean row(String line, List<Row> rows) {
        Map<String, Double> numbers = new LinkedHashMap<>();
        if (!line.startsWith("{") || !numbers(line, "", numbers)) return false;
        if (!numbers.isEmpty()) rows.add(Row.of(numbers));
        return true;
    }

    /// The numbers in a JSON value, by `prefix` and the keys to them.
    ///
    /// @return false when it is no JSON
    static boolean numbers(String json, String prefix, Map<String, Double> numbers) {
        try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), json)) {
            JsonToken first = parser.nextToken();
            if (first == null) return false;
            value(parser, first, prefix, numbers, 0);
            return parser.nextToken() == null;
        } catch (JacksonException e) {
            return false;
        }
    }

    private static void value(JsonParser parser, JsonToken token, String name, Map<String, Double> numbers, int depth) {
        switch (token) {
            case START_OBJECT -> {
                if (depth == DEPTH_MAX) {
                    parser.skipChildren();
                    return;
                }
                while (parser.nextToken() != JsonToken.END_OBJECT) {
                    String key = parser.currentName();
                    value(parser, parser.nextToken(), name.isEmpty() ? key : name + "/" + key, numbers, depth + 1);
                }
            }
            case START_ARRAY -> parser.skipChildren();
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> numbers.put(name, parser.getDoubleValue());
            // W&B's way to write them where JSON has none.
            case VALUE_STRING -> special(parser.getString(), name, numbers);
            default -> {}
        }
    }

    private static void special(String text, String name, Map<String, Double> numbers) {
        switch (text) {
            case "NaN" -> numbers.put(name, Double.NaN);
            case "Infinity" -> numbers.put(name, Double.POSITIVE_INFINITY);
            case "-Infinity" -> numbers.put(name, Double.NEGATIVE_INFINITY);
            default -> {}
        }
    }
}
