package dev.muster.core.state;

import java.time.Duration;
import java.time.Instant;

/// A node gave so many damaged chunks of a file that nobody takes the file from it any more.
///
/// @param times damaged chunks
public record Strike(Instant at, int times) {
    /// The same is not said again before, and forgotten afterwards.
    public static final Duration KEPT = Duration.ofHours(1);

    /// @param now time of the state
    public boolean fresh(Instant now) {
        return at.plus(KEPT).isAfter(now);
    }
}
