package dev.muster.core.swarm;

import dev.muster.core.state.NodeId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeSet;

/// Decides who gets which chunk of one file from whom. Not thread-safe; all time comes in as nanoseconds of one clock
/// that does not go back.
///
/// A peer that held the whole file when it joined is an origin. The rules, first to last: (1) the origins give every
/// chunk away once, lowest index first, to peers with fast uplinks, before they give any chunk twice; (2) the receiver
/// that is most behind chooses first; (3) it takes the rarest chunk, counting copies on their way, and the lowest index
/// among equals; (4) from the source that is least busy, rather not from an origin. A chunk that takes too long is given
/// to somebody else, and near its end a receiver may ask twice.
///
/// The planner is soft state: made again from what the peers hold, it goes on where the lost one was.
public final class SwarmPlanner {
    /// Corrupt chunks after which a source is out, when more than one receiver got them or there is only one.
    public static final int STRIKES_MAX = 3;

    /// A chunk is overdue after this many times its expected duration, and not before the least.
    private static final double OVERDUE_FACTOR = 4;

    private static final double OVERDUE_NANOS_MIN = 2e9;

    /// Bytes per second that a peer is taken to send, over all its slots, until its first chunk came.
    private static final double RATE_UNKNOWN = 1e6;

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

    private final int chunkBytes;
    private final Ledger ledger;
    private long nextDueAt = Long.MAX_VALUE;

    /// @param chunks of the file; a file without chunks is complete everywhere
    /// @param chunkBytes bytes of a chunk
    /// @throws IllegalArgumentException when `chunks` is negative or `chunkBytes` not positive
    public SwarmPlanner(int chunks, int chunkBytes) {
        if (chunks < 0 || chunkBytes < 1) {
            throw new IllegalArgumentException(
                    "expected chunks of at least one byte, but found " + chunks + " of " + chunkBytes + " bytes");
        }
        this.chunkBytes = chunkBytes;
        ledger = new Ledger(chunks);
    }

    /// A peer came, or came back, with what it has now: what was on its way to it and from it is forgotten.
    ///
    /// @throws IllegalArgumentException when `has` is about another number of chunks
    public void join(NodeId peer, ChunkSet has, Traits traits, long now) {
        if (has.size() != ledger.chunks) {
            throw new IllegalArgumentException("expected from " + peer + " a set over " + ledger.chunks
                    + " chunks, but found one over " + has.size());
        }
        ledger.join(peer, has.copy(), traits);
    }

    /// How many chunks each peer that is there may send and receive at once, from now on.
    public void slots(Traits usual) {
        for (Peer peer : ledger.peers) peer.slots(usual);
    }

    /// A peer went, for a while or for good. Nothing happens when it is not there.
    public void leave(NodeId peer, long now) {
        ledger.find(peer).ifPresent(ledger::leave);
    }

    /// A chunk arrived and is what it should be. From now on the receiver is a source of it, and every other flow of the
    /// chunk to this receiver is over. Without effect when the receiver is not there or has the chunk.
    public void got(NodeId receiver, NodeId source, int chunk, long now) {
        Optional<Peer> there = ledger.find(receiver).filter(peer -> peer.present && !peer.has.has(chunk));
        if (there.isEmpty()) return;
        Peer to = there.get();
        for (Flow flow : List.copyOf(to.down)) {
            if (flow.chunk != chunk) continue;
            if (flow.source.id.equals(source)) Pace.measure(flow, now);
            ledger.end(flow);
        }
        ledger.add(to, chunk);
        ledger.find(source).ifPresent(to::gotFrom);
    }

    /// A chunk did not come: the next [#assign] gives it to somebody else. The pair is left alone for a while. Without
    /// effect when one of the two was never there.
    public void failed(NodeId receiver, NodeId source, int chunk, Failure why, long now) {
        Optional<Peer> to = ledger.find(receiver);
        Optional<Peer> from = ledger.find(source);
        if (to.isPresent() && from.isPresent()) failed(to.get(), from.get(), chunk, why, now);
    }

    private void failed(Peer receiver, Peer source, int chunk, Failure why, long now) {
        int busy = source.up.size();
        boolean live = false;
        for (Flow flow : List.copyOf(receiver.down)) {
            if (flow.chunk != chunk || flow.source != source) continue;
            live = true;
            ledger.end(flow);
        }
        receiver.shun(source, now);
        switch (why) {
            case UNREACHABLE, TIMEOUT -> source.failedToSend(now);
            case CORRUPT -> {
                if (live) strike(source, receiver);
            }
            case REFUSED -> source.pace.refused(busy - 1);
            case GONE -> ledger.remove(source, chunk);
        }
    }

    /// One receiver's word is not enough while there are others: it may be its memory that is bad.
    private void strike(Peer source, Peer receiver) {
        source.strikes++;
        source.struckBy.add(receiver.index);
        boolean others = ledger.peers.stream()
                .anyMatch(peer -> peer.present && !peer.origin && peer != receiver && peer != source);
        boolean enough = source.strikes >= STRIKES_MAX && (source.struckBy.size() > 1 || !others);
        if (enough && !source.struck) ledger.strikeOut(source);
    }

    /// New assignments, as many as slots allow. What was assigned before goes on; what was overdue is forgotten, and
    /// comes again with another source.
    public List<Assignment> assign(long now) {
        expire(now);
        var made = new ArrayList<Assignment>();
        var round = new Round(ledger, now);
        seed(round, made);
        round.open(!Bits.isEmpty(ledger.unseeded));
        spread(round, made);
        endGame(round, made);
        return made;
    }

