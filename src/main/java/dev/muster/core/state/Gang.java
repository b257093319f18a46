package dev.muster.core.state;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// What the members of one try of a task on several nodes share.
///
/// @param address at which the others reach the node of rank 0
/// @param port    of that node, theirs alone
/// @param ends    how the try ends as a whole, since a member failed, was lost or is to end: the others are being ended. The
///                members' own ends do not change it
public record Gang(String address, int port, Optional<Attempt.Ending> ends) {
    /// PyTorch's `MASTER_PORT` unless told.
    static final int PORT_FIRST = 29_500;
    /// Tries take them in turn, so that the port of one that was just ended is not taken again at once.
    static final int PORTS = 1_000;

    static Gang placed(String address, int port) {
        return new Gang(address, port, Optional.empty());
    }

    Gang ending(Attempt.Ending ending) {
        return new Gang(address, port, Optional.of(ending));
    }

    /// A job's environment as one of its members has it.
    Map<String, String> env(JobSpec spec, int rank) {
        Map<String, String> env = new TreeMap<>(spec.env());
        env.put("MASTER_ADDR", address);
        env.put("MASTER_PORT", Integer.toString(port));
        env.put("RANK", Integer.toString(rank));
        env.put("LOCAL_RANK", "0");
        env.put("WORLD_SIZE", Integer.toString(spec.nodes()));
        return env;
    }
}
