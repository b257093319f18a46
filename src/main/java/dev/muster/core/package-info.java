/// The pure heart: state, planners, the node's own decisions. No clock, no dice, no threads, no I/O, no logger; time and
/// chance come in as arguments, so that the simulator runs the very code that voters and agents run.
///
/// Start reading at [dev.muster.core.state.ClusterState], then [dev.muster.core.Leader].
package dev.muster.core;
