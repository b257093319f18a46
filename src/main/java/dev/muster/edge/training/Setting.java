package dev.muster.edge.training;

import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;

/// A part of a config, and where it was written. What an alias stands for is shared, so nobody may walk through all of
/// it: a few lines can stand for billions.
public sealed interface Setting {
    Origin at();

    /// As messages show it.
    String brief();

    record Origin(Path file, int line) {
        @Override
        public String toString() {
            return file + ":" + line;
        }
    }

    /// @param entries in the file's order
    record Group(Origin at, Map<String, Setting> entries) implements Setting {
        @Override
        public String brief() {
            return "keys and values";
        }
    }

    record Many(Origin at, List<Setting> elements) implements Setting {
        @Override
        public String brief() {
            return elements.isEmpty() ? "an empty list" : "a list of " + elements.size();
        }
    }

    /// @param nothing null, `~`, or nothing at all
    record Single(Origin at, String text, boolean nothing) implements Setting {
        private static final int SHOWN_MAX = 60;
        private static final Set<String> YES = Set.of("true", "yes", "on");
        private static final Set<String> NO = Set.of("false", "no", "off");
        /// A number of more digits is somebody's attempt to use up the processor.
        private static final int DIGITS_MAX = 40;

        @Override
        public String brief() {
            if (nothing) return "null";
            return text.length() > SHOWN_MAX ? text.substring(0, SHOWN_MAX) + "…" : text;
        }

        /// Numbers are read as Python reads them, and `1e-3` as well, which its YAML reader takes for a word.
        OptionalDouble number() {
            String digits = text.replace("_", "");
            if (nothing
                    || digits.length() > DIGITS_MAX
                    || !digits.matches("[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d{1,4})?"))
                return OptionalDouble.empty();
            return OptionalDouble.of(new BigDecimal(digits).doubleValue());
        }

        /// YAML 1.1's words, as Python's readers have them.
        Optional<Boolean> flag() {
            String word = text.toLowerCase(Locale.ROOT);
            if (YES.contains(word)) return Optional.of(true);
            return NO.contains(word) ? Optional.of(false) : Optional.empty();
        }
    }

    default boolean isNothing() {
        return this instanceof Single single && single.nothing();
    }

    /// @param path keys with dots between them; empty for this
    default Optional<Setting> find(String path) {
        Setting found = this;
        for (String key : path.isEmpty() ? new String[0] : path.split("\\.")) {
            Setting below = found instanceof Group group ? group.entries().get(key) : null;
            if (below == null) return Optional.empty();
            found = below;
        }
        return Optional.of(found);
    }
}
