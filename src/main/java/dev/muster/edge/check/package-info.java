/// What a node measures of itself for `muster node check`: files of the kernel, child programs with a time limit
/// ([Child]), and whether other nodes' ports can be reached ([Dialler]). Grades and words are
/// [dev.muster.core.check.Checks]'s; how reports travel is `edge.node`'s.
///
/// May use `core`, `edge.config` and `edge.telemetry`. Start reading at [Examiner].
package dev.muster.edge.check;
