package dev.muster.core.gossip;

/// What gossip holds of a member.
public enum Opinion {
    /// It answers, or somebody says so.
    ALIVE,
    /// It did not answer somebody, and has some seconds to object.
    SUSPECT,
    /// It did not object in time. It may live all the same, and says so when it hears this.
    DEAD,
    /// It said that it goes.
    LEFT;

    /// Is there reason to wait for an answer of it?
    public boolean present() {
        return this == ALIVE || this == SUSPECT;
    }
}
