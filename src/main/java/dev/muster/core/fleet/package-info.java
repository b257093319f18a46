/// Bringing agents onto the hosts of a file, and taking a running fleet through a restart: what each host needs, and who
/// is next.
///
/// Owns [Sight], what was found on a host; [UpPlan], the steps from there to a running node; [Rolling], the order of a
/// rolling restart, an upgrade or a rollback. Nothing of it is replicated: it runs where the person is who asked for it. May
/// use `core.hosts` and `core.state`'s values. Start reading at [UpPlan], then [Rolling].
package dev.muster.core.fleet;
