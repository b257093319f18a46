package dev.muster.core.check;

import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Command;
import dev.muster.core.state.Desired;
import dev.muster.core.state.Fix;
import dev.muster.core.state.Node;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Table;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What a node does next about fixes ordered for it, from the newest state it has and its own journal. Pure, and safe to
/// ask again at any time. As with attempts, the caller must never show it an older state than before.
public final class FixTurn {
    private FixTurn() {}

    /// Something the node does.
    public sealed interface Turn {
        /// Write the journal, then do it.
        record Begin(Fix fix) implements Turn {}

        /// Tell the cluster; repeated until the state shows it.
        record Report(Command.FinishFix order) implements Turn {}

        /// The cluster knows how it ended, or no longer wants to.
        record Discard(long token) implements Turn {}
    }

    /// One at a time: a second is begun when the first has ended.
    public static List<Turn> decide(ClusterState state, NodeId self, Table<Long, LocalFix> journal) {
        List<Turn> turns = new ArrayList<>();
        boolean busy = false;
        for (LocalFix local : journal.values()) {
            boolean awaited =
                    state.fleet().fixes().find(local.token()).filter(Fix::open).isPresent();
            if (local.end().isEmpty()) busy = true;
            else if (awaited)
                turns.add(new Turn.Report(finish(self, local, local.end().get())));
            else turns.add(new Turn.Discard(local.token()));
        }
        if (!busy) next(state, self, journal).ifPresent(fix -> turns.add(new Turn.Begin(fix)));
        return List.copyOf(turns);
    }

    private static Command.FinishFix finish(NodeId self, LocalFix local, Fix.Ended end) {
        return new Command.FinishFix(self, local.token(), end.done(), end.note());
    }

    private static Optional<Fix> next(ClusterState state, NodeId self, Table<Long, LocalFix> journal) {
        Node node = state.fleet().nodes().find(self).orElse(null);
        if (node == null || node.fenced() || node.desired() == Desired.RETIRED) return Optional.empty();
        return state.fleet().fixes().values().stream()
                .filter(fix -> fix.open() && fix.node().equals(self) && !journal.has(fix.token()))
                .filter(fix -> Duration.between(fix.orderedAt(), state.at()).compareTo(Fix.BEGIN_WITHIN) <= 0)
                .findFirst();
    }
}
