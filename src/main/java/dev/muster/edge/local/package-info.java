/// Clusters of agent processes on this machine, and the course of the demo on one.
///
/// Owns [LocalCluster] (start, kill and stop real agents), [DemoRun] (the loop from nothing to promoted models, with its
/// checks, and with `RentedMachines` on machines of a [RentalMarket]), [Lab] with [LabCluster] (the same agents on hosts with
/// limited links, for tests and benchmarks) and [SshFleet] (hosts to log in to). Talks to the cluster as a person would, over
/// HTTP. May use `edge.wire`, `edge.config`, `edge.fleet` (bundles), `edge.process`, `edge.ssh`, and `demo` only as commands to
/// run. Start reading at [DemoRun] or [LabCluster].
package dev.muster.edge.local;
