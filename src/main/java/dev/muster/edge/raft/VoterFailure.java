package dev.muster.edge.raft;

import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/// Why a voter cannot start or had to stop. Its message says what was expected, what was found, and what to do.
public final class VoterFailure extends Exception {
    private static final long serialVersionUID = 1L;

    /// What kind of trouble it is; the message says the rest.
    public enum Kind {
        /// Another program listens on the Raft port, or the address is not one of this machine.
        PORT,
        /// The directory cannot be created or written, or another voter is using it.
        DIRECTORY,
        /// The log, the snapshot or the voter's own records are not what this voter wrote. It must not go on.
        DAMAGED,
        /// A write to the log failed, most often because the disk is full. What was acknowledged is safe.
        DISK,
        /// [ReplicatedMachine] threw: a bug, or a corrupt entry.
        MACHINE,
        /// Anything else that Raft could not go on from.
        INTERNAL
    }

    private final Kind kind;
    private final transient Optional<Path> file;

    VoterFailure(Kind kind, String message, Path file, Throwable cause) {
        super(message, cause);
        this.kind = Objects.requireNonNull(kind, "kind");
        this.file = Optional.ofNullable(file);
    }

    public Kind kind() {
        return kind;
    }

    /// The file or directory it is about.
    public Optional<Path> file() {
        return file;
    }

    /// The log or what belongs to it cannot be written.
    static VoterFailure disk(Path voterDir, Throwable cause) {
        return new VoterFailure(
                Kind.DISK,
                "the log in " + voterDir + " cannot be written: "
                        + Causes.innermost(cause).getMessage()
                        + "; this voter stops, and every acknowledged entry is safe. Make room or repair the disk: the"
                        + " agent starts it again by itself",
                voterDir,
                cause);
    }

    /// Something on disk is not what was written. `found` says what.
    static VoterFailure damaged(Path voterDir, Path file, String found, Throwable cause) {
        return new VoterFailure(
                Kind.DAMAGED,
                found + "; nothing was changed, and the other voters still hold every acknowledged entry. Move "
                        + voterDir
                        + " away and start the agent again: it gets everything back from the others, by snapshot. One voter at"
                        + " a time",
                file,
                cause);
    }
}
