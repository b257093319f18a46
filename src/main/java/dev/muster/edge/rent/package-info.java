/// The hands of a leader that rents: errands run, machines made nodes, what happened told.
///
/// Owns [RentDesk] (each errand on a thread of its own, its outcome to the leader), [Ordering] (a machine is ordered once in
/// this process, whatever happens with terms), [Settling] (what a provider charged becomes orders), and [Installing], which
/// puts the agent on a fresh machine over SSH as `muster up` does. Decides nothing: what is run is a planner's. May use
/// `core`, `edge.node`'s [dev.muster.edge.node.Errands], `edge.provider`, `edge.fleet` and `edge.ssh`. Start reading at
/// [RentDesk].
@NullMarked
package dev.muster.edge.rent;

import org.jspecify.annotations.NullMarked;
