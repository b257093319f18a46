/// Training runs: what the leader does for each that is open, what a run is thought to take, and what goes wrong with one.
///
/// [dev.muster.core.run.RunPlanner] is a planner as all others are: it looks where a run stands and proposes the next step.
/// Runs themselves, and what may be done with them, are in `core.state` (`Run`, `RunSpec`, `RunOrders`, `Gate`).
@NullMarked
package dev.muster.core.run;

import org.jspecify.annotations.NullMarked;
