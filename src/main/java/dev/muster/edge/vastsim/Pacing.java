package dev.muster.edge.vastsim;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/// A least interval between two calls of one endpoint, as the real service has it. A call that was refused does not count.
final class Pacing {
    private final LongSupplier nanos;
    private final Map<String, Long> last = new ConcurrentHashMap<>();

    Pacing(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /// Takes the turn, if it has come.
    boolean allows(Route route) {
        if (route.interval() == 0) return true;
        long now = nanos.getAsLong();
        long interval = (long) (route.interval() * 1e9);
        Long turn = last.compute(
                route.name(), (name, before) -> before != null && now - before < interval ? before : Long.valueOf(now));
        return turn == now;
    }

    /// Plain text, as it is often seen.
    static Reply tooSoon(Route route) {
        return Reply.text(429, "text/plain", "API requests too frequent: endpoint threshold=" + route.interval());
    }
}
