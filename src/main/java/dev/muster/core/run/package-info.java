/// Training runs: what one will take and cost ([Estimate], corrected by what earlier ones took: [Correction]), and
/// why it failed ([Failure]).
///
/// All of it is arithmetic over what others read; nothing here is replicated. May use `core.state` and `core.rent`.
/// Start reading at [Estimate].
package dev.muster.core.run;
