package dev.muster.core.alert;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// What a voter does about alerts by itself: where there is no leader, nobody else tells people so.
///
/// @param since there has been no leader; empty while there is one
/// @param told  people were told so by this voter, and not yet that it is over
public record LastWatch(Optional<Instant> since, boolean told) {
    /// Longer than any election, and than a voter's restart.
    public static final Duration PATIENCE = Duration.ofMinutes(2);

    /// What people are to hear now.
    public enum Word {
        NOTHING,
        NO_LEADER,
        OVER
    }

    /// @param led there is a leader that can decide
    public LastWatch at(Instant now, boolean led) {
        return new LastWatch(led ? Optional.empty() : since.or(() -> Optional.of(now)), told);
    }

    /// Whoever has begun to tell goes on until everybody has taken it.
    ///
    /// @param first of the voters that are heard, this one is the first: one of them speaks for all
    public Word word(Instant now, boolean first) {
        if (since.isEmpty()) return told ? Word.OVER : Word.NOTHING;
        boolean lasting = !now.isBefore(since.get().plus(PATIENCE));
        return lasting && (first || told) ? Word.NO_LEADER : Word.NOTHING;
    }

    public LastWatch saying(boolean now) {
        return new LastWatch(since, now);
    }
}
