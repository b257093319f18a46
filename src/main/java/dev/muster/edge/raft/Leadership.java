package dev.muster.edge.raft;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/// Who leads, as one voter sees it now.
///
/// @param term the newest term this voter has seen
/// @param leader the leader of that term, if this voter knows one
/// @param ready this voter leads, has applied every entry of earlier terms, and heard a majority within an election
///     timeout. A leader that is cut off stops being ready within `electionMax`, which may be a moment after the
///     others have elected the next one: what it orders outside of the log must carry its term
/// @param quorumSilence how long ago this voter last had proof of a working majority: on the leader, since a majority
///     answered; on a follower, since the leader was heard. Above a few election timeouts the cluster is read-only
///     from here
public record Leadership(long term, Optional<String> leader, boolean ready, Duration quorumSilence) {
    public Leadership {
        Objects.requireNonNull(leader, "leader");
        Objects.requireNonNull(quorumSilence, "quorumSilence");
    }

    /// The same roles, however long ago the majority was heard.
    boolean sameRoles(Leadership other) {
        return term == other.term && ready == other.ready && leader.equals(other.leader);
    }
}
