package dev.muster.core;

import dev.muster.core.state.AttemptId;
import dev.muster.core.state.Bytes;
import dev.muster.core.state.Command;
import dev.muster.core.state.ConfigKey;
import dev.muster.core.state.Endpoints;
import dev.muster.core.state.Event;
import dev.muster.core.state.Hardware;
import dev.muster.core.state.JobKind;
import dev.muster.core.state.LoopSpec;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Role;
import java.util.List;
import java.util.Optional;

/// Orders as tests need them, short.
public final class Orders {
    public static final ConfigKey HEX = new ConfigKey("hex8_2p");
    public static final ConfigKey SQUARE = new ConfigKey("square8_2p");

    private Orders() {}

    public static NodeId n(String name) {
        return new NodeId(name);
    }

    public static AttemptId a(String id) {
        return AttemptId.parse(id);
    }

    /// Four cores, 8 GiB, four jobs at once.
    public static Command.JoinNode join(String name) {
        return join(name, Role.MIXED, Hardware.cpus(4, Bytes.gib(8)), 4);
    }

    /// 16 cores, 64 GiB, 16 jobs at once, 24 GiB per GPU.
    public static Command.JoinNode joinGpus(String name, int gpus) {
        return join(name, Role.MIXED, new Hardware(16_000, Bytes.gib(64), gpus, Bytes.gib(24), "H100"), 16);
    }

    public static Command.JoinNode join(String name, Role role, Hardware hardware, int jobsMax) {
        return new Command.JoinNode(n(name), "id-" + name, role, hardware, jobsMax, endpoints(name));
    }

    private static Endpoints endpoints(String name) {
        return new Endpoints(name + ".example", 8770, 8767, 8771);
    }

    public static Event joined(Command.JoinNode order) {
        return new Event.NodeJoined(
                order.node(),
                order.identity(),
                order.role(),
                order.hardware(),
                order.maxParallelJobs(),
                order.endpoints());
    }

    public static Command submit(Spec spec) {
        return new Command.SubmitJob(spec.build());
    }

    public static Command place(String attempt, String node) {
        return new Command.PlaceTask(a(attempt), n(node));
    }

    public static Command fence(String node) {
        return new Command.FenceNode(n(node));
    }

    /// Selfplay of two tasks, training of one, evaluation of one.
    public static LoopSpec loop(ConfigKey config) {
        return loop(config, Optional.empty());
    }

    public static LoopSpec loop(ConfigKey config, Optional<Integer> generationsMax) {
        return new LoopSpec(
                config,
                new LoopSpec.StageSpec(
                        Spec.job()
                                .kind(JobKind.SELFPLAY)
                                .tasks(2)
                                .output("games.db")
                                .build(),
                        List.of(
                                List.of("play", "--config", "{config}", "--seed={seed}"),
                                List.of("--model", "{current}"))),
                new LoopSpec.StageSpec(
                        Spec.job().kind(JobKind.TRAINING).output("model.bin").build(),
                        List.of(List.of("train", "--generation", "{generation}"), List.of("--games", "{games}"))),
                new LoopSpec.StageSpec(
                        Spec.job()
                                .kind(JobKind.EVALUATION)
                                .matches("matches.json")
                                .build(),
                        List.of(
                                List.of("evaluate", "--task", "{task}", "--candidate", "{candidate}"),
                                List.of("--against", "{current}"))),
                LoopSpec.Gate.DEFAULT,
                2,
                generationsMax);
    }
}
