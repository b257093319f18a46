package dev.muster.edge.swarm;

import dev.muster.core.state.NodeId;
import dev.muster.core.state.Sha256;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedByInterruptException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The ways by which a file may come, one after the other until one of them brings it. Whatever brings it, the file counts
/// once this node has read all of it and found its SHA-256.
final class Ladder implements AutoCloseable {
    private static final Duration LEAVE_MAX = Duration.ofSeconds(4);
    private static final Logger LOG = LoggerFactory.getLogger(Ladder.class);

    private final Map<Transport, Rung> rungs;
    private final Set<Thread> climbing = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    /// A file that is wanted.
    ///
    /// @param holders that verifiably hold it, in the order in which they are asked
    /// @param from    bytes by source, added to
    record Wish(Sha256 sha, long size, List<NodeId> holders, Map<NodeId, Long> from) {
        void came(NodeId source, long bytes) {
            if (bytes > 0) from.merge(source, bytes, Long::sum);
        }
    }

    /// One way.
    interface Rung {
        /// Whether it is worth trying where nobody asked for it.
        default boolean tried(Wish wish) {
            return true;
        }

        /// Brings the file into the store.
        ///
        /// @throws NoRoom      when no other way could bring it either
        /// @throws IOException why it did not; what came is kept for the next try
        void bring(Wish wish) throws IOException, InterruptedException;
    }

    /// @param rungs in the order in which they are tried
    Ladder(Map<Transport, Rung> rungs) {
        this.rungs = rungs;
    }

    /// @param asked [Transport#AUTO] for all of them
    /// @return the way that brought it
    /// @throws IOException says what each way said
    Transport climb(Transport asked, Wish wish) throws IOException, InterruptedException {
        Rung forced = rungs.get(asked);
        if (forced != null) {
            bring(asked, forced, wish);
            return asked;
        }
        List<String> troubles = new ArrayList<>();
        IOException last = null;
        for (Map.Entry<Transport, Rung> rung : rungs.entrySet()) {
            if (!rung.getValue().tried(wish)) continue;
            try {
                bring(rung.getKey(), rung.getValue(), wish);
                return rung.getKey();
            } catch (IOException e) {
                NoRoom.leave(e);
                leaveIfTold(e);
                last = e;
                troubles.add(rung.getKey().word() + ": " + e.getMessage());
                LOG.warn(
                        "artifact.way-failed sha={} transport={} reason=\"{}\"",
                        wish.sha().brief(),
                        rung.getKey().word(),
                        e.getMessage());
            }
        }
        throw new IOException("no way brought it: " + String.join("; ", troubles), last);
    }

    /// Who was interrupted tries no other way. A read or a write that was interrupted says so by what it throws.
    private static void leaveIfTold(IOException e) throws InterruptedException {
        boolean told = Thread.currentThread().isInterrupted()
                || e instanceof ClosedByInterruptException
                || e instanceof InterruptedIOException && !(e instanceof SocketTimeoutException)
                || e.getCause() instanceof InterruptedException;
        if (!told) return;
        InterruptedException left = new InterruptedException("told to leave off");
        left.initCause(e);
        throw left;
    }

    private void bring(Transport way, Rung rung, Wish wish) throws IOException, InterruptedException {
        Thread thread = Thread.currentThread();
        if (way != Transport.SWARM) climbing.add(thread); // that has an end of its own
        try {
            if (closed) throw new IOException("this node is ending");
            rung.bring(wish);
        } finally {
            climbing.remove(thread);
        }
    }

    /// Breaks off what is under way, and waits a little, so that no program goes on that was started for it.
    @Override
    public void close() {
        closed = true;
        climbing.forEach(Thread::interrupt);
        long deadline = System.nanoTime() + LEAVE_MAX.toNanos();
        try {
            while (!climbing.isEmpty() && System.nanoTime() < deadline) Thread.sleep(20);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Asks one holder after the other.
    interface Ask {
        void of(NodeId holder) throws IOException, InterruptedException;
    }

    /// @throws IOException says what each holder said
    static void each(Wish wish, Ask ask) throws IOException, InterruptedException {
        List<String> troubles = new ArrayList<>();
        for (NodeId holder : wish.holders()) {
            try {
                ask.of(holder);
                return;
            } catch (IOException e) {
                NoRoom.leave(e);
                leaveIfTold(e);
                troubles.add(holder + ": " + e.getMessage());
            }
        }
        throw new IOException(
                wish.holders().isEmpty()
                        ? "expected a node that holds " + wish.sha() + ", but nobody does"
                        : "expected one of " + wish.holders() + " to give "
                                + wish.sha().brief() + ", but " + String.join("; ", troubles));
    }
}
