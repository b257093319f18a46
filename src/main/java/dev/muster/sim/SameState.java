package dev.muster.sim;

import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Work;
import java.util.ArrayList;
import java.util.List;

/// Are two states the same, part by part? For voters that came to them on different ways.
final class SameState {
    private SameState() {}

    static boolean equal(ClusterState one, ClusterState other) {
        return one == other || difference(one, other).isEmpty();
    }

    /// The names of the parts that differ.
    static List<String> difference(ClusterState one, ClusterState other) {
        List<String> different = new ArrayList<>();
        compare(different, "revision", one.revision(), other.revision());
        compare(different, "at", one.at(), other.at());
        compare(different, "fleet", one.fleet(), other.fleet());
        compare(different, "next job", one.work().nextJob(), other.work().nextJob());
        compare(different, "jobs", one.work().jobs(), other.work().jobs());
        compare(different, "tasks", one.work().tasks(), other.work().tasks());
        compare(different, "attempts", one.work().attempts(), other.work().attempts());
        compare(different, "derived counts", one.work().derived(), other.work().derived());
        compare(different, "files", one.files(), other.files());
        compare(different, "models", one.models(), other.models());
        compare(different, "ratings", one.ratings(), other.ratings());
        compare(different, "loops", one.loops(), other.loops());
        compare(different, "journal", one.journal(), other.journal());
        return different;
    }

    /// As a snapshot has it: whatever follows from the rest is counted anew.
    static ClusterState copy(ClusterState state) {
        return state.with(Work.of(
                state.work().nextJob(),
                state.work().jobs(),
                state.work().tasks(),
                state.work().attempts()));
    }

    private static void compare(List<String> different, String part, Object one, Object other) {
        if (!one.equals(other)) different.add(part);
    }
}
