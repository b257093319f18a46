package dev.muster.core.run;

import java.time.Duration;
import java.time.Instant;

/// What one earlier run really took.
///
/// @param series    what its config is a version of, as the config's name
/// @param estimated by the formula alone, before any correction; else corrections would be corrected again and again
public record Took(String series, String gpu, Duration estimated, Duration actual, Instant at) {
    /// @throws IllegalArgumentException when a time is not positive
    public Took {
        if (!estimated.isPositive() || !actual.isPositive())
            throw new IllegalArgumentException("expected " + series + " on " + gpu
                    + " to have taken and to have been estimated to take some time, but found " + actual + " and "
                    + estimated);
    }

    double logRatio() {
        return Math.log((double) actual.toMillis() / Math.max(1, estimated.toMillis()));
    }
}
