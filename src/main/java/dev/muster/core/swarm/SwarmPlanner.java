package dev.muster.core.swarm;

import dev.muster.core.state.NodeId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// Decides who gets which chunk of one file from whom. Not thread-safe; all time comes in as nanoseconds of one clock
/// that does not go back.
///
/// A peer that held the whole file when it joined is an origin. The rules, first to last: (1) the origins give every
/// chunk away once, lowest index first, to peers with fast uplinks, before they give any chunk twice; (2) the rarest
/// chunk first, counting copies on their way, the lowest index among equals; (3) the receiver that is most behind first;
/// (4) from the source that is least busy, rather not from an origin. A chunk that takes too long is given to somebody
/// else, and near its end a receiver may ask twice.
///
/// The planner is soft state: made again from what the peers hold, it goes on where the lost one was.
public final class SwarmPlanner {
    /// Corrupt chunks after which a source is out.
    public static final int STRIKES_MAX = 3;

    /// A chunk is overdue after this many times its expected duration, and not before the least.
    private static final double OVERDUE_FACTOR = 4;

    private static final long OVERDUE_MIN_NANOS = 2_000_000_000L;

    /// What a peer is taken to carry, over all its slots, until its first chunk came: 1 MB/s.
    private static final long RATE_UNKNOWN = 1_000_000;

    /// The part of the file that a receiver may ask for twice at the end: 2 %.
    private static final int END_GAME_PARTS = 50;

    /// A receiver gets a chunk from a source.
    public record Assignment(NodeId receiver, NodeId source, int chunk) {}

    /// Why a chunk did not come.
    public enum Failure {
        /// No connection.
        UNREACHABLE,
        /// A connection, and no bytes.
        TIMEOUT,
        /// Bytes, and not the chunk's.
        CORRUPT,
        /// The source was too busy.
        REFUSED,
        /// The source does not have the chunk.
        GONE
    }

    private final int chunks;
    private final int chunkBytes;
    private final TreeMap<NodeId, Peer> byId = new TreeMap<>();
    private final List<Peer> peers = new ArrayList<>();
    private final Rarity rarity;

    /// Who holds a chunk and may give it: a bit per peer.
    private final long[][] holders;

    /// Copies that are not at an origin, on their way or there.
    private final int[] outside;

    /// The chunks without any such copy.
    private final long[] unseeded;

    private long nextDue = Long.MAX_VALUE;

    /// @param chunks of the file; a file without chunks is complete everywhere
    /// @param chunkBytes bytes of a chunk
    /// @throws IllegalArgumentException when `chunks` is negative or `chunkBytes` not positive
    public SwarmPlanner(int chunks, int chunkBytes) {
        if (chunks < 0 || chunkBytes < 1) {
            throw new IllegalArgumentException(
                    "expected chunks of at least one byte, but found " + chunks + " of " + chunkBytes + " bytes");
        }
        this.chunks = chunks;
        this.chunkBytes = chunkBytes;
        rarity = new Rarity(chunks);
        holders = new long[chunks][1];
        outside = new int[chunks];
        unseeded = new long[Bits.words(chunks)];
        Bits.fill(unseeded, chunks);
    }

    /// A peer came, or came back, with what it has now: what was on its way to or from it is forgotten.
    ///
    /// @throws IllegalArgumentException when `has` is about another number of chunks
    public void join(NodeId id, ChunkSet has, Traits traits, long now) {
        if (has.size() != chunks) {
            throw new IllegalArgumentException(
                    "expected a set over " + chunks + " chunks from " + id + ", but found one over " + has.size());
        }
        leave(id, now);
        Peer peer = byId.computeIfAbsent(id, this::newPeer);
        peer.cameBack();
        peer.present = true;
        peer.traits = traits;
        peer.slots = traits.upSlots();
        peer.has = has.copy();
        peer.origin = has.complete();
        count(peer, 1);
    }

    /// A peer went, for a while or for good. Nothing happens when it is not there.
    public void leave(NodeId id, long now) {
        Peer peer = byId.get(id);
        if (peer == null || !peer.present) return;
        for (Flow flow : List.copyOf(peer.down)) end(flow);
        for (Flow flow : List.copyOf(peer.up)) end(flow);
        count(peer, -1);
        peer.present = false;
    }

    /// A chunk arrived and is what it should be. From now on the receiver is a source of it.
    public void got(NodeId receiver, NodeId source, int chunk, long now) {
        Peer to = byId.get(receiver);
        if (to == null || !to.present || to.has.has(chunk)) return;
        Peer from = byId.get(source);
        for (Flow flow : flowsOf(to, chunk)) {
            if (flow.source == from) measure(flow, now);
            end(flow);
        }
        to.has.add(chunk);
        if (!to.struck) hold(to, chunk, 1);
        if (from != null) {
            from.delivered();
            to.trust(from);
        }
    }

