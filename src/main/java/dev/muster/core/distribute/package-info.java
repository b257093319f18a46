/// When a promoted model has arrived everywhere. The nodes fetch by themselves
/// ([dev.muster.core.agent.AgentPlanner]); this only looks at their receipts.
///
/// May use `core.state`, `core.plan` and `core.health`. Start reading at [Distributor].
package dev.muster.core.distribute;
