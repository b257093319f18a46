/// The replicated truth: what was asked for, what was decided, what happened.
///
/// Owns: ids and values, [Command] (orders), [Event] (facts), [Handler] (an order against the state gives facts or a
/// refusal), [ClusterState] (the fold of its facts, in parts: [Fleet], [Work], [Files], [Models], [Ratings], [Loops],
/// [Journal]).
/// May use: the JDK's values and collections, and pcollections behind [Table]. No clock, no dice, no threads, no I/O, no
/// logger: the same bytes in give the same state on every voter, today and when an old log is replayed.
/// Start reading at [ClusterState], then [Handler].
package dev.muster.core.state;
