package dev.muster.edge.http;

import java.time.Duration;

/// Interrupts the virtual thread that opened it, unless it is closed in time. That closes the connection the thread
/// reads from or writes to. (Helidon 4.5 accepts channels and does not apply its read timeout to them.)
final class Deadline implements AutoCloseable {
    private final Thread guard;
    private Thread guarded;

    private Deadline(Thread guarded, Duration limit) {
        this.guarded = guarded;
        this.guard = Thread.ofVirtual().name("api-deadline").start(() -> interruptAfter(limit));
    }

    static Deadline after(Duration limit) {
        return new Deadline(Thread.currentThread(), limit);
    }

    private void interruptAfter(Duration limit) {
        try {
            Thread.sleep(limit);
        } catch (InterruptedException e) {
            return;
        }
        synchronized (this) {
            if (guarded != null) guarded.interrupt();
        }
    }

    @Override
    public void close() {
        synchronized (this) {
            guarded = null;
        }
        guard.interrupt();
    }
}
