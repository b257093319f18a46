package dev.muster.core.rent;

import dev.muster.core.state.Money;
import java.time.Instant;

/// One line of a provider's bill.
///
/// @param machine     the provider's id of the machine; empty when it is for something else
/// @param label       of the machine; may be empty
/// @param amount      negative when we were given something
/// @param description in the provider's words
public record Charge(
        String provider,
        String machine,
        String label,
        Kind kind,
        Instant from,
        Instant to,
        Money amount,
        String description) {
    public enum Kind {
        GPU,
        DISK,
        UP,
        DOWN,
        OTHER
    }
}
