/// The file of hosts that people keep (`distributed_hosts.yaml`): what it means, what is wrong with it, and what it would
/// change in the cluster.
///
/// Owns [HostFile] and its parts, the words for roles and states, the spellings of GPUs, [HostFileCheck], and [ImportPlan].
/// Knows nothing of YAML: `edge.config` reads it. May use `core.state`. Start reading at [HostFile], then [HostFileCheck],
/// then [ImportPlan].
package dev.muster.core.hosts;
