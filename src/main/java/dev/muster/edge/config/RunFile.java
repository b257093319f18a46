package dev.muster.edge.config;

import dev.muster.core.rent.BadQuery;
import dev.muster.core.rent.OfferQuery;
import dev.muster.core.run.Watch;
import dev.muster.core.run.WatchRules;
import dev.muster.core.state.Bytes;
import dev.muster.core.state.Gate;
import dev.muster.core.state.Group;
import dev.muster.core.state.JobSpec;
import dev.muster.core.state.Money;
import dev.muster.core.state.RunId;
import dev.muster.core.state.RunSpec;
import dev.muster.core.state.SecretBlanks;
import dev.muster.core.state.Sync;
import dev.muster.core.state.Table;
import dev.muster.core.state.Watching;
import dev.muster.edge.wire.Durations;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import tools.jackson.databind.node.ObjectNode;

/// `run.yaml`: a training run as a person writes it. docs/RUNS.md lists the keys.
///
/// @param series  its name among runs that are compared; empty: the config's
/// @param config  the training config, relative to the file's folder
/// @param code    the folder that is shipped, likewise; empty: none
/// @param exclude patterns of what is not
/// @param inputs  files and folders of this machine that are shipped besides, `FROM` or `FROM:TO`
/// @param rented  on machines of its own; empty: as the rest says
/// @param checks  packs for the config, as `--checks` of `run validate`
/// @param estimate a time, or `latent-operator` for the formula
/// @param alerts  limits of rules in place of the runbook's, by the rules' names
public record RunFile(
        Optional<String> series,
        Optional<String> config,
        Optional<String> code,
        List<String> exclude,
        List<String> inputs,
        Map<String, String> env,
        Needs needs,
        Pricing pricing,
        Optional<Boolean> rented,
        String provider,
        String image,
        String query,
        int attempts,
        int launches,
        RunSpec.After after,
        List<String> checks,
        Optional<String> estimate,
        Map<String, String> tags,
        Table<String, Watching.Limits> alerts,
        List<Stage> stages) {
    private static final int DISK_GB = 64;

    /// @param cpus        thousandths of a core
    /// @param reliability of rented machines
    /// @param nodes       on which a stage runs at once, unless it says otherwise
    public record Needs(GpuWish gpu, int cpus, Bytes memory, int diskGb, Optional<Double> reliability, int nodes) {}

    /// @param spot     at a bid
    /// @param priceMax per hour
    public record Pricing(
            boolean spot, Optional<Money> priceMax, Optional<Money> totalMax, Optional<Duration> durationMax) {}

    /// @param prepare shell commands before the command
    /// @param outputs that it must leave; those that end with `?` may be missing
    /// @param save    files that are saved on the way
    /// @param results its file of numbers
    /// @param metrics files of figures that it writes while it runs
    /// @param abortOn rules that stop it
    /// @param nodes   on which it runs at once, instead of the file's
    public record Stage(
            String name,
            List<String> command,
            Optional<String> kind,
            Optional<String> prepare,
            List<String> outputs,
            Optional<Sync> save,
            Optional<String> results,
            Optional<Gate> gate,
            Optional<Duration> timeout,
            Optional<Duration> grace,
            Optional<Integer> attempts,
            Map<String, String> env,
            List<String> metrics,
            List<String> abortOn,
            Optional<Integer> nodes) {
        public Stage {
            command = List.copyOf(command);
            outputs = List.copyOf(outputs);
            env = Map.copyOf(env);
            metrics = List.copyOf(metrics);
            abortOn = List.copyOf(abortOn);
        }
    }

    public RunFile {
        exclude = List.copyOf(exclude);
        inputs = List.copyOf(inputs);
        checks = List.copyOf(checks);
        stages = List.copyOf(stages);
    }

    /// @throws ConfigException with all problems at once, in the order of their lines
    public static RunFile read(Path file, byte[] yaml) throws ConfigException {
        return read(new Problems(file, "the run"), yaml, run -> {});
    }

    /// As [#read], with what it names and is not there.
    ///
    /// @param folder from which its paths count
    public static RunFile read(Path file, byte[] yaml, Path folder) throws ConfigException {
        Problems problems = new Problems(file, "the run");
        return read(problems, yaml, run -> run.there(folder, problems));
    }

    private static RunFile read(Problems problems, byte[] yaml, Consumer<RunFile> look) throws ConfigException {
        ObjectNode tree = problems.read(yaml);
        problems.check();
        RunFile run = new Reader(problems).run(new Section("", tree, problems));
        look.accept(run);
        problems.inOrder();
        problems.check();
        return run;
    }

    private void there(Path folder, Problems problems) {
        config.filter(path -> !Files.isRegularFile(folder.resolve(path)))
                .ifPresent(path -> problems.add("config", "expected a file, but there is no " + folder.resolve(path)));
        code.filter(path -> !Files.isDirectory(folder.resolve(path)))
                .ifPresent(path -> problems.add("code", "expected a folder, but there is no " + folder.resolve(path)));
        for (String written : inputs) {
            Path from = folder.resolve(from(written));
            if (!Files.exists(from)) problems.add("inputs", "expected a file or folder, but there is no " + from);
        }
        for (String pack : checks)
            if (pack.matches(".*\\.ya?ml") && !Files.isRegularFile(folder.resolve(pack)))
                problems.add("checks", "expected a file of checks, but there is no " + folder.resolve(pack));
    }

    /// Of `FROM` or `FROM:TO`.
    public static String from(String input) {
        int colon = input.lastIndexOf(':');
        return colon > 0 ? input.substring(0, colon) : input;
    }

    private record Reader(Problems problems) {
        RunFile run(Section file) {
            Section retry = file.section("retry");
            int attempts = retry.integer("attempts", JobSpec.ATTEMPTS_DEFAULT, 1, 100);
            int launches = retry.integer("launches", RunSpec.LAUNCHES_DEFAULT, 1, 20);
            retry.end();
            RunFile run = new RunFile(
                    file.value("series", text -> new RunId(text).name()),
                    file.text("config"),
                    file.text("code"),
                    file.texts("exclude"),
                    file.texts("inputs"),
                    environment(file),
                    needs(file.section("resources")),
                    pricing(file.section("pricing")),
                    file.value("machines", Reader::rented),
                    file.text("provider").orElse("vast"),
                    file.text("image").orElse(""),
                    file.value("query", Reader::query).orElse(""),
                    attempts,
                    launches,
                    file.value("after", Reader::after).orElse(RunSpec.After.STOP),
                    file.texts("checks"),
                    file.value("estimate", Reader::estimate),
                    words(file.section("tags")),
                    alerts(file),
                    stages(file.section("stages")));
            file.end();
            return run;
        }

        private static boolean rented(String text) {
            return switch (text) {
                case "rented" -> true;
                case "own" -> false;
                default -> throw new IllegalArgumentException("expected rented or own, but found \"" + text + "\"");
            };
        }

        private static String query(String words) {
            try {
                OfferQuery.DEFAULT.and(words);
                return words;
            } catch (BadQuery e) {
                throw new IllegalArgumentException(e.getMessage(), e);
            }
        }

        private static String estimate(String text) {
            if (text.equals("latent-operator") || Durations.parse(text).isPositive()) return text;
            throw new IllegalArgumentException("expected latent-operator or a time, but found \"" + text + "\"");
        }

        private static RunSpec.After after(String text) {
            return switch (text) {
                case "stop" -> RunSpec.After.STOP;
                case "end", "destroy" -> RunSpec.After.END;
                case "keep" -> RunSpec.After.KEEP;
                default -> throw new IllegalArgumentException("expected stop, end or keep, but found \"" + text + "\"");
            };
        }

        private static Map<String, String> words(Section section) {
            Map<String, String> words = new LinkedHashMap<>();
            for (String name : section.names()) section.text(name).ifPresent(text -> words.put(name, text));
            return words;
        }

        /// `secrets: [NAME]` is a variable of the same name.
        private Map<String, String> environment(Section of) {
            Map<String, String> env = new LinkedHashMap<>();
            for (String name : of.texts("secrets"))
                whole("secrets", () -> SecretBlanks.of(name)).ifPresent(blank -> env.put(name, blank));
            env.putAll(of.section("env").environment());
            return env;
        }

        private static Needs needs(Section section) {
            Needs needs = new Needs(
                    section.value("gpu", GpuWish::parse).orElse(GpuWish.NONE),
                    section.value("cpus", Reader::cores).orElse(1000),
                    section.value("memory", Bytes::parse).orElse(Bytes.ZERO),
                    section.value("disk", Reader::gigabytes).orElse(DISK_GB),
                    section.value("reliability", Reader::share),
                    section.integer("nodes", 1, 1, JobSpec.NODES_MAX));
            section.end();
            return needs;
        }

        private static int nodes(String text) {
            String expected = "expected 1 to " + JobSpec.NODES_MAX + " nodes, but found \"" + text + "\"";
            if (!text.matches("\\d{1,4}")) throw new IllegalArgumentException(expected);
            int nodes = Integer.parseInt(text);
            if (nodes >= 1 && nodes <= JobSpec.NODES_MAX) return nodes;
            throw new IllegalArgumentException(expected);
        }

        private static int cores(String text) {
            try {
                double cores = Double.parseDouble(text);
                if (cores > 0 && cores <= 10_000) return (int) Math.round(cores * 1000);
            } catch (NumberFormatException e) {
                // told below, with what was expected
            }
            throw new IllegalArgumentException("expected cores, as in 2 or 0.5, but found \"" + text + "\"");
        }

        /// A bare number is GB, as providers have it.
        private static int gigabytes(String text) {
            long bytes = text.matches("\\d{1,6}")
                    ? Long.parseLong(text) * 1_000_000_000L
                    : Bytes.parse(text).count();
            long gb = (bytes + 999_999_999L) / 1_000_000_000L;
            if (gb >= 1 && gb <= Group.DISK_MAX_GB) return (int) gb;
            throw new IllegalArgumentException(
                    "expected a disk of 1 to " + Group.DISK_MAX_GB + " GB, but found \"" + text + "\"");
        }

        private static double share(String text) {
            try {
                double share = Double.parseDouble(text.replace("%", "")) / (text.endsWith("%") ? 100 : 1);
                if (share > 0 && share <= 1) return share;
            } catch (NumberFormatException e) {
                // told below, with what was expected
            }
            throw new IllegalArgumentException("expected a share, as in 0.95 or 95%, but found \"" + text + "\"");
        }

        private static Pricing pricing(Section section) {
            Pricing pricing = new Pricing(
                    section.bool("spot", false),
                    section.value("max_price", Reader::price),
                    section.value("max_total", Reader::price),
                    section.value("max_duration", Durations::parse));
            section.end();
            return pricing;
        }

        private static Money price(String text) {
            Money price = Money.parse(text);
            if (price.compareTo(Money.ZERO) > 0) return price;
            throw new IllegalArgumentException("expected an amount above $0, but found \"" + text + "\"");
        }

        private List<Stage> stages(Section named) {
            List<Stage> stages = new ArrayList<>();
            for (String name : named.names()) {
                Section section = named.section(name);
                named.name(name, text -> new RunId(text));
                stages.add(stage(name, section));
            }
            if (stages.isEmpty())
                problems.add("stages", "expected one or more, as in `stages: {train: {command: [python3, train.py]}}`");
            if (stages.size() > RunSpec.STAGES_MAX)
                problems.add("stages", "expected at most " + RunSpec.STAGES_MAX + ", but found " + stages.size());
            return stages;
        }

        private Stage stage(String name, Section section) {
            List<String> command = section.texts("command");
            if (command.isEmpty())
                problems.add("stages." + name, "expected a command, as in `command: [python3, train.py]`");
            if (command.stream().anyMatch(word -> word.contains("{secret:")))
                problems.add(
                        "stages." + name + ".command",
                        "expected no secret in a command, which everybody on the node can see; `env` takes it");
            Section save = section.section("save");
            Optional<Sync> sync = save.absent() ? Optional.empty() : sync("stages." + name + ".save", save);
            Section gate = section.section("gate");
            Optional<String> results = section.value("results", Reader::path);
            Optional<Gate> judged = gate.absent() ? Optional.empty() : gate("stages." + name + ".gate", gate);
            if (judged.isPresent() && results.isEmpty())
                problems.add(
                        "stages." + name + ".gate",
                        "expected `results` beside it, the file of the numbers it looks at");
            List<String> metrics = section.texts("metrics").stream()
                    .flatMap(path -> checked("stages." + name + ".metrics", path, Reader::path).stream())
                    .toList();
            Stage stage = new Stage(
                    name,
                    command,
                    section.value("kind", Reader::kind),
                    section.text("prepare"),
                    section.texts("outputs").stream()
                            .flatMap(path -> section(path, name).stream())
                            .toList(),
                    sync,
                    results,
                    judged,
                    section.value("timeout", Durations::parse),
                    section.value("grace", Durations::parse),
                    section.value("attempts", text -> Integer.parseInt(text)),
                    environment(section),
                    metrics,
                    abortOn("stages." + name + ".abort_on", section.texts("abort_on"), !metrics.isEmpty()),
                    section.value("nodes", Reader::nodes));
            section.end();
            return stage;
        }

        private Optional<String> section(String output, String stage) {
            try {
                path(output.endsWith("?") ? output.substring(0, output.length() - 1) : output);
                return Optional.of(output);
            } catch (IllegalArgumentException e) {
                problems.add("stages." + stage + ".outputs", e.getMessage());
                return Optional.empty();
            }
        }

        private static String path(String text) {
            return new JobSpec.Output(text, true).path();
        }

        /// NaN never becomes well again, so it is what stops a stage whose figures are known, unless told otherwise. So does a
        /// cost that is critical, as the runbook has it.
        private List<String> abortOn(String key, List<String> written, boolean figures) {
            if (written.equals(List.of("none"))) return List.of();
            if (written.isEmpty())
                return figures
                        ? List.of(Watch.Rule.NOT_A_NUMBER.name(), Watch.Rule.COST.name())
                        : List.of(Watch.Rule.COST.name());
            return written.stream()
                    .flatMap(rule -> checked(key, rule, Reader::rule).stream())
                    .toList();
        }

        private Optional<String> checked(String key, String text, java.util.function.UnaryOperator<String> parse) {
            return whole(key, () -> parse.apply(text));
        }

        private static String rule(String text) {
            String name = text.toUpperCase(Locale.ROOT).replace('-', '_');
            if (Arrays.stream(Watch.Rule.values()).anyMatch(rule -> rule.name().equals(name))) return name;
            throw new IllegalArgumentException("expected one of "
                    + Arrays.stream(Watch.Rule.values())
                            .map(rule -> rule.name().toLowerCase(Locale.ROOT))
                            .collect(Collectors.joining(", "))
                    + ", but found \"" + text + "\"");
        }

        /// Rules by their names, `off` or with numbers of their own.
        private Table<String, Watching.Limits> alerts(Section file) {
            Section alerts = file.section("alerts");
            Table<String, Watching.Limits> limits = Table.empty();
            for (String written : alerts.names()) {
                String key = "alerts." + written;
                Optional<String> rule = checked(key, written, Reader::alert);
                Optional<Watching.Limits> one = alerts.isSection(written)
                        ? limits(key, rule.orElse(""), alerts.section(written))
                        : alerts.value(written, Reader::off);
                if (rule.isPresent() && one.isPresent()) limits = limits.with(rule.get(), one.get());
            }
            return limits;
        }

        private static String alert(String text) {
            boolean diffusion = text.equalsIgnoreCase(WatchRules.DIFFUSION_GRADIENT);
            return diffusion ? WatchRules.DIFFUSION_GRADIENT : rule(text);
        }

        private static Watching.Limits off(String text) {
            // YAML 1.1 reads `off` as false.
            if (text.equals("off") || text.equals("false")) return new Watching.Limits(true, Table.empty());
            throw new IllegalArgumentException(
                    "expected off, or numbers as in {warn_above: 90%}, but found \"" + text + "\"");
        }

        private Optional<Watching.Limits> limits(String key, String rule, Section section) {
            Table<String, Double> numbers = Table.empty();
            for (String name : WatchRules.numbers(rule)) {
                Optional<Double> number = name.endsWith("_s")
                        ? section.value(name.substring(0, name.length() - 2), Reader::seconds)
                        : section.value(name, text -> limit(rule, text));
                if (number.isPresent()) numbers = numbers.with(name, number.get());
            }
            if (!rule.isEmpty()) section.end();
            Watching.Limits limits = new Watching.Limits(false, numbers);
            return whole(key, () -> {
                WatchRules.of(new Watching(
                        List.of(),
                        List.of(),
                        Table.<String, Watching.Limits>empty().with(rule, limits)));
                return limits;
            });
        }

        private static double seconds(String text) {
            return Durations.parse(text).toMillis() / 1000.0;
        }

        /// Of a GPU in percent, of others as shares: `60`, `60%` or `1.2`.
        private static double limit(String rule, String text) {
            boolean percent = text.endsWith("%");
            double number = number(percent ? text.substring(0, text.length() - 1) : text);
            boolean ofGpu = rule.equals(Watch.Rule.UTILIZATION.name()) || rule.equals(Watch.Rule.MEMORY.name());
            if (Double.isFinite(number)) return percent && !ofGpu ? number / 100 : number;
            throw new IllegalArgumentException("expected a number, but found \"" + text + "\"");
        }

        private static String kind(String text) {
            if (List.of("training", "evaluation", "selfplay", "other").contains(text)) return text;
            throw new IllegalArgumentException(
                    "expected training, evaluation, selfplay or other, but found \"" + text + "\"");
        }

        private Optional<Sync> sync(String key, Section save) {
            List<String> paths = save.texts("paths");
            Optional<Duration> every = save.value("every", Durations::parse);
            save.end();
            return whole(key, () -> new Sync(paths, every.orElse(Sync.EVERY_DEFAULT)));
        }

        private Optional<Gate> gate(String key, Section gate) {
            Optional<String> metric = gate.text("metric");
            boolean higher = gate.value("better", Reader::higher).orElse(false);
            double delta = gate.value("min_delta", Reader::number).orElse(0.0);
            Table<String, Double> ratios = numbers(gate.section("max_ratio"));
            Table<String, Double> most = numbers(gate.section("max"));
            gate.end();
            return whole(key, () -> new Gate(metric, higher, delta, ratios, most));
        }

        private static boolean higher(String text) {
            if (text.equals("higher") || text.equals("lower")) return text.equals("higher");
            throw new IllegalArgumentException("expected lower or higher, but found \"" + text + "\"");
        }

        private static double number(String text) {
            try {
                return Double.parseDouble(text);
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException("expected a number, but found \"" + text + "\"", e);
            }
        }

        private static Table<String, Double> numbers(Section section) {
            Table<String, Double> numbers = Table.empty();
            for (String name : section.names()) {
                Optional<Double> number = section.value(name, Reader::number);
                if (number.isPresent()) numbers = numbers.with(name, number.get());
            }
            return numbers;
        }

        private <T> Optional<T> whole(String key, java.util.function.Supplier<T> made) {
            try {
                return Optional.of(made.get());
            } catch (IllegalArgumentException e) {
                problems.add(key, e.getMessage());
                return Optional.empty();
            }
        }
    }
}
