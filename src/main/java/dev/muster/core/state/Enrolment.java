package dev.muster.core.state;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// A one-time permission to enrol one node, given by a person. The token itself is in no log and on no voter's disk: only
/// its SHA-256 is.
///
/// @param token     the SHA-256 of the token's bytes
/// @param role      the only role the node may join with; empty: any
/// @param voter     the node is made a voter when it joins
/// @param expiresAt by the log's clock
/// @param usedAt    it was used, and is worth nothing any more
public record Enrolment(
        NodeId node,
        Sha256 token,
        Optional<Role> role,
        boolean voter,
        Instant expiresAt,
        Optional<Instant> usedAt,
        String by) {
    /// Enough for a copied command line to arrive late, short enough that a lost one is worth little.
    public static final Duration TTL_DEFAULT = Duration.ofHours(1);

    public static final Duration TTL_MIN = Duration.ofMinutes(1);
    public static final Duration TTL_MAX = Duration.ofDays(7);
    /// Tokens at once, those over included: a fleet of 256 machines can be set up in one go.
    public static final int ENROLMENTS_MAX = 256;
    /// One that is over is remembered this long, so that a second use is told why it is refused.
    static final Duration OVER_KEPT = Duration.ofDays(1);

    /// May it still be used?
    public boolean pending(Instant now) {
        return usedAt.isEmpty() && now.isBefore(expiresAt);
    }

    boolean forgotten(Instant now) {
        return !pending(now) && !now.isBefore(usedAt.orElse(expiresAt).plus(OVER_KEPT));
    }

    /// In the same time whatever is wrong with `other`.
    public boolean opensWith(Sha256 other) {
        int differences = 0;
        for (int i = 0; i < token.hex().length(); i++)
            differences |= token.hex().charAt(i) ^ other.hex().charAt(i);
        return differences == 0;
    }

    Enrolment used(Instant at) {
        return new Enrolment(node, token, role, voter, expiresAt, Optional.of(at), by);
    }
}
