package dev.muster.edge.config;

import dev.muster.core.hosts.Finding;
import dev.muster.core.hosts.Finding.Kind;
import dev.muster.core.hosts.Place;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;

/// One mapping of a file that others write: what is wrong is noted with its place, and counts as not written. A key may
/// have several names, of which the first that is there counts.
final class Fields {
    private static final String PLACEHOLDER = "\\$\\{[^}]*\\}";

    private final String path;
    private final YamlNode.Mapping mapping;
    private final List<Finding> findings;
    private final Set<String> known = new TreeSet<>();

    Fields(String path, YamlNode.Mapping mapping, List<Finding> findings) {
        this.path = path;
        this.mapping = mapping;
        this.findings = findings;
    }

    /// Where the first of the names stands; the mapping's own place without any.
    Place at(String... names) {
        return entry(names).map(YamlNode.Entry::at).orElse(mapping.at());
    }

    /// What stands there, and is not null.
    Optional<YamlNode.Entry> entry(String... names) {
        known.addAll(List.of(names));
        for (String name : names) {
            YamlNode.Entry entry = mapping.entries().get(name);
            if (entry != null && !entry.value().nothing()) return Optional.of(entry);
        }
        return Optional.empty();
    }

    /// The first of the names that is there, with its path.
    String name(String... names) {
        for (String name : names) if (mapping.entries().containsKey(name)) return path + name;
        return path + names[0];
    }

    /// As [#entry], without making the name known.
    Optional<YamlNode.Entry> entryUnasked(String name) {
        return Optional.ofNullable(mapping.entries().get(name));
    }

    private Optional<YamlNode.Scalar> scalar(String... names) {
        Optional<YamlNode.Entry> entry = entry(names);
        if (entry.isEmpty()) return Optional.empty();
        if (entry.get().value() instanceof YamlNode.Scalar scalar) return Optional.of(scalar);
        wrong(Kind.WRONG_TYPE, entry.get().value(), "a single value", names);
        return Optional.empty();
    }

    String text(String... names) {
        return scalar(names).map(scalar -> scalar.text().strip()).orElse("");
    }

    /// A list, or one value, which may hold commas.
    List<String> texts(String... names) {
        Optional<YamlNode.Entry> entry = entry(names);
        List<String> texts = new ArrayList<>();
        if (entry.isEmpty()) return texts;
        switch (entry.get().value()) {
            case YamlNode.Scalar scalar -> texts.addAll(List.of(scalar.text().split(",")));
            case YamlNode.Mapping other -> wrong(Kind.WRONG_TYPE, other, "a list", names);
            case YamlNode.Sequence list -> {
                for (YamlNode element : list.elements()) {
                    if (element instanceof YamlNode.Scalar scalar && !scalar.nothing()) texts.add(scalar.text());
                    else wrong(Kind.WRONG_TYPE, element, "a word", names);
                }
            }
        }
        texts.replaceAll(String::strip);
        texts.removeIf(String::isEmpty);
        return texts;
    }

    /// Quoted, too.
    OptionalInt whole(int min, int max, String... names) {
        Optional<BigDecimal> number = number("a whole number", names);
        if (number.isEmpty()) return OptionalInt.empty();
        String range = "a whole number of " + min + " to " + max;
        YamlNode.Scalar found = scalar(names).orElseThrow();
        if (number.get().stripTrailingZeros().scale() > 0) {
            wrong(Kind.WRONG_TYPE, found, range, names);
        } else if (!within(number.get(), min, max)) {
            wrong(Kind.WRONG_VALUE, found, range, names);
        } else {
            return OptionalInt.of(number.get().intValue());
        }
        return OptionalInt.empty();
    }

    /// Quoted, too.
    OptionalDouble decimal(int min, int max, String... names) {
        Optional<BigDecimal> number = number("a number", names);
        if (number.isEmpty()) return OptionalDouble.empty();
        if (within(number.get(), min, max))
            return OptionalDouble.of(number.get().doubleValue());
        wrong(Kind.WRONG_VALUE, scalar(names).orElseThrow(), "a number of " + min + " to " + max, names);
        return OptionalDouble.empty();
    }

