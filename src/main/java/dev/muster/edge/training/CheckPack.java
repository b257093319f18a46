package dev.muster.edge.training;

import dev.muster.edge.config.Nearest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The checks of one kind of config, as `docs/RUNS.md` says they are written. Their list is the same for every config, but
/// for those that are only about a feature which a config uses.
///
/// @param programs checks that programs of the project do, after the others
/// @param known the keys that such a config may have, by the path of their group; a group that is not named is not looked at
public record CheckPack(String name, List<One> checks, List<ByProgram> programs, Map<String, List<String>> known) {
    /// The pack of configs with a latent operator and a diffusion model, which is used unless another one is named.
    public static final String DEFAULT = "latent-operator";

    private static final Pattern VALUE = Pattern.compile("\\{([^}]+)}");

    public CheckPack {
        checks = List.copyOf(checks);
        programs = List.copyOf(programs);
        known = Map.copyOf(known);
    }

    /// @param what   the name; `{latent.dim}` in it shows the value of that key
    /// @param absent what happens where the key is missing or null
    /// @param when   it is skipped where one of these does not hold
    /// @param listed it is left out where one of these does not hold
    record One(String category, String what, Rule.Of rule, Absent absent, List<Rule.Of> when, List<Rule.Of> listed) {}

    /// @param skips it is skipped then, for this reason; else it fails
    record Absent(boolean skips, String why) {}

    /// @throws TrainingConfig.Unreadable with the place of what is wrong
    public static CheckPack read(Path file) throws TrainingConfig.Unreadable {
        return new PackReader(TrainingConfig.read(file)).pack();
    }

    /// One that comes with the program.
    public static CheckPack builtIn(String name) throws TrainingConfig.Unreadable {
        String file = name + ".yaml";
        try (InputStream in = CheckPack.class.getResourceAsStream(file)) {
            if (in == null || !name.matches("[a-z-]+"))
                throw new TrainingConfig.Unreadable(
                        "expected a file of checks, or " + DEFAULT + ", but found \"" + name + "\"");
            return new PackReader(TrainingConfig.read(Path.of(file), in.readAllBytes())).pack();
        } catch (IOException e) {
            throw new IllegalStateException("the program's own " + file + " cannot be read", e);
        }
    }

    /// @param config as it was asked for
    /// @param base   what relative paths in the config count from
    public static Verdict verdict(String config, List<CheckPack> packs, Path base) {
        List<Check> checks = new ArrayList<>();
        List<String> warnings = new ArrayList<>();
        try {
            TrainingConfig read = TrainingConfig.read(Path.of(config));
            warnings.addAll(read.warnings());
            for (CheckPack pack : packs) {
                Rule.Scope scope = new Rule.Scope(read.settings(), base);
                checks.addAll(pack.of(scope));
                for (ByProgram program : pack.programs()) checks.add(program.look(config, scope));
                warnings.addAll(pack.unknown(read.settings()));
            }
            return new Verdict(config, checks, warnings, "");
        } catch (TrainingConfig.Unreadable e) {
            for (CheckPack pack : packs) {
                checks.addAll(pack.unseen());
                pack.programs().forEach(program -> checks.add(program.unseen()));
            }
            return new Verdict(config, checks, warnings, e.getMessage());
        }
    }

    private List<Check> of(Rule.Scope config) {
        return checks.stream()
                .filter(one -> one.listed().stream().allMatch(rule -> rule.holds(config)))
                .map(one -> check(one, config))
                .toList();
    }

    private List<Check> unseen() {
        return checks.stream()
                .filter(one -> one.listed().isEmpty())
                .map(one -> new Check(
                        one.category(),
                        named(one, null),
                        Check.State.SKIPPED,
                        one.rule().rule().expected(),
                        "the config cannot be read"))
                .toList();
    }

    private static Check check(One one, Rule.Scope config) {
        String name = named(one, config);
        String expected = one.rule().rule().expected();
        Optional<Rule.Of> unmet =
                one.when().stream().filter(rule -> !rule.holds(config)).findFirst();
        if (unmet.isPresent())
            return new Check(one.category(), name, Check.State.SKIPPED, expected, unmet(unmet.get(), config));
        Optional<Setting> value = config.find(one.rule().key()).filter(found -> !found.isNothing());
        boolean absent = value.isEmpty() && one.rule().absent().isEmpty();
        if (absent && one.absent().skips()) {
            return new Check(one.category(), name, Check.State.SKIPPED, expected, shown(one.rule(), config) + why(one));
        }
        boolean holds = one.rule().holds(config);
        boolean yetToCome = !holds && one.absent().skips() && one.rule().rule() instanceof Rule.There;
        return new Check(
                one.category(),
                name,
                holds ? Check.State.PASSED : yetToCome ? Check.State.SKIPPED : Check.State.FAILED,
                expected,
                found(one.rule(), config, holds) + (yetToCome ? why(one) : ""));
    }

    /// Why a check does not apply.
    static String unmet(Rule.Of rule, Rule.Scope config) {
        return rule.key() + " is " + shown(rule, config);
    }

    private static String why(One one) {
        return one.absent().why().isEmpty() ? "" : ": " + one.absent().why();
    }

    private static String found(Rule.Of rule, Rule.Scope config, boolean holds) {
        String value = shown(rule, config);
        if (holds) return value;
        return switch (rule.rule()) {
            case Rule.SameAs same -> value + ", and " + shown(new Rule.Of(same.key(), same, ""), config);
            case Rule.There there -> there.name().isEmpty() ? value + ", which is no folder" : "none in " + value;
            case Rule.Either either ->
                either.of().stream()
                        .map(one -> one.key() + " " + shown(one, config))
                        .reduce((left, right) -> left + ", " + right)
                        .orElse(value);
            case Rule.AtMostBy by -> value + " at " + shown(new Rule.Of(by.key(), by, ""), config);
            case MadeWith made ->
                value + ": made with "
                        + String.join(
                                "; ",
                                rule.value(config)
                                        .map(there -> made.differences(there, config))
                                        .orElse(List.of()));
            case Rule.Defined any -> value;
            case Rule.Nothing any -> value;
            case Rule.OneOf any -> value;
            case Rule.Between any -> value;
        };
    }

    private static String shown(Rule.Of rule, Rule.Scope config) {
        Optional<Setting> value = config.find(rule.key());
        if (value.isEmpty()) return rule.absent().isEmpty() ? "missing" : rule.absent() + " (missing)";
        return value.get().brief();
    }

    private static String named(One one, Rule.@Nullable Scope config) {
        Matcher value = VALUE.matcher(one.what());
        return value.replaceAll(match -> Matcher.quoteReplacement(
                config == null
                        ? "?"
                        : config.find(match.group(1)).map(Setting::brief).orElse("?")));
    }

    private List<String> unknown(Setting.Group config) {
        List<String> warnings = new ArrayList<>();
        known.keySet().stream().sorted().forEach(path -> {
            if (!(config.find(path).orElse(null) instanceof Setting.Group group)) return;
            group.entries().forEach((key, value) -> {
                List<String> names = known.get(path);
                if (names.contains(key)) return;
                String near = Nearest.of(key, names)
                        .map(word -> "; did you mean " + word + "?")
                        .orElse("; " + name + " does not know it");
                warnings.add(value.at() + ": " + (path.isEmpty() ? "" : path + ".") + key + ": unknown key" + near);
            });
        });
        return warnings;
    }
}
