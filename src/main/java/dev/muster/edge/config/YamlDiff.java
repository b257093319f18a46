package dev.muster.edge.config;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// What differs between two YAML files by what they say: `+hosts.n1` is new, `-hosts.n1` is gone, `~hosts.n1.status` is
/// another. What aliases share is compared once, and told at each place.
final class YamlDiff {
    /// More than one difference is one too many.
    private static final int TOLD_MAX = 5;

    private final List<String> found = new ArrayList<>();
    private final Map<YamlNode, Map<YamlNode, Boolean>> compared = new IdentityHashMap<>();

    private YamlDiff() {}

    /// The first differences, in the older file's order.
    static List<String> of(YamlNode before, YamlNode after) {
        YamlDiff diff = new YamlDiff();
        diff.compare(before, after, "");
        return List.copyOf(diff.found);
    }

    private void tell(String what) {
        if (found.size() < TOLD_MAX) found.add(what);
    }

    private boolean compare(YamlNode before, YamlNode after, String path) {
        Map<YamlNode, Boolean> known = compared.computeIfAbsent(before, node -> new IdentityHashMap<>());
        Boolean same = known.get(after);
        if (same != null) {
            if (!same) tell("~" + path);
            return same;
        }
        boolean equal = differs(before, after, path);
        known.put(after, equal);
        return equal;
    }

    private boolean differs(YamlNode before, YamlNode after, String path) {
        if (before instanceof YamlNode.Mapping one && after instanceof YamlNode.Mapping other)
            return mappings(one, other, path);
        if (before instanceof YamlNode.Mapping one && after.nothing()) return mappings(one, empty(after), path);
        if (before.nothing() && after instanceof YamlNode.Mapping other) return mappings(empty(before), other, path);
        if (before instanceof YamlNode.Sequence one && after instanceof YamlNode.Sequence other)
            return sequences(one.elements(), other.elements(), path);
        if (before instanceof YamlNode.Sequence one && after.nothing())
            return sequences(one.elements(), List.of(), path);
        boolean same = before instanceof YamlNode.Scalar one
                && after instanceof YamlNode.Scalar other
                && one.nothing() == other.nothing()
                && one.text().equals(other.text());
        if (!same) tell("~" + path);
        return same;
    }

    private static YamlNode.Mapping empty(YamlNode at) {
        return new YamlNode.Mapping(at.at(), Map.of());
    }

    private boolean mappings(YamlNode.Mapping before, YamlNode.Mapping after, String path) {
        boolean same = true;
        Set<String> keys = new TreeSet<>(before.entries().keySet());
        keys.addAll(after.entries().keySet());
        for (String key : keys) {
            String below = path.isEmpty() ? key : path + "." + key;
            YamlNode.Entry one = before.entries().get(key);
            YamlNode.Entry other = after.entries().get(key);
            if (one == null || other == null) {
                tell((one == null ? "+" : "-") + below);
                same = false;
            } else {
                same &= compare(one.value(), other.value(), below);
            }
        }
        return same;
    }

    /// One element may have gone from between the others.
    private boolean sequences(List<YamlNode> before, List<YamlNode> after, String path) {
        if (before.size() == after.size()) {
            boolean same = true;
            for (int i = 0; i < before.size(); i++) same &= compare(before.get(i), after.get(i), path + "[" + i + "]");
            return same;
        }
        int gone = 0;
        while (gone < after.size() && of(before.get(gone), after.get(gone)).isEmpty()) gone++;
        boolean one = before.size() == after.size() + 1;
        for (int i = gone; one && i < after.size(); i++)
            one = of(before.get(i + 1), after.get(i)).isEmpty();
        tell(one ? "-" + path + "[" + gone + "]" : "~" + path);
        return false;
    }
}
