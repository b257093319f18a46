package dev.muster.edge.swarm;

import dev.muster.core.state.NodeId;
import dev.muster.core.state.Sha256;
import dev.muster.core.swarm.ChunkSet;
import dev.muster.core.swarm.Manifest;
import dev.muster.core.swarm.SwarmPlanner.Failure;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/// Who has some of a file, by their own word: for the manifest, and for the time when nobody leads.
final class Hunt {
    /// Chunks on their way at once.
    static final int AT_ONCE = 8;
    /// A node is asked again what it has after this long.
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
    /// Of a thousand nodes, as many as keep the links busy.
    private static final int ASKED_MAX = 16;
    private static final int CORRUPT_MAX = 3;
    private static final int PATIENCE_MILLIS = 2_000;
    /// A holder of a large file reads all of it once before it knows its manifest.
    private static final int MANIFEST_PATIENCE_MILLIS = 30_000;

    private final Sha256 sha;
    private final long size;
    private final Connections connections;
    private final Directory directory;
    private final String token;
    private final Set<NodeId> peers = Collections.synchronizedSet(new LinkedHashSet<>());
    private final Map<NodeId, ChunkSet> has = new ConcurrentHashMap<>();
    private final Map<NodeId, Long> lookedNanos = new ConcurrentHashMap<>();
    private final Map<NodeId, Integer> corrupt = new ConcurrentHashMap<>();
    private volatile String trouble = "nothing was tried yet";

    Hunt(Sha256 sha, long size, Connections connections, Directory directory, String token) {
        this.sha = sha;
        this.size = size;
        this.connections = connections;
        this.directory = directory;
        this.token = token;
    }

    /// What went wrong last, for people.
    String trouble() {
        return trouble;
    }

    /// The leader named nodes that have some of it.
    void heard(List<NodeId> nodes) {
        peers.addAll(nodes);
    }

    void failed(NodeId source, Failure why, String message) {
        trouble = source + ": " + message;
        if (why == Failure.CORRUPT) corrupt.merge(source, 1, Integer::sum);
        if (why != Failure.REFUSED) has.remove(source);
    }

    private boolean honest(NodeId node) {
        return corrupt.getOrDefault(node, 0) < CORRUPT_MAX;
    }

    /// Holders first, then those the leader named, then anybody.
    private List<NodeId> candidates() {
        List<NodeId> holders = new ArrayList<>(directory.holders(sha));
        List<NodeId> others = new ArrayList<>(directory.others());
        Collections.shuffle(holders);
        Collections.shuffle(others);
        Set<NodeId> all = new LinkedHashSet<>(holders);
        synchronized (peers) {
            all.addAll(peers);
        }
        all.addAll(others);
        all.remove(directory.self());
        return all.stream().filter(this::honest).limit(ASKED_MAX).toList();
    }

    /// The manifest, from the first that gives one.
    ///
    /// @param without nodes whose manifest was wrong
    /// @throws IOException says what each said
    Given manifest(Set<NodeId> without) throws IOException, InterruptedException {
        return manifest(without, MANIFEST_PATIENCE_MILLIS);
    }

    /// The same from somebody who has it at hand: while it is asked for, nothing else is.
    Given confirmation(Set<NodeId> without) throws IOException, InterruptedException {
        return manifest(without, PATIENCE_MILLIS);
    }

    private Given manifest(Set<NodeId> without, int patienceMillis) throws IOException, InterruptedException {
        List<String> troubles = new ArrayList<>();
        for (NodeId node : candidates()) {
            if (without.contains(node)) continue;
            try {
                byte[] bytes = small(node, "/manifest", Manifests.BYTES_MAX, patienceMillis)
                        .orElseThrow(() -> new IOException("it has none"));
                return new Given(Manifests.parse(bytes, sha, size), node);
            } catch (IOException e) {
                troubles.add(node + ": " + e.getMessage());
            }
        }
        throw new IOException("expected a node to give the manifest of " + sha.brief() + ", but "
                + (troubles.isEmpty() ? "nobody was there to ask" : String.join("; ", troubles)));
    }

