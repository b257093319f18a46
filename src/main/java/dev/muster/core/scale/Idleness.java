package dev.muster.core.scale;

import dev.muster.core.health.Health;
import dev.muster.core.plan.Policy;
import dev.muster.core.plan.Soft;
import dev.muster.core.state.Attempt;
import dev.muster.core.state.AttemptId;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.JobId;
import dev.muster.core.state.JobKind;
import dev.muster.core.state.Node;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Work;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/// What nodes do, and since when they have done nothing.
final class Idleness {
    /// A GPU that is used without an attempt is used by a person.
    private static final double GPU_IDLE = 0.1;

    private final ClusterState state;
    private final Soft soft;
    private final Policy policy;
    private final Instant now;
    /// Made when it is first asked for: it walks the attempts of open jobs, and of those that ended lately.
    private final TreeMap<NodeId, Instant> lastEnded = new TreeMap<>();

    private boolean walked;

    Idleness(ClusterState state, Soft soft, Policy policy, Instant now) {
        this.state = state;
        this.soft = soft;
        this.policy = policy;
        this.now = now;
    }

    /// In the order in which nodes are given up.
    enum Use {
        NOTHING,
        PLAY,
        /// A training or an evaluation, which would begin anew.
        LONG
    }

    Use use(NodeId node) {
        Use most = Use.NOTHING;
        for (AttemptId attempt : state.work().activeOn(node)) {
            JobKind kind = state.work().specOf(attempt).kind();
            boolean longer = kind == JobKind.TRAINING || kind == JobKind.EVALUATION;
            if (longer) return Use.LONG;
            most = Use.PLAY;
        }
        return most;
    }

    /// What is not known of a node without attempts, so that it cannot be called idle; empty when all is.
    Optional<String> doubt(Node node) {
        if (Health.suspect(state, node.id(), soft, policy, now)) return Optional.of(node.id() + " is silent");
        Soft.Telemetry told =
                soft.heard().find(node.id()).map(Soft.Heard::telemetry).orElse(Soft.Telemetry.UNKNOWN);
        if (Double.isNaN(told.cpuShare()) && Double.isNaN(told.gpuShare()))
            return Optional.of(node.id() + " has told nothing of itself yet");
        if (told.gpuShare() > GPU_IDLE) return Optional.of(node.id() + " uses its GPU without an attempt");
        return Optional.empty();
    }

    /// Since when it has had no attempt, as far as anybody remembers, and exactly where that is shorter than `idle_after`; a
    /// node with one is not asked for.
    Instant since(Node node) {
        walk();
        Instant ended = lastEnded.get(node.id());
        Instant remembered = remembered();
        Instant since = ended == null ? remembered : ended;
        return since.isAfter(node.joinedAt()) ? since : node.joinedAt();
    }

    /// Of what ended before, the jobs may be forgotten.
    private Instant remembered() {
        Optional<JobId> first = state.work().jobs().first();
        if (first.isEmpty() || first.get().number() <= 1) return Instant.EPOCH;
        for (JobId job : state.work().derived().ended()) {
            return state.work().jobs().require(job).endedAt().orElse(Instant.EPOCH);
        }
        return Instant.EPOCH;
    }

    private void walk() {
        if (walked) return;
        walked = true;
        // What ended before is longer ago than anybody asks for.
        Instant oldest = now.minus(state.rentals().scaling().idleAfter());
        for (Work.Closing job : state.work().derived().newest()) {
            if (job.at().isBefore(oldest)) return;
            for (Attempt attempt : state.work().attemptsOf(job.job()).values())
                attempt.endedAt().ifPresent(at -> lastEnded.merge(attempt.node(), at, Idleness::later));
        }
    }

    private static Instant later(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }

    /// Of the machines that play or train, the share that plays; empty where nothing is trained.
    Optional<Double> playShare() {
        int play = 0;
        int train = 0;
        for (NodeId node : state.work().derived().active().keys()) {
            List<AttemptId> active = state.work().activeOn(node);
            if (does(active, JobKind.TRAINING)) train++;
            else if (does(active, JobKind.SELFPLAY)) play++;
        }
        boolean trains = train > 0 || waitsFor(JobKind.TRAINING);
        return trains && play + train > 0 ? Optional.of((double) play / (play + train)) : Optional.empty();
    }

    private boolean does(List<AttemptId> attempts, JobKind kind) {
        for (AttemptId attempt : attempts) if (state.work().specOf(attempt).kind() == kind) return true;
        return false;
    }

    private boolean waitsFor(JobKind kind) {
        for (JobId job : state.work().waitingJobs())
            if (state.work().jobs().require(job).spec().kind() == kind) return true;
        return false;
    }
}
