package dev.muster.sim;

import dev.muster.core.state.NodeId;
import dev.muster.core.state.Outcome;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// What a voter knows as long as it believes to lead; all of it is gone when it no longer does.
final class Reign {
    final Voter voter;
    final long term;
    final Map<NodeId, Integer> next = new HashMap<>();
    final Map<NodeId, Integer> match = new HashMap<>();
    final Map<Integer, Consumer<Outcome>> waiters = new HashMap<>();
    final Deque<Proposal> queue = new ArrayDeque<>();
    /// The voters it is to bring the configuration to, once the new ones have caught up.
    Optional<List<NodeId>> target = Optional.empty();
    String targetWhy = "";
    boolean flushing;
    long majorityAtMs;
    /// The index of its own announcement: once that is applied, it has applied all earlier terms' entries.
    int opening;

    record Proposal(Logged logged, Consumer<Outcome> answer) {}

    Reign(Voter voter, long nowMs) {
        this.voter = voter;
        this.term = voter.term;
        this.majorityAtMs = nowMs;
    }

    boolean ready() {
        return voter.applied >= opening;
    }

    int matchOf(NodeId peer) {
        return match.getOrDefault(peer, 0);
    }
}
