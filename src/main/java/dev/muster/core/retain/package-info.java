/// Which files the cluster gives up: those that nothing refers to any more. The nodes' stores make room by themselves
/// ([dev.muster.core.agent.Evictions]) once a file is forgotten.
///
/// May use `core.state` and `core.plan`. Start reading at [Forgetter].
package dev.muster.core.retain;
