package dev.muster.edge.raft;

import java.util.Optional;

/// What became of a proposal, or of a change of voters. A value, because "no" is an answer; only a broken caller gets
/// an exception.
public sealed interface Fate {
    /// In the log of a majority, on disk, and applied here.
    ///
    /// @param index of the entry
    /// @param result what [ReplicatedMachine#apply] returned; empty for a change of voters
    record Applied(long index, byte[] result) implements Fate {}

    /// Certainly not applied, now or later: another voter leads. Ask it.
    record NotLeader(Optional<String> leader) implements Fate {}

    /// Certainly not applied, now or later: no quorum, no leader yet, too many proposals at once, or this voter has
    /// stopped. Ask again later.
    record Unavailable(String why) implements Fate {}

    /// In this voter's log, and it lost the leadership or its majority before it knew more: it may have been applied,
    /// or may still be, or never. Ask the next leader with the same request id.
    record Unknown(String why) implements Fate {}
}
