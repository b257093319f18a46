package dev.muster.edge.swarm;

import java.util.concurrent.TimeUnit;

/// Lets bytes pass at a rate, with a tenth of a second's worth at once. Fair enough for a few dozen threads: each takes
/// its turn when it asks.
final class Limiter {
    /// Longer bursts fill the line's queue, and everybody behind it waits.
    private static final long BURST_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private static final long PIECES_A_SECOND = 20;
    private static final long PIECE_MIN = 4 << 10;

    private final long rate;
    private long freeNanos = System.nanoTime();

    /// @param rate bytes per second; 0 for no limit
    Limiter(long rate) {
        if (rate < 0) throw new IllegalArgumentException("expected a rate of 0 or more, but found " + rate);
        this.rate = rate;
    }

    /// What to ask for at a time: a twentieth of a second's worth, so that all who share a slow line hear something often.
    ///
    /// @param most bytes, and the answer where there is no limit
    long piece(long most) {
        return rate == 0 ? most : Math.clamp(rate / PIECES_A_SECOND, PIECE_MIN, most);
    }

    /// Waits until the bytes may pass.
    void take(long bytes) throws InterruptedException {
        if (rate == 0) return;
        long wait = book(bytes, System.nanoTime());
        if (wait > 0) TimeUnit.NANOSECONDS.sleep(wait);
    }

    private synchronized long book(long bytes, long now) {
        if (freeNanos - now < -BURST_NANOS) freeNanos = now - BURST_NANOS;
        freeNanos += (long) (bytes * 1e9 / rate);
        return freeNanos - now;
    }
}
