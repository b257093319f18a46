package dev.muster.core.fleet;

import java.util.List;

/// One thing to be done on a host. Each may be done twice without harm.
public sealed interface Step {
    /// Puts the release there and makes it the one that starts next.
    record Install(String release) implements Step {}

    /// Makes the data directory of a founder of a new cluster.
    ///
    /// @param voters all founders, the same on each
    record Found(List<String> voters) implements Step {
        public Found {
            voters = List.copyOf(voters);
        }
    }

    /// Makes the data directory of a node that joins, with a one-time token.
    record Enrol() implements Step {}

    /// Starts the agent and waits until `/health` answers with the node's name.
    record Start() implements Step {}

    /// Ends what does not answer, or has to join again, and starts it anew.
    record Restart() implements Step {}
}
