package dev.muster.sim;

import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Handler;
import java.util.Objects;

/// One place of a voter's log. Voters that hold the same entry hold the same object.
final class Entry {
    final long term;
    final Logged logged;
    /// What it did, once committed; forgotten after a while. A voter in another state works it out for itself.
    private ClusterState before;
    private Handler.Step step;

    Entry(long term, Logged logged) {
        this.term = term;
        this.logged = logged;
    }

    Handler.Step applyTo(ClusterState state) {
        return state == before ? Objects.requireNonNull(step) : logged.apply(state);
    }

    void remember(ClusterState state, Handler.Step done) {
        before = state;
        step = done;
    }

    void forgetState() {
        before = null;
        step = null;
    }
}
