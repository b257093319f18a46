package dev.muster.core.loop;

import dev.muster.core.plan.Action;
import dev.muster.core.plan.Plan;
import dev.muster.core.plan.Policy;
import dev.muster.core.plan.Soft;
import dev.muster.core.plan.Wait;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Command;
import dev.muster.core.state.Job;
import dev.muster.core.state.JobId;
import dev.muster.core.state.Loop;
import java.time.Instant;
import java.util.List;
import java.util.Locale;

/// Looks where each loop stands and proposes its next step. A stopped loop submits nothing; a job that it still has
/// is seen to its end.
public final class LoopPlanner {
    private LoopPlanner() {}

    public static Plan decide(ClusterState state, Soft soft, Policy policy, Instant now) {
        Plan plan = Plan.NOTHING;
        for (Loop loop : state.loops().loops().values()) plan = plan.and(one(state, loop, now));
        return plan;
    }

    private static Plan one(ClusterState state, Loop loop, Instant now) {
        if (loop.job().isPresent()) return working(state, loop, loop.job().get());
        if (!loop.running()) return Plan.NOTHING;
        int last = loop.spec().generationsMax().orElse(Integer.MAX_VALUE);
        if (loop.generation() > last) {
            return propose(new Command.StopLoop(loop.config()), "generation " + last + " was the last one asked for");
        }
        if (!loop.stage().works()) return Plan.NOTHING;
        if (loop.retryAt().filter(now::isBefore).isPresent()) {
            return wait(
                    loop,
                    Wait.Reason.BACKOFF,
                    word(loop) + " failed " + times(loop.failures()) + "; tried again at "
                            + loop.retryAt().get());
        }
        return start(state, loop);
    }

    private static Plan working(ClusterState state, Loop loop, JobId id) {
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

    private static Plan start(ClusterState state, Loop loop) {
        return switch (StageJob.of(state, loop)) {
            case StageJob.Lost(String message) -> propose(new Command.RejectCandidate(loop.current()), message);
            case StageJob.Missing(String message) -> wait(loop, Wait.Reason.REPLICAS, message);
            case StageJob.Ready(var spec) ->
                propose(
                        new Command.StartStage(loop.current(), loop.stage(), spec),
                        word(loop) + " of generation " + loop.generation()
                                + (loop.failures() == 0 ? "" : ", after it failed " + times(loop.failures())));
        };
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

    private static String times(int failures) {
        return failures == 1 ? "once" : failures + " times";
    }
}
