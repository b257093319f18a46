package dev.muster.core.agent;

import dev.muster.core.state.ClusterState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// What a node does next, from the newest cluster state it has and its own journal. Pure, and safe to ask again at
/// any time: whatever was done is visible in one of the two the next time.
///
/// This is what must happen at once: attempts, current models, receipts that work waits for. What can wait is decided
/// beside it, and asked for less often: [Repairs] (missing copies), [Deltas] (which to make and to keep), [Evictions]
/// (which copies make room).
///
/// The caller must never show it an older state than before, not even across a restart: an attempt that ran and was
/// discarded would look new.
public final class AgentPlanner {
    private AgentPlanner() {}

    /// @param attemptsMax attempts at once on this node, whatever the state says
    /// @return in the order in which it is to be done; nothing while no state is known
    public static List<AgentAction> decide(ClusterState state, LocalView local, int attemptsMax, Instant now) {
        if (state.revision() == 0) return List.of();
        List<AgentAction> actions = new ArrayList<>(Leases.decide(state, local, attemptsMax, now));
        actions.addAll(Copies.decide(state, local));
        Leaving.decide(state, local).ifPresent(actions::add);
        return List.copyOf(actions);
    }
}
