/// How many machines are rented, and which: each group's size follows what there is to do, within its limits, the caps and
/// the cooldowns.
///
/// Owns the planner ([Autoscaler]), what it counts ([Crew], [Backlog], [Idleness]), what size it wants and why ([Sizing]),
/// and what it asks providers for ([GroupQuery]). Keeps nothing: cooldowns are read from the machines in the log, so a new
/// leader goes on where the last one stopped. May use `core.state`, `core.plan`, `core.rent` and `core.health`. Start
/// reading at [Autoscaler], then [Sizing].
package dev.muster.core.scale;
