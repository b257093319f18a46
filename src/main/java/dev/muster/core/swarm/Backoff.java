package dev.muster.core.swarm;

/// How long somebody who failed is left alone: twice as long after every failure in a row, from 0.5 s to 32 s, and tried
/// with one chunk after that.
final class Backoff {
    private static final long FIRST_NANOS = 500_000_000L;

    private static final int DOUBLINGS_MAX = 6;

    private final int tolerated;
    private int failures;
    private int pauses;
    private long until = Long.MIN_VALUE;

    /// @param tolerated failures in a row that mean nothing yet
    Backoff(int tolerated) {
        this.tolerated = tolerated;
    }

    void failed(long now) {
        if (now >= until && (++failures > tolerated || pauses > 0)) pause(now);
    }

    /// Somebody who is surely to blame is not tolerated.
    void pause(long now) {
        if (now < until) return;
        until = now + (FIRST_NANOS << Math.min(pauses, DOUBLINGS_MAX));
        pauses++;
        failures = 0;
    }

    boolean open(long now) {
        return now >= until;
    }

    /// Whether nothing has come since the last pause.
    boolean onProbation() {
        return pauses > 0;
    }

    void succeeded() {
        failures = 0;
        pauses = 0;
        until = Long.MIN_VALUE;
    }
}
