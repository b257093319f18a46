package dev.muster.core.state;

import java.time.Instant;
import java.util.Optional;
import java.util.regex.Pattern;

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
    /// Of a provider's id of a machine.
    public static final int RENTED_MAX = 40;

    /// What registries say of an image that is not there, or not for us: no other host will get it.
    private static final Pattern IMAGE = Pattern.compile(
            "pull access denied|manifest unknown|manifest for \\S+ not found|no matching manifest"
                    + "|repository does not exist|requested access to the resource is denied|invalid reference format",
            Pattern.CASE_INSENSITIVE);

    /// @throws IllegalArgumentException when it has no id
    public Sighting {
        if (rented.isEmpty() || rented.length() > RENTED_MAX)
            throw new IllegalArgumentException(
                    "expected a provider's id of 1 to " + RENTED_MAX + " characters, but found \"" + rented + "\"");
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

    /// Has it failed for its image, and for nothing that its host could help?
    public boolean imageFault() {
        return observed == Observed.FAILED && IMAGE.matcher(message).find();
    }
}
