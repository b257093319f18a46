package dev.muster.core.rent;

import dev.muster.core.state.Bytes;

/// The traffic of one machine that providers charge by the byte.
///
/// @param upPerHour   sent by it
/// @param downPerHour received by it
public record Usage(Bytes upPerHour, Bytes downPerHour) {
    /// Of traffic in an hour; more is a slip of the keyboard.
    private static final Bytes MAX = new Bytes(1_000_000_000_000_000L);

    public static final Usage NONE = new Usage(Bytes.ZERO, Bytes.ZERO);

    /// @throws IllegalArgumentException when there is more than a petabyte
    public Usage {
        if (upPerHour.compareTo(MAX) > 0 || downPerHour.compareTo(MAX) > 0)
            throw new IllegalArgumentException(
                    "expected at most " + MAX + " of traffic per hour, but found " + upPerHour + " and " + downPerHour);
    }

    public boolean none() {
        return equals(NONE);
    }
}