    /// A chunk did not come. It is given to somebody else with the next [#assign].
    public void failed(NodeId receiver, NodeId source, int chunk, Failure why, long now) {
        Peer to = byId.get(receiver);
        Peer from = byId.get(source);
        if (to == null || from == null) return;
        for (Flow flow : flowsOf(to, chunk)) {
            if (flow.source == from) end(flow);
        }
        to.shun(from, now);
        switch (why) {
            case UNREACHABLE, TIMEOUT -> from.failed(now);
            case CORRUPT -> strike(from);
            case REFUSED -> from.slots = Math.max(1, Math.min(from.slots, from.up.size()));
            case GONE -> forget(from, chunk);
        }
    }

    /// New assignments: as many as slots allow. What was assigned before and is not listed goes on.
    public List<Assignment> assign(long now) {
        expire(now);
        List<Assignment> made = new ArrayList<>();
        seed(made, now);
        spread(made, now);
        endGame(made, now);
        return made;
    }

    /// Sources that gave corrupt chunks three times: nobody gets anything from them any more.
    public Set<NodeId> struck() {
        TreeSet<NodeId> ids = new TreeSet<>();
        for (Peer peer : peers) if (peer.struck) ids.add(peer.id);
        return ids;
    }

    /// Whether the peer is there and has every chunk.
    public boolean complete(NodeId id) {
        Peer peer = byId.get(id);
        return peer != null && peer.present && peer.has.complete();
    }

    private Peer newPeer(NodeId id) {
        Peer peer = new Peer(id, peers.size(), chunks);
        peers.add(peer);
        int words = Bits.words(peers.size());
        if (chunks > 0 && holders[0].length < words) {
            for (int chunk = 0; chunk < chunks; chunk++) holders[chunk] = Arrays.copyOf(holders[chunk], 2 * words);
        }
        return peer;
    }

    private static List<Flow> flowsOf(Peer receiver, int chunk) {
        return receiver.down.stream().filter(flow -> flow.chunk == chunk).toList();
    }

    private void count(Peer peer, int change) {
        if (peer.struck) return;
        for (int chunk = 0; chunk < chunks; chunk++) if (peer.has.has(chunk)) hold(peer, chunk, change);
    }

    private void hold(Peer peer, int chunk, int change) {
        Bits.put(holders[chunk], peer.index, change > 0);
        rarity.add(chunk, change);
        if (!peer.origin) seeded(chunk, change);
    }

    private void seeded(int chunk, int change) {
        outside[chunk] += change;
        Bits.put(unseeded, chunk, outside[chunk] == 0);
    }

    private void strike(Peer source) {
        source.corrupt++;
        if (source.struck || source.corrupt < STRIKES_MAX) return;
        for (Flow flow : List.copyOf(source.up)) end(flow);
        if (source.present) count(source, -1);
        source.struck = true;
    }

    private void forget(Peer source, int chunk) {
        if (!source.present || !source.has.has(chunk)) return;
        if (!source.struck) hold(source, chunk, -1);
        source.has.remove(chunk);
    }

    private void begin(Peer receiver, Peer source, int chunk, List<Assignment> made, long now) {
        long due = now + overdueAfter(receiver, source);
        Flow flow = new Flow(receiver, source, chunk, now, due, source.up.size() + 1 >= source.slots);
        if (!Bits.has(receiver.fetching, chunk)) {
            Bits.set(receiver.fetching, chunk);
            rarity.add(chunk, 1);
            seeded(chunk, 1);
        }
        receiver.down.add(flow);
        source.up.add(flow);
        nextDue = Math.min(nextDue, due);
        made.add(new Assignment(receiver.id, source.id, chunk));
    }

    private void end(Flow flow) {
        flow.source.up.remove(flow);
        flow.receiver.down.remove(flow);
        if (!flowsOf(flow.receiver, flow.chunk).isEmpty()) return;
        Bits.clear(flow.receiver.fetching, flow.chunk);
        rarity.add(flow.chunk, -1);
        seeded(flow.chunk, -1);
    }

    private long overdueAfter(Peer receiver, Peer source) {
        double expected = Math.max(receiver.downNanos, source.upNanos);
        if (expected == 0) expected = 1e9 * chunkBytes * Math.max(1, source.slots) / RATE_UNKNOWN;
        return (long) Math.max(OVERDUE_MIN_NANOS, OVERDUE_FACTOR * expected);
    }

