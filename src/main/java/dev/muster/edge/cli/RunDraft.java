package dev.muster.edge.cli;

import dev.muster.core.rent.GpuName;
import dev.muster.core.state.Bytes;
import dev.muster.core.state.Gate;
import dev.muster.core.state.Group;
import dev.muster.core.state.Market;
import dev.muster.core.state.Money;
import dev.muster.core.state.Role;
import dev.muster.core.state.RunId;
import dev.muster.core.state.Sync;
import dev.muster.core.state.Watching;
import dev.muster.edge.config.GpuWish;
import dev.muster.edge.config.RunFile;
import dev.muster.edge.view.Doc;
import dev.muster.edge.wire.Durations;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// A run as the file and the command line say it together.
///
/// @param folder   of the file: its paths count from there
/// @param config   the training config, from there
/// @param runArgs  for `{run_args}` in commands
/// @param skip     stages that are taken from an earlier run
record RunDraft(
        String id,
        String series,
        RunFile file,
        Path folder,
        Optional<String> config,
        boolean rented,
        GpuWish gpu,
        boolean spot,
        Optional<Money> priceMax,
        Optional<Money> totalMax,
        Optional<Duration> durationMax,
        int diskGb,
        String image,
        String after,
        List<String> runArgs,
        Map<String, String> tags,
        Map<String, String> env,
        Set<String> skip) {
    static RunDraft of(Args args, RunFile file, Path folder, String asked) throws Failure {
        String id = id(asked);
        Optional<String> config = args.text("--config").or(file::config);
        GpuWish gpu = gpu(args, file);
        Optional<Money> priceMax =
                money(args, "--max-price").or(() -> file.pricing().priceMax());
        if (args.flag("--own") && args.flag("--rented"))
            throw Failure.usage("expected --own or --rented, but found both", "");
        boolean rented =
                args.flag("--rented") || !args.flag("--own") && file.rented().orElse(priceMax.isPresent());
        for (String option : List.of("--max-price", "--max-total", "--disk", "--image"))
            if (!rented && args.text(option).isPresent())
                throw Failure.usage(
                        "expected " + option + " of a machine of its own, but the run is to be on nodes that are there",
                        "--rented rents one");
        if (rented && priceMax.isEmpty())
            throw Failure.usage(
                    "expected the most that a machine may cost per hour, but found none",
                    "--max-price 2.00, or `pricing: {max_price: 2.00}` in the file");
        if (rented) alone(file);
        List<String> runArgs = new ArrayList<>();
        Map<String, String> tags = new LinkedHashMap<>(file.tags());
        Set<String> skip = new LinkedHashSet<>(args.all("--skip"));
        if (args.flag("--skip-training")) skip.add(file.stages().getFirst().name());
        for (String written : args.all("--tag")) pair(tags, "--tag", written);
        for (String written : AnyWord.written(args.all("--run-arg"))) runArg(written, file, runArgs, tags, skip);
        for (String stage : skip)
            if (file.stages().stream().noneMatch(one -> one.name().equals(stage)))
                throw Failure.usage(
                        "no stage " + stage + "; the run has "
                                + String.join(
                                        ", ",
                                        file.stages().stream()
                                                .map(RunFile.Stage::name)
                                                .toList()),
                        "");
        Map<String, String> env = new LinkedHashMap<>(file.env());
        for (String written : args.all("--env")) pair(env, "--env", written);
        return new RunDraft(
                id,
                args.text("--series").or(file::series).orElseGet(() -> series(config, folder)),
                file,
                folder,
                config,
                rented,
                gpu,
                args.flag("--spot") || file.pricing().spot(),
                priceMax,
                money(args, "--max-total").or(() -> file.pricing().totalMax()),
                args.text("--max-duration").isPresent()
                        ? Optional.of(args.duration("--max-duration", Duration.ZERO))
                        : file.pricing().durationMax(),
                (int) args.number("--disk", file.needs().diskGb()),
                args.text("--image").orElse(file.image()),
                after(args, file),
                List.copyOf(runArgs),
                tags,
                env,
                skip);
    }

    /// The nodes of one task dial one another, and nobody dials a rented machine.
    private static void alone(RunFile file) throws Failure {
        for (RunFile.Stage stage : file.stages())
            if (nodes(file, stage) > 1)
                throw Failure.usage(
                        "stage " + stage.name() + " is to run on " + nodes(file, stage)
                                + " nodes at once, but a run that rents has one machine for each stage",
                        "--own (or `machines: own` in the file) takes nodes that are there; `nodes: 1` rents");
    }

    private static int nodes(RunFile file, RunFile.Stage stage) {
        return stage.nodes().orElse(file.needs().nodes());
    }

    private static String id(String asked) throws Failure {
        try {
            return new RunId(asked).name();
        } catch (IllegalArgumentException e) {
            throw Failure.usage("--run-id: " + e.getMessage(), "");
        }
    }

    private static GpuWish gpu(Args args, RunFile file) throws Failure {
        if (args.text("--gpu").isEmpty()) return known(file.needs().gpu());
        try {
            return known(GpuWish.parse(args.text("--gpu").get()));
        } catch (IllegalArgumentException e) {
            throw Failure.usage("--gpu: " + e.getMessage(), "");
        }
    }

    /// A card that nobody rents out is a slip of the keyboard.
    private static GpuWish known(GpuWish wish) throws Failure {
        if (wish.name().isEmpty() || !GpuName.find(wish.name().get(), List.of()).isEmpty()) return wish;
        List<String> near = OfferWords.near(wish.name().get(), List.of());
        throw Failure.usage(
                "unknown GPU \"" + wish.name().get() + "\""
                        + (near.isEmpty() ? "" : "; did you mean " + String.join(" or ", near) + "?"),
                "");
    }

    private static Optional<Money> money(Args args, String option) throws Failure {
        return args.text(option).isPresent()
                ? Optional.of(OfferWords.price(option, args.text(option).get()))
                : Optional.empty();
    }

    private static String after(Args args, RunFile file) throws Failure {
        List<String> said = new ArrayList<>();
        if (args.flag("--auto-shutdown")) said.add("stop");
        if (args.flag("--destroy")) said.add("end");
        if (args.flag("--keep")) said.add("keep");
        if (said.size() > 1)
            throw Failure.usage("expected one of --auto-shutdown, --destroy and --keep, but found several", "");
        return said.isEmpty() ? file.after().name().toLowerCase(Locale.ROOT) : said.getFirst();
    }

    /// The config's name, or the folder's.
    private static String series(Optional<String> config, Path folder) {
        Path name =
                config.map(Path::of).orElse(folder.toAbsolutePath().normalize()).getFileName();
        String text = name == null ? "run" : name.toString().replaceFirst("\\.ya?ml$", "");
        String plain = text.replaceAll("[^A-Za-z0-9._-]", "-").replaceFirst("^[^A-Za-z0-9]+", "");
        return plain.isEmpty() ? "run" : plain.substring(0, Math.min(60, plain.length()));
    }

    private static void pair(Map<String, String> into, String option, String written) throws Failure {
        int equals = written.indexOf('=');
        if (equals < 1) throw Failure.usage("expected " + option + " NAME=VALUE, but found \"" + written + "\"", "");
        into.put(written.substring(0, equals), written.substring(equals + 1));
    }

    /// Some of the prior orchestrator's are ours to understand; all others are the stages'.
    private static void runArg(
            String written, RunFile file, List<String> runArgs, Map<String, String> tags, Set<String> skip)
            throws Failure {
        if (written.startsWith("--tag=")) {
            pair(tags, "--tag", written.substring("--tag=".length()));
        } else if (written.startsWith("--skip-") && !written.contains("=")) {
            String name = written.substring("--skip-".length()).replace('-', '_');
            Optional<String> stage = name.equals("training")
                    ? Optional.of(file.stages().getFirst().name())
                    : file.stages().stream()
                            .map(RunFile.Stage::name)
                            .filter(one -> one.replace('-', '_').equals(name))
                            .findFirst();
            stage.ifPresentOrElse(skip::add, () -> runArgs.add(written));
        } else {
            runArgs.add(written);
        }
    }

    // ---- as the API takes it

    /// @param inputs of all stages; none for a look at the rest
    Doc body(Optional<RunConfig> found, Optional<RunPrice.Estimated> estimate, List<Doc> inputs, boolean anyway) {
        Doc body =
                Doc.object().with("series", series).with("after", after).with("launches_max", (long) file.launches());
        for (RunFile.Stage stage : file.stages())
            body = body.with("stages", body.get("stages").plus(stage(stage, inputs)));
        if (rented) body = body.with("machines", machines());
        if (totalMax.isPresent()) body = body.with("total_max", totalMax.get().dollars());
        if (durationMax.isPresent()) body = body.with("duration_max", Durations.text(durationMax.get()));
        if (estimate.isPresent()) body = body.with("estimate", estimate.get().doc());
        if (found.isPresent())
            body = body.with(
                    "config",
                    Doc.object()
                            .with("path", found.get().inside())
                            .with("sha", found.get().sha()));
        Doc named = Doc.object();
        for (Map.Entry<String, String> tag : tags.entrySet()) named = named.with(tag.getKey(), tag.getValue());
        body = body.with("tags", named);
        return anyway ? body.with("anyway", true) : body;
    }

    private Doc machines() {
        Doc machines = Doc.object()
                .with("provider", file.provider())
                .with("gpus", Doc.of(gpu.name().map(List::of).orElse(List.of())))
                .with("gpu_count", (long) gpu.count())
                .with("query", query())
                .with("price_max", priceMax.orElseThrow().dollars())
                .with("bid", spot)
                .with("disk_gb", (long) diskGb);
        return image.isEmpty() ? machines : machines.with("image", image);
    }

    /// On what terms its machine is rented, as the cluster will have it.
    ///
    /// @throws Failure usage, when they cannot be
    Group terms() throws Failure {
        try {
            return new Group(
                    id,
                    file.provider(),
                    gpu.name().map(List::of).orElse(List.of()),
                    gpu.count(),
                    query(),
                    1,
                    1,
                    1,
                    priceMax.orElseThrow(),
                    spot ? Market.BID : Market.ON_DEMAND,
                    Role.MIXED,
                    diskGb,
                    image);
        } catch (IllegalArgumentException e) {
            throw Failure.usage(e.getMessage(), "docs/RUNS.md lists the keys of a run");
        }
    }

    private String query() {
        List<String> words = new ArrayList<>();
        gpu.low().ifPresent(low -> words.add("gpu_ram>=" + gb(low)));
        gpu.high().ifPresent(high -> words.add("gpu_ram<=" + gb(high)));
        file.needs().reliability().ifPresent(share -> words.add("reliability>=" + share));
        if (file.needs().memory().count() > 0)
            words.add("cpu_ram>=" + gb(file.needs().memory()));
        if (!file.query().isEmpty()) words.add(file.query());
        return String.join(" ", words);
    }

    /// Providers count their GB in either way; the next below means the same.
    private static long gb(Bytes bytes) {
        return Math.round(bytes.count() / 1e9);
    }

    private Doc stage(RunFile.Stage stage, List<Doc> inputs) {
        boolean first = stage.equals(file.stages().getFirst());
        Doc job = Doc.object()
                .with("name", series + "-" + stage.name())
                .with("kind", stage.kind().orElse(first ? "training" : "evaluation"))
                .with("command", Doc.of(command(stage)))
                .with("env", env(stage))
                .with("resources", resources())
                .with("max_attempts", (long) stage.attempts().orElse(file.attempts()));
        if (nodes(file, stage) > 1) job = job.with("nodes", (long) nodes(file, stage));
        for (Doc input : inputs) job = job.with("inputs", job.get("inputs").plus(input));
        for (String output : stage.outputs())
            job = job.with("outputs", job.get("outputs").plus(output(output)));
        if (stage.save().isPresent()) job = job.with("sync", sync(stage.save().get()));
        if (stage.results().isPresent())
            job = job.with("results", stage.results().get());
        job = job.with("watch", watch(stage));
        if (stage.timeout().isPresent())
            job = job.with("timeout", Durations.text(stage.timeout().get()));
        if (stage.grace().isPresent())
            job = job.with("grace", Durations.text(stage.grace().get()));
        Doc doc = Doc.object().with("name", stage.name()).with("job", job);
        if (stage.gate().isPresent()) doc = doc.with("gate", gate(stage.gate().get()));
        return skip.contains(stage.name()) ? doc.with("reuse", true) : doc;
    }

    /// Every stage is looked at; only what is written, or usual, stops it.
    private Doc watch(RunFile.Stage stage) {
        Doc watch = Doc.object().with("metrics", Doc.of(stage.metrics())).with("stop_on", Doc.of(stage.abortOn()));
        Doc limits = Doc.object();
        for (Map.Entry<String, Watching.Limits> one : file.alerts()) {
            Doc numbers = Doc.object();
            for (Map.Entry<String, Double> number : one.getValue().numbers())
                numbers = numbers.with(number.getKey(), number.getValue());
            limits = limits.with(
                    one.getKey(), Doc.object().with("off", one.getValue().off()).with("numbers", numbers));
        }
        return file.alerts().isEmpty() ? watch : watch.with("limits", limits);
    }

    private List<String> command(RunFile.Stage stage) {
        List<String> words = new ArrayList<>();
        for (String word : stage.command()) {
            if (word.equals("{run_args}")) words.addAll(runArgs);
            else words.add(filled(word));
        }
        if (stage.prepare().isEmpty()) return words;
        // The shell makes way for the program, so that signals reach it.
        List<String> prepared =
                new ArrayList<>(List.of("sh", "-ec", filled(stage.prepare().get()) + "\nexec \"$@\"", "prepare"));
        prepared.addAll(words);
        return prepared;
    }

    private String filled(String word) {
        return word.replace("{config}", config.orElse("")).replace("{run}", id).replace("{series}", series);
    }

    private Doc env(RunFile.Stage stage) {
        Map<String, String> all = new LinkedHashMap<>(env);
        all.putAll(stage.env());
        Doc doc = Doc.object();
        for (Map.Entry<String, String> one : all.entrySet()) doc = doc.with(one.getKey(), filled(one.getValue()));
        return doc;
    }

    /// A rented machine is the run's alone, and was chosen by all that it must have.
    private Doc resources() {
        Doc needs = Doc.object().with("gpus", (long) gpu.count());
        if (rented) return needs.with("cpu_millis", 100L);
        needs = needs.with("cpu_millis", (long) file.needs().cpus())
                .with("memory", file.needs().memory().count());
        if (gpu.low().isPresent())
            needs = needs.with("gpu_memory", gpu.low().get().count());
        return gpu.name().isPresent() ? needs.with("gpu", gpu.name().get()) : needs;
    }

    private static Doc output(String written) {
        boolean optional = written.endsWith("?");
        return Doc.object()
                .with("path", optional ? written.substring(0, written.length() - 1) : written)
                .with("required", !optional);
    }

    private static Doc sync(Sync save) {
        return Doc.object().with("paths", Doc.of(save.paths())).with("every", Durations.text(save.every()));
    }

    private static Doc gate(Gate gate) {
        Doc doc = Doc.object().with("higher", gate.higher()).with("delta_min", gate.deltaMin());
        if (gate.metric().isPresent()) doc = doc.with("metric", gate.metric().get());
        Doc ratios = Doc.object();
        for (Map.Entry<String, Double> one : gate.ratios()) ratios = ratios.with(one.getKey(), one.getValue());
        Doc most = Doc.object();
        for (Map.Entry<String, Double> one : gate.most()) most = most.with(one.getKey(), one.getValue());
        return doc.with("ratios", ratios).with("most", most);
    }
}
