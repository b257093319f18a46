package dev.muster.edge.http;

import dev.muster.core.Launches;
import dev.muster.core.plan.Soft;
import dev.muster.core.state.Attempt;
import dev.muster.core.state.AttemptId;
import dev.muster.core.state.Bytes;
import dev.muster.core.state.Command;
import dev.muster.core.state.ConfigKey;
import dev.muster.core.state.GenerationId;
import dev.muster.core.state.Hardware;
import dev.muster.core.state.JobId;
import dev.muster.core.state.JobSpec;
import dev.muster.core.state.Loop;
import dev.muster.core.state.Match;
import dev.muster.core.state.Money;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Role;
import dev.muster.core.state.RunId;
import dev.muster.core.state.RunSpec;
import dev.muster.core.state.Sha256;
import dev.muster.core.state.Table;
import dev.muster.core.state.Traces;
import dev.muster.edge.wire.Wire;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/// What a page shows besides a [Scene]: generations that were rated, a run with its metrics, and a crowd.
final class PageScene {
    static final ConfigKey SQUARE = new ConfigKey("square8_2p");
    static final RunId RUN = new RunId("op-2026-03");

    private static final int GENERATIONS = 8;

    private PageScene() {}

    static InMemoryMember make() {
        InMemoryMember member = Scene.make();
        generations(member);
        run(member);
        heard(member);
        return member;
    }

    /// A thousand nodes and ten thousand jobs, when asked for so many.
    static void crowd(InMemoryMember member, int nodes, int jobs) {
        for (int node = 1; node <= nodes; node++)
            member.join(
                    name(node),
                    node % 3 == 0 ? Role.MIXED : Role.SELFPLAY,
                    node % 3 == 0
                            ? new Hardware(16_000, Bytes.gib(64), 2, Bytes.gib(24), "RTX 4090")
                            : Hardware.cpus(8, Bytes.gib(32)));
        // The cluster forgets all but two thousand that ended, so most are open: some run, most wait.
        for (int job = 0; job < jobs; job++) {
            String id = member.order(new Command.SubmitJob(job(job)));
            if (job % 10 >= 4) continue;
            AttemptId attempt = member.place(id, 0, name(1 + (job * 7 + job / 10) % nodes));
            member.start(attempt);
            if (job % 10 < 2) end(member, attempt, job % 410 == 0);
            if (job % 100 == 0) member.now = member.now.plusSeconds(7);
        }
        heard(member);
    }

    private static void end(InMemoryMember member, AttemptId attempt, boolean failed) {
        member.finish(
                attempt,
                new Attempt.Ending(
                        failed ? Attempt.Status.FAILED : Attempt.Status.SUCCEEDED,
                        OptionalInt.of(failed ? 1 : 0),
                        List.of(),
                        List.of(),
                        failed ? "exit code 1" : ""));
    }

    private static String name(int node) {
        return String.format(Locale.ROOT, "w%04d", node);
    }

    private static JobSpec job(int number) {
        return Forms.job(
                Wire.STRICT.readTree(
                        "{\"name\":\"selfplay-" + number
                                + "\",\"kind\":\"selfplay\",\"config\":\"square8_2p\",\"command\":[\"play\"],\"resources\":{\"cpu_millis\":100}}"));
    }

    static void heard(InMemoryMember member) {
        Soft soft = member.soft.orElseThrow();
        int at = 0;
        for (NodeId node : member.state().fleet().nodes().keys()) {
            at++;
            if (!node.name().startsWith("w")) continue;
            double load = at % 97 / 100.0;
            Soft.Telemetry told = new Soft.Telemetry(
                    load,
                    0.3 + load / 2,
                    0.42,
                    100L << 30,
                    at % 3 == 0 ? load : Double.NaN,
                    at % 3 == 0 ? 0.5 : Double.NaN,
                    3);
            int silent = at % 50 == 0 ? 45 : 1; // some are suspect
            soft = soft.withHeard(
                    node,
                    new Soft.Heard(
                            member.now.minusSeconds(silent), member.state().revision(), Set.of(), told));
        }
        for (String node : List.of("n1", "n2", "gpu1")) {
            Soft.Heard before = soft.heard().require(new NodeId(node));
            soft = soft.withHeard(
                    new NodeId(node),
                    new Soft.Heard(
                            member.now.minusSeconds(1), member.state().revision(), Set.of(), before.telemetry()));
        }
        member.soft = Optional.of(soft);
    }

    private static Sha256 model(int generation) {
        return new Sha256(
                String.format(Locale.ROOT, "%02x5a17c0de%02x", 16 + generation * 7, generation) + "7e".repeat(26));
    }

