/// A server that speaks Vast.ai's API over a simulated market, so that everything that rents can be tried with no
/// account.
///
/// Owns: the wire (paths, bodies, errors, pacing as the real service has them), faults on request under `/sim/`, and
/// real local processes for what the market calls running instances, each with a directory and an sshd of its own. What
/// is not known of the real service is chosen and marked in the code: the status of a bid that is too low (400), of a
/// lack of credit (400), how long states last. May use `dev.muster.market`, `edge.local` (sshd), `edge.http`'s
/// listener, Helidon and Jackson.
///
/// Start reading at [dev.muster.edge.vastsim.VastSim], then [dev.muster.edge.vastsim.Routes] and
/// [dev.muster.edge.vastsim.Boot].
package dev.muster.edge.vastsim;
