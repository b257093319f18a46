package dev.muster.edge.training;

import dev.muster.edge.config.Nearest;
import dev.muster.edge.wire.Durations;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// Reads a file of checks; what is not understood is an error.
final class PackReader {
    private static final Set<String> RULES = Set.of(
            "defined",
            "nothing",
            "is",
            "one_of",
            "between",
            "above",
            "at_least",
            "at_most",
            "same_as",
            "at_most_by",
            "folder",
            "file",
            "made_with",
            "any");
    private static final Set<String> WORDS =
            Set.of("category", "name", "key", "absent", "missing", "why", "when", "listed");
    private static final int CHECKS_MAX = 500;

    private final Setting.Group file;

    PackReader(TrainingConfig file) {
        this.file = file.settings();
    }

    CheckPack pack() throws TrainingConfig.Unreadable {
        only(file, Set.of("pack", "about", "checks", "known"));
        List<CheckPack.One> checks = new ArrayList<>();
        List<ByProgram> programs = new ArrayList<>();
        for (Setting one : many(file, "checks")) {
            if (group(one).entries().containsKey("program")) programs.add(program(group(one)));
            else checks.add(one(group(one)));
        }
        int count = checks.size() + programs.size();
        if (count == 0 || count > CHECKS_MAX)
            throw wrong(file, "expected 1 to " + CHECKS_MAX + " checks, but found " + count);
        return new CheckPack(text(file, "pack"), checks, programs, known());
    }

    private Map<String, List<String>> known() throws TrainingConfig.Unreadable {
        Map<String, List<String>> known = new HashMap<>();
        Setting written = file.entries().get("known");
        if (written == null) return known;
        for (Map.Entry<String, Setting> entry : group(written).entries().entrySet()) {
            List<String> names = new ArrayList<>();
            for (Setting name : list(entry.getValue())) names.add(single(name));
            known.put(entry.getKey().equals("*") ? "" : entry.getKey(), names);
        }
        return known;
    }

    private static ByProgram program(Setting.Group check) throws TrainingConfig.Unreadable {
        only(check, Set.of("category", "name", "program", "timeout", "when"));
        List<String> command = new ArrayList<>();
        for (Setting word : list(needed(check, "program"))) command.add(single(word));
        if (command.isEmpty()) throw wrong(check, "expected a program and its arguments, but found none");
        return new ByProgram(text(check, "category"), text(check, "name"), command, time(check), about(check, "when"));
    }

    private static Duration time(Setting.Group check) throws TrainingConfig.Unreadable {
        String written = optional(check, "timeout").orElse("");
        if (written.isEmpty()) return ByProgram.MAX_DEFAULT;
        try {
            Duration time = Durations.parse(written);
            if (time.isPositive() && time.compareTo(ByProgram.MAX) <= 0) return time;
        } catch (IllegalArgumentException e) {
            // told below, with what was expected
        }
        throw wrong(check, "expected a timeout of up to 1h, as in 30s, but found \"" + written + "\"");
    }

    private CheckPack.One one(Setting.Group check) throws TrainingConfig.Unreadable {
        Set<String> known = new HashSet<>(RULES);
        known.addAll(WORDS);
        only(check, known);
        boolean skips =
                optional(check, "missing").map(word -> word.equals("skip")).orElse(false);
        if (optional(check, "missing")
                .filter(word -> !word.equals("skip") && !word.equals("fail"))
                .isPresent()) throw wrong(check, "expected missing: skip or fail");
        return new CheckPack.One(
                text(check, "category"),
                text(check, "name"),
                rule(check),
                new CheckPack.Absent(skips, optional(check, "why").orElse("")),
                about(check, "when"),
                about(check, "listed"));
    }

    private static List<Rule.Of> about(Setting.Group check, String word) throws TrainingConfig.Unreadable {
        Setting found = check.entries().get(word);
        List<Rule.Of> rules = new ArrayList<>();
        if (found instanceof Setting.Many many) for (Setting one : many.elements()) rules.add(rule(group(one)));
        else if (found != null) rules.add(rule(group(found)));
        return rules;
    }

    private static Rule.Of rule(Setting.Group from) throws TrainingConfig.Unreadable {
        List<String> kinds =
                from.entries().keySet().stream().filter(RULES::contains).toList();
        if (kinds.size() != 1)
            throw wrong(
                    from,
                    "expected one of " + RULES.stream().sorted().collect(Collectors.joining(", ")) + ", but found "
                            + (kinds.isEmpty() ? "none" : String.join(" and ", kinds)));
        String kind = kinds.getFirst();
        Rule rule = rule(from, kind, from.entries().get(kind));
        return new Rule.Of(text(from, "key"), rule, optional(from, "absent").orElse(""));
    }

