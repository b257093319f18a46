package dev.muster.edge.raft;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;

/// What the log drives. `restore`, `apply`, `votersChanged` and `save` are never called at the same time, and entries
/// come in log order without gaps; only [#leadershipChanged] comes from a thread of its own.
public interface ReplicatedMachine {
    /// Applies one entry and returns the answer for whoever proposed it. Must do the same on every voter: no clock,
    /// no dice, no outside. An exception means that the state or the log is corrupt, and stops this voter. Indexes
    /// are not consecutive: the log also holds entries of its own.
    byte[] apply(long term, long index, byte[] entry);

    /// A new set of voters is in force from this index on. Comes on every voter, and once more with the same voters
    /// at the start of each term. What must be remembered of it belongs into the snapshot: a voter restored from one
    /// is not told again.
    void votersChanged(long term, long index, List<VoterAddress> voters);

    /// Writes the state as of the last applied entry. Applying waits meanwhile. Need not buffer, flush or close.
    void save(OutputStream out) throws IOException;

    /// Replaces the state: at start, and on a voter that has fallen so far behind that the leader sends it a
    /// snapshot. The stream ends where [#save] ended, and its checksum has been verified before.
    void restore(InputStream in) throws IOException;

    /// Roles have changed. Level, not edge: a role held for a moment may be skipped. Comes from a watching thread
    /// within about 50 ms, never from two threads at a time; must not block.
    void leadershipChanged(Leadership leadership);
}
