/// One file to many nodes at once: chunks between nodes, verified at every hop, directed by the leader.
///
/// Owns the artifact port's protocol ([ArtifactPort]), what a node receives ([Swarm]) and what the leader knows of it
/// ([Tracker]). Who gets which chunk from whom is decided by [dev.muster.core.swarm.SwarmPlanner]; nothing of it is
/// replicated, because every node can tell again what it has.
///
/// Where the swarm does not help, a file comes by one way after the other of the [Ladder]: plain HTTP ([OneSource]), an aria2
/// that runs on the node ([Aria2]), rsync over SSH ([Rsync]). Each leaves what came for its next try, and none is believed
/// before the whole file has its SHA-256.
///
/// May use `core`, `edge.artifact`, `edge.wire` and the JDK. Start reading at [Swarm], then [Download] and [Ladder].
@NullMarked
package dev.muster.edge.swarm;

import org.jspecify.annotations.NullMarked;
