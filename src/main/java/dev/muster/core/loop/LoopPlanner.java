package dev.muster.core.loop;

import dev.muster.core.health.Health;
import dev.muster.core.plan.Action;
import dev.muster.core.plan.Plan;
import dev.muster.core.plan.Policy;
import dev.muster.core.plan.Soft;
import dev.muster.core.plan.Wait;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Command;
import dev.muster.core.state.Distribution;
import dev.muster.core.state.Durations;
import dev.muster.core.state.Job;
import dev.muster.core.state.JobId;
import dev.muster.core.state.Loop;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Sha256;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// Looks where each loop stands and proposes its next step. A stopped loop submits nothing; a job that it still has
/// is seen to its end. A promoted model's way to the nodes is waited for until it is complete, or the journal says that it
/// stands still.
public final class LoopPlanner {
    /// For how long a fenced node that alone holds a candidate is waited for. A reboot takes minutes; after that the loop
    /// goes on without the candidate, because a loop never stops by itself.
    static final Duration AWAY_MAX = Duration.ofMinutes(30);

    private final ClusterState state;
    private final Soft soft;
    private final Instant now;

    private LoopPlanner(ClusterState state, Soft soft, Instant now) {
        this.state = state;
        this.soft = soft;
        this.now = now;
    }

    public static Plan decide(ClusterState state, Soft soft, Policy policy, Instant now) {
        LoopPlanner planner = new LoopPlanner(state, soft, now);
        Plan plan = Plan.NOTHING;
        for (Loop loop : state.loops().loops().values()) plan = plan.and(planner.one(loop));
        return plan;
    }

    private Plan one(Loop loop) {
        if (loop.job().isPresent()) return working(loop, loop.job().get());
        if (!loop.running()) return Plan.NOTHING;
        int last = loop.spec().generationsMax().orElse(Integer.MAX_VALUE);
        if (loop.generation() > last) {
            return propose(new Command.StopLoop(loop.config()), "generation " + last + " was the last one asked for");
        }
        if (loop.stage() == Loop.Stage.DISTRIBUTION) return distributing(loop);
        if (!loop.stage().works()) return Plan.NOTHING;
        if (loop.retryAt().filter(now::isBefore).isPresent()) {
            return wait(
                    loop,
                    Wait.Reason.BACKOFF,
                    word(loop) + " failed " + times(loop.failures()) + "; tried again at "
                            + loop.retryAt().get());
        }
        return start(loop);
    }

    /// A node without room, or one that alone holds the model and is away, does not hold up the loop: the nodes go on trying
    /// by themselves, and the journal has named them.
    private Plan distributing(Loop loop) {
        return state.models()
                .distributions()
                .find(loop.config())
                .filter(Distribution::standsStill)
                .flatMap(Distribution::told)
                .map(told -> propose(
                        new Command.LeaveDistribution(loop.current()),
                        "the model is missing on " + nodes(told.missing()) + "; the loop goes on without"))
                .orElse(Plan.NOTHING);
    }

    private Plan working(Loop loop, JobId id) {
        Job job = state.work().jobs().find(id).orElse(null);
        if (job != null && job.status() == Job.Status.OPEN) {
            String message = word(loop) + " runs " + id + ": " + job.open() + " of "
                    + job.spec().tasks() + " tasks open";
            return loop.running() ? wait(loop, Wait.Reason.STAGE, message) : Plan.NOTHING;
        }
        return propose(
                new Command.FinishStage(loop.current(), loop.stage()),
                "job " + id + (job == null ? " was forgotten" : " " + job.status()));
    }

    private Plan start(Loop loop) {
        return switch (StageJob.of(state, loop)) {
            case StageJob.Lost(String message) -> propose(new Command.RejectCandidate(loop.current()), message);
            case StageJob.Away(Sha256 candidate, List<NodeId> holders) -> away(loop, candidate, holders);
            case StageJob.Missing(String message) -> wait(loop, Wait.Reason.REPLICAS, message);
            case StageJob.Ready(var spec) ->
                propose(
                        new Command.StartStage(loop.current(), loop.stage(), spec),
                        word(loop) + " of generation " + loop.generation()
                                + (loop.failures() == 0 ? "" : ", after it failed " + times(loop.failures())));
        };
    }

    /// A copy on a node that stays away is struck off, and the candidate with the last one; should the node come back after
    /// all, it confirms its copy again.
    private Plan away(Loop loop, Sha256 candidate, List<NodeId> holders) {
        List<Action> drops = new ArrayList<>();
        for (NodeId node : holders) {
            Duration silence = Health.silence(state, node, soft, now);
            if (silence.compareTo(AWAY_MAX) < 0) continue;
            drops.add(new Action.Propose(
                    new Command.DropReplica(candidate, node),
                    node + " is fenced and silent for " + Durations.brief(silence)));
        }
        if (!drops.isEmpty()) return new Plan(drops, List.of());
        String names = holders.stream().map(NodeId::name).collect(Collectors.joining(" and "));
        return wait(
                loop,
                Wait.Reason.REPLICAS,
                "only " + names + ", fenced, holds the candidate " + candidate.brief() + "; it is given up after "
                        + Durations.brief(AWAY_MAX) + " of silence");
    }

    private static Plan propose(Command command, String why) {
        return new Plan(List.of(new Action.Propose(command, why)), List.of());
    }

    private static Plan wait(Loop loop, Wait.Reason reason, String message) {
        return new Plan(List.of(), List.of(new Wait(loop.current().toString(), reason, message)));
    }

    private static String word(Loop loop) {
        return loop.stage().name().toLowerCase(Locale.ROOT);
    }

    private static String nodes(int count) {
        return count == 1 ? "one node" : count + " nodes";
    }

    private static String times(int failures) {
        return failures == 1 ? "once" : failures + " times";
    }
}
