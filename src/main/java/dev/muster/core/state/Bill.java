package dev.muster.core.state;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// What a rented machine has cost: up to `at` it is booked, and from then on it costs `perHour`.
///
/// @param booked  in the [Ledger], too
/// @param perHour as the provider last said
/// @param charged up to when the provider's own charges were taken over; until then the price and our clock say
public record Bill(Money booked, Instant at, Money perHour, Optional<Instant> charged) {
    static Bill from(Instant at) {
        return new Bill(Money.ZERO, at, Money.ZERO, Optional.empty());
    }

    /// All that it has cost, up to then.
    public Money total(Instant then) {
        return booked.plus(since(then));
    }

    /// What is not booked yet.
    Money since(Instant then) {
        return then.isAfter(at) ? perHour.perHourFor(Duration.between(at, then)) : Money.ZERO;
    }

    /// What of it is not booked yet, and was spent after `from`.
    Money since(Instant from, Instant then) {
        return from.isAfter(at) ? since(then).minus(since(from)) : since(then);
    }
}
