package dev.muster.edge.swarm;

import dev.muster.core.state.NodeId;
import dev.muster.core.swarm.Manifest;
import dev.muster.core.swarm.SwarmPlanner.Failure;
import java.io.EOFException;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The plain way: one holder after the other. Chunk by chunk into the swarm's own `.part`, where somebody has the manifest,
/// so that an earlier try goes on; else byte after byte into a file beside it, which a later try goes on with.
final class OneSource implements Ladder.Rung {
    /// Failures of one holder before the next is asked.
    private static final int FAILURES_MAX = 3;
    /// A holder of a large file reads all of it once before it knows its manifest.
    private static final int MANIFEST_PATIENCE_MILLIS = 30_000;
    /// Two chunks and less come in one answer.
    static final long SMALL_BYTES = 256 << 10;

    private static final int BUFFER_BYTES = 64 << 10;

    private static final Logger LOG = LoggerFactory.getLogger(OneSource.class);

    private final HolderLine line;
    private final Flight.Means means;
    private final Store store;
    private final Manifests manifests;

    OneSource(HolderLine line, Flight.Means means, Store store, Manifests manifests) {
        this.line = line;
        this.means = means;
        this.store = store;
        this.manifests = manifests;
    }

    @Override
    public void bring(Ladder.Wish wish) throws IOException, InterruptedException {
        Ladder.each(wish, holder -> {
            if (wish.size() <= SMALL_BYTES) whole(holder, wish);
            else large(holder, wish);
        });
    }

    private void whole(NodeId holder, Ladder.Wish wish) throws IOException, InterruptedException {
        try (Connection connection = line.to(holder, wish.sha(), wish.size())) {
            boolean again = connection.proven(); // it may have been closed for idleness
            try {
                whole(holder, wish, connection);
                return;
            } catch (EOFException | SocketException e) {
                if (!again) throw e;
                line.forget(connection);
            }
        }
        try (Connection connection = line.to(holder, wish.sha(), wish.size())) {
            whole(holder, wish, connection);
        }
    }

    private void whole(NodeId holder, Ladder.Wish wish, Connection connection) throws IOException {
        Head answer = connection.ask("GET", "/artifacts/" + wish.sha(), means.token(), Optional.empty(), new byte[0]);
        if (answer.status() != 200) throw new IOException("it answered " + answer.start());
        try (InputStream in = connection.stream()) {
            store.receive(wish.sha(), wish.size(), in);
        }
        means.counters().bytesIn.add(wish.size());
        wish.came(holder, wish.size());
    }

    private void large(NodeId holder, Ladder.Wish wish) throws IOException, InterruptedException {
        Optional<Manifest> manifest = manifests.find(wish.sha(), wish.size());
        if (manifest.isEmpty()) manifest = given(holder, wish);
        if (manifest.isPresent()) {
            try {
                chunks(holder, manifest.get(), wish);
                return;
            } catch (Download.ManifestDoubted e) {
                manifests.drop(wish.sha());
                store.deletePartial(wish.sha());
                LOG.warn(
                        "artifact.manifest-dropped sha={} reason=\"{}\"",
                        wish.sha().brief(),
                        e.getMessage());
            }
        }
        straight(holder, wish);
    }

    /// The holder's manifest; empty when it has none, for instance because its file is not what it should be.
    private Optional<Manifest> given(NodeId holder, Ladder.Wish wish) throws IOException, InterruptedException {
        try {
            Optional<byte[]> bytes = line.small(
                    holder, wish.sha(), wish.size(), "/manifest", Manifests.BYTES_MAX, MANIFEST_PATIENCE_MILLIS);
            if (bytes.isEmpty()) return Optional.empty();
            Manifest manifest = Manifests.parse(bytes.get(), wish.sha(), wish.size());
            manifests.keep(manifest);
            return Optional.of(manifest);
        } catch (ConnectException e) {
            throw e;
        } catch (IOException e) {
            LOG.debug("{} gives no manifest", holder, e);
            return Optional.empty();
        }
    }

