package dev.muster.core.gossip;

import dev.muster.core.state.NodeId;
import java.util.Set;
import java.util.TreeSet;

/// How long a suspect has to object: long while one member alone accuses, since it may be the accuser who is slow, and
/// shorter with each that accuses independently (Lifeguard, LHA-Suspicion).
final class Suspicion {
    private final Set<NodeId> accusers = new TreeSet<>();
    private final long minMs;
    private final long maxMs;
    /// Accusers besides the first that make it shortest; 0 where there are no others to ask.
    private final int enough;
    private long startMs;

    Suspicion(NodeId accuser, Tuning tuning, int members, long startMs) {
        this.minMs = tuning.suspicionMinMs(members);
        this.enough = Math.clamp(members - 2, 0, tuning.confirmations());
        this.maxMs = enough == 0 ? minMs : (long) (minMs * tuning.patience());
        this.startMs = startMs;
        accusers.add(accuser);
    }

    /// @return whether the accuser is new and still counts
    boolean confirm(NodeId accuser) {
        return accusers.size() <= enough && accusers.add(accuser);
    }

    long endsAtMs() {
        if (enough == 0) return startMs + minMs;
        double share = Math.log(accusers.size()) / Math.log(enough + 1.0);
        return startMs + Math.max(minMs, (long) (maxMs - share * (maxMs - minMs)));
    }

    /// The time in which this node itself did not run does not count.
    void postpone(long ms) {
        startMs += ms;
    }
}
