/// The replicated log of the voters: Raft, made by Apache Ratis, behind a small door of our own.
///
/// Owns the voter's directory (log segments, snapshots, term and vote), the port between voters, elections,
/// membership, and what a damaged or full disk means. Knows nothing of commands, events or state: an entry is bytes,
/// and what they mean is the business of the [dev.muster.edge.raft.ReplicatedMachine] it is given.
///
/// May use Ratis, slf4j and the JDK, and nothing else of Muster. No Ratis type leaves the package, so replacing Ratis
/// touches these files and no other.
///
/// Start reading at [dev.muster.edge.raft.RaftVoter]; then `RatisMachine` (how entries reach the state), `LogCheck`
/// (what is looked at before a voter starts, and why Ratis alone is not enough), `Redirects` (voters that moved) and
/// `RatisSettings` (every setting with its reason).
package dev.muster.edge.raft;
