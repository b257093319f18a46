/// From who votes to who is wanted to vote, one safe step at a time.
///
/// May use `core.state`, `core.plan` and `core.health`. Start reading at [Membership].
package dev.muster.core.quorum;
