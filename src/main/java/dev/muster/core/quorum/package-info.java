/// From who votes to who is wanted to vote, one safe step at a time; and what a change would leave of the quorum.
///
/// May use `core.state`, `core.plan` and `core.health`. Start reading at [Membership]; [VoterChange] is for people.
package dev.muster.core.quorum;
