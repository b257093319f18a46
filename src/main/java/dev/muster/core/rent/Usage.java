package dev.muster.core.rent;

import dev.muster.core.state.Bytes;

/// The traffic of one machine that providers charge by the byte.
///
/// @param upPerHour   sent by it
/// @param downPerHour received by it
public record Usage(Bytes upPerHour, Bytes downPerHour) {
    public static final Usage NONE = new Usage(Bytes.ZERO, Bytes.ZERO);

    public boolean none() {
        return equals(NONE);
    }
}
