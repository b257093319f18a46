package dev.muster.core.agent;

import dev.muster.core.state.Attempt;
import dev.muster.core.state.AttemptId;
import dev.muster.core.state.JobSpec;
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
public record LocalAttempt(
        AttemptId id,
        long token,
        JobSpec spec,
        Phase phase,
        Instant since,
        OptionalLong pid,
        Optional<String> stopWhy,
        Optional<Attempt.Ending> ending) {
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
