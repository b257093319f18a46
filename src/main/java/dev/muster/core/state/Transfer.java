package dev.muster.core.state;

/// How a node came by a file, as the node itself measured it.
///
/// @param bytes     that crossed the network for it: less than the file's size where part of it was there already or could
///                  be made from another file
/// @param millis    from the first question to the file in the store
/// @param transport the way that brought it to its end, a lower-case word as `swarm`
/// @param sources   nodes that gave some of it
public record Transfer(long bytes, long millis, String transport, int sources) {
    private static final int WORD_MAX = 24;

    /// @throws IllegalArgumentException when a number is negative, or the transport is no short word
    public Transfer {
        if (bytes < 0 || millis < 0 || sources < 0) {
            throw new IllegalArgumentException("expected bytes, milliseconds and sources of 0 or more, but found "
                    + bytes + ", " + millis + " and " + sources);
        }
        if (transport.isBlank() || transport.length() > WORD_MAX) {
            throw new IllegalArgumentException(
                    "expected a transport's word of 1 to " + WORD_MAX + " characters, but found \"" + transport + "\"");
        }
    }
}
