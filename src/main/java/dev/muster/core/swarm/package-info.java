/// How one file reaches many nodes: how it is cut, who holds what, and who fetches which chunk from whom.
///
/// Owns: [Manifest] (a file and its chunks), [ChunkSet] (which of them somebody holds), [Traits] (what limits a peer)
/// and [SwarmPlanner], which pairs receivers with sources. Nothing here is replicated: a planner that is lost is made
/// again from what the peers hold.
/// May use: `core.state` for names. Time comes in as nanoseconds; nothing here waits, dials or hashes.
/// Start reading at [SwarmPlanner].
package dev.muster.core.swarm;
