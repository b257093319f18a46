package dev.muster.sim;

import dev.muster.core.state.AlertPolicy;
import dev.muster.core.state.Bytes;
import dev.muster.core.state.Command;
import dev.muster.core.state.ConfigKey;
import dev.muster.core.state.Enrolment;
import dev.muster.core.state.FixKind;
import dev.muster.core.state.InstanceId;
import dev.muster.core.state.JobKind;
import dev.muster.core.state.JobSpec;
import dev.muster.core.state.LoopSpec;
import dev.muster.core.state.Money;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Observed;
import dev.muster.core.state.QuietHours;
import dev.muster.core.state.Rent;
import dev.muster.core.state.Resources;
import dev.muster.core.state.Role;
import dev.muster.core.state.Sighting;
import dev.muster.core.state.Sync;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// Orders that people give in scenarios and in seeds.
final class Orders {
    private Orders() {}

    /// Empty when the verb is none of these.
    static Optional<Command> of(Script.Words words) {
        return Optional.ofNullable(
                switch (words.verb()) {
                    case "submit" -> new Command.SubmitJob(job(words));
                    case "stop" -> new Command.StopJob(words.job(0));
                    case "drain" -> new Command.DrainNode(words.node(0));
                    case "undrain" -> new Command.UndrainNode(words.node(0));
                    case "retire" -> new Command.RetireNode(words.node(0));
                    case "unretire" -> new Command.UnretireNode(words.node(0));
                    case "remove" -> new Command.RemoveNode(words.node(0));
                    case "fence" -> new Command.FenceNode(words.node(0));
                    case "token" ->
                        new Command.MintToken(
                                words.node(0),
                                Works.sha(words.arg(1)),
                                words.option("role").map(text -> Role.valueOf(text.toUpperCase(Locale.ROOT))),
                                words.option("voter").isPresent(),
                                words.option("ttl").map(Scenario::duration).orElse(Enrolment.TTL_DEFAULT));
                    case "revoke" -> new Command.RevokeToken(words.node(0));
                    case "enrol" -> new Command.EnrolNode(words.node(0), Works.sha(words.arg(1)));
                    case "fix" ->
                        new Command.OrderFix(
                                words.node(0),
                                FixKind.valueOf(
                                        words.arg(1).toUpperCase(Locale.ROOT).replace('-', '_')));
                    case "voter-add" -> new Command.AddVoter(words.node(0));
                    case "voter-remove" -> new Command.RemoveVoter(words.node(0));
                    case "loop" -> new Command.StartLoop(loop(words));
                    case "loop-stop" -> new Command.StopLoop(words.config(0));
                    case "adopt" -> adopt(words.node(0));
                    case "end" -> new Command.EndInstance(InstanceId.parse(words.arg(0)), false);
                    case "silence" -> new Command.SilenceAlerts(words.arg(0), Scenario.duration(words.arg(1)));
                    case "quiet-hours" -> new Command.SetAlertPolicy(quiet(words.arg(0)));
                    case "rollback" -> new Command.RollbackModel(words.config(0), Optional.empty());
                    default -> null;
                });
    }

    /// A machine that somebody rents already, with a node that has joined.
    private static Command adopt(NodeId node) {
        Money price = Money.ofDollars(1);
        Rent rent =
                new Rent("simulated", "", "", "simulated", 1, Optional.empty(), price, Money.ZERO, 20, "", Role.MIXED);
        Sighting seen = new Sighting(node.name(), Observed.RUNNING, price, price, Optional.empty(), "");
        return new Command.AdoptInstance("", rent, seen, Optional.of(node), Optional.of(node));
    }

    private static AlertPolicy quiet(String hours) {
        AlertPolicy usual = AlertPolicy.DEFAULT;
        return new AlertPolicy(
                usual.gather(),
                usual.again(),
                usual.cooldown(),
                usual.clear(),
                usual.hourMax(),
                usual.zone(),
                List.of(QuietHours.parse(hours)),
                usual.limits(),
                usual.off());
    }

