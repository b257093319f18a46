package dev.muster.edge.training;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.stream.Collectors;

/// What one value of a config has to be.
sealed interface Rule
        permits Rule.Defined,
                Rule.Nothing,
                Rule.OneOf,
                Rule.Between,
                Rule.SameAs,
                Rule.AtMostBy,
                Rule.There,
                Rule.Either,
                MadeWith {
    /// @param base what relative paths in the config count from
    record Scope(Setting.Group settings, Path base) {
        Optional<Setting> find(String key) {
            return settings.find(key);
        }
    }

    /// For a person: `1e-05 to 0.01`.
    String expected();

    /// @param value  of the rule's key; it is there, and not null
    /// @param config for what other keys say
    boolean holds(Setting value, Scope config);

    record Defined() implements Rule {
        @Override
        public String expected() {
            return "a value";
        }

        @Override
        public boolean holds(Setting value, Scope config) {
            return switch (value) {
                case Setting.Many many -> !many.elements().isEmpty();
                case Setting.Group group -> !group.entries().isEmpty();
                case Setting.Single single -> !single.text().isBlank();
            };
        }
    }

    /// The key is missing, or null.
    record Nothing() implements Rule {
        @Override
        public String expected() {
            return "nothing";
        }

        @Override
        public boolean holds(Setting value, Scope config) {
            return false;
        }
    }

    /// One of these words; of a list, every element.
    record OneOf(List<String> words) implements Rule {
        public OneOf {
            words = List.copyOf(words);
        }

        @Override
        public String expected() {
            return words.size() == 1 ? words.getFirst() : "one of " + String.join(", ", words);
        }

        @Override
        public boolean holds(Setting value, Scope config) {
            if (value instanceof Setting.Many many)
                return !many.elements().isEmpty() && many.elements().stream().allMatch(one -> holds(one, config));
            return value instanceof Setting.Single single && words.stream().anyMatch(word -> same(single, word));
        }

        private static boolean same(Setting.Single single, String word) {
            if (single.text().equals(word)) return true;
            Optional<Boolean> flag = single.flag();
            return flag.isPresent() && flag.get().toString().equals(word);
        }
    }

    /// Both ends count.
    ///
    /// @param open the lower end itself does not count
    record Between(double least, double most, boolean open) implements Rule {
        public Between {
            if (!(least <= most))
                throw new IllegalArgumentException("expected a range, but found " + least + " to " + most);
        }

        @Override
        public String expected() {
            if (most == Double.POSITIVE_INFINITY) return (open ? "above " : "at least ") + brief(least);
            if (least == Double.NEGATIVE_INFINITY) return "at most " + brief(most);
            return brief(least) + " to " + brief(most);
        }

        @Override
        public boolean holds(Setting value, Scope config) {
            OptionalDouble number = number(value);
            if (number.isEmpty()) return false;
            double found = number.getAsDouble();
            return found <= most && (open ? found > least : found >= least);
        }
    }

    /// The same as another key's value, which has to be there as well.
    record SameAs(String key) implements Rule {
        @Override
        public String expected() {
            return "the same as " + key;
        }

        @Override
        public boolean holds(Setting value, Scope config) {
            Optional<Setting> other = config.find(key).filter(found -> !found.isNothing());
            return other.isPresent() && same(value, other.get());
        }

        private static boolean same(Setting one, Setting other) {
            if (!(one instanceof Setting.Single left && other instanceof Setting.Single right)) return false;
            return left.text().equals(right.text())
                    || (left.number().isPresent() && left.number().equals(right.number()));
        }
    }

    /// At most what a table says for another key's value: its least entry that is not below it, or else its last one.
    ///
    /// @param table not empty
    record AtMostBy(String key, SortedMap<Double, Double> table) implements Rule {
        @Override
        public String expected() {
            return "at most "
                    + table.entrySet().stream()
                            .map(entry -> brief(entry.getValue()) + " up to " + brief(entry.getKey()))
                            .collect(Collectors.joining(", "))
                    + " of " + key;
        }

        @Override
        public boolean holds(Setting value, Scope config) {
            OptionalDouble number = number(value);
            OptionalDouble by = config.find(key).map(Rule::number).orElse(OptionalDouble.empty());
            if (number.isEmpty()) return false;
            if (by.isEmpty()) return true;
            SortedMap<Double, Double> above = table.tailMap(by.getAsDouble());
            return number.getAsDouble() <= table.get(above.isEmpty() ? table.lastKey() : above.firstKey());
        }
    }

    /// A folder, or a file, at the path; what is relative counts from the scope's folder.
    ///
    /// @param name within the folder; empty for the folder itself
    record There(boolean folder, String name) implements Rule {
        @Override
        public String expected() {
            return folder ? "a folder" : "the file " + name;
        }

        @Override
        public boolean holds(Setting value, Scope config) {
            if (!(value instanceof Setting.Single single)) return false;
            try {
                Path path = config.base().resolve(single.text()).resolve(name);
                return folder ? Files.isDirectory(path) : Files.isRegularFile(path);
            } catch (InvalidPathException e) {
                return false;
            }
        }
    }

    /// Another rule about another key.
    record Either(List<Of> of) implements Rule {
        public Either {
            of = List.copyOf(of);
        }

        @Override
        public String expected() {
            return of.stream()
                    .map(one -> one.key() + " to be " + one.rule().expected())
                    .collect(Collectors.joining(", or "));
        }

        @Override
        public boolean holds(Setting value, Scope config) {
            return of.stream().anyMatch(one -> one.holds(config));
        }
    }

    /// A rule and the key it is about.
    ///
    /// @param absent what counts where the key is missing; empty when nothing does
    record Of(String key, Rule rule, String absent) {
        boolean holds(Scope config) {
            return value(config).map(there -> rule.holds(there, config)).orElse(rule instanceof Nothing);
        }

        /// What is looked at; empty where it is missing or null.
        Optional<Setting> value(Scope config) {
            Optional<Setting> value = config.find(key);
            if (value.isEmpty() && !absent.isEmpty())
                value = Optional.of(new Setting.Single(config.settings().at(), absent, false));
            return value.filter(found -> !found.isNothing());
        }
    }

    private static OptionalDouble number(Setting value) {
        return value instanceof Setting.Single single ? single.number() : OptionalDouble.empty();
    }

    private static String brief(double number) {
        String text = Double.toString(number);
        return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
    }
}
