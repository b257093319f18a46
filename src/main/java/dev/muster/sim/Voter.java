package dev.muster.sim;

import dev.muster.core.state.ClusterState;
import dev.muster.core.state.NodeId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// One voter: what is on its disk, and what it has in memory.
final class Voter {
    /// Entries kept behind a snapshot, for followers that are only a little behind.
    private static final int KEPT = 200;

    final NodeId id;

    // ---- disk; a crash keeps it
    long term;
    ClusterState snapshot = ClusterState.EMPTY;
    int snapshotIndex;
    long snapshotTerm;
    /// Its disk was lost: it neither votes nor acknowledges until it again holds all it may have acknowledged.
    boolean recovering;
    int recoverTo;

    private final List<Entry> log = new ArrayList<>();
    private int first = 1;

    // ---- memory
    ClusterState state = ClusterState.EMPTY;
    int commit;
    int applied;
    boolean applying;
    /// How far behind it applies, for whatever reason a machine is slow.
    long lagMs;

    Optional<NodeId> leader = Optional.empty();
    long heardAtMs;
    long patienceMs;

    Voter(NodeId id) {
        this.id = id;
    }

    int first() {
        return first;
    }

    int last() {
        return first + log.size() - 1;
    }

    Entry entry(int index) {
        return log.get(index - first);
    }

    boolean has(int index) {
        return index >= first && index <= last();
    }

    /// @return -1 when it no longer knows
    long termAt(int index) {
        if (index == 0) return 0;
        if (index == snapshotIndex) return snapshotTerm;
        return has(index) ? entry(index).term : -1;
    }

    long lastTerm() {
        return termAt(last());
    }

    /// Does this log hold at least as much as the other one, in Raft's order?
    boolean upToDateWith(Voter other) {
        return lastTerm() != other.lastTerm() ? lastTerm() > other.lastTerm() : last() >= other.last();
    }

    List<Entry> entries(int from, int max) {
        return List.copyOf(log.subList(from - first, Math.min(log.size(), from - first + max)));
    }

    void append(Entry entry) {
        log.add(entry);
    }

    void truncateFrom(int index) {
        log.subList(index - first, log.size()).clear();
    }

    void takeSnapshot() {
        snapshot = SameState.copy(state);
        snapshotTerm = termAt(applied);
        snapshotIndex = applied;
        int drop = Math.min(log.size(), Math.max(0, applied - KEPT - first + 1));
        log.subList(0, drop).clear();
        first += drop;
    }

    void install(ClusterState value, int index, long indexTerm) {
        log.clear();
        first = index + 1;
        snapshot = value;
        snapshotIndex = index;
        snapshotTerm = indexTerm;
        state = value;
        applied = index;
        commit = Math.max(commit, index);
    }

    /// The program ended; what was in memory is gone.
    void crash() {
        state = snapshot;
        applied = snapshotIndex;
        commit = snapshotIndex;
        applying = false;
        leader = Optional.empty();
    }

    void loseDisk() {
        log.clear();
        first = 1;
        term = 0;
        snapshot = ClusterState.EMPTY;
        snapshotIndex = 0;
        snapshotTerm = 0;
        recovering = true;
        recoverTo = Integer.MAX_VALUE;
        crash();
    }
}
