/// Looks whether a model file is whole, without running anything of it: a pickle in it is never unpickled.
///
/// May use the JDK and Jackson; knows nothing of the rest of Muster. Start reading at [ModelFile].
@NullMarked
package dev.muster.edge.model;

import org.jspecify.annotations.NullMarked;
