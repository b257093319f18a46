package dev.muster.market;

import java.time.Instant;

/// What a host offers to a running contract: a higher price from now on, for a later end. Left alone, the old price
/// stays until the old end.
///
/// @param oldPico of all GPUs, picodollars per second
public record Rise(
        long id, long instance, int host, long oldPico, long newPico, Instant end, Instant newEnd, Instant at) {
    public double oldPerSecond() {
        return new Usd(oldPico).dollars();
    }

    public double newPerSecond() {
        return new Usd(newPico).dollars();
    }
}
