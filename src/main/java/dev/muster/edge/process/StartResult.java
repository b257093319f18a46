package dev.muster.edge.process;

/// The answer to a start.
public sealed interface StartResult {

    /// It was started now. `state` is Running, or already Exited if it was quick, or Starting if the machine is so
    /// slow that the shim has not reported yet.
    record Started(ProcessState state) implements StartResult {}

    /// The key was started before (asking twice is asking once); nothing was done.
    record AlreadyKnown(ProcessState state) implements StartResult {}

    /// It was not started and never will be by this call; nothing of it is left on disk.
    record Refused(Reason reason, String message) implements StartResult {}

    /// Why a start was refused.
    enum Reason {
        /// No room for the journal, or less than [ProcessLimits#freeBytesMin()].
        DISK_FULL,
        /// The work directory is missing or no directory.
        NO_WORK_DIR,
        /// `setsid`, `sh` or another tool the shim needs is missing, or this is not Linux.
        MISSING_TOOL,
        /// The journal could not be written for another reason than a full disk.
        JOURNAL,
        /// The kernel or the shell refused: too many processes, an argument list too long, no memory.
        SPAWN
    }
}
