package dev.muster.edge.swarm;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Waits for what comes slowly over many connections, and wakes who reads one of them once there is enough to be worth
/// it: one thread looks at all of them every few milliseconds. A thread that wakes for each packet or two costs more than
/// all else together, and so does a timer for each thread: 35 µs a turn on a small virtual machine.
final class Trickle implements AutoCloseable {
    private static final long LOOK_MILLIS = 20;
    /// Nobody waits longer for more; whether any comes at all is the reader's business.
    private static final long PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    private final List<Waiting> waiting = new ArrayList<>();
    private boolean closed;

    /// A reader that waits, notified under its own monitor.
    private static final class Waiting {
        private final Connection connection;
        private final int wanted;
        private final long sinceNanos = System.nanoTime();
        private boolean over;

        private Waiting(Connection connection, int wanted) {
            this.connection = connection;
            this.wanted = wanted;
        }

        private boolean enough(long now) {
            if (now - sinceNanos > PATIENCE_NANOS) return true;
            try {
                return connection.available() >= wanted;
            } catch (IOException e) {
                return true; // the reader will see
            }
        }

        private synchronized void end() {
            over = true;
            notifyAll();
        }

        private synchronized void await() throws InterruptedException {
            while (!over) wait();
        }
    }

    Trickle() {
        Thread.ofPlatform().daemon().name("trickle").start(this::look);
    }

    /// Returns once so many bytes can be read without waiting, or the connection has ended, or it has taken long.
    void await(Connection connection, int wanted) throws InterruptedException {
        Waiting one = new Waiting(connection, wanted);
        synchronized (this) {
            if (closed) return;
            waiting.add(one);
            if (waiting.size() == 1) notifyAll();
        }
        one.await();
    }

    private void look() {
        try {
            while (true) {
                List<Waiting> ended = new ArrayList<>();
                synchronized (this) {
                    while (waiting.isEmpty() && !closed) wait();
                    if (closed) return;
                    long now = System.nanoTime();
                    waiting.removeIf(one -> one.enough(now) && ended.add(one));
                }
                ended.forEach(Waiting::end);
                Thread.sleep(LOOK_MILLIS);
            }
        } catch (InterruptedException e) {
            close();
        }
    }

    /// Nobody waits any longer.
    @Override
    public synchronized void close() {
        closed = true;
        waiting.forEach(Waiting::end);
        waiting.clear();
        notifyAll();
    }
}
