package dev.muster.market;

import java.time.Instant;

/// A part of a machine that can be rented, as it is now.
///
/// @param ask      its id
/// @param gpus     a power of two
/// @param rentable nobody rents any of these GPUs on demand, and the host is there
/// @param rented   somebody rents some of these GPUs, on demand or by a bid
/// @param perHour  on demand, without storage
/// @param minBid   the least per hour that wins now
/// @param until    when the host's listing ends, and with it every contract made now
public record Offer(
        long ask,
        Hardware machine,
        Prices prices,
        int gpus,
        boolean rentable,
        boolean rented,
        boolean online,
        Usd perHour,
        Usd minBid,
        Instant listedAt,
        Instant until) {
    /// Storage of so many GB for an hour.
    public Usd storagePerHour(double gb) {
        return Usd.perHour(prices.diskPico(gb));
    }

    public double share() {
        return (double) gpus / machine.gpus();
    }
}
