package dev.muster.core.state;

import static dev.muster.core.state.Outcome.accepted;
import static dev.muster.core.state.Outcome.refused;

import dev.muster.core.state.Outcome.Code;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Orders about loops.
final class LoopOrders {
    /// Before a failed stage is tried again; doubles with each failure up to [#RETRY_MAX]. A loop never stops by itself
    /// for a failure: the prior system's paused states were never left.
    static final Duration RETRY_FIRST = Duration.ofSeconds(10);
    static final Duration RETRY_MAX = Duration.ofMinutes(10);

    private LoopOrders() {}

    static Outcome start(LoopSpec spec) {
        return accepted(new Event.LoopStarted(spec));
    }

    static Outcome stop(ClusterState state, ConfigKey config, String why) {
        Loop loop = state.loops().loops().find(config).orElse(null);
        if (loop == null)
            return refused(Code.NOT_FOUND, "no loop for " + config + "; `muster loop list` shows those there are");
        return loop.running() ? accepted(new Event.LoopStopped(config, why)) : accepted();
    }

    static Outcome startStage(ClusterState state, Command.StartStage order, Actor by) {
        Optional<Outcome> no = elsewhere(state, order.generation(), order.stage());
        if (no.isPresent()) return no.get();
        Loop loop = state.loops().loops().require(order.generation().config());
        if (!loop.running()) return refused(Code.CONFLICT, "the loop of " + loop.config() + " is stopped");
        if (loop.job().isPresent()) {
            return refused(
                    Code.STALE,
                    order.stage() + " of " + order.generation() + " has its job: "
                            + loop.job().get());
        }
        if (!order.spec().config().equals(Optional.of(loop.config()))) {
            return refused(
                    Code.INVALID,
                    "expected a job of " + loop.config() + ", but found "
                            + order.spec().config());
        }
        return switch (JobOrders.submit(state, order.spec(), by)) {
            case Outcome.Refused refusal -> refusal;
            case Outcome.Accepted(List<Event> submitted, String job) -> {
                List<Event> events = new ArrayList<>(submitted);
                events.add(new Event.StageStarted(order.generation(), order.stage(), JobId.parse(job)));
                yield new Outcome.Accepted(events, job);
            }
        };
    }

    static Outcome finishStage(ClusterState state, Command.FinishStage order, Instant at) {
        Optional<Outcome> no = elsewhere(state, order.generation(), order.stage());
        if (no.isPresent()) return no.get();
        Loop loop = state.loops().loops().require(order.generation().config());
        if (loop.job().isEmpty()) {
            return refused(Code.CONFLICT, order.stage() + " of " + order.generation() + " has no job yet");
        }
        JobId id = loop.job().get();
        if (JobOrders.isOpen(state, id)) return refused(Code.CONFLICT, "job " + id + " has not ended");
        Optional<Job> job = state.work().jobs().find(id);
        boolean succeeded =
                job.map(ended -> ended.status() == Job.Status.SUCCEEDED).orElse(false);
        if (!succeeded) {
            String reason = job.map(ended -> "job " + id + " " + ended.status()).orElse("job " + id + " was forgotten");
            return failed(loop, order, id, reason, at);
        }
        List<Attempt.Stored> outputs = JobOrders.outputs(state, id).stream()
                .map(entry -> entry.getValue())
                .toList();
        if (outputs.isEmpty() && order.stage() != Loop.Stage.EVALUATION) {
            return failed(loop, order, id, "job " + id + " stored no output", at);
        }
        return succeeded(state, order, id, outputs);
    }

    private static Outcome succeeded(
            ClusterState state, Command.FinishStage order, JobId job, List<Attempt.Stored> outputs) {
        return switch (order.stage()) {
            case SELFPLAY ->
                accepted(new Event.SelfplayComplete(
                        order.generation(),
                        outputs.stream().map(Attempt.Stored::sha).distinct().toList()));
            case TRAINING -> accepted(new Event.TrainingCompleted(order.generation(), outputs.getFirst()));
            case EVALUATION -> accepted(new Event.EvaluationCompleted(order.generation(), matches(state, job)));
            case VERDICT, DISTRIBUTION -> refused(Code.INVALID, order.stage() + " runs no job");
        };
    }

    /// The evaluation's own counts, taken from its attempts' reports: games of other days do not decide.
    private static List<Match> matches(ClusterState state, JobId job) {
        List<Match> counted = new ArrayList<>();
        for (Attempt attempt : state.work().succeeded(job)) counted.addAll(attempt.matches());
        return counted;
    }

    private static Outcome failed(Loop loop, Command.FinishStage order, JobId id, String reason, Instant at) {
        Duration wait = RETRY_FIRST.multipliedBy(1L << Math.min(loop.failures(), 10));
        Instant retryAt = at.plus(wait.compareTo(RETRY_MAX) > 0 ? RETRY_MAX : wait);
        return accepted(new Event.StageFailed(order.generation(), order.stage(), id, retryAt, reason));
    }

    static Outcome reject(ClusterState state, GenerationId id, String why) {
        Optional<Outcome> no = candidateLost(state, id) ? Optional.empty() : awaitsVerdict(state, id);
        return no.orElseGet(() -> accepted(new Event.PromotionRejected(id, why), new Event.GenerationEnded(id)));
    }

    /// A lost file does not come back; without this way out the loop would wait for it for ever.
    private static boolean candidateLost(ClusterState state, GenerationId id) {
        if (elsewhere(state, id, Loop.Stage.EVALUATION).isPresent()) return false;
        Optional<Attempt.Stored> candidate =
                state.loops().generations().require(id).candidate();
        boolean idle = state.loops().loops().require(id.config()).job().isEmpty();
        return idle
                && candidate.filter(model -> !state.files().held(model.sha())).isPresent();
    }

    static Outcome leaveDistribution(ClusterState state, GenerationId id) {
        Optional<Outcome> no = elsewhere(state, id, Loop.Stage.DISTRIBUTION);
        if (no.isPresent()) return no.get();
        boolean stands = state.models()
                .distributions()
                .find(id.config())
                .filter(Distribution::standsStill)
                .isPresent();
        return stands
                ? accepted(new Event.GenerationEnded(id))
                : refused(
                        Code.CONFLICT,
                        "expected the distribution of " + id + " to stand still, but nobody has said so; it ends when"
                                + " every node holds the model");
    }

    static Optional<Outcome> awaitsVerdict(ClusterState state, GenerationId id) {
        return elsewhere(state, id, Loop.Stage.VERDICT);
    }

    private static Optional<Outcome> elsewhere(ClusterState state, GenerationId id, Loop.Stage stage) {
        Loop loop = state.loops().loops().find(id.config()).orElse(null);
        if (loop == null) return Optional.of(refused(Code.NOT_FOUND, "no loop for " + id.config()));
        if (loop.generation() == id.number() && loop.stage() == stage) return Optional.empty();
        return Optional.of(refused(
                Code.STALE,
                "expected " + id + " to be at " + stage + ", but the loop is at " + loop.current() + " "
                        + loop.stage()));
    }
}
