/// Training runs: what the leader does for each that is open ([RunPlanner]), what one will take and cost ([Estimate],
/// corrected by what earlier ones took: [Correction]), how one goes ([Watch], by [WatchRules]), and why it failed
/// ([Failure]).
///
/// [RunPlanner] is a planner as all others are: it looks where a run stands and proposes the next step. Runs themselves, and
/// what may be done with them, are in `core.state` (`Run`, `RunSpec`, `RunOrders`, `Gate`). The rest is arithmetic over what
/// others read, and is replicated nowhere. May use `core.state`, `core.plan`, `core.rent` and `core.scale`. Start reading at
/// [RunPlanner] and [Estimate].
@NullMarked
package dev.muster.core.run;

import org.jspecify.annotations.NullMarked;
