/// One commit of the team's code on many hosts: which host goes ahead, who follows, and when it stops.
///
/// Owns [CodeState], what lies on a host, and [Rollout], the order. Pure; nothing of it is replicated. Start reading at [Rollout].
package dev.muster.core.code;
