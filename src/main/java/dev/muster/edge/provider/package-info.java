/// Where machines are rented: one small interface, [Provider], and what stands behind it.
///
/// Owns the clients of Vast.ai and Lambda Cloud over their REST APIs, hosts that a team owns, the one kind of failure
/// they all have ([ProviderFailure]), the pace at which each endpoint may be asked ([Pacing]), and what is shown of a
/// request ([Wiretap]). Decides nothing: which offer is taken, what is started, stopped and destroyed, and whether an
/// order that may have been carried out was, is for planners and for who performs their actions. May use `core.rent`,
/// `core.hosts`, `edge.support`'s redaction and `edge.view`'s JSON. Start reading at [Provider], then `VastProvider`,
/// then `Rest`.
package dev.muster.edge.provider;
