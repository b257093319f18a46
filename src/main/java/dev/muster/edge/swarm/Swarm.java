package dev.muster.edge.swarm;

import dev.muster.core.state.Bytes;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Sha256;
import dev.muster.core.swarm.ChunkSet;
import dev.muster.core.swarm.Manifest;
import java.io.IOException;
import java.net.Socket;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A node's part in bringing files to many nodes: receives what is asked for, and serves what is here or arriving.
///
/// A file comes by the swarm (the leader says which chunk from whom), or, when that fails, by the next way of the
/// [Ladder]. Swarm and plain HTTP fill the same `.part`, so neither begins anew; whatever the way, the file counts once all
/// of it has its SHA-256.
public final class Swarm implements AutoCloseable {
    /// For a manifest, while its first holder may still be reading the file.
    private static final Duration MANIFEST_MAX = Duration.ofSeconds(30);
    private static final Duration MANIFEST_PAUSE = Duration.ofMillis(300);
    /// Manifests that turned out wrong before a file is given up.
    private static final int MANIFESTS_MAX = 3;
    /// What came of a file that nobody wants any more.
    private static final Duration PART_KEPT = Duration.ofHours(24);

    private static final Logger LOG = LoggerFactory.getLogger(Swarm.class);

    private final Settings settings;
    private final Directory directory;
    private final Store store;
    private final Manifests manifests;
    private final Connections connections;
    private final Counters counters = new Counters();
    private final Map<Sha256, Arrival> arriving = new ConcurrentHashMap<>();
    private final Set<Download> downloads = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;
    private final PeerRates to;
    private final Serving serving;
    private final Reverse reverse;
    private final Flight.Means means;
    private final Ladder ladder;
    /// Platform threads: a chunk comes in many small pieces, and each would wake a virtual one by two detours.
    private final ThreadPoolExecutor threads = new ThreadPoolExecutor(
            0,
            Integer.MAX_VALUE,
            5,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            Thread.ofPlatform().daemon().name("chunk-", 0).factory());

    /// @param dialable     what the node's configuration says
    /// @param uploadRate   bytes per second, 0 for no limit
    /// @param downloadRate bytes per second, 0 for no limit
    /// @param transport    for files for which nothing else is asked
    /// @param ways         other programs that may bring files, and single peers' limits
    public record Settings(
            String token,
            boolean dialable,
            long uploadRate,
            long downloadRate,
            int uploadsMax,
            Transport transport,
            Ways ways) {
        /// With this program's own ways only.
        public Settings(
                String token,
                boolean dialable,
                long uploadRate,
                long downloadRate,
                int uploadsMax,
                Transport transport) {
            this(token, dialable, uploadRate, downloadRate, uploadsMax, transport, Ways.NONE);
        }

        /// Without limits.
        public static Settings of(String token) {
            return new Settings(token, true, 0, 0, Serving.UPLOADS_MAX, Transport.AUTO);
        }

        @Override
        public String toString() {
            return "Settings[dialable=" + dialable + " uploadRate=" + uploadRate + " downloadRate=" + downloadRate
                    + " transport=" + transport + "]";
        }
    }

    public Swarm(Manifests manifests, Settings settings, Directory directory, Lead lead, Store store)
            throws IOException {
        this.settings = settings;
        this.directory = directory;
        this.store = store;
        this.manifests = manifests;
        PeerRates from = new PeerRates(settings.ways().overrides());
        this.connections = new Connections(directory, from);
        this.to = new PeerRates(settings.ways().overrides());
        this.serving = Serving.of(
                new Here(), lead, settings.token(), settings.uploadsMax(), settings.uploadRate(), to, counters);
        this.reverse = new Reverse(directory, serving.uploads(), settings.token(), settings.dialable());
        this.means = new Flight.Means(
                connections,
                settings.token(),
                new Limiter(settings.downloadRate()),
                counters,
                new Buffers(),
                new Trickle());
        this.ladder = new Ladder(rungs(from));
    }

    private Map<Transport, Ladder.Rung> rungs(PeerRates from) {
        Ways ways = settings.ways();
        HolderLine line = new HolderLine(connections, directory, settings.token(), reverse::dialable);
        Map<Transport, Ladder.Rung> rungs = new LinkedHashMap<>();
        rungs.put(Transport.SWARM, new Many());
        rungs.put(Transport.HTTP, new OneSource(line, means, store, manifests));
        rungs.put(
                Transport.ARIA2,
                new Aria2(directory, store, ways.aria2(), settings.token(), settings.downloadRate(), from));
        Rsync.Limits limits = new Rsync.Limits(settings.downloadRate(), from);
        rungs.put(
                Transport.RSYNC,
                new Rsync(line, directory, means, store, ways.ssh(), limits, Rsync.Programs.ofThisMachine()));
        return rungs;
    }

