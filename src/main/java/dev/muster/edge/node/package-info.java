/// One node, put together: its state (replicated by Raft on a voter, followed from a voter elsewhere), its way to the
/// leader, the leader's loop, and the agent that runs attempts.
///
/// May use `core`, `edge.wire`, `edge.raft`, `edge.process`, `edge.artifact`, `edge.delta`, `edge.swarm`, `edge.model`,
/// `edge.telemetry`, `edge.config`.
/// Start reading at [Member].
package dev.muster.edge.node;
