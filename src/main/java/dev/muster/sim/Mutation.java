package dev.muster.sim;

/// A mistake to be made on purpose, so that a test can see the checks find it.
enum Mutation {
    NONE,
    /// A majority of the voters that are up is enough.
    QUORUM_OF_THE_LIVING,
    /// An agent takes whatever state it is shown, older ones too.
    AGENT_TAKES_OLD_STATES,
    /// An agent that starts ends the processes it finds.
    AGENT_CLEANS_UP,
    /// What was fetched is not read back.
    NO_READ_BACK,
    /// A notice counts as given before anybody has taken it.
    TELLS_WITHOUT_ASKING,
    /// A voter that lost its disk votes at once.
    VOTES_WITHOUT_DISK,
    /// Whoever leads passes on every order that nobody has found yet.
    CREATES_AGAIN,
    /// A listing that failed is taken for an empty one.
    FAILED_IS_EMPTY,
    /// A machine is destroyed as soon as that is wanted.
    DESTROYS_AT_ONCE,
    /// Nobody looks for machines that belong to no order.
    NO_SWEEP;

    /// Is it about rented machines?
    boolean rents() {
        return compareTo(CREATES_AGAIN) >= 0;
    }
}
