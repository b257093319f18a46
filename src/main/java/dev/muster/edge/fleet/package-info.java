/// What lies on a host and is done to it, and what is done to all hosts of a file.
///
/// Owns [Bundle] with [Bundles] (the file that a host gets, found or made), [HostScript] with its resource `host.sh` (everything that
/// runs on the host, one script without a need of Java, Python or curl), and [Fleet] with [RollingRestart], which carry out what
/// `core.fleet` decides; [ClusterEye] asks the cluster by way of its hosts. A host is reached by an [dev.muster.edge.ssh.HostShell].
/// May use `core`, `edge.config`, `edge.ssh` and `edge.view`. Start reading at [Fleet]; for one host at the head of `host.sh`, then
/// [HostScript]; why a script and a supervisor of its own: ADR 23.
@NullMarked
package dev.muster.edge.fleet;

import org.jspecify.annotations.NullMarked;
