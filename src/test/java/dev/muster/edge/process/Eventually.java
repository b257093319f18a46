package dev.muster.edge.process;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/// Polls with a deadline.
final class Eventually {
    private static final Duration MAX = Duration.ofSeconds(30);

    private Eventually() {}

    interface Condition {
        boolean holds() throws IOException;
    }

    static void until(String what, Condition condition) throws IOException {
        long deadline = System.nanoTime() + MAX.toNanos();
        while (!condition.holds()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("expected within " + MAX.toSeconds() + " s: " + what);
            }
            LockSupport.parkNanos(5_000_000);
        }
    }
}
