/// A whole cluster in one thread: the real decisions of [dev.muster.core] on a fake edge. One virtual clock, one event
/// queue, one seed, so every run can be run again.
///
/// Owns: the fake consensus, network, machines and processes; the faults; the checks that compare what the log says
/// with what really happened; scenarios as text files.
/// May use: `core` only, and files where scenarios are read.
/// Start reading at [World], then [Trial] for seeds and [Scenario] for stories.
package dev.muster.sim;
