package dev.muster.edge.swarm;

import dev.muster.core.state.NodeId;
import dev.muster.core.state.Sha256;
import dev.muster.core.swarm.SwarmPlanner.Failure;
import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// One chunk on its way from one source.
final class Flight {
    /// Where bytes come slowly, so many gather in the kernel before they are read. A socket's buffer holds more.
    private static final int GATHERED_BYTES = 32 << 10;
    /// It is slow where they take longer than this to come.
    private static final long SLOW_NANOS = TimeUnit.MILLISECONDS.toNanos(30);

    private final Arrival arrival;
    private final Means means;
    private final int chunk;
    private final NodeId source;
    private final boolean reversed;
    private final long beganNanos = System.nanoTime();
    private volatile long heardNanos = beganNanos;
    private volatile Optional<Connection> connection = Optional.empty();
    private volatile boolean abandoned;
    private volatile boolean come;
    /// By the flight's own thread.
    private boolean answered;
    private boolean unproven;
    private int kept;
    private long askedNanos;
    private long received;

    /// What every chunk of this agent is fetched with.
    record Means(
            Connections connections,
            String token,
            Limiter limiter,
            Counters counters,
            Buffers buffers,
            Trickle trickle) {}

    /// How it ended.
    sealed interface Landing {
        /// @param bytes that count; none when it had come from elsewhere already
        record Good(int bytes) implements Landing {}

        record Failed(Failure why, String message) implements Landing {}

        /// The source began and did not end.
        ///
        /// @param bytes that came of it
        record Cut(long bytes, String message) implements Landing {}

        /// This node's own disk.
        record Broken(IOException why) implements Landing {}
    }

    Flight(Arrival arrival, Means means, int chunk, NodeId source, boolean reversed) {
        this.arrival = arrival;
        this.means = means;
        this.chunk = chunk;
        this.source = source;
        this.reversed = reversed;
    }

    int chunk() {
        return chunk;
    }

    NodeId source() {
        return source;
    }

    long beganNanos() {
        return beganNanos;
    }

    Duration silence() {
        return Duration.ofNanos(System.nanoTime() - heardNanos);
    }

    /// Bytes that came of a chunk that did not, and that the next try begins with.
    int kept() {
        return kept;
    }

    /// Whether all its bytes have come; what became of them is about to be told.
    boolean hasCome() {
        return come;
    }

    /// Somebody else is to give it.
    void abandon() {
        abandoned = true;
        connection.ifPresent(Connection::close);
    }

    /// Fetches it, on the caller's thread. What an earlier try left of it, and what proved wrong, comes once more.
    Landing fly() throws InterruptedException {
        Landing landing = once();
        return unproven ? once() : landing;
    }

    private Landing once() throws InterruptedException {
        answered = false;
        Optional<Arrival.Place> place = arrival.begin(chunk);
        if (place.isEmpty()) {
            return arrival.has(chunk)
                    ? new Landing.Good(0)
                    : new Landing.Failed(Failure.REFUSED, "it is coming from too many at once");
        }
        boolean ended = false;
        try {
            Connection used = means.connections().to(source, reversed);
            boolean retry = used.proven();
            try {
                Landing landing = over(used, place.get());
                ended = true;
                return landing;
            } catch (EOFException | SocketException e) {
                // It may have been closed for idleness between two requests.
                if (!retry || abandoned || answered) throw e;
            }
            means.connections().forget(used);
            Landing landing = over(means.connections().to(source, reversed), place.get());
            ended = true;
            return landing;
        } catch (ConnectException e) {
            return new Landing.Failed(Failure.UNREACHABLE, String.valueOf(e.getMessage()));
        } catch (SocketTimeoutException e) {
            return new Landing.Failed(
                    Failure.TIMEOUT, "nothing came for " + silence().toMillis() + " ms");
        } catch (Disk e) {
            return new Landing.Broken(e.why);
        } catch (IOException e) {
            if (answered && !abandoned) return new Landing.Cut(received, e.toString());
            return new Landing.Failed(abandoned ? Failure.TIMEOUT : Failure.UNREACHABLE, e.toString());
        } finally {
            connection = Optional.empty();
            if (!ended) kept += arrival.cancel(place.get());
        }
    }

    /// Writing failed, not reading.
    private static final class Disk extends IOException {
        private static final long serialVersionUID = 1L;

        private final transient IOException why;

        private Disk(IOException why) {
            super(why);
            this.why = why;
        }
    }

