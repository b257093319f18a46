/// The gate between a candidate and the current model.
///
/// May use `core.state`, `core.plan`, `core.health` and `core.rating`. Start reading at [Promotion].
package dev.muster.core.promote;
