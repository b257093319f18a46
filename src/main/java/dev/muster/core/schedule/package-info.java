/// Which waiting task goes to which node, and why the others wait.
///
/// May use `core.state`, `core.plan` and `core.health`. Start reading at [Scheduler]; [Queue] is the order of tasks,
/// [Room] a node as the plan leaves it, [Shape] what tasks with equal needs share.
package dev.muster.core.schedule;
