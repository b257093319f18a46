package dev.muster.sim;

import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Handler;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// What was committed and what it led to, whoever knows it by now.
final class Truth {
    /// What steps did is kept for so many entries, for voters that are a little behind; others work it out again.
    private static final int STEPS_REMEMBERED = 2_000;

    private final List<Entry> entries = new ArrayList<>();
    private ClusterState state = ClusterState.EMPTY;

    ClusterState state() {
        return state;
    }

    List<Entry> entries() {
        return Collections.unmodifiableList(entries);
    }

    int size() {
        return entries.size();
    }

    Handler.Step add(Entry entry) {
        Handler.Step step = entry.logged.apply(state);
        entry.remember(state, step);
        entries.add(entry);
        int old = entries.size() - STEPS_REMEMBERED - 1;
        if (old >= 0) entries.get(old).forgetState();
        state = step.state();
        return step;
    }
}