    /// Sources that gave corrupt chunks three times: nobody gets anything from them any more, and what was on its way
    /// from them is forgotten.
    public Set<NodeId> struck() {
        var ids = new TreeSet<NodeId>();
        for (Peer peer : ledger.peers) if (peer.struck) ids.add(peer.id);
        return ids;
    }

    /// Damaged chunks that the peer gave.
    public int strikes(NodeId peer) {
        return ledger.find(peer).map(it -> it.strikes).orElse(0);
    }

    /// Chunks that the peer has; 0 when it is not there.
    public int count(NodeId peer) {
        return ledger.find(peer)
                .filter(it -> it.present)
                .map(it -> it.has.count())
                .orElse(0);
    }

    /// Whether the peer is there and has every chunk.
    public boolean complete(NodeId peer) {
        return ledger.find(peer).filter(it -> it.present && it.has.complete()).isPresent();
    }

    private void expire(long now) {
        if (now < nextDueAt) return;
        nextDueAt = Long.MAX_VALUE;
        for (Peer peer : ledger.peers) {
            for (Flow flow : List.copyOf(peer.down)) {
                if (now < flow.dueAt) {
                    nextDueAt = Math.min(nextDueAt, flow.dueAt);
                } else {
                    ledger.end(flow);
                    Pace.overdue(flow, now);
                }
            }
        }
    }

    /// Rule 1.
    private void seed(Round round, List<Assignment> made) {
        double fastest = fastestNanos();
        for (int chunk = Bits.next(ledger.unseeded, 0); chunk >= 0; chunk = Bits.next(ledger.unseeded, chunk + 1)) {
            Optional<Peer> origin = round.origin(chunk);
            if (origin.isEmpty()) continue;
            Optional<Peer> receiver = seedling(origin.get(), chunk, fastest, round.now);
            if (receiver.isPresent()) begin(round, receiver.get(), origin.get(), chunk, made);
        }
    }

    /// Who passes a new chunk on best: the one that is most behind, and a poor one only when the origin would idle.
    private Optional<Peer> seedling(Peer origin, int chunk, double fastest, long now) {
        Peer best = origin;
        boolean bestIsPoor = true;
        for (Peer peer : ledger.peers) {
            if (!peer.wants(now) || !peer.lacks(chunk) || !peer.canGetFrom(origin, now)) continue;
            boolean poor = peer.isPoorSeedling(fastest);
            if (poor && (!bestIsPoor || !origin.up.isEmpty())) continue;
            boolean better = best == origin || bestIsPoor && !poor || peer.progress() < best.progress();
            if (!better) continue;
            best = peer;
            bestIsPoor = poor;
        }
        return best == origin ? Optional.empty() : Optional.of(best);
    }

    private double fastestNanos() {
        double fastest = 0;
        for (Peer peer : ledger.peers) {
            double nanos = peer.pace.downNanos();
            if (peer.present && nanos > 0 && (fastest == 0 || nanos < fastest)) fastest = nanos;
        }
        return fastest;
    }

    /// Rules 2 to 4.
    private void spread(Round round, List<Assignment> made) {
        var behind = new PriorityQueue<Peer>(Comparator.comparingInt(Peer::progress));
        for (Peer peer : ledger.peers) if (peer.wants(round.now)) behind.add(peer);
        for (Peer receiver = behind.poll(); receiver != null; receiver = behind.poll()) {
            if (give(receiver, round, made) && receiver.wants(round.now)) behind.add(receiver);
        }
    }

    private boolean give(Peer receiver, Round round, List<Assignment> made) {
        long[] has = receiver.has.words();
        long[] obtainable = round.obtainable(receiver);
        for (int band = 0; band < ledger.rarity.bands(); band++) {
            if (ledger.rarity.isEmpty(band)) continue;
            long[] among = ledger.rarity.chunks(band);
            for (int w = 0; w < among.length; w++) {
                long left = among[w] & ~has[w] & ~receiver.fetching[w] & obtainable[w];
                for (; left != 0; left &= left - 1) {
                    int chunk = w * 64 + Long.numberOfTrailingZeros(left);
                    Optional<Peer> source = round.source(receiver, chunk, false);
                    if (source.isEmpty()) continue;
                    begin(round, receiver, source.get(), chunk, made);
                    return true;
                }
            }
        }
        return false;
    }

    /// A receiver that lacks little, all of it on its way, asks somebody else for what takes longer than usual.
    private void endGame(Round round, List<Assignment> made) {
        int few = Math.max(1, ledger.chunks / END_GAME_PARTS);
        for (Peer receiver : ledger.peers) {
            if (!receiver.wants(round.now) || ledger.chunks - receiver.has.count() > few) continue;
            for (Flow flow : List.copyOf(receiver.down)) {
                if (!receiver.wants(round.now)) break;
                if (round.now - flow.startedAt <= receiver.pace.downNanos()) continue;
                if (Ledger.flows(receiver, flow.chunk) > 1) continue;
                round.source(receiver, flow.chunk, true)
                        .filter(source -> source != flow.source)
                        .ifPresent(source -> begin(round, receiver, source, flow.chunk, made));
            }
        }
    }

    private void begin(Round round, Peer receiver, Peer source, int chunk, List<Assignment> made) {
        int busy = source.up.size();
        double expected = Pace.expectedNanos(receiver, source);
        if (expected == 0) expected = 1e9 * chunkBytes * source.pace.slots() / RATE_UNKNOWN;
        long dueAt = round.now + (long) Math.max(OVERDUE_NANOS_MIN, OVERDUE_FACTOR * expected);
        ledger.begin(new Flow(receiver, source, chunk, round.now, dueAt));
        source.pace.began(busy + 1, round.now);
        round.began(source, busy);
        nextDueAt = Math.min(nextDueAt, dueAt);
        made.add(new Assignment(receiver.id, source.id, chunk));
    }
}
