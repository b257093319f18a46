/// Who is silent, who is therefore declared gone, and who may come back; and whether an agent that appears is the node it
/// says it is, or runs from a copy of its data directory.
///
/// May use `core.state` and `core.plan`. Start reading at [Health], then [Admission].
package dev.muster.core.health;
