package dev.muster.edge.local;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/// How a demo is to go.
///
/// @param promotions until each config key has promoted this many models; absent: until Ctrl-C
/// @param timeout    for reaching them
/// @param killLeader kill the leader's agent with SIGKILL during a training, and start it again
/// @param json       the report as JSON on standard output; progress goes to standard error
/// @param dir        data directories; absent: a temporary directory that is removed at the end
/// @param rented     the workers are rented from a simulated market with this seed, and troubles come there; absent: they
///     are processes of the demo's own
public record DemoOptions(
        OptionalInt promotions,
        Duration timeout,
        boolean killLeader,
        boolean json,
        Optional<Path> dir,
        OptionalLong rented) {
    /// Fresh games per comparison at the end.
    static final int FRESH_GAMES = 200;
    /// Of the final model against the random player.
    static final double RANDOM_SHARE_MIN = 0.90;
    static final int VOTERS = 3;
    static final int WORKERS = 2;
    static final int JOBS_PER_NODE = 1;
}
