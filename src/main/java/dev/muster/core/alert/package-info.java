/// What people are told, and when: the planner of alerts.
///
/// Three steps, each a pure function. [Signs] says what is not well now ([Sign]), by the rules of [AlertRule]. [Lookout] compares that with
/// the state and remembers in the leader's soft state what differs since when, so that a rule's `hold` and the policy's `clear` are kept. [AlertPlanner]
/// orders what has lasted (`SightAlerts`), has people told of what is new to them (`TellAlert`), and has notices given by each way until it
/// has taken them. What is told is the difference between what is and what was told, so nothing is lost with a leader, and nothing is
/// told twice. May use `core.state`, `core.plan`, `core.health`, `core.check` and `core.scale`. Start reading at [Signs] and [AlertPlanner].
@NullMarked
package dev.muster.core.alert;

import org.jspecify.annotations.NullMarked;