    /// Begins to take calls, if this node cannot be dialled, and clears away what was left of files nobody wants.
    public void start() {
        reverse.start();
        clear();
    }

    /// What the artifact port serves, with this node's limits.
    public Serving serving() {
        return serving;
    }

    public Counters.Figures figures() {
        return counters.figures();
    }

    /// Clears away what was left of files that nobody has asked for in a day, and manifests of files that are gone.
    public void clear() {
        try {
            List<Sha256> kept = manifests.list();
            Instant old = Instant.now().minus(PART_KEPT);
            for (Map.Entry<Sha256, Instant> part : store.partials().entrySet()) {
                if (part.getValue().isBefore(old) && !arriving.containsKey(part.getKey())) {
                    store.deletePartial(part.getKey());
                }
            }
            Set<Sha256> parts = store.partials().keySet();
            for (Sha256 sha : kept) {
                if (!parts.contains(sha) && !arriving.containsKey(sha) && !has(sha)) manifests.drop(sha);
            }
        } catch (IOException e) {
            LOG.warn("artifact.parts-not-cleared reason=\"{}\"", e.toString());
        }
    }

    /// Where others find a file by SSH; empty when it is not here whole or this node offers no SSH.
    ///
    /// @param asker who asks, where that is known
    public Optional<SshPlace> place(Sha256 sha, Optional<NodeId> asker) {
        Ways.Ssh ssh = settings.ways().ssh();
        Optional<Path> file = store.place(sha);
        if (ssh.user().isEmpty() || file.isEmpty()) return Optional.empty();
        long rate = PeerRates.least(settings.uploadRate(), asker.map(to::rate).orElse(0L));
        String path = file.get().toAbsolutePath().toString();
        return Optional.of(new SshPlace(ssh.user().get(), ssh.host(), ssh.port(), path, rate));
    }

    private boolean has(Sha256 sha) throws IOException {
        Optional<FileChannel> whole = store.read(sha);
        if (whole.isPresent()) whole.get().close();
        return whole.isPresent();
    }

    /// Gets a file into the store. One call at a time for each file.
    ///
    /// @param holders tried one after the other where the swarm does not help, in this order
    /// @param forced  by this way only; as the settings say when empty
    /// @throws IOException when no way led to it; says what each said. What came is kept for the next try
    public Fetched fetch(Sha256 sha, long size, List<NodeId> holders, Optional<Transport> forced)
            throws IOException, InterruptedException {
        long start = System.nanoTime();
        Map<NodeId, Long> from = new TreeMap<>();
        Ladder.Wish wish = new Ladder.Wish(sha, size, holders, from);
        Transport by = ladder.climb(forced.orElse(settings.transport()), wish);
        store.deletePartial(sha); // what another way left of it
        store.arrived(sha);
        long bytes = from.values().stream().mapToLong(Long::longValue).sum();
        return new Fetched(bytes, from, Duration.ofNanos(System.nanoTime() - start), by);
    }

    /// What this node does where nothing else is asked.
    public Transport transport() {
        return settings.transport();
    }

    /// Chunks that have come of a file on its way; 0 while its manifest is looked for.
    public int arrived(Sha256 sha) {
        Arrival arrival = arriving.get(sha);
        return arrival == null ? 0 : arrival.have().count();
    }

    /// The first rung.
    private final class Many implements Ladder.Rung {
        /// Two chunks and less are quicker fetched than talked about.
        @Override
        public boolean tried(Ladder.Wish wish) {
            return wish.size() > OneSource.SMALL_BYTES;
        }

        @Override
        public void bring(Ladder.Wish wish) throws IOException, InterruptedException {
            swarm(wish.sha(), wish.size(), wish.from());
        }
    }

    private void swarm(Sha256 sha, long size, Map<NodeId, Long> from) throws IOException, InterruptedException {
        Hunt hunt = new Hunt(sha, size, connections, directory, settings.token());
        Set<NodeId> wrong = new HashSet<>();
        Optional<NodeId> giver = Optional.empty();
        for (int time = 1; ; time++) {
            Optional<Manifest> kept = manifests.find(sha, size);
            if (kept.isEmpty()) {
                Hunt.Given given = given(hunt, wrong);
                manifests.keep(given.manifest());
                giver = Optional.of(given.by());
                kept = Optional.of(given.manifest());
            }
            try {
                receive(kept.get(), hunt, giver, from);
                return;
            } catch (Download.ManifestDoubted e) {
                manifests.drop(sha);
                LOG.warn(
                        "artifact.manifest-dropped sha={} by={} reason=\"{}\"",
                        sha.brief(),
                        giver.map(NodeId::name).orElse("an earlier try"),
                        e.getMessage());
                giver.ifPresent(wrong::add);
                giver = Optional.empty();
                if (time == MANIFESTS_MAX) throw e;
                hunt.forgive();
            }
        }
    }

