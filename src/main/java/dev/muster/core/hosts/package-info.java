/// The file of hosts that people keep (`distributed_hosts.yaml`): what it means, and what is wrong with it.
///
/// Owns [HostFile] and its parts, the words for roles and states, the spellings of GPUs, and [HostFileCheck]. Knows nothing
/// of YAML: `edge.config` reads it. May use `core.state`'s values. Start reading at [HostFile], then [HostFileCheck].
package dev.muster.core.hosts;
