package dev.muster.edge.ssh;

import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

/// Waiting for what happens elsewhere, for half a minute at most.
final class Polled {
    private Polled() {}

    static void until(Callable<Boolean> holds) {
        long endNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        try {
            while (!holds.call()) {
                if (System.nanoTime() > endNanos) throw new AssertionError("it did not become so within 30 s");
                TimeUnit.MILLISECONDS.sleep(20);
            }
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
