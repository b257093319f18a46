package dev.muster.edge.swarm;

import dev.muster.core.state.NodeId;
import dev.muster.core.state.Sha256;
import dev.muster.edge.artifact.ArtifactStore;
import dev.muster.edge.artifact.FetchResult;
import dev.muster.edge.artifact.Partial;
import dev.muster.edge.artifact.PutResult;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;

/// Nodes on loopback with real stores, real ports and one leader in this test's memory.
final class Lab implements AutoCloseable {
    static final String TOKEN = "swarm-token";
    /// Nobody listens at port 1.
    private static final String UNREACHABLE = "127.0.0.1:1";

    private final Path base;
    final Map<NodeId, Node> nodes = new ConcurrentHashMap<>();
    final Map<Sha256, Long> sizes = new ConcurrentHashMap<>();
    final Map<Sha256, Set<NodeId>> receipts = new ConcurrentHashMap<>();
    /// Sources that were told to read their copies again.
    /// Who leads; nobody while empty.
    volatile Optional<Tracker> leader = Optional.of(new Tracker(new View(new NodeId("leader"), false)));

    Lab(Path base) {
        this.base = base;
    }

    void newLeader() {
        leader = Optional.of(new Tracker(new View(new NodeId("leader"), false)));
    }

    static byte[] bytes(int count, long seed) {
        byte[] bytes = new byte[count];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    static Sha256 sha(byte[] bytes) {
        Hash digest = new Hash();
        digest.update(bytes, 0, bytes.length);
        return digest.end();
    }

    /// A node that holds the file.
    Node source(String name, byte[] bytes) throws IOException {
        Node node = start(name, settings());
        node.hold(bytes);
        return node;
    }

    static Swarm.Settings settings() {
        return new Swarm.Settings(TOKEN, true, 0, 0, 24, Transport.SWARM);
    }

    Node start(String name, Swarm.Settings settings) throws IOException {
        return start(name, settings, base.resolve(name), 0);
    }

    Node start(String name, Swarm.Settings settings, Path dir, long freeMin) throws IOException {
        return start(name, settings, dir, freeMin, settings.dialable() ? "" : UNREACHABLE);
    }

    /// @param address told to others; the real one when empty
    Node start(String name, Swarm.Settings settings, Path dir, long freeMin, String address) throws IOException {
        Node node = new Node(new NodeId(name), settings, dir, freeMin);
        node.address = address.isEmpty() ? "127.0.0.1:" + node.port() : address;
        nodes.put(node.id, node);
        node.swarm.start();
        return node;
    }

    /// One node's life.
    final class Node implements AutoCloseable {
        final NodeId id;
        final ArtifactStore store;
        final Swarm swarm;
        /// Where others are told to find it; a test may put something in between.
        volatile String address = "";
        private final ArtifactPort port;

        Node(NodeId id, Swarm.Settings settings, Path dir, long freeMin) throws IOException {
            this.id = id;
            this.store = ArtifactStore.open(dir.resolve("artifacts"), new ArtifactStore.Limits(freeMin));
            this.swarm = new Swarm(
                    new Manifests(dir.resolve("manifests")),
                    settings,
                    new View(id, true),
                    Lead.NEVER,
                    new Stored(store));
            this.port = ArtifactPort.start("127.0.0.1", 0, swarm.serving());
        }

        int port() {
            return port.port();
        }

        void hold(byte[] bytes) throws IOException {
            store.put(new ByteArrayInputStream(bytes));
            Sha256 sha = sha(bytes);
            sizes.put(sha, (long) bytes.length);
            receipt(sha);
        }

        void receipt(Sha256 sha) {
            receipts.computeIfAbsent(sha, any -> new ConcurrentSkipListSet<>()).add(id);
        }

        CompletableFuture<Fetched> fetch(Sha256 sha) {
            return fetch(sha, Optional.empty());
        }

        CompletableFuture<Fetched> fetch(Sha256 sha, Optional<Transport> forced) {
            CompletableFuture<Fetched> done = new CompletableFuture<>();
            Thread.ofVirtual().start(() -> {
                try {
                    done.complete(swarm.fetch(sha, sizes.get(sha), List.copyOf(receipts.get(sha)), forced));
                    receipt(sha);
                } catch (IOException | InterruptedException | RuntimeException e) {
                    done.completeExceptionally(e);
                }
            });
            return done;
        }

        /// Its rsync, with other limits and programs than its settings give it.
        Rsync rsync(Ways.Ssh ssh, Rsync.Limits limits, Rsync.Programs programs) {
            View view = new View(id, true);
            Connections connections = new Connections(view);
            HolderLine line = new HolderLine(connections, view, TOKEN, () -> true);
            Flight.Means means =
                    new Flight.Means(connections, TOKEN, new Limiter(0), new Counters(), new Buffers(), new Trickle());
            return new Rsync(line, view, means, files(), ssh, limits, programs);
        }

        Ladder.Wish wish(Sha256 sha) {
            return new Ladder.Wish(sha, sizes.get(sha), new View(id, true).holders(sha), new TreeMap<>());
        }

        Store files() {
            return new Stored(store);
        }

        /// The manifest that it serves.
        byte[] manifest(Sha256 sha) throws IOException {
            try (FileChannel file = store.open(name(sha)).orElseThrow()) {
                return Manifests.bytes(new Manifests(base.resolve("made")).of(sha, file));
            }
        }

        byte[] read(Sha256 sha) throws IOException {
            return java.nio.file.Files.readAllBytes(store.path(name(sha)).orElseThrow());
        }

        @Override
        public void close() {
            nodes.remove(id, this);
            port.close();
            swarm.close();
        }
    }

    static dev.muster.edge.artifact.Sha256 name(Sha256 sha) {
        return new dev.muster.edge.artifact.Sha256(sha.hex());
    }

    private record Stored(ArtifactStore store) implements Store {
        @Override
        public Optional<FileChannel> read(Sha256 sha) throws IOException {
            return store.open(name(sha));
        }

        @Override
        public Partial partial(Sha256 sha, long size) throws IOException {
            return store.partial(name(sha), size);
        }

        @Override
        public Map<Sha256, Instant> partials() throws IOException {
            Map<Sha256, Instant> found = new TreeMap<>();
            store.partials().forEach((sha, at) -> found.put(new Sha256(sha.hex()), at));
            return found;
        }

        @Override
        public void deletePartial(Sha256 sha) throws IOException {
            store.deletePartial(name(sha));
        }

        @Override
        public void arrived(Sha256 sha) {}

        @Override
        public void receive(Sha256 sha, long size, InputStream in) throws IOException {
            FetchResult result = store.fetch(name(sha), size, in);
            if (!(result instanceof PutResult.Stored)) throw new IOException(result.toString());
        }

        @Override
        public void aside(Sha256 sha, long size, String way, ArtifactStore.Writer writer)
                throws IOException, InterruptedException {
            FetchResult result = store.aside(name(sha), size, way, writer);
            if (result instanceof FetchResult.Mismatch other) throw new IOException(other.message());
            if (!(result instanceof PutResult.Stored)) throw new IOException(result.toString());
        }

        @Override
        public Optional<Path> place(Sha256 sha) {
            return store.path(name(sha));
        }
    }

    /// The cluster as one node sees it.
    private final class View implements Directory {
        private final NodeId self;
        private final boolean real;

        View(NodeId self, boolean real) {
            this.self = self;
            this.real = real;
        }

        @Override
        public NodeId self() {
            return self;
        }

        @Override
        public Optional<String> artifacts(NodeId node) {
            return Optional.ofNullable(nodes.get(node)).map(found -> found.address);
        }

        @Override
        public OptionalLong size(Sha256 sha) {
            return OptionalLong.of(sizes.get(sha));
        }

        @Override
        public List<NodeId> holders(Sha256 sha) {
            return receipts.get(sha).stream().filter(node -> !node.equals(self)).toList();
        }

        @Override
        public boolean holdsItself(Sha256 sha) {
            return real && receipts.get(sha).contains(self);
        }

        @Override
        public List<NodeId> others() {
            List<NodeId> others = new ArrayList<>(nodes.keySet());
            others.remove(self);
            return others;
        }

        @Override
        public boolean alive(NodeId node) {
            return nodes.containsKey(node);
        }

        @Override
        public Optional<SshPlace> place(NodeId holder, Sha256 sha) {
            return nodes.get(holder).swarm.place(sha, Optional.of(self));
        }

        @Override
        public Exchange.Answer ask(Exchange.Ask ask) throws IOException {
            Tracker tracker = leader.orElseThrow(() -> new IOException("nobody leads"));
            Exchange.Ask read = ExchangeCodec.ask(ask.sha(), ExchangeCodec.bytes(ask));
            return ExchangeCodec.answer(ExchangeCodec.bytes(tracker.exchange(read)));
        }

        @Override
        public Exchange.Calls reach(Exchange.Reach reach) throws IOException {
            Tracker tracker = leader.orElseThrow(() -> new IOException("nobody leads"));
            Exchange.Reach read = ExchangeCodec.reach(ExchangeCodec.bytes(reach));
            return ExchangeCodec.calls(ExchangeCodec.bytes(tracker.reach(read)));
        }
    }

    @Override
    public void close() {
        List.copyOf(nodes.values()).forEach(Node::close);
    }
}
