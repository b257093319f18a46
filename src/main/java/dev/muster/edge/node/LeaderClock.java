package dev.muster.edge.node;

import dev.muster.core.check.Measured;
import dev.muster.core.check.Readings.Skew;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;

/// This node's clock against the leader's, by its answers to heartbeats: an answer was given between question and
/// arrival, so half of the time between is the most that the difference can be wrong by.
///
/// Thread-safe.
final class LeaderClock {
    /// The quickest of some answers is the most exact; older ones may be of another leader, or of a clock since set.
    private static final int KEPT = 4;

    private static final Duration OLD = Duration.ofSeconds(60);
    /// Time stamps have no finer steps.
    private static final Duration STEP = Duration.ofMillis(1);

    private record Sample(Skew skew, long nanos) {}

    private final Deque<Sample> samples = new ArrayDeque<>();

    /// @param middle between question and answer, by this node's clock
    /// @param leader its clock when it answered
    synchronized void heard(Instant middle, Duration trip, Instant leader) {
        Skew skew = new Skew(Duration.between(leader, middle), trip.dividedBy(2).plus(STEP));
        samples.addLast(new Sample(skew, System.nanoTime()));
        while (samples.size() > KEPT) samples.removeFirst();
    }

    /// This node leads: its clock is the measure.
    synchronized void own() {
        samples.clear();
        samples.addLast(new Sample(new Skew(Duration.ZERO, Duration.ZERO), System.nanoTime()));
    }

    /// Another leader has another clock.
    synchronized void forget() {
        samples.clear();
    }

    synchronized Measured<Skew> skew() {
        long now = System.nanoTime();
        return samples.stream()
                .filter(sample -> now - sample.nanos() < OLD.toNanos())
                .map(Sample::skew)
                .min(Comparator.comparing(Skew::bound))
                .<Measured<Skew>>map(Measured::of)
                .orElseGet(() -> Measured.unknown("no leader was heard lately"));
    }
}
