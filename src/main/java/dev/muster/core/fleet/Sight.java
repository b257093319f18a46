package dev.muster.core.fleet;

import java.util.Optional;

/// What was found on a host.
public sealed interface Sight {
    /// @param why in a person's words, as in `SSH timeout`
    record Unreached(String why) implements Sight {}

    /// @param arch    as `uname -m` says it
    /// @param release the release that starts next there; absent where none is installed
    /// @param node    whose data directory lies there; absent where there is none
    /// @param agent   what runs
    /// @param unfit   why no agent can be installed there
    record Reached(String arch, Optional<String> release, Optional<String> node, Agent agent, Optional<String> unfit)
            implements Sight {}

    /// What answers there.
    sealed interface Agent {
        /// Nothing does.
        record Stopped() implements Agent {}

        /// A process holds the data directory and does not answer `/health` (yet, or any more).
        record Silent(long pid) implements Agent {}

        /// `/health` answers, and the cluster does not know the node: it was removed while its agent ran.
        record Stranger(long pid) implements Agent {}

        /// `/health` answered.
        ///
        /// @param pid     0 where it is not known
        /// @param node    as it calls itself
        /// @param version may be empty
        record Running(long pid, String node, String version) implements Agent {}
    }
}
