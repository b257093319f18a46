package dev.muster.core.swarm;

import dev.muster.core.state.NodeId;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/// What the planner knows of one peer. It outlives the peer's absence: strikes and index stay.
final class Peer {
    /// How long somebody who failed is left alone: doubled with every failure in a row, up to the most.
    private static final long PAUSE_FIRST_NANOS = 500_000_000L;

    private static final int PAUSE_DOUBLINGS_MAX = 6;

    /// Failures in a row, to anybody, after which a source is left alone by all.
    private static final int FAILURES_MAX = 4;

    final NodeId id;
    final int index;
    final List<Flow> down = new ArrayList<>();
    final List<Flow> up = new ArrayList<>();

    Traits traits = Traits.DEFAULT;
    ChunkSet has;
    long[] fetching;
    boolean present;

    /// Whether it held everything when it came: it gives each chunk away once before it gives any twice.
    boolean origin;

    int corrupt;
    boolean struck;

    /// Chunks it may send at a time now: what its traits allow, fewer when it is slow.
    int slots;

    /// Average nanoseconds that a chunk took to this receiver, and from this source; 0 when none came yet.
    double downNanos;

    double upNanos;

    /// Average of how long its chunks took by what their receivers are used to.
    double slowness = 1;

    /// Chunks it has sent since its slots last changed.
    int sentSince;

    private int failures;
    private long pausedUntil = Long.MIN_VALUE;
    private final TreeMap<Integer, Shun> shunned = new TreeMap<>();

    /// A source that failed this receiver: left alone until then, after so many failures in a row.
    private record Shun(long until, int failures) {}

    Peer(NodeId id, int index, int chunks) {
        this.id = id;
        this.index = index;
        this.has = ChunkSet.none(chunks);
        this.fetching = new long[Bits.words(chunks)];
    }

    boolean wants() {
        return present && !has.complete() && down.size() < traits.downSlots();
    }

    boolean offers(long now) {
        return present && !struck && has.count() > 0 && up.size() < slots && now >= pausedUntil;
    }

    int progress() {
        return has.count() + down.size();
    }

    void delivered() {
        failures = 0;
        pausedUntil = Long.MIN_VALUE;
    }

    void failed(long now) {
        failures++;
        if (failures >= FAILURES_MAX) pausedUntil = now + pause(failures - FAILURES_MAX);
    }

    boolean shuns(Peer source, long now) {
        if (shunned.isEmpty()) return false;
        Shun shun = shunned.get(source.index);
        return shun != null && now < shun.until;
    }

    void shun(Peer source, long now) {
        Shun before = shunned.get(source.index);
        int count = before == null ? 0 : before.failures + 1;
        shunned.put(source.index, new Shun(now + pause(count), count));
    }

    void trust(Peer source) {
        if (!shunned.isEmpty()) shunned.remove(source.index);
    }

    /// Forgets what was only so before it went away.
    void cameBack() {
        failures = 0;
        pausedUntil = Long.MIN_VALUE;
        shunned.clear();
        downNanos = 0;
        upNanos = 0;
        slowness = 1;
        sentSince = 0;
    }

    private static long pause(int doublings) {
        return PAUSE_FIRST_NANOS << Math.min(doublings, PAUSE_DOUBLINGS_MAX);
    }
}
