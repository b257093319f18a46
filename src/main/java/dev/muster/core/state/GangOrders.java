package dev.muster.core.state;

import static dev.muster.core.state.Outcome.accepted;
import static dev.muster.core.state.Outcome.refused;

import dev.muster.core.state.Attempt.Ending;
import dev.muster.core.state.Outcome.Code;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/// Orders about tasks that run on several nodes at once: what becomes of one member becomes of all.
final class GangOrders {
    private GangOrders() {}

    static Outcome place(ClusterState state, AttemptId id, List<NodeId> nodes, Instant at) {
        Optional<Outcome> no = JobOrders.awaits(state, id, nodes.size(), at);
        if (no.isPresent()) return no.get();
        JobSpec spec = state.work().specOf(id);
        if (!spec.gang()) return refused(Code.INVALID, id.task() + " runs on one node");
        Set<NodeId> taken = new HashSet<>();
        for (NodeId each : nodes) {
            if (!taken.add(each))
                return refused(Code.INVALID, "expected different nodes, but found " + each + " twice");
            Node node = state.fleet().nodes().find(each).orElse(null);
            if (node == null) return refused(Code.NOT_FOUND, "no node " + each);
            Optional<String> misfit = Fit.misfit(spec, node, state.work().heldOn(each));
            if (misfit.isPresent()) return refused(Code.CONFLICT, misfit.get());
        }
        NodeId first = nodes.getFirst();
        String address = state.fleet().nodes().require(first).endpoints().host();
        return accepted(new Event.GangPlaced(id, nodes, address, port(state, id, first)));
    }

    /// Each try of each job begins elsewhere in the range, and takes the first port that no gang that runs has there.
    private static int port(ClusterState state, AttemptId id, NodeId node) {
        Set<Integer> taken = new HashSet<>();
        for (AttemptId other : state.work().activeOn(node))
            state.work().tasks().require(other.task()).gang().map(Gang::port).ifPresent(taken::add);
        long at = id.task().job().number() + id.task().index() + id.number() - 2;
        while (taken.contains(port(at))) at++;
        return port(at);
    }

    private static int port(long at) {
        return Gang.PORT_FIRST + (int) (at % Gang.PORTS);
    }

    /// What follows from the end of one member.
    ///
    /// @param gone its node is, and did not report the end
    static List<Event> after(ClusterState state, Attempt member, Ending ending, boolean gone, Instant at) {
        Task task = state.work().tasks().require(member.id().task());
        Optional<Ending> known = task.gang().flatMap(Gang::ends);
        Optional<Ending> news = whole(known, member, ending, gone);
        List<Event> events = new ArrayList<>();
        news.ifPresent(how -> events.add(new Event.GangEnding(member.id(), how)));
        boolean last = state.work().newestOf(task).values().stream()
                .noneMatch(other -> other.status().isActive() && !other.id().equals(member.id()));
        if (!last) return events;
        Optional<Ending> how = news.or(() -> known);
        if (how.isEmpty()) events.addAll(matches(state, member, ending));
        events.addAll(JobOrders.taskAfter(state, task.id(), how.orElse(ending), at));
        return events;
    }

    /// How the try ends as a whole, should this be news. The first member that did not succeed decides, but for one whose
    /// node was lost: that the others fail without it is no fault of theirs.
    private static Optional<Ending> whole(Optional<Ending> known, Attempt member, Ending ending, boolean gone) {
        if (ending.status() == Attempt.Status.SUCCEEDED) return Optional.empty();
        if (known.isEmpty()) return Optional.of(told(member, ending));
        boolean excuses = gone
                && known.get().status() == Attempt.Status.FAILED
                && !known.get().permanent();
        return excuses ? Optional.of(told(member, ending)) : Optional.empty();
    }

    private static Ending told(Attempt member, Ending ending) {
        String note = "rank " + member.id().rank() + " on " + member.node() + ": " + ending.note();
        return new Ending(
                ending.status(),
                ending.exitCode(),
                List.of(),
                List.of(),
                note,
                ending.permanent(),
                Table.empty(),
                ending.failure());
    }

    /// Those of rank 0, which may have ended before.
    private static List<Event> matches(ClusterState state, Attempt member, Ending ending) {
        AttemptId first = member.id().member(0);
        List<Match> matches = member.id().equals(first)
                ? ending.matches()
                : state.work().attempts().require(first).matches();
        return JobOrders.matches(matches, state.work().specOf(first));
    }

    /// All members are to end, because the node of one is to go.
    static Event evicting(Attempt member, String why) {
        return new Event.GangEnding(
                member.id(),
                told(member, new Ending(Attempt.Status.LOST, OptionalInt.empty(), List.of(), List.of(), why)));
    }
}
