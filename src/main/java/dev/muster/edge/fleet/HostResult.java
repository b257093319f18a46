package dev.muster.edge.fleet;

/// What became of one host.
///
/// @param pid       of its agent; 0 where none runs or it is not known
/// @param advertise where other nodes reach it; may be empty
/// @param release   that runs there; may be empty
/// @param why       for LEFT and FAILED, in a person's words
public record HostResult(String host, Kind kind, long pid, String advertise, String release, String why) {
    public enum Kind {
        STARTED,
        RUNNING,
        RESTARTED,
        STOPPED,
        /// Nothing runs there. For a look that was all that was asked.
        DOWN,
        /// Nothing is to be done there.
        LEFT,
        FAILED
    }

    static HostResult of(String host, Kind kind, String why) {
        return new HostResult(host, kind, 0, "", "", why);
    }
}
