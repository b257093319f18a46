/// Clusters of agent processes on this machine, and the course of the demo on one.
///
/// Owns [LocalCluster] (start, kill and stop real agents) and [DemoRun] (the loop from nothing to promoted models, with its
/// checks). Talks to the cluster as a person would, over HTTP. May use `edge.wire`, `edge.process`, and `demo` only as
/// commands to run. Start reading at [DemoRun].
package dev.muster.edge.local;