    private static JobSpec job(Script.Words words) {
        Map<String, String> env = new HashMap<>();
        env.put(
                Works.RUN_MS,
                Long.toString(words.option("run")
                        .map(Scenario::duration)
                        .orElse(Duration.ofSeconds(30))
                        .toMillis()));
        env.put(Works.EXITS, words.option("exits").orElse("0"));
        JobKind kind = words.option("kind")
                .map(text -> JobKind.valueOf(text.toUpperCase(Locale.ROOT)))
                .orElse(JobKind.values()[JobKind.values().length - 1]);
        JobSpec job = new JobSpec(
                words.arg(0),
                kind,
                words.option("config").map(ConfigKey::new),
                words.number("tasks", 1),
                List.of("fake", words.arg(0)),
                env,
                new Resources(
                        words.number("cpus", 1) * 1000,
                        Bytes.gib(1),
                        words.number("gpus", 0),
                        words.number("gpus", 0) > 0 ? Bytes.gib(8) : Bytes.ZERO),
                List.of(),
                words.option("output")
                        .map(path -> List.of(new JobSpec.Output(path, true)))
                        .orElse(List.of()),
                Optional.empty(),
                words.number("priority", JobSpec.PRIORITY_DEFAULT),
                words.number("attempts", JobSpec.ATTEMPTS_DEFAULT),
                words.option("grace").map(Scenario::duration).orElse(Duration.ofSeconds(10)),
                words.option("timeout").map(Scenario::duration),
                words.option("node").map(NodeId::new));
        Duration every = words.option("every").map(Scenario::duration).orElse(Sync.EVERY_DEFAULT);
        JobSpec saved = words.option("sync")
                .map(paths -> job.saving(new Sync(List.of(paths.split(",")), every)))
                .orElse(job);
        return saved.on(words.number("nodes", 1));
    }

    private static LoopSpec loop(Script.Words words) {
        ConfigKey config = words.config(0);
        String runMs = Long.toString(words.option("run")
                .map(Scenario::duration)
                .orElse(Duration.ofSeconds(20))
                .toMillis());
        return loop(
                config,
                runMs,
                words.number("tasks", 2),
                Map.of(
                        Works.GAINS, words.option("gains").orElse("200,60"),
                        Works.EXITS, words.option("train-exits").orElse("0")),
                Map.of(Works.EXITS, "0"),
                words.option("generations").map(Integer::parseInt));
    }

    /// A loop whose stages run for so long; what training does is in its environment, the rest in the other's.
    static LoopSpec loop(
            ConfigKey config,
            String runMs,
            int tasks,
            Map<String, String> training,
            Map<String, String> others,
            Optional<Integer> generations) {
        Optional<String> matches = Optional.of("matches.json");
        return new LoopSpec(
                config,
                stage(
                        "selfplay",
                        JobKind.SELFPLAY,
                        config,
                        tasks,
                        runMs,
                        others,
                        "games.db",
                        Optional.empty(),
                        "{current}"),
                stage(
                        "train",
                        JobKind.TRAINING,
                        config,
                        1,
                        runMs,
                        training,
                        "model.pth",
                        Optional.empty(),
                        "{games} {current}"),
                stage("evaluate", JobKind.EVALUATION, config, 2, runMs, others, "", matches, "{candidate} {current}"),
                LoopSpec.Gate.DEFAULT,
                2,
                generations);
    }

    private static LoopSpec.StageSpec stage(
            String name,
            JobKind kind,
            ConfigKey config,
            int tasks,
            String runMs,
            Map<String, String> more,
            String output,
            Optional<String> matches,
            String blanks) {
        Map<String, String> env = new HashMap<>(more);
        env.put(Works.RUN_MS, runMs);
        JobSpec job = new JobSpec(
                name,
                kind,
                Optional.of(config),
                tasks,
                List.of("fake", name),
                env,
                new Resources(2000, Bytes.gib(2), 1, Bytes.gib(8)),
                List.of(),
                output.isEmpty() ? List.of() : List.of(new JobSpec.Output(output, true)),
                matches,
                JobSpec.PRIORITY_DEFAULT,
                2,
                Duration.ofSeconds(10),
                Optional.empty(),
                Optional.empty());
        List<List<String>> command = new ArrayList<>();
        command.add(List.of("fake", name));
        for (String blank : blanks.split(" ")) command.add(List.of(blank));
        return new LoopSpec.StageSpec(job, command);
    }
}
