package dev.muster.core.state;

import java.time.Instant;
import java.util.Optional;

/// A rented machine as its provider last listed it.
///
/// @param rented         the provider's id of it
/// @param observed       what is seen
/// @param perHourNow     charged now
/// @param perHourRunning charged while it runs
/// @param contractEnds   when the contract ends at the latest
/// @param message        the provider's or the host's last words; may be empty
public record Sighting(
        String rented,
        Observed observed,
        Money perHourNow,
        Money perHourRunning,
        Optional<Instant> contractEnds,
        String message) {
    /// Providers' words can be long.
    public static final int MESSAGE_MAX = 200;

    /// @throws IllegalArgumentException when it has no id
    public Sighting {
        if (rented.isEmpty() || rented.length() > 40)
            throw new IllegalArgumentException(
                    "expected a provider's id of 1 to 40 characters, but found \"" + rented + "\"");
        perHourNow = Rent.price(perHourNow);
        perHourRunning = Rent.price(perHourRunning);
        message = message.substring(0, Math.min(message.length(), MESSAGE_MAX));
    }

    /// The same but for its words.
    public boolean same(Sighting other) {
        return rented.equals(other.rented)
                && observed == other.observed
                && perHourNow.equals(other.perHourNow)
                && perHourRunning.equals(other.perHourRunning)
                && contractEnds.equals(other.contractEnds);
    }
}
