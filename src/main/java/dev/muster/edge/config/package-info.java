/// What a person writes about a node: `<data>/node.yaml`, the environment and flags, read into records once at the start.
///
/// Owns [NodeConfig] with every default and limit, and the table of environment names ([Environment]). May use `core`,
/// `edge.wire` and Jackson. [JobFile] looks through a job before it is sent, [HostFileReader] reads
/// the prior system's file of hosts, [PolicyFile] and [TraceFile] what is rented and what it might cost. Start reading at [NodeConfig].
package dev.muster.edge.config;
