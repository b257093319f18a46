package dev.muster.core.gossip;

import dev.muster.core.state.NodeId;
import java.util.Optional;

/// One piece of news about a member.
///
/// @param incarnation the member's own count of its lives and objections; newer news of it has a larger one
/// @param by          who holds so: as many accusers as there are make a suspicion short
/// @param forMs       for how long it is held, in milliseconds; 0 of a living one. Ages travel, times of day do not
/// @param profile     always of a living one; of others only in a whole exchange
public record Rumor(NodeId about, Opinion opinion, long incarnation, NodeId by, long forMs, Optional<Profile> profile) {
    /// @throws IllegalArgumentException when a living member comes without a profile, or an age is below 0
    public Rumor {
        if (opinion == Opinion.ALIVE && profile.isEmpty()) {
            throw new IllegalArgumentException("expected a profile of " + about + ", but found none");
        }
        if (forMs < 0) throw new IllegalArgumentException("expected an age of 0 or more, but found " + forMs);
    }

    /// Bytes that it takes in a letter, more or less.
    int size() {
        return 28
                + about.name().length()
                + by.name().length()
                + profile.map(Profile::size).orElse(0);
    }
}
