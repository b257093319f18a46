package dev.muster.edge.process;

import java.time.Instant;
import java.util.OptionalInt;

/// Where an attempt's process stands. It moves forward only: Starting, Running, then Exited or Lost for good.
public sealed interface ProcessState {

    /// In the journal; its session does not run yet.
    record Starting() implements ProcessState {}

    /// Its session runs.
    ///
    /// @param pid       leader of the session, the parent of the command
    /// @param startedAt when it started, by the machine's clock
    record Running(long pid, Instant startedAt) implements ProcessState {}

    /// The command ended and its output is whole. Processes that it left behind may go on: see
    /// [Supervisor#processCount(String)] and [Supervisor#stop(String, java.time.Duration)].
    ///
    /// @param code   what a shell would say: the exit code, 128 + n for signal n, 127 command not found, 126 not
    ///               executable, 125 the shim itself could not start it
    /// @param signal the signal that ended it, derived from a code of 129 to 192. A program that itself exits with
    ///               such a code looks the same, as in every shell
    /// @param at     when the status was written
    record Exited(int code, OptionalInt signal, Instant at) implements ProcessState {}

    /// No exit status is known and none will be.
    ///
    /// @param detail what was expected and what was found, for people
    record Lost(Why why, String detail) implements ProcessState {}

    /// Why a process is lost.
    enum Why {
        /// It certainly never ran: the same work may start under a new key at once.
        NEVER_STARTED,
        /// The machine started anew since.
        REBOOTED,
        /// All its processes are gone, and its shim with them, without an exit status: killed by hand, by the kernel
        /// for want of memory, or with its container.
        VANISHED,
        /// Its journal entry cannot be read.
        UNREADABLE
    }

    /// Exited or Lost.
    default boolean ended() {
        return switch (this) {
            case Starting _, Running _ -> false;
            case Exited _, Lost _ -> true;
        };
    }
}
