package dev.muster.core.swarm;

import dev.muster.core.state.NodeId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/// Who holds which chunk and what is on its way, and the counts that follow from it.
final class Ledger {
    final int chunks;
    final List<Peer> peers = new ArrayList<>();
    final Rarity rarity;

    /// The chunks of which no copy is outside of the origins, nor on its way there.
    final long[] unseeded;

    private final TreeMap<NodeId, Peer> byId = new TreeMap<>();

    /// Who may give a chunk: a bit per peer.
    private final long[][] holders;

    /// Copies outside of the origins, there or on their way.
    private final int[] outside;

    Ledger(int chunks) {
        this.chunks = chunks;
        rarity = new Rarity(chunks);
        holders = new long[chunks][1];
        outside = new int[chunks];
        unseeded = new long[Bits.words(chunks)];
        Bits.fill(unseeded, chunks);
    }

    Optional<Peer> find(NodeId id) {
        return Optional.ofNullable(byId.get(id));
    }

    long[] holders(int chunk) {
        return holders[chunk];
    }

    void join(NodeId id, ChunkSet has, Traits traits) {
        Peer peer = byId.computeIfAbsent(id, this::enter);
        leave(peer);
        peer.arrive(has, traits, shareOf(traits));
        holdAll(peer, 1);
    }

    void leave(Peer peer) {
        if (!peer.present) return;
        for (Flow flow : List.copyOf(peer.down)) end(flow);
        for (Flow flow : List.copyOf(peer.up)) end(flow);
        holdAll(peer, -1);
        peer.present = false;
    }

    void add(Peer peer, int chunk) {
        if (peer.has.add(chunk) && !peer.struck) hold(peer, chunk, 1);
    }

    void remove(Peer peer, int chunk) {
        if (peer.present && peer.has.remove(chunk) && !peer.struck) hold(peer, chunk, -1);
    }

    /// Nobody gets anything from it any more; what it has and will have counts for nobody but itself.
    void strikeOut(Peer peer) {
        for (Flow flow : List.copyOf(peer.up)) end(flow);
        if (peer.present) holdAll(peer, -1);
        for (int chunk = Bits.next(peer.fetching, 0); chunk >= 0; chunk = Bits.next(peer.fetching, chunk + 1)) {
            count(peer, chunk, -1);
        }
        peer.struck = true;
    }

    void begin(Flow flow) {
        flow.receiver.down.add(flow);
        flow.source.up.add(flow);
        if (Bits.has(flow.receiver.fetching, flow.chunk)) return;
        Bits.set(flow.receiver.fetching, flow.chunk);
        if (!flow.receiver.struck) count(flow.receiver, flow.chunk, 1);
    }

    void end(Flow flow) {
        flow.source.up.remove(flow);
        flow.receiver.down.remove(flow);
        if (flows(flow.receiver, flow.chunk) > 0) return;
        Bits.clear(flow.receiver.fetching, flow.chunk);
        if (!flow.receiver.struck) count(flow.receiver, flow.chunk, -1);
    }

    /// In how many flows the chunk is on its way to the receiver.
    static int flows(Peer receiver, int chunk) {
        int flows = 0;
        for (Flow flow : receiver.down) if (flow.chunk == chunk) flows++;
        return flows;
    }

    private Peer enter(NodeId id) {
        Peer peer = new Peer(id, peers.size(), chunks);
        peers.add(peer);
        int words = Bits.words(peers.size());
        if (chunks > 0 && holders[0].length < words) {
            for (int chunk = 0; chunk < chunks; chunk++) holders[chunk] = Arrays.copyOf(holders[chunk], 2 * words);
        }
        return peer;
    }

    /// The uplink by the fastest one known.
    private double shareOf(Traits traits) {
        if (traits.upRate() == 0) return 1;
        long fastest = traits.upRate();
        for (Peer peer : peers) if (peer.present) fastest = Math.max(fastest, peer.traits.upRate());
        return (double) traits.upRate() / fastest;
    }

    private void holdAll(Peer peer, int change) {
        if (peer.struck) return;
        long[] has = peer.has.words();
        for (int chunk = Bits.next(has, 0); chunk >= 0; chunk = Bits.next(has, chunk + 1)) hold(peer, chunk, change);
    }

    private void hold(Peer peer, int chunk, int change) {
        Bits.put(holders[chunk], peer.index, change > 0);
        count(peer, chunk, change);
    }

    private void count(Peer peer, int chunk, int change) {
        rarity.add(chunk, change);
        if (peer.origin) return;
        outside[chunk] += change;
        Bits.put(unseeded, chunk, outside[chunk] == 0);
    }
}
