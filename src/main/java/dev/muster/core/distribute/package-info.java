/// When a promoted model has arrived everywhere, and what the journal says of one that has not. The nodes fetch by
/// themselves ([dev.muster.core.agent.AgentPlanner]); this only looks at their receipts and at what they tell.
///
/// May use `core.state`, `core.plan` and `core.health`. Start reading at [Distributor].
package dev.muster.core.distribute;
