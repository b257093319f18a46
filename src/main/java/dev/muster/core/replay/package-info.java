/// What a policy would have cost: the autoscaler in virtual time, on a trace of prices and of demand.
///
/// Owns the traces ([Prices], [Demand]), the course of a replay ([Replay]) and what came of it ([Replayed]). Groups, budgets
/// and tasks stand in an ordinary state, which is changed by the ordinary orders; `Autoscaler` and `Scheduler` are the
/// cluster's own. Only the provider ([Landlord]) and the work are simple models: see docs/SCALING.md for what they leave out.
/// May use `core.state`, `core.plan`, `core.rent`, `core.scale` and `core.schedule`. Start reading at [Replay].
package dev.muster.core.replay;
