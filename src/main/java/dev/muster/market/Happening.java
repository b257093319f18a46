package dev.muster.market;

import java.time.Instant;

/// What happened to an instance of ours, for whoever starts and ends its processes.
///
/// Between [Booted] and the next [Halted] or [Destroyed] of an instance its processes run, else not.
public sealed interface Happening {
    Instant at();

    /// The instance's id.
    long instance();

    /// Why processes end.
    enum Cause {
        /// somebody asked for it
        ASKED,
        /// another bid is higher, or somebody rents on demand
        OUTBID,
        REBOOT,
        RECYCLE,
        /// the machine lost power or network
        HOST_OFFLINE,
        /// no credit is left
        NO_CREDIT,
        /// the contract's end date has passed
        ENDED
    }

    /// A contract was made; storage is billed from now.
    record Created(Instant at, long instance) implements Happening {}

    /// It is `running`: its processes start now, with what is on its disk.
    record Booted(Instant at, long instance) implements Happening {}

    /// It is no longer running: its processes are gone, its disk is kept.
    record Halted(Instant at, long instance, Cause cause) implements Happening {}

    /// Its disk was emptied: the container is made anew.
    record Wiped(Instant at, long instance) implements Happening {}

    /// The row is gone, its disk too; nothing is billed any more.
    record Destroyed(Instant at, long instance, Cause cause) implements Happening {}

    /// It is to run and waits for its GPUs.
    record Queued(Instant at, long instance) implements Happening {}

    /// Its container cannot be started; it will never run by itself.
    record Failed(Instant at, long instance, String message) implements Happening {}

    /// The keys that open it are others now.
    record KeysChanged(Instant at, long instance) implements Happening {}

    /// The host asks for more from now on, and gives more time for it.
    record RiseOffered(Instant at, long instance, long rise) implements Happening {}
}
