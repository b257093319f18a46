/// The node's own decisions: what to start, stop, report, fetch and forget, and which deltas to make, from the newest
/// cluster state it has and its own journal. Levels, not edges: it can be asked again at any time.
///
/// May use `core.state`. Start reading at [AgentPlanner].
package dev.muster.core.agent;
