package dev.muster.edge.provider;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/// How soon each endpoint may be asked again. Providers count per account, and tell neither the limit nor when it is
/// over.
///
/// It has no clock, and waits for nobody: it says how long to wait. It counts this process's calls only; what others
/// ask with the same account shows as refusals ([#refused]).
final class Pacing {
    /// @param every between two calls, on average
    /// @param burst calls that may come at once after a pause
    record Limit(Duration every, int burst) {
        Limit {
            if (every.isNegative() || burst < 1)
                throw new IllegalArgumentException(
                        "expected a limit of some time and at least one call, but found " + every + " and " + burst);
        }

        static Limit seconds(double every) {
            return new Limit(Duration.ofMillis(Math.round(every * 1000)), 1);
        }
    }

    private final Map<String, Limit> limits;
    private final Limit other;
    /// By endpoint, when a call would be due if all came evenly (the generic cell rate algorithm, ITU-T I.371).
    private final Map<String, Instant> due = new HashMap<>();

    /// @param other for endpoints that are not listed
    Pacing(Map<String, Limit> limits, Limit other) {
        this.limits = Map.copyOf(limits);
        this.other = other;
    }

    /// Takes the next turn.
    ///
    /// @return how long to wait for it; zero for now
    synchronized Duration turn(String endpoint, Instant now) {
        Limit limit = limit(endpoint);
        Instant ideal = due.getOrDefault(endpoint, now);
        if (ideal.isBefore(now)) ideal = now;
        due.put(endpoint, ideal.plus(limit.every));
        Instant allowed = ideal.minus(limit.every.multipliedBy(limit.burst - 1L));
        return allowed.isAfter(now) ? Duration.between(now, allowed) : Duration.ZERO;
    }

    /// An answer came. The provider counts a call when it arrives, which may be as late as that: what follows waits for it, at most
    /// a turn longer.
    synchronized void took(String endpoint, Duration time) {
        Duration every = limit(endpoint).every;
        Duration late = time.compareTo(every) < 0 ? time : every;
        if (late.isPositive()) due.computeIfPresent(endpoint, (name, next) -> next.plus(late));
    }

    /// The provider found that it was too soon: the next turn comes after twice the usual time, without a burst.
    synchronized void refused(String endpoint, Instant now) {
        Limit limit = limit(endpoint);
        Instant later = now.plus(limit.every.multipliedBy(limit.burst + 1L));
        due.merge(endpoint, later, (old, young) -> old.isAfter(young) ? old : young);
    }

    private Limit limit(String endpoint) {
        return limits.getOrDefault(endpoint, other);
    }
}
