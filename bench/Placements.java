import dev.muster.core.plan.Action;
import dev.muster.core.plan.Plan;
import dev.muster.core.plan.Policy;
import dev.muster.core.plan.Soft;
import dev.muster.core.schedule.Scheduler;
import dev.muster.core.state.Actor;
import dev.muster.core.state.Bytes;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Command;
import dev.muster.core.state.ConfigKey;
import dev.muster.core.state.Endpoints;
import dev.muster.core.state.Envelope;
import dev.muster.core.state.Handler;
import dev.muster.core.state.Hardware;
import dev.muster.core.state.JobKind;
import dev.muster.core.state.JobSpec;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Resources;
import dev.muster.core.state.Role;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Placements as the leader makes them, but for the disk and the network: plan, handle and apply.
final class Placements {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final Actor LEADER = Actor.leader(new NodeId("n0"));

    private Placements() {}

    static double perSecond(int nodes, int tasks) {
        ClusterState state = ClusterState.EMPTY;
        for (int i = 0; i < nodes; i++) state = given(state, join(i));
        for (int i = 0; i < tasks; i++) state = given(state, new Command.SubmitJob(job(i)));
        long start = System.nanoTime();
        int placed = 0;
        while (placed < tasks) {
            Plan plan = Scheduler.decide(state, Soft.leadingSince(NOW), Policy.DEFAULT, NOW);
            if (plan.actions().isEmpty()) throw new IllegalStateException("only " + placed + " tasks were placed: " + plan.waits());
            for (Action action : plan.actions()) {
                state = given(state, ((Action.Propose) action).command());
                placed++;
            }
        }
        return placed / ((System.nanoTime() - start) / 1e9);
    }

    private static ClusterState given(ClusterState state, Command order) {
        Handler.Step step = Handler.step(state, NOW, Envelope.of(LEADER, "bench", order));
        if (step.transition().isEmpty()) throw new IllegalStateException(order + " was answered " + step.outcome());
        return step.state();
    }

    private static Command join(int i) {
        return new Command.JoinNode(
                new NodeId("n" + i),
                "id-" + i,
                Role.MIXED,
                new Hardware(16_000, Bytes.gib(64), i % 4, Bytes.gib(24), "RTX 4090"),
                8,
                new Endpoints("127.0.0.1", 8770, 8767, 8771));
    }

    /// Twelve config keys; every tenth job wants a GPU.
    private static JobSpec job(int i) {
        JobSpec plain = JobSpec.of("job", JobKind.SELFPLAY, List.of("true"));
        Resources needs = new Resources(1000 + 1000 * (i % 2), Bytes.gib(1 + i % 4), i % 10 == 0 ? 1 : 0, Bytes.gib(8));
        return new JobSpec(
                "job" + i,
                JobKind.SELFPLAY,
                Optional.of(new ConfigKey("hex" + i % 12 + "_2p")),
                1,
                plain.command(),
                Map.of(),
                needs,
                List.of(),
                List.of(),
                Optional.empty(),
                50,
                3,
                plain.grace(),
                Optional.empty(),
                Optional.empty());
    }
}
