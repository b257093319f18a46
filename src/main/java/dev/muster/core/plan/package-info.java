/// What planners give and take: [Plan], [Action], [Wait]; what the leader has heard ([Soft]); the numbers they decide by
/// ([Policy]).
///
/// May use `core.state`. Start reading at [Plan].
package dev.muster.core.plan;