    private Landing over(Connection used, Arrival.Place place) throws IOException, InterruptedException {
        connection = Optional.of(used);
        boolean good = false;
        try {
            if (abandoned) throw new SocketTimeoutException("given to somebody else");
            long offset = arrival.manifest().offset(chunk);
            String range = (offset + place.start()) + "-"
                    + (offset + arrival.manifest().length(chunk) - 1);
            heardNanos = System.nanoTime();
            askedNanos = heardNanos;
            received = 0;
            Head answer = used.ask(
                    "GET", "/artifacts/" + arrival.manifest().sha(), means.token(), Optional.of(range), new byte[0]);
            heardNanos = System.nanoTime();
            answered = true;
            Landing landing = answer.status() == 206 ? receive(used, answer, range, place) : refused(answer);
            if (!(landing instanceof Landing.Good)) kept += arrival.cancel(place);
            good = true;
            return landing;
        } finally {
            connection = Optional.empty(); // before others may use it
            if (good) means.connections().give(used);
            else used.close();
        }
    }

    private Landing refused(Head answer) {
        Failure why = switch (answer.status()) {
            case 503, 429 -> Failure.REFUSED;
            case 404, 416 -> Failure.GONE;
            default -> Failure.UNREACHABLE;
        };
        return new Landing.Failed(why, "it answered " + answer.start());
    }

    private Landing receive(Connection used, Head answer, String range, Arrival.Place place)
            throws IOException, InterruptedException {
        int length = arrival.manifest().length(chunk);
        String where = "bytes " + range + "/" + arrival.manifest().size();
        if (answer.length() != length - place.start()
                || !answer.field("content-range").equals(Optional.of(where))) {
            return new Landing.Failed(
                    Failure.CORRUPT, "expected " + where + ", but found " + answer.field("content-range"));
        }
        Hash digest = new Hash();
        ByteBuffer buffer = means.buffers().take();
        try {
            started(place, buffer, digest);
            for (int at = place.start(); at < length; ) {
                calm(used, length - at);
                int gathered = gather(used, buffer.array(), length - at);
                digest.update(buffer.array(), 0, gathered);
                if (!written(place, buffer.clear().limit(gathered), at)) return new Landing.Good(0);
                at += gathered;
            }
        } finally {
            means.buffers().give(buffer);
        }
        return landed(place, digest.end());
    }

    /// Bytes come a packet or two at a time; they are hashed and written in larger pieces.
    private int gather(Connection used, byte[] buffer, int left) throws IOException, InterruptedException {
        int wanted = Math.min(buffer.length, left);
        int gathered = 0;
        while (gathered < wanted) {
            int read = used.read(buffer, gathered, wanted - gathered);
            heardNanos = System.nanoTime();
            means.counters().bytesIn.add(read);
            means.limiter().take(read);
            gathered += read;
            received += read;
        }
        return gathered;
    }

    private void calm(Connection used, int left) throws IOException, InterruptedException {
        if (slow() && used.available() < Math.min(left, Buffers.BYTES))
            means.trickle().await(used, Math.min(left, GATHERED_BYTES));
    }

    private boolean slow() {
        long nanos = heardNanos - askedNanos;
        return nanos > SLOW_NANOS && received * (double) SLOW_NANOS < (double) GATHERED_BYTES * nanos;
    }

    private void started(Arrival.Place place, ByteBuffer buffer, Hash digest) throws Disk {
        try {
            arrival.start(place, buffer, digest);
        } catch (IOException e) {
            throw new Disk(e);
        }
    }

    private boolean written(Arrival.Place place, ByteBuffer bytes, long at) throws Disk {
        try {
            return arrival.write(place, bytes, at);
        } catch (IOException e) {
            throw new Disk(e);
        }
    }

    private Landing landed(Arrival.Place place, Sha256 found) throws Disk {
        come = true;
        try {
            return switch (arrival.end(place, found)) {
                case GOOD -> new Landing.Good(arrival.manifest().length(chunk) - place.start());
                case TWICE -> new Landing.Good(0);
                case UNPROVEN -> {
                    unproven = true;
                    come = false;
                    yield new Landing.Failed(Failure.TIMEOUT, "what an earlier try left of it is wrong");
                }
                case CORRUPT ->
                    new Landing.Failed(
                            Failure.CORRUPT,
                            "expected a chunk with SHA-256 "
                                    + arrival.manifest().chunks().get(chunk) + ", but found " + found);
            };
        } catch (IOException e) {
            throw new Disk(e);
        }
    }
}
