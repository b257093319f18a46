package dev.muster.sim;

import java.time.Duration;
import java.time.Instant;
import java.util.PriorityQueue;

/// The virtual clock and the one queue of what is to happen. Two things due at the same millisecond happen in the order
/// in which they were planned.
final class Agenda {
    static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private final PriorityQueue<Item> queue = new PriorityQueue<>();
    private long nowMs;
    private long planned;

    private record Item(long atMs, long order, Runnable what) implements Comparable<Item> {
        @Override
        public int compareTo(Item other) {
            int byTime = Long.compare(atMs, other.atMs);
            return byTime != 0 ? byTime : Long.compare(order, other.order);
        }
    }

    /// Milliseconds since the start.
    long nowMs() {
        return nowMs;
    }

    Instant now() {
        return START.plusMillis(nowMs);
    }

    Duration elapsed() {
        return Duration.ofMillis(nowMs);
    }

    void in(long delayMs, Runnable what) {
        queue.add(new Item(nowMs + Math.max(0, delayMs), planned++, what));
    }

    /// Does everything that is due up to `untilMs`, and leaves the clock there.
    void runUntil(long untilMs) {
        while (!queue.isEmpty() && queue.peek().atMs() <= untilMs) {
            Item item = queue.poll();
            nowMs = item.atMs();
            item.what().run();
        }
        nowMs = Math.max(nowMs, untilMs);
    }
}