    /// @param by who gave it
    record Given(Manifest manifest, NodeId by) {}

    private Optional<byte[]> small(NodeId node, String what, int max, int patienceMillis)
            throws IOException, InterruptedException {
        IOException last = new ConnectException("no connection to " + node);
        for (int time = 0; time < 2; time++) {
            Connection connection = connections.to(node, false);
            boolean again = connection.proven();
            boolean good = false;
            try {
                connection.patience(patienceMillis);
                Head answer = connection.ask("GET", "/artifacts/" + sha + what, token, Optional.empty(), new byte[0]);
                byte[] body = connection.body(max);
                connection.patience(Connections.SILENCE_MAX_MILLIS);
                good = true;
                return answer.status() == 200 ? Optional.of(body) : Optional.empty();
            } catch (IOException e) {
                last = e;
                if (!again || e instanceof SocketTimeoutException) throw e;
                connections.forget(connection);
            } finally {
                if (good) connections.give(connection);
                else connection.close();
            }
        }
        throw last;
    }

    /// Asks what others have, those that were not asked lately. Returns at once; the answers come.
    void look() {
        long now = System.nanoTime();
        for (NodeId node : candidates()) {
            Long last = lookedNanos.get(node);
            if (last != null && now - last < LOOK_NANOS) continue;
            lookedNanos.put(node, now);
            Thread.ofVirtual().name("have-" + sha.brief()).start(() -> ask(node));
        }
    }

    private void ask(NodeId node) {
        try {
            int chunks = chunks();
            Optional<byte[]> bits = small(node, "/have", chunks / 8 + 1, PATIENCE_MILLIS);
            if (bits.isPresent()) has.put(node, ChunkSet.of(chunks, bits.get()));
            else has.remove(node);
        } catch (IOException | IllegalArgumentException e) {
            has.remove(node);
            trouble = node + ": " + e.getMessage();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// The rarest of these chunks, at random among equals, each from the source that is least asked.
    List<Exchange.Assigned> choose(ChunkSet wanted, int max) {
        Map<NodeId, ChunkSet> known = new TreeMap<>(has);
        known.keySet().removeIf(node -> !honest(node));
        Map<Integer, List<NodeId>> sources = new HashMap<>();
        known.forEach((node, chunks) -> {
            for (int chunk = 0; chunk < wanted.size(); chunk++) {
                if (wanted.has(chunk) && chunks.has(chunk))
                    sources.computeIfAbsent(chunk, any -> new ArrayList<>()).add(node);
            }
        });
        List<Integer> order = new ArrayList<>(sources.keySet());
        Collections.shuffle(order);
        order.sort(Comparator.comparingInt(
                chunk -> sources.getOrDefault(chunk, List.of()).size()));
        Map<NodeId, Integer> load = new HashMap<>();
        List<Exchange.Assigned> chosen = new ArrayList<>();
        for (int chunk : order.subList(0, Math.clamp(max, 0, order.size()))) {
            List<NodeId> from = sources.getOrDefault(chunk, List.of());
            Collections.shuffle(from);
            NodeId least = Collections.min(from, Comparator.comparingInt(node -> load.getOrDefault(node, 0)));
            load.merge(least, 1, Integer::sum);
            chosen.add(new Exchange.Assigned(chunk, least, false));
        }
        return chosen;
    }

    /// Lets the leader know that this node looks for the file. It names others that have some of it, and calls holders
    /// that cannot be dialled.
    void announce(boolean dialable) {
        try {
            heard(directory
                    .ask(new Exchange.Ask(
                            directory.self(), sha, Optional.empty(), List.of(), List.of(), dialable, 0, 0, 0, 0))
                    .peers());
        } catch (IOException e) {
            trouble = "the leader: " + e.getMessage();
        }
    }

    /// It was the manifest that was wrong, not who gave chunks.
    void forgive() {
        corrupt.clear();
    }

    private int chunks() {
        return Math.toIntExact(Math.ceilDiv(size, (long) Manifest.chunkBytesFor(size)));
    }
}