    private static Rule rule(Setting.Group from, String kind, Setting value) throws TrainingConfig.Unreadable {
        return switch (kind) {
            case "defined" -> new Rule.Defined();
            case "nothing" -> new Rule.Nothing();
            case "is" -> new Rule.OneOf(List.of(single(value)));
            case "one_of" -> {
                List<String> words = new ArrayList<>();
                for (Setting word : list(value)) words.add(single(word));
                yield new Rule.OneOf(words);
            }
            case "between" -> {
                List<Setting> ends = list(value);
                if (ends.size() != 2) throw wrong(value, "expected two numbers, but found " + value.brief());
                yield between(value, number(ends.getFirst()), number(ends.getLast()), false);
            }
            case "above" -> between(value, number(value), Double.POSITIVE_INFINITY, true);
            case "at_least" -> between(value, number(value), Double.POSITIVE_INFINITY, false);
            case "at_most" -> between(value, Double.NEGATIVE_INFINITY, number(value), false);
            case "same_as" -> new Rule.SameAs(single(value));
            case "at_most_by" -> by(group(value));
            case "folder" -> new Rule.There(true, "");
            case "file" -> new Rule.There(false, single(value));
            case "made_with" -> madeWith(group(value));
            case "any" -> {
                List<Rule.Of> several = new ArrayList<>();
                for (Setting one : list(value)) several.add(rule(group(one)));
                yield new Rule.Either(several);
            }
            default -> throw wrong(from, "expected a rule, but found " + kind);
        };
    }

    private static Rule madeWith(Setting.Group value) throws TrainingConfig.Unreadable {
        only(value, Set.of("file", "at", "same"));
        SortedMap<String, String> same = new TreeMap<>();
        for (Map.Entry<String, Setting> pair :
                group(needed(value, "same")).entries().entrySet()) same.put(pair.getKey(), single(pair.getValue()));
        if (same.isEmpty()) throw wrong(value, "expected keys that are compared, but found none");
        return new MadeWith(text(value, "file"), optional(value, "at").orElse(""), same);
    }

    private static Rule between(Setting at, double least, double most, boolean open) throws TrainingConfig.Unreadable {
        if (least > most) throw wrong(at, "expected the smaller number first, but found " + least + " and " + most);
        return new Rule.Between(least, most, open);
    }

    private static Rule by(Setting.Group value) throws TrainingConfig.Unreadable {
        SortedMap<Double, Double> table = new TreeMap<>();
        for (Map.Entry<String, Setting> entry :
                group(needed(value, "table")).entries().entrySet()) {
            Setting up = new Setting.Single(value.at(), entry.getKey(), false);
            table.put(number(up), number(entry.getValue()));
        }
        if (table.isEmpty()) throw wrong(value, "expected a table, but found an empty one");
        return new Rule.AtMostBy(text(value, "key"), table);
    }

    // ---- one value

    private static void only(Setting.Group group, Set<String> known) throws TrainingConfig.Unreadable {
        for (Map.Entry<String, Setting> entry : group.entries().entrySet()) {
            if (!known.contains(entry.getKey()))
                throw wrong(
                        entry.getValue(),
                        "unknown key " + entry.getKey()
                                + Nearest.of(entry.getKey(), known)
                                        .map(near -> "; did you mean " + near + "?")
                                        .orElse(""));
        }
    }

    private static Setting needed(Setting.Group group, String key) throws TrainingConfig.Unreadable {
        Setting found = group.entries().get(key);
        if (found == null) throw wrong(group, "expected " + key + ", but found none");
        return found;
    }

    private static String text(Setting.Group group, String key) throws TrainingConfig.Unreadable {
        return single(needed(group, key));
    }

    private static Optional<String> optional(Setting.Group group, String key) throws TrainingConfig.Unreadable {
        Setting found = group.entries().get(key);
        return found == null ? Optional.empty() : Optional.of(single(found));
    }

    private static List<Setting> many(Setting.Group group, String key) throws TrainingConfig.Unreadable {
        return list(needed(group, key));
    }

    private static Setting.Group group(Setting value) throws TrainingConfig.Unreadable {
        if (value instanceof Setting.Group group) return group;
        throw wrong(value, "expected keys and values, but found " + value.brief());
    }

    private static List<Setting> list(Setting value) throws TrainingConfig.Unreadable {
        if (value instanceof Setting.Many many) return many.elements();
        throw wrong(value, "expected a list, but found " + value.brief());
    }

    private static String single(Setting value) throws TrainingConfig.Unreadable {
        if (value instanceof Setting.Single single && !single.nothing()) return single.text();
        throw wrong(value, "expected a word, but found " + value.brief());
    }

    private static double number(Setting value) throws TrainingConfig.Unreadable {
        OptionalDouble number = value instanceof Setting.Single single ? single.number() : OptionalDouble.empty();
        if (number.isEmpty()) throw wrong(value, "expected a number, but found " + value.brief());
        return number.getAsDouble();
    }

    private static TrainingConfig.Unreadable wrong(Setting at, String message) {
        return new TrainingConfig.Unreadable(at.at() + ": " + message);
    }
}
