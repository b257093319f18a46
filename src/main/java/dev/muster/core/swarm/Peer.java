package dev.muster.core.swarm;

import dev.muster.core.state.NodeId;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// What the planner knows of one peer. It outlives the peer's absence: its index and its strikes stay.
final class Peer {
    /// Failures in a row, with anybody, after which a peer is left alone by all.
    private static final int TOLERATED = 3;

    /// A chunk that takes longer than this many times what it takes to the fastest receiver has a slow receiver.
    private static final double SLOW = 2.5;

    final NodeId id;
    final int index;
    final List<Flow> down = new ArrayList<>();
    final List<Flow> up = new ArrayList<>();
    final Pace pace = new Pace();

    Traits traits = Traits.DEFAULT;
    ChunkSet has;

    /// The chunks on their way to it.
    long[] fetching;

    boolean present;

    /// Whether it held everything when it came: it gives each chunk away once before it gives any twice.
    boolean origin;

    int strikes;

    /// The receivers, by index, that got corrupt chunks from it.
    final Set<Integer> struckBy = new TreeSet<>();
    boolean struck;

    private Backoff sending = new Backoff(TOLERATED);
    private Backoff receiving = new Backoff(TOLERATED);

    /// Sources that failed this receiver, by index.
    private final TreeMap<Integer, Backoff> shunned = new TreeMap<>();

    Peer(NodeId id, int index, int chunks) {
        this.id = id;
        this.index = index;
        this.has = ChunkSet.none(chunks);
        this.fetching = new long[Bits.words(chunks)];
    }

    /// Forgets what was only so before it went away.
    void arrive(ChunkSet has, Traits traits, double share) {
        present = true;
        origin = has.complete();
        this.has = has;
        this.traits = traits;
        pace.begin(traits.upSlots(), share);
        sending = new Backoff(TOLERATED);
        receiving = new Backoff(TOLERATED);
        shunned.clear();
    }

    void slots(Traits usual) {
        traits = new Traits(usual.upSlots(), usual.downSlots(), traits.dialable(), traits.upRate(), traits.downRate());
        pace.atMost(usual.upSlots());
    }

    /// Whether it can receive one more chunk now.
    boolean wants(long now) {
        int slots = receiving.onProbation() ? 1 : traits.downSlots();
        return present && !has.complete() && down.size() < slots && receiving.open(now);
    }

    /// Whether it can send one more chunk now.
    boolean offers(long now) {
        int slots = sending.onProbation() ? 1 : pace.slots();
        return present && !struck && has.count() > 0 && up.size() < slots && sending.open(now);
    }

    /// Whether a chunk that nobody else has is in bad hands with it: it takes long to come or to go on, or may never.
    ///
    /// @param fastestNanos that a chunk takes to the fastest receiver; 0 when not known
    boolean isPoorSeedling(double fastestNanos) {
        boolean slow = fastestNanos > 0 && pace.downNanos() > SLOW * fastestNanos;
        return slow || struck || pace.isSlow() || receiving.onProbation() || sending.onProbation();
    }

    boolean sendsOnProbation() {
        return sending.onProbation();
    }

    boolean lacks(int chunk) {
        return !has.has(chunk) && !Bits.has(fetching, chunk);
    }

    /// Chunks that it has or will have soon.
    int progress() {
        return has.count() + down.size();
    }

    /// Whether two peers can be paired: one of them must be dialable, and the pair must not just have failed.
    boolean canGetFrom(Peer source, long now) {
        if (this == source || !traits.dialable() && !source.traits.dialable()) return false;
        if (shunned.isEmpty()) return true;
        Backoff shun = shunned.get(source.index);
        return shun == null || shun.open(now);
    }

    void gotFrom(Peer source) {
        if (!shunned.isEmpty()) shunned.remove(source.index);
        receiving.succeeded();
        source.sending.succeeded();
    }

    void shun(Peer source, long now) {
        shunned.computeIfAbsent(source.index, ignored -> new Backoff(0)).failed(now);
    }

    void failedToSend(long now) {
        sending.failed(now);
    }

    /// Others could be received from, and not this one.
    void fellSilent(long now) {
        sending.pause(now);
    }

    /// Others could be sent to, and not this one.
    void fellDeaf(long now) {
        receiving.pause(now);
    }
}
