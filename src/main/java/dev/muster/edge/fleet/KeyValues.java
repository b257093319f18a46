package dev.muster.edge.fleet;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// What `host.sh` prints: `key=value` lines. Of a key that comes twice, the last counts; an empty value is none.
final class KeyValues {
    private final Map<String, String> values = new TreeMap<>();

    private KeyValues() {}

    static KeyValues of(String out) {
        KeyValues said = new KeyValues();
        out.lines()
                .filter(line -> line.indexOf('=') > 0)
                .forEach(line ->
                        said.values.put(line.substring(0, line.indexOf('=')), line.substring(line.indexOf('=') + 1)));
        return said;
    }

    Optional<String> text(String key) {
        return Optional.ofNullable(values.get(key)).filter(value -> !value.isEmpty());
    }

    /// @throws IllegalArgumentException there is none
    String needed(String key) {
        return text(key)
                .orElseThrow(() -> new IllegalArgumentException(
                        "expected the host to say " + key + "=, but found only " + values));
    }

    boolean yes(String key) {
        return needed(key).equals("yes");
    }

    long number(String key) {
        return Long.parseLong(needed(key));
    }

    List<String> words(String key) {
        return Arrays.stream(text(key).orElse("").split(" "))
                .filter(word -> !word.isEmpty())
                .toList();
    }

    <E extends Enum<E>> E word(String key, Class<E> type) {
        return Enum.valueOf(type, needed(key).toUpperCase(Locale.ROOT));
    }
}
