/// Who is silent, who is therefore declared gone, and who may come back.
///
/// May use `core.state` and `core.plan`. Start reading at [Health].
package dev.muster.core.health;
