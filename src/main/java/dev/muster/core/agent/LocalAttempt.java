package dev.muster.core.agent;

import dev.muster.core.state.Attempt;
import dev.muster.core.state.AttemptId;
import dev.muster.core.state.JobSpec;
import dev.muster.core.state.Saved;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/// An attempt as the node's own journal has it; it outlives the agent.
///
/// @param token   the lease's fencing token, as it was when the attempt began
/// @param spec    as it was when the attempt began: an agent can finish the attempt whatever becomes of the cluster
/// @param since   when the phase began
/// @param pid     of the process's session, from RUNNING on
/// @param stopWhy why it was told to stop, from STOPPING on
/// @param ending  with ENDED: exit status, stored outputs, match counts
/// @param saved   with what the attempt began, and from then on what was saved of it here; absent in journals of earlier
///                builds, and nothing then
public record LocalAttempt(
        AttemptId id,
        long token,
        JobSpec spec,
        Phase phase,
        Instant since,
        OptionalLong pid,
        Optional<String> stopWhy,
        Optional<Attempt.Ending> ending,
        Saved saved) {
    private static final String EVICTED = "evicted: ";

    /// What an earlier build did not write is nothing.
    public LocalAttempt {
        saved = saved == null ? Saved.NOTHING : saved;
    }

    /// Of which nothing is saved.
    public LocalAttempt(
            AttemptId id,
            long token,
            JobSpec spec,
            Phase phase,
            Instant since,
            OptionalLong pid,
            Optional<String> stopWhy,
            Optional<Attempt.Ending> ending) {
        this(id, token, spec, phase, since, pid, stopWhy, ending, Saved.NOTHING);
    }

    public LocalAttempt with(Saved more) {
        return new LocalAttempt(id, token, spec, phase, since, pid, stopWhy, ending, more);
    }

    /// Why one is stopped whose machine goes; [#status] knows it again.
    static String evicted(String why) {
        return EVICTED + why;
    }

    /// How an attempt ends that was told to stop for this reason: that its machine goes is not its fault.
    public static Attempt.Status status(String stopWhy) {
        return stopWhy.startsWith(EVICTED) ? Attempt.Status.LOST : Attempt.Status.STOPPED;
    }

    public enum Phase {
        /// In the journal; inputs are being laid; the process has not started.
        PREPARING,
        RUNNING,
        /// SIGTERM was sent; SIGKILL follows after the grace period.
        STOPPING,
        /// The process is gone and its outputs are stored; the cluster may not know it yet.
        ENDED
    }
}