    /// Waits for somebody who has the manifest. While it looks, it lets the leader know, which names others that have it,
    /// and calls holders that cannot be dialled.
    private Hunt.Given given(Hunt hunt, Set<NodeId> without) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + MANIFEST_MAX.toNanos();
        while (true) {
            try {
                return hunt.manifest(without);
            } catch (IOException e) {
                if (System.nanoTime() > deadline) throw e;
            }
            if (closed) throw new IOException("this node is ending");
            hunt.announce(reverse.dialable());
            Thread.sleep(MANIFEST_PAUSE);
        }
    }

    private void receive(Manifest manifest, Hunt hunt, Optional<NodeId> giver, Map<NodeId, Long> from)
            throws IOException, InterruptedException {
        Sha256 sha = manifest.sha();
        Arrival arrival = Arrival.open(store, manifest, counters);
        arriving.put(sha, arrival);
        try {
            Download.Terms terms =
                    new Download.Terms(reverse.dialable(), settings.uploadRate(), settings.downloadRate());
            Download download = new Download(arrival, means, directory, hunt, giver, threads, terms);
            downloads.add(download);
            try {
                if (closed) download.stop();
                download.run();
            } finally {
                downloads.remove(download);
                download.bytesFrom().forEach((node, bytes) -> from.merge(node, bytes, Long::sum));
            }
            arrival.finish();
        } catch (IOException e) {
            if (NoRoom.is(e)) {
                arrival.discard();
                throw new NoRoom(
                        "disk full: expected room for " + new Bytes(manifest.size()) + ", but found " + e.getMessage());
            }
            throw e;
        } finally {
            arriving.remove(sha);
            arrival.close();
        }
    }

    /// What this node has, for others.
    private final class Here implements LocalChunks {
        @Override
        public Optional<Content> open(Sha256 sha) throws IOException {
            Arrival arrival = arriving.get(sha);
            Optional<Content> coming = arrival == null ? Optional.empty() : arrival.reader();
            if (coming.isPresent()) return coming;
            Optional<FileChannel> whole = store.read(sha);
            return whole.isPresent()
                    ? Optional.of(new Whole(whole.get(), whole.get().size()))
                    : Optional.empty();
        }

        @Override
        public Optional<byte[]> manifest(Sha256 sha) throws IOException {
            Arrival arrival = arriving.get(sha);
            if (arrival != null) return Optional.of(Manifests.bytes(arrival.manifest()));
            Optional<FileChannel> whole = store.read(sha);
            if (whole.isEmpty()) return Optional.empty();
            try (FileChannel file = whole.get()) {
                return Optional.of(Manifests.bytes(manifests.of(sha, file)));
            }
        }

        @Override
        public Optional<byte[]> have(Sha256 sha) throws IOException {
            Arrival arrival = arriving.get(sha);
            if (arrival != null) return Optional.of(arrival.have().bits());
            Optional<FileChannel> whole = store.read(sha);
            if (whole.isEmpty()) return Optional.empty();
            try (FileChannel file = whole.get()) {
                long size = file.size();
                int chunks = (int) Math.ceilDiv(size, (long) Manifest.chunkBytesFor(size));
                return Optional.of(ChunkSet.all(chunks).bits());
            }
        }

        @Override
        public Optional<SshPlace> place(Sha256 sha, Optional<NodeId> asker) {
            return Swarm.this.place(sha, asker);
        }

        @Override
        public void reversed(NodeId from, Socket socket) throws IOException {
            connections.opened(from, socket);
        }
    }

    private record Whole(FileChannel file, long size) implements LocalChunks.Content {
        @Override
        public boolean has(long first, long last) {
            return true;
        }

        @Override
        public long transfer(long position, long count, WritableByteChannel to) throws IOException {
            return file.transferTo(position, count, to);
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }

    /// Ends what is on its way; it is kept for the next start.
    @Override
    public void close() {
        closed = true;
        downloads.forEach(Download::stop);
        ladder.close();
        reverse.close();
        connections.close();
        means.trickle().close();
        threads.shutdownNow();
    }
}
