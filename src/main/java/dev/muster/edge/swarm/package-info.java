/// One file to many nodes at once: chunks between nodes, verified at every hop, directed by the leader.
///
/// Owns the artifact port's protocol ([ArtifactPort]), what a node receives ([Swarm]) and what the leader knows of it
/// ([Tracker]). Who gets which chunk from whom is decided by [dev.muster.core.swarm.SwarmPlanner]; nothing of it is
/// replicated, because every node can tell again what it has.
///
/// May use `core`, `edge.artifact`, `edge.wire` and the JDK. Start reading at [Swarm], then [Download].
@NullMarked
package dev.muster.edge.swarm;

import org.jspecify.annotations.NullMarked;
