package dev.muster.sim;

import dev.muster.core.state.Bytes;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Command;
import dev.muster.core.state.Gate;
import dev.muster.core.state.Group;
import dev.muster.core.state.JobKind;
import dev.muster.core.state.JobSpec;
import dev.muster.core.state.Market;
import dev.muster.core.state.Money;
import dev.muster.core.state.Resources;
import dev.muster.core.state.Role;
import dev.muster.core.state.Run;
import dev.muster.core.state.RunId;
import dev.muster.core.state.RunSpec;
import dev.muster.core.state.Sync;
import dev.muster.core.state.Table;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// The words of a scenario about training runs.
///
///     train r1 stages=train,eval run=60s series=burgers    on nodes that are there
///     train r1 machines=1 price=2 bid=yes total=5 after=end launches=2 duration=2h
///     train r1 saved=step.pt every=20s exits=1,0           of its first stage
///     train r1 loss=0.5 gate=0.01                          of its last stage: it must be less by so much
///     train r1 reuse=train · train r1 anyway=yes
///     stop-run r1 · resume-run r1 from=eval · resume-run r1 card=RTX_3070
///     runs                                                 how far all of them are
final class RunScript {
    private static final int DISK_GB = 20;

    private RunScript() {}

    /// Empty when the verb is none of these.
    static Optional<Command> of(Script.Words words, ClusterState state) {
        return Optional.ofNullable(
                switch (words.verb()) {
                    case "train" -> launch(words);
                    case "stop-run" ->
                        new Command.StopRun(
                                new RunId(words.arg(0)), words.option("because").orElse("asked for"));
                    case "resume-run" -> {
                        RunId id = new RunId(words.arg(0));
                        RunSpec spec = state.runs().runs().require(id).spec();
                        yield new Command.ResumeRun(
                                id,
                                words.option("card").isEmpty() ? spec : on(machines(id, 1, words), spec),
                                words.option("from"));
                    }
                    default -> null;
                });
    }

    private static Command launch(Script.Words words) {
        RunId id = new RunId(words.arg(0));
        Optional<Group> machines = words.option("machines").map(count -> machines(id, Integer.parseInt(count), words));
        List<RunSpec.Stage> stages = new ArrayList<>();
        List<String> names = List.of(words.option("stages").orElse("train,eval").split(","));
        for (String name : names)
            stages.add(stage(name, name.equals(names.getFirst()), name.equals(names.getLast()), words));
        RunSpec spec = new RunSpec(
                words.option("series").orElse("series"),
                stages,
                machines,
                words.option("total").map(Money::parse),
                words.option("duration").map(Scenario::duration),
                words.number("launches", RunSpec.LAUNCHES_DEFAULT),
                words.option("after")
                        .map(text -> RunSpec.After.valueOf(text.toUpperCase(Locale.ROOT)))
                        .orElse(RunSpec.After.STOP),
                Optional.empty(),
                Optional.empty(),
                Table.empty());
        return new Command.LaunchRun(id, spec, words.option("anyway").isPresent());
    }

    private static RunSpec.Stage stage(String name, boolean first, boolean last, Script.Words words) {
        Map<String, String> env = new HashMap<>();
        env.put(
                Works.RUN_MS,
                Long.toString(words.option("run")
                        .map(Scenario::duration)
                        .orElse(Duration.ofSeconds(60))
                        .toMillis()));
        env.put(Works.EXITS, first ? words.option("exits").orElse("0") : "0");
        if (last) words.option("loss").ifPresent(loss -> env.put(Works.RESULTS, "loss=" + loss));
        JobSpec job = new JobSpec(
                name,
                first ? JobKind.TRAINING : JobKind.EVALUATION,
                Optional.empty(),
                1,
                List.of("fake", name),
                env,
                new Resources(1000, Bytes.gib(1), 1, Bytes.ZERO),
                List.of(),
                first ? List.of(new JobSpec.Output("model.pt", true)) : List.of(),
                Optional.empty(),
                JobSpec.PRIORITY_DEFAULT,
                words.number("attempts", 2),
                Duration.ofSeconds(10),
                Optional.empty(),
                Optional.empty(),
                first
                        ? words.option("saved")
                                .map(path -> new Sync(
                                        List.of(path),
                                        words.option("every")
                                                .map(Scenario::duration)
                                                .orElse(Sync.EVERY_DEFAULT)))
                        : Optional.empty(),
                last && words.option("loss").isPresent() ? Optional.of("results.json") : Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                words.number("nodes", 1));
        Optional<Gate> gate = last
                ? words.option("gate")
                        .map(delta -> new Gate(
                                Optional.of("loss"), false, Double.parseDouble(delta), Table.empty(), Table.empty()))
                : Optional.empty();
        return new RunSpec.Stage(
                name, job, gate, words.option("reuse").filter(name::equals).isPresent());
    }

    private static RunSpec on(Group machines, RunSpec spec) {
        return new RunSpec(
                spec.series(),
                spec.stages(),
                Optional.of(machines),
                spec.totalMax(),
                spec.durationMax(),
                spec.launchesMax(),
                spec.after(),
                spec.estimate(),
                spec.config(),
                spec.tags());
    }

    private static Group machines(RunId id, int count, Script.Words words) {
        return new Group(
                id.name(),
                SimProvider.NAME,
                words.option("card").stream().toList(),
                1,
                words.option("query").orElse(""),
                count,
                count,
                count,
                Money.parse(words.option("price").orElse("2")),
                words.option("bid").isPresent() ? Market.BID : Market.ON_DEMAND,
                Role.MIXED,
                DISK_GB,
                "");
    }

    /// One line each.
    static void show(World world) {
        for (Run run : world.state().runs().runs().values()) {
            StringBuilder text = new StringBuilder("run " + run.id() + " " + run.status());
            for (Run.Stage stage : run.stages())
                text.append(", ").append(stage.name()).append(' ').append(stage.phase());
            run.cost().ifPresent(cost -> text.append(", ").append(cost));
            if (run.champion()) text.append(", the best of ").append(run.spec().series());
            world.tell(text.toString(), run.note());
        }
    }
}
