package dev.muster.edge.config;

import dev.muster.core.hosts.Place;
import java.util.List;
import java.util.Map;

/// A part of a YAML file that knows where it stands. What an alias stands for is shared, never copied: a few lines can
/// stand for billions, so nobody may walk through all of it.
public sealed interface YamlNode {
    Place at();

    /// As messages show it.
    String brief();

    /// @param entries in the file's order
    record Mapping(Place at, Map<String, Entry> entries) implements YamlNode {
        @Override
        public String brief() {
            return "a mapping";
        }
    }

    /// @param at where the key stands
    record Entry(Place at, YamlNode value) {}

    record Sequence(Place at, List<YamlNode> elements) implements YamlNode {
        @Override
        public String brief() {
            return "a list";
        }
    }

    /// @param nothing null, `~`, or nothing at all
    record Scalar(Place at, String text, boolean nothing) implements YamlNode {
        private static final int SHOWN_MAX = 60;

        @Override
        public String brief() {
            if (nothing) return "nothing";
            return Section.quoted(text.length() > SHOWN_MAX ? text.substring(0, SHOWN_MAX) + "…" : text);
        }
    }

    default boolean nothing() {
        return this instanceof Scalar scalar && scalar.nothing();
    }
}
