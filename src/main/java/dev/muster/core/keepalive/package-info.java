/// Rented machines are kept as they are wanted: found at their providers, brought into the cluster, started again, ended;
/// machines that nobody knows are told of.
///
/// May use `core.state`, `core.plan`, `core.rent`, `core.health` and, of bids, `core.scale`. Start reading at [Keeper].
package dev.muster.core.keepalive;
