package dev.muster.core.hosts;

/// One thing that is wrong with a file of hosts.
///
/// @param about   the host's name, or the key
/// @param message what was expected and what was found
/// @param hint    what to do; may be empty
public record Finding(Kind kind, String about, Place at, String message, String hint) {
    /// What a finding means for the file.
    public enum Grade {
        /// It works, but probably not as was meant.
        WARN,
        /// It cannot work.
        FAIL
    }

    public enum Kind {
        DUPLICATE_KEY(Grade.FAIL),
        WRONG_TYPE(Grade.FAIL),
        WRONG_VALUE(Grade.FAIL),
        UNKNOWN_KEY(Grade.WARN),
        UNKNOWN_STATUS(Grade.WARN),
        UNKNOWN_ROLE(Grade.WARN),
        NAMED_TWICE(Grade.WARN),
        UNKNOWN_HOST(Grade.WARN),
        UNUSABLE_NAME(Grade.WARN),
        NO_HOSTS(Grade.WARN),
        NO_VOTERS(Grade.WARN),
        ONE_VOTER(Grade.WARN),
        EVEN_VOTERS(Grade.WARN),
        NO_MAJORITY(Grade.FAIL),
        VOTERS_DISAGREE(Grade.WARN),
        VOTER_TWICE(Grade.WARN),
        VOTER_MISSING(Grade.FAIL),
        VOTER_UNUSABLE_NAME(Grade.FAIL),
        VOTER_OUT_OF_SERVICE(Grade.FAIL),
        VOTER_WITHOUT_P2P(Grade.FAIL),
        VOTER_EPHEMERAL(Grade.WARN),
        VOTER_BEHIND_NAT(Grade.WARN),
        SAME_ENDPOINT(Grade.FAIL),
        NO_ADDRESS(Grade.FAIL),
        PLACEHOLDER(Grade.WARN),
        LOCAL_ADDRESS(Grade.WARN),
        PRIVATE_ADDRESS(Grade.WARN),
        NOTE_SAYS_GONE(Grade.WARN),
        TRAINING_DISABLED(Grade.WARN);

        private final Grade grade;

        Kind(Grade grade) {
            this.grade = grade;
        }
    }

    public Grade grade() {
        return kind.grade;
    }
}
