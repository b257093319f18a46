package dev.muster.edge.http;

import dev.muster.core.state.Journal;
import dev.muster.edge.node.Member;
import dev.muster.edge.view.EventRow;
import dev.muster.edge.wire.Wire;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/// Events as server-sent events: `id` is the revision, `event` the name, `data` the [EventRow] as JSON.
///
/// A reader that falls [#BUFFER_MAX] events behind is dropped; its browser or client comes back with
/// `Last-Event-ID` and goes on where it was, as far back as the recent events reach.
final class EventStreams {
    /// Some seconds of a busy cluster, at about 300 bytes each: 1.2 MB for one stuck reader.
    static final int BUFFER_MAX = 4096;
    /// Readers at once, on one node.
    static final int READERS_MAX = 64;
    /// Between two signs of life on a quiet stream: proxies cut silent connections after 30 to 60 s.
    private static final long QUIET_SECONDS = 15;

    private final Member member;
    private final Semaphore places = new Semaphore(READERS_MAX);

    EventStreams(Member member) {
        this.member = member;
    }

    Reply open(long after, EventRow.Filter filter) {
        return open(out -> serve(out, after, filter));
    }

    /// Any other stream of events takes a place as well.
    Reply open(Reply.Stream.Body body) {
        if (places.availablePermits() == 0) {
            throw Problem.of(
                    429, "FULL", "expected at most " + READERS_MAX + " event streams on one node", "ask another node");
        }
        return new Reply.Stream("text/event-stream", out -> {
            if (!places.tryAcquire()) return;
            try {
                body.write(out);
            } finally {
                places.release();
            }
        });
    }

    @SuppressWarnings("try") // the subscription only has to be closed
    private void serve(OutputStream out, long after, EventRow.Filter filter) throws IOException, InterruptedException {
        BlockingQueue<Journal.Entry> queue = new ArrayBlockingQueue<>(BUFFER_MAX);
        Dropper dropper = new Dropper(queue, Thread.currentThread());
        try (AutoCloseable subscription = member.subscribe(after, dropper::take)) {
            write(out, ": events after revision " + after + "\nretry: 1000\n\n");
            while (!dropper.dropped) {
                Journal.Entry entry = queue.poll(QUIET_SECONDS, TimeUnit.SECONDS);
                if (entry == null) write(out, ":\n\n");
                else if (filter.takes(entry)) write(out, frame(entry));
            }
        } catch (IOException | InterruptedException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException("closing the subscription", e);
        } finally {
            dropper.done();
        }
    }

    /// Called on the node's own thread, which must not wait for a reader.
    private static final class Dropper {
        private final BlockingQueue<Journal.Entry> queue;
        private Thread writer;
        private volatile boolean dropped;

        Dropper(BlockingQueue<Journal.Entry> queue, Thread writer) {
            this.queue = queue;
            this.writer = writer;
        }

        void take(Journal.Entry entry) {
            if (dropped || queue.offer(entry)) return;
            drop();
        }

        /// Interrupting a virtual thread that is stuck in a socket write closes the socket.
        private synchronized void drop() {
            dropped = true;
            if (writer != null) writer.interrupt();
        }

        /// The thread goes on to serve other requests; it must not be interrupted any more.
        synchronized void done() {
            writer = null;
        }
    }

    private static String frame(Journal.Entry entry) {
        EventRow row = EventRow.of(entry);
        return "id: " + row.revision() + "\nevent: " + row.name() + "\ndata: " + Wire.text(row) + "\n\n";
    }

    private static void write(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.UTF_8));
        out.flush();
    }
}
