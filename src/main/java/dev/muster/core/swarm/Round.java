package dev.muster.core.swarm;

import java.util.List;
import java.util.Optional;

/// The sources that have a free slot, during one call of [SwarmPlanner#assign]. They only become fewer in it: what
/// nobody can give now is not looked for again.
final class Round {
    /// Sources are told apart by a sixteenth of their slots: one chunk more or less, as long as they have no more.
    private static final int BANDS = 16;

    final long now;
    private final Ledger ledger;

    /// The free sources, by how busy they are; the origins apart.
    private final long[][] free = new long[BANDS][];

    private final long[][] freeOrigins = new long[BANDS][];

    /// What a receiver can get from some free source: by whether it is dialable.
    private final long[] toDialable;

    private final long[] toOthers;

    Round(Ledger ledger, long now) {
        this.ledger = ledger;
        this.now = now;
        int words = Bits.words(ledger.peers.size());
        for (int band = 0; band < BANDS; band++) {
            free[band] = new long[words];
            freeOrigins[band] = new long[words];
        }
        toDialable = new long[Bits.words(ledger.chunks)];
        toOthers = new long[Bits.words(ledger.chunks)];
        for (Peer peer : ledger.peers) if (peer.offers(now)) put(peer, true);
    }

    /// Looks anew at what can be got from whom.
    ///
    /// @param reserved whether the origins give nothing
    void open(boolean reserved) {
        for (Peer peer : ledger.peers) {
            if (!peer.offers(now)) continue;
            if (peer.origin && reserved) {
                put(peer, false);
                continue;
            }
            Bits.or(toDialable, peer.has.words());
            if (peer.traits.dialable()) Bits.or(toOthers, peer.has.words());
        }
    }

    long[] obtainable(Peer receiver) {
        return receiver.traits.dialable() ? toDialable : toOthers;
    }

    /// The origin that is least busy, has the chunk and can give it to somebody who wants more.
    Optional<Peer> origin(int chunk) {
        long[] holders = ledger.holders(chunk);
        for (long[] band : freeOrigins) {
            int first = Bits.nextInBoth(holders, band, 0);
            for (int index = first; index >= 0; ) {
                Peer peer = ledger.peers.get(index);
                if (gives(peer)) return Optional.of(peer);
                index = Bits.nextInBoth(holders, band, index + 1);
                if (index == first) break;
            }
        }
        return Optional.empty();
    }

    /// An origin that failed everybody is idle, and nothing would be asked of the others while it is waited for.
    private boolean gives(Peer origin) {
        for (Peer peer : ledger.peers) if (peer.wants(now) && peer.canGetFrom(origin, now)) return true;
        return false;
    }

    /// The least busy source that the receiver can get the chunk from, an origin last.
    ///
    /// @param sure whether a source that failed lately is no good
    Optional<Peer> source(Peer receiver, int chunk, boolean sure) {
        boolean any = false;
        long[] holders = ledger.holders(chunk);
        int from = (receiver.index * 31 + chunk * 17) % ledger.peers.size();
        for (int band = 0; band < BANDS; band++) {
            for (long[] some : List.of(free[band], freeOrigins[band])) {
                int first = Bits.nextInBoth(holders, some, from);
                for (int index = first; index >= 0; ) {
                    Peer peer = ledger.peers.get(index);
                    if (receiver.canGetFrom(peer, now) && !(sure && peer.sendsOnProbation())) return Optional.of(peer);
                    any |= receiver.traits.dialable() || peer.traits.dialable();
                    index = Bits.nextInBoth(holders, some, index + 1);
                    if (index == first) break;
                }
            }
        }
        if (!any) Bits.clear(obtainable(receiver), chunk);
        return Optional.empty();
    }

    /// A source has sent one more: it is busier, or no longer free.
    void began(Peer source, int busyBefore) {
        Bits.clear(bands(source)[band(source, busyBefore)], source.index);
        if (source.offers(now)) put(source, true);
    }

    private void put(Peer peer, boolean value) {
        Bits.put(bands(peer)[band(peer, peer.up.size())], peer.index, value);
    }

    private long[][] bands(Peer peer) {
        return peer.origin ? freeOrigins : free;
    }

    private static int band(Peer peer, int busy) {
        if (peer.sendsOnProbation()) return BANDS - 1;
        return Math.min(BANDS - 1, busy * BANDS / Math.max(1, peer.pace.slots()));
    }
}
