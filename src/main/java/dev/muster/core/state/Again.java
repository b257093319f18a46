package dev.muster.core.state;

import java.time.Duration;
import java.util.Optional;

/// What is rented in the place of a machine that fails before it has joined: whatever fits as well, of another host.
///
/// @param query     in the words of an offer's search, all of them
/// @param priceMax  per hour, with disk and traffic
/// @param up        traffic per hour that is in the price
/// @param down      likewise
/// @param left      so often
/// @param insteadOf the one that failed before; empty for the first
public record Again(String query, Money priceMax, Bytes up, Bytes down, int left, Optional<InstanceId> insteadOf) {
    /// More hosts than that do not fail one after the other by chance.
    public static final int MOST = 5;

    /// After the end of one that failed, no other is taken: whoever waited has made other plans.
    public static final Duration WITHIN = Duration.ofMinutes(10);

    private static final int QUERY_MAX = 2_000;

    /// @throws IllegalArgumentException when it is too often, or the words are too many
    public Again {
        if (left < 0 || left > MOST)
            throw new IllegalArgumentException("expected 0 to " + MOST + " more tries, but found " + left);
        if (query.length() > QUERY_MAX)
            throw new IllegalArgumentException(
                    "expected a query of at most " + QUERY_MAX + " characters, but found " + query.length());
        if (priceMax.micros() <= 0)
            throw new IllegalArgumentException("expected a price above $0, but found " + priceMax);
    }

    boolean more() {
        return left > 0;
    }

    /// For the one that takes the place of `failed`.
    public Again after(InstanceId failed) {
        return new Again(query, priceMax, up, down, left - 1, Optional.of(failed));
    }
}
