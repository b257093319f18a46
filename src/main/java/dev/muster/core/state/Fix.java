package dev.muster.core.state;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// A fix that was ordered for a node.
///
/// @param token the revision of the event that ordered it; the agent does each token once
/// @param ended absent while it is open
public record Fix(long token, NodeId node, FixKind kind, Instant orderedAt, Optional<Ended> ended) {
    /// The same fix is not ordered for the same node again sooner: what did not help then helps no more now.
    public static final Duration AGAIN = Duration.ofMinutes(10);
    /// Of all kinds together, per node and [#WINDOW]. A node that needs more needs a person.
    public static final int PER_NODE_MAX = 4;

    public static final Duration WINDOW = Duration.ofHours(1);
    /// Open at once in the whole cluster: a wrong fix must not reach everybody before somebody looks.
    public static final int AT_ONCE_MAX = 8;
    /// An agent that learns of the order later leaves it alone: the machine may be another one by then.
    public static final Duration BEGIN_WITHIN = Duration.ofMinutes(5);
    /// An open fix older than this has failed: nobody tells any more how it ended. The longest command has ten minutes.
    public static final Duration LAPSES_AFTER = Duration.ofMinutes(20);

    /// @param done whether the check that asked for it passes now
    /// @param note what was done, or why not; at most [#NOTE_MAX] characters
    public record Ended(Instant at, boolean done, String note) {}

    /// The end of a command's output is some lines.
    public static final int NOTE_MAX = 400;

    public boolean open() {
        return ended.isEmpty();
    }

    Fix withEnded(Ended end) {
        return new Fix(token, node, kind, orderedAt, Optional.of(end));
    }
}
