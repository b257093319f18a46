package dev.muster.edge.swarm;

import java.util.concurrent.TimeUnit;

/// Bytes per second over the last few seconds. Not thread-safe.
final class Meter {
    /// Long enough that chunks of a slow line do not make it jump, short enough that a person sees a change.
    private static final int SECONDS = 5;

    private final long[] bytes = new long[SECONDS];
    private final long startNanos;
    private long second;

    /// @param nowNanos of a clock that does not go back
    Meter(long nowNanos) {
        startNanos = nowNanos;
    }

    void add(long count, long nowNanos) {
        turn(nowNanos);
        bytes[(int) (second % SECONDS)] += count;
    }

    /// 0 while nothing came.
    long rate(long nowNanos) {
        turn(nowNanos);
        long sum = 0;
        for (long each : bytes) sum += each;
        double span = Math.min(seconds(nowNanos), SECONDS - 1 + seconds(nowNanos) - second);
        return span <= 0 ? 0 : (long) (sum / Math.max(span, 0.2));
    }

    private void turn(long nowNanos) {
        long now = (long) seconds(nowNanos);
        for (long gone = Math.max(second + 1, now - SECONDS + 1); gone <= now; gone++)
            bytes[(int) (gone % SECONDS)] = 0;
        second = Math.max(second, now);
    }

    private double seconds(long nowNanos) {
        return (nowNanos - startNanos) / (double) TimeUnit.SECONDS.toNanos(1);
    }
}
