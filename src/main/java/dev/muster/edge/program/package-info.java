/// The programs behind the command line that run something: a node, a new cluster, the demo. Puts the other packages
/// together and holds no logic of its own.
///
/// May use all of `edge`. Start reading at [MusterPrograms].
package dev.muster.edge.program;
