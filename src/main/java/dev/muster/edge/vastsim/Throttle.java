package dev.muster.edge.vastsim;

import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/// A least interval between two calls of one endpoint, or so many at once, as the real service has it. A call that was
/// refused does not count.
final class Throttle {
    private final LongSupplier nanos;
    /// When each endpoint's calls so far are paid off, at one per interval.
    private final Map<String, Long> due = new HashMap<>();

    Throttle(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /// Takes the turn, if it has come.
    synchronized boolean allows(Route route) {
        if (route.interval() == 0) return true;
        long now = nanos.getAsLong();
        long interval = (long) (route.interval() * 1e9);
        long next = Math.max(due.getOrDefault(route.name(), now), now) + interval;
        if (next - now > interval * route.burst()) return false;
        due.put(route.name(), next);
        return true;
    }

    /// Plain text, as it is often seen.
    static Reply tooSoon(Route route) {
        return Reply.text(429, "text/plain", "API requests too frequent: endpoint threshold=" + route.interval());
    }
}
