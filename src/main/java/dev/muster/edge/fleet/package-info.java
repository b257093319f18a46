/// What lies on a host and is done to it: the bundle, its installation, the agent's start, upgrade and rollback.
///
/// Owns [Bundle] with [Bundles] (the file that a host gets, found or made) and [HostScript] with its resource `host.sh` (everything that runs
/// on the host, one script without a need of Java, Python or curl). A host is reached by a [HostShell]; who that is, and in
/// which order hosts are treated, is not known here. May use `core.state` and `edge.config`. Start reading at the head of
/// `host.sh`, then [HostScript]; why a script and a supervisor of its own: ADR 23.
@NullMarked
package dev.muster.edge.fleet;

import org.jspecify.annotations.NullMarked;
