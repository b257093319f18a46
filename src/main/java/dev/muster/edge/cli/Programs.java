package dev.muster.edge.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// What the command line starts but does not know: given by whoever puts the program together.
///
/// @param up    runs a node in the foreground until it is told to stop
/// @param init  makes a data directory with a token for a new cluster
/// @param join  makes a data directory for a node that joins one
/// @param token prints a data directory's cluster token
/// @param demo  a cluster on this machine that learns a game
/// @param vastsim a simulated market that speaks Vast.ai's API
public record Programs(
        Program up, Program down, Program init, Program join, Program token, Program demo, Program vastsim) {
    /// @return the exit code
    public interface Program {
        int run(Options options, Shell shell) throws Failure;
    }

    /// @param data  the data directory
    /// @param flags over environment and file, by the key of `node.yaml` (`ports.api`); lists are comma-separated
    /// @param words positional arguments
    public record Options(Path data, Map<String, String> flags, List<String> words) {
        public Options {
            flags = Map.copyOf(flags);
            words = List.copyOf(words);
        }
    }

    /// For a build that only talks to other nodes.
    public static Programs none() {
        Program missing = (options, shell) -> {
            throw new Failure(Exit.ERROR, "MISSING", "this program can only talk to nodes; it cannot run one", "");
        };
        return new Programs(missing, missing, missing, missing, missing, missing, missing);
    }
}