    private static boolean within(BigDecimal number, int min, int max) {
        return number.compareTo(BigDecimal.valueOf(min)) >= 0 && number.compareTo(BigDecimal.valueOf(max)) <= 0;
    }

    private Optional<BigDecimal> number(String expected, String... names) {
        Optional<YamlNode.Scalar> found = scalar(names);
        if (found.isEmpty() || isOpen(found.get()) || found.get().text().isBlank()) return Optional.empty();
        String text = found.get().text().strip().replace("_", "");
        // Digits enough for anything here; BigDecimal takes minutes for a million of them.
        if (text.length() <= 20 && text.matches("[-+]?\\d+(\\.\\d*)?")) return Optional.of(new BigDecimal(text));
        wrong(Kind.WRONG_TYPE, found.get(), expected, names);
        return Optional.empty();
    }

    /// YAML 1.1's words (`yes`, `on`), too.
    boolean bool(boolean fallback, String... names) {
        Optional<YamlNode.Scalar> found = scalar(names);
        if (found.isEmpty() || isOpen(found.get()) || found.get().text().isBlank()) return fallback;
        switch (found.get().text().strip().toLowerCase(Locale.ROOT)) {
            case "true", "yes", "on" -> {
                return true;
            }
            case "false", "no", "off" -> {
                return false;
            }
            default -> wrong(Kind.WRONG_TYPE, found.get(), "true or false", names);
        }
        return fallback;
    }

    /// `${NAME}`: what it will be is not known here.
    private static boolean isOpen(YamlNode.Scalar scalar) {
        return scalar.text().strip().matches(PLACEHOLDER);
    }

    Optional<Fields> section(String name) {
        Optional<YamlNode.Entry> entry = entry(name);
        if (entry.isEmpty()) return Optional.empty();
        if (entry.get().value() instanceof YamlNode.Mapping below) {
            return Optional.of(new Fields(path + name + ".", below, findings));
        }
        wrong(Kind.WRONG_TYPE, entry.get().value(), "a mapping", name);
        return Optional.empty();
    }

    /// Known, and not looked at here.
    void known(Iterable<String> names) {
        names.forEach(known::add);
    }

    void wrong(Kind kind, YamlNode found, String expected, String... names) {
        String name = List.of(names).stream()
                .filter(one -> mapping.entries().containsKey(one))
                .findFirst()
                .orElse(names[0]);
        // What an alias stands for is elsewhere; the key is here.
        Place at = found instanceof YamlNode.Scalar || !mapping.entries().containsKey(name)
                ? found.at()
                : mapping.entries().get(name).at();
        findings.add(new Finding(kind, path + name, at, "expected " + expected + ", but found " + found.brief(), ""));
    }

    void add(Kind kind, String name, Place at, String message, String hint) {
        findings.add(new Finding(kind, path + name, at, message, hint));
    }

    Set<String> names() {
        return mapping.entries().keySet();
    }

    /// Notes each key that nobody asked for.
    void end() {
        mapping.entries().forEach((name, entry) -> {
            if (known.contains(name)) return;
            String message = "unknown key"
                    + nearest(name, known)
                            .map(near -> "; did you mean " + near + "?")
                            .orElse("");
            add(Kind.UNKNOWN_KEY, name, entry.at(), message, "");
        });
    }

    /// The known word that differs least, if it is near at all.
    static Optional<String> nearest(String word, Iterable<String> known) {
        // A word of a million letters is nobody's slip, and would take a while to compare.
        if (word.length() > 100) return Optional.empty();
        List<String> near = new ArrayList<>();
        for (String one : known) {
            if (Nearest.distance(one, word) <= Math.max(2, word.length() / 3)) near.add(one);
        }
        return near.stream().min(Comparator.comparingInt(one -> Nearest.distance(one, word)));
    }
}
