/// Moves each config key's loop on: submits a stage's job, and takes note when it has ended. The verdict is
/// [dev.muster.core.promote.Promotion]'s, the way to the nodes [dev.muster.core.distribute.Distributor]'s.
///
/// May use `core.state`, `core.plan` and `core.health`. Start reading at [LoopPlanner].
package dev.muster.core.loop;
