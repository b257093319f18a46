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
    /// A voter that lost its disk votes at once.
    VOTES_WITHOUT_DISK
}