    private void chunks(NodeId holder, Manifest manifest, Ladder.Wish wish) throws IOException, InterruptedException {
        boolean reversed = reversed(holder, wish);
        try (Arrival arrival = Arrival.open(store, manifest, means.counters())) {
            int failures = 0;
            for (int chunk = 0; chunk < manifest.count(); ) {
                if (arrival.has(chunk)) {
                    chunk++;
                    continue;
                }
                switch (new Flight(arrival, means, chunk, holder, reversed).fly()) {
                    case Flight.Landing.Good(int bytes) -> wish.came(holder, bytes);
                    case Flight.Landing.Failed(var why, String message) -> {
                        if (++failures < FAILURES_MAX) continue;
                        if (why == Failure.CORRUPT) throw new Download.ManifestDoubted(message);
                        throw new IOException(message);
                    }
                    case Flight.Landing.Cut(long bytes, String message) -> {
                        if (++failures == FAILURES_MAX) throw new IOException(message);
                    }
                    case Flight.Landing.Broken(IOException why) -> throw why;
                }
            }
            arrival.finish();
        }
    }

    private boolean reversed(NodeId holder, Ladder.Wish wish) throws IOException, InterruptedException {
        Connection connection = line.to(holder, wish.sha(), wish.size());
        line.give(connection);
        return Connections.reversed(connection);
    }

    /// Without knowing what its pieces are: only at the end it shows whether they were right. When an earlier try's bytes,
    /// which may have come from another holder, spoil it, this one gets a try of its own.
    private void straight(NodeId holder, Ladder.Wish wish) throws IOException, InterruptedException {
        for (boolean again = false; ; again = true) {
            long[] before = {0};
            try {
                store.aside(wish.sha(), wish.size(), "http", file -> before[0] = append(holder, wish, file));
                return;
            } catch (IOException e) {
                if (before[0] == 0 || again) throw e;
            }
        }
    }

    /// @return bytes that were there before
    private long append(NodeId holder, Ladder.Wish wish, Path file) throws IOException, InterruptedException {
        long began = Files.exists(file) ? Files.size(file) : 0;
        try (OutputStream out = new FileOutputStream(file.toFile(), true)) {
            int failures = 0;
            for (long at = began; at < wish.size(); ) {
                long before = at;
                try {
                    at += piece(holder, wish, at, out);
                } catch (IOException e) {
                    at = Files.size(file);
                    failures = at - before >= BUFFER_BYTES ? 1 : failures + 1;
                    if (NoRoom.is(e) || e instanceof ConnectException || failures == FAILURES_MAX) throw e;
                }
            }
        }
        return began;
    }

    private long piece(NodeId holder, Ladder.Wish wish, long first, OutputStream out)
            throws IOException, InterruptedException {
        long length = wish.size() - first;
        try (Connection connection = line.to(holder, wish.sha(), wish.size())) {
            String range = first + "-" + (wish.size() - 1);
            Head answer =
                    connection.ask("GET", "/artifacts/" + wish.sha(), means.token(), Optional.of(range), new byte[0]);
            String where = "bytes " + range + "/" + wish.size();
            boolean asked = answer.field("content-range").equals(Optional.of(where)) && answer.length() == length;
            if (answer.status() != 206 || !asked) {
                throw new IOException("expected " + where + ", but it answered " + answer.start() + " "
                        + answer.field("content-range").orElse(""));
            }
            byte[] buffer = new byte[BUFFER_BYTES];
            for (long left = length; left > 0; ) {
                int read = connection.read(buffer, 0, buffer.length);
                if (read < 0) throw new IOException("expected " + left + " more bytes");
                out.write(buffer, 0, read);
                left -= read;
                wish.came(holder, read);
                means.counters().bytesIn.add(read);
                means.limiter().take(read);
            }
        }
        return length;
    }
}
