package dev.muster.edge.node;

import dev.muster.core.state.ClusterState;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// The highest revision this node has acted on, kept on disk. An order to an agent is a revision; older ones are refused,
/// so that a voter that replays its log, or a follower of one that lags, does not start again what has ended.
final class RevisionFloor {
    private final Path file;
    private long floor;

    private RevisionFloor(Path file, long floor) {
        this.file = file;
        this.floor = floor;
    }

    static RevisionFloor open(Path file) throws IOException {
        if (!Files.exists(file)) return new RevisionFloor(file, 0);
        String text = Files.readString(file).strip();
        try {
            return new RevisionFloor(file, Long.parseLong(text));
        } catch (NumberFormatException e) {
            throw new IOException(
                    "expected a number in " + file + ", but found \"" + text
                            + "\"; delete the file when no job runs here",
                    e);
        }
    }

    /// May this node act on the state?
    boolean admits(ClusterState state) {
        return state.revision() > 0 && state.revision() >= value();
    }

    synchronized long value() {
        return floor;
    }

    /// Returns once it lasts.
    synchronized void raise(long revision) throws IOException {
        if (revision <= floor) return;
        DataDir.replace(file, Long.toString(revision).getBytes(StandardCharsets.UTF_8));
        floor = revision;
    }
}
