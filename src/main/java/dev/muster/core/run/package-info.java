/// Training runs: what one will take and cost ([Estimate], corrected by what earlier ones took: [Correction]), whether it
/// goes well ([Watch]), and why it failed ([Failure]).
///
/// All of it is arithmetic over what others read; nothing here is replicated. May use `core.state` and `core.rent`.
/// Start reading at [Estimate], then [Watch].
package dev.muster.core.run;