    /// A loop's turns, each of which plays, trains and measures a candidate; two of them a person promotes.
    private static void generations(InMemoryMember member) {
        member.order(new Command.StartLoop(Forms.loop(SQUARE, (ObjectNode)
                Wire.STRICT.readTree("{\"selfplay\":{\"command\":[\"play\"],\"outputs\":[\"g.jsonl\"],\"tasks\":1},"
                        + "\"training\":{\"command\":[\"train\"],\"outputs\":[\"m.bin\"]},"
                        + "\"evaluation\":{\"command\":[\"evaluate\"],\"matches\":\"m.json\"}}"))));
        for (int number = 1; number <= GENERATIONS; number++) {
            GenerationId id = new GenerationId(SQUARE, number);
            Attempt.Stored games =
                    new Attempt.Stored("g.jsonl", new Sha256("%064x".formatted(0x9000 + number)), 40_000);
            Attempt.Stored made = new Attempt.Stored("m.bin", model(number), 7_000_000 + number);
            String opponent = number == 1 ? "random" : model(number - 1).hex();
            Match match = new Match(model(number).hex(), opponent, 55 + number % 4 * 5, 10, 35 - number % 5);
            turn(member, id, Loop.Stage.SELFPLAY, List.of(games), List.of());
            turn(member, id, Loop.Stage.TRAINING, List.of(made), List.of());
            turn(member, id, Loop.Stage.EVALUATION, List.of(), List.of(match));
            member.order(new Command.RejectCandidate(id));
        }
        member.order(new Command.PromoteModel(SQUARE, model(3), Optional.empty(), 0));
        member.now = member.now.plusSeconds(4_000);
        member.order(new Command.PromoteModel(SQUARE, model(GENERATIONS), Optional.of(model(3)), 0));
    }

    private static void turn(
            InMemoryMember member, GenerationId id, Loop.Stage stage, List<Attempt.Stored> files, List<Match> matches) {
        JobSpec spec = Forms.job(Wire.STRICT.readTree("{\"name\":\"" + id.number() + "-" + stage
                + "\",\"kind\":\"training\",\"config\":\"square8_2p\",\"command\":[\"go\"]}"));
        String job = member.order(new Command.StartStage(id, stage, spec));
        AttemptId attempt = member.place(job, 0, "gpu1");
        member.start(attempt);
        member.now = member.now.plusSeconds(240);
        member.finish(attempt, new Attempt.Ending(Attempt.Status.SUCCEEDED, OptionalInt.of(0), files, matches, ""));
        member.order(new Command.FinishStage(id, stage));
    }

    private static void run(InMemoryMember member) {
        RunSpec spec = new RunSpec(
                "operator",
                List.of(Launches.stage("train"), Launches.stage("eval")),
                Optional.empty(),
                Optional.of(Money.parse("12")),
                Optional.of(Duration.ofHours(9)),
                3,
                RunSpec.After.END,
                Optional.of(new RunSpec.Estimated(
                        Duration.ofHours(3),
                        Duration.ofHours(2),
                        Duration.ofHours(4),
                        Duration.ofHours(3),
                        "A100",
                        Money.parse("7.5"),
                        "the formula",
                        Optional.empty())),
                Optional.empty(),
                Table.empty());
        member.order(new Command.LaunchRun(RUN, spec, false));
        AttemptId attempt = stage(member, "train");
        byte[] metrics = metrics().getBytes(StandardCharsets.UTF_8);
        Sha256 sha = InMemoryShelf.shaOf(metrics);
        member.files.put(sha, metrics);
        member.now = member.now.plusSeconds(5_400);
        member.order(new Command.WarnRun(
                RUN, "UTILIZATION", new Traces.Warning(false, "train", "GPU in use: 31% in the last 10 min")));
        member.finish(
                attempt,
                new Attempt.Ending(
                        Attempt.Status.SUCCEEDED,
                        OptionalInt.of(0),
                        List.of(new Attempt.Stored("metrics.jsonl", sha, metrics.length)),
                        List.of(),
                        ""));
        member.order(new Command.FinishRunStage(RUN, "train"));
        AttemptId eval = stage(member, "eval");
        member.output.put(eval, "loading model.pt\nevaluating <1000> cases & more\n".getBytes(StandardCharsets.UTF_8));
    }

    private static AttemptId stage(InMemoryMember member, String name) {
        member.order(new Command.StartRunStage(RUN, name, Launches.job(name), "key-" + name));
        JobId job = member.state()
                .runs()
                .runs()
                .require(RUN)
                .current()
                .orElseThrow()
                .job()
                .orElseThrow();
        AttemptId attempt = member.place(job.toString(), 0, "n1");
        member.start(attempt);
        return attempt;
    }

    private static String metrics() {
        StringBuilder text = new StringBuilder();
        for (int step = 0; step < 400; step++)
            text.append(String.format(
                    Locale.ROOT,
                    "{\"step\":%d,\"train_loss\":%.5f,\"grad_norm\":%.4f}%n",
                    step * 10,
                    0.04 + 2 * Math.exp(-step / 70.0) + 0.02 * Math.sin(step * 1.7),
                    1.2 + 0.5 * Math.sin(step / 9.0)));
        return text.toString();
    }
}