    private static void measure(Flow flow, long now) {
        double took = Math.max(1, now - flow.startedAt);
        Peer receiver = flow.receiver;
        Peer source = flow.source;
        receiver.downNanos = receiver.downNanos == 0 ? took : receiver.downNanos + (took - receiver.downNanos) / 8;
        source.upNanos = source.upNanos == 0 ? took : source.upNanos + (took - source.upNanos) / 8;
    }

    private void expire(long now) {
        if (now < nextDue) return;
        nextDue = Long.MAX_VALUE;
        for (Peer peer : peers) {
            for (Flow flow : List.copyOf(peer.down)) {
                if (now >= flow.dueAt) {
                    end(flow);
                    peer.shun(flow.source, now);
                    flow.source.failed(now);
                } else {
                    nextDue = Math.min(nextDue, flow.dueAt);
                }
            }
        }
    }

    private void seed(List<Assignment> made, long now) {
        for (int chunk = next(unseeded, 0); chunk >= 0; chunk = next(unseeded, chunk + 1)) {
            Peer source = leastBusy(holders[chunk], now);
            if (source == null) continue;
            Peer receiver = bestSeedling(source, now);
            if (receiver == null) return;
            begin(receiver, source, chunk, made, now);
        }
    }

    private Peer leastBusy(long[] among, long now) {
        Peer best = null;
        for (int i = next(among, 0); i >= 0; i = next(among, i + 1)) {
            Peer peer = peers.get(i);
            if (peer.offers(now) && (best == null || peer.up.size() < best.up.size())) best = peer;
        }
        return best;
    }

    private Peer bestSeedling(Peer source, long now) {
        Peer best = null;
        for (Peer peer : peers) {
            if (!peer.wants() || !fits(peer, source, now)) continue;
            if (best == null || peer.progress() < best.progress()) best = peer;
        }
        return best;
    }

    private static boolean fits(Peer receiver, Peer source, long now) {
        return receiver != source
                && (receiver.traits.dialable() || source.traits.dialable())
                && !receiver.shuns(source, now);
    }

    private void spread(List<Assignment> made, long now) {
        boolean reserved = next(unseeded, 0) >= 0;
        var behind = new PriorityQueue<Peer>(Comparator.comparingInt(Peer::progress));
        for (Peer peer : peers) if (peer.wants()) behind.add(peer);
        for (Peer receiver = behind.poll(); receiver != null; receiver = behind.poll()) {
            if (give(receiver, reserved, made, now) && receiver.wants()) behind.add(receiver);
        }
    }

    private boolean give(Peer receiver, boolean reserved, List<Assignment> made, long now) {
        long[] has = receiver.has.words();
        for (int band = 0; band < rarity.bands(); band++) {
            if (rarity.isEmpty(band)) continue;
            long[] among = rarity.chunks(band);
            for (int w = 0; w < among.length; w++) {
                for (long left = among[w] & ~has[w] & ~receiver.fetching[w]; left != 0; left &= left - 1) {
                    int chunk = w * 64 + Long.numberOfTrailingZeros(left);
                    Peer source = sourceOf(chunk, receiver, reserved, now);
                    if (source == null) continue;
                    begin(receiver, source, chunk, made, now);
                    return true;
                }
            }
        }
        return false;
    }

    private Peer sourceOf(int chunk, Peer receiver, boolean reserved, long now) {
        Peer best = null;
        long[] among = holders[chunk];
        for (int i = next(among, 0); i >= 0; i = next(among, i + 1)) {
            Peer peer = peers.get(i);
            if (reserved && peer.origin || !peer.offers(now) || !fits(receiver, peer, now)) continue;
            if (best == null || peer.up.size() < best.up.size()) best = peer;
        }
        return best;
    }

    private void endGame(List<Assignment> made, long now) {
        int few = Math.max(1, chunks / END_GAME_PARTS);
        for (Peer receiver : peers) {
            if (!receiver.wants() || chunks - receiver.has.count() > few) continue;
            for (Flow flow : List.copyOf(receiver.down)) {
                if (!receiver.wants()) break;
                if (now - flow.startedAt <= receiver.downNanos || flowsOf(receiver, flow.chunk).size() > 1) continue;
                Peer source = sourceOf(flow.chunk, receiver, false, now);
                if (source != null && source != flow.source) begin(receiver, source, flow.chunk, made, now);
            }
        }
    }

    private static int next(long[] words, int from) {
        for (int w = from >>> 6; w < words.length; w++) {
            long word = w == from >>> 6 ? words[w] & -1L << from : words[w];
            if (word != 0) return w * 64 + Long.numberOfTrailingZeros(word);
        }
        return -1;
    }
}
