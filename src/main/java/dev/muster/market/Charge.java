package dev.muster.market;

import java.time.Instant;

/// One line of a bill, within the window that was asked for.
///
/// @param quantity seconds, or bytes
/// @param perHour  for what is billed by time; nothing else has one
public record Charge(long instance, Kind kind, Instant from, Instant to, long quantity, Usd perHour, Usd amount) {
    /// What for.
    public enum Kind {
        GPU,
        DISK,
        /// received
        DOWN,
        /// sent
        UP,
        /// kept of a prepayment that was taken back
        FEE;

        boolean byTime() {
            return this == GPU || this == DISK;
        }
    }
}
