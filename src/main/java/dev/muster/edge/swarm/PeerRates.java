package dev.muster.edge.swarm;

import dev.muster.core.state.NodeId;
import java.io.InterruptedIOException;
import java.util.Comparator;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/// What passes between this node and single others in one direction, beside the node's own limit: each peer has a limiter
/// of its own.
final class PeerRates {
    private static final Limiter NONE = new Limiter(0);

    private final Map<String, Long> rates;
    private final Map<NodeId, Limiter> limiters = new ConcurrentHashMap<>();

    /// @param rates bytes per second by a node's name, or a pattern with `*`; 0 for no limit
    PeerRates(Map<String, Long> rates) {
        this.rates = Map.copyOf(rates);
    }

    /// That of the name itself, else of the longest pattern that fits; 0 for no limit.
    long rate(NodeId node) {
        Long own = rates.get(node.name());
        if (own != null) return own;
        return rates.entrySet().stream()
                .filter(entry -> fits(entry.getKey(), node.name()))
                .max(Comparator.comparingInt((Map.Entry<String, Long> entry) ->
                                entry.getKey().length())
                        .thenComparing(Map.Entry::getKey))
                .map(Map.Entry::getValue)
                .orElse(0L);
    }

    private static boolean fits(String pattern, String name) {
        return name.matches(Pattern.quote(pattern).replace("*", "\\E.*\\Q"));
    }

    Limiter of(NodeId node) {
        return rates.isEmpty() ? NONE : limiters.computeIfAbsent(node, peer -> new Limiter(rate(peer)));
    }

    /// The smaller of two limits of which 0 is none.
    static long least(long one, long other) {
        return one == 0 || other == 0 ? Math.max(one, other) : Math.min(one, other);
    }

    static void pass(Limiter limiter, int bytes) throws InterruptedIOException {
        try {
            limiter.take(bytes);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while it kept to a limit");
        }
    }
}
