package dev.muster.core.schedule;

import dev.muster.core.plan.Wait;
import dev.muster.core.state.Bytes;
import dev.muster.core.state.Fit;
import dev.muster.core.state.JobKind;
import dev.muster.core.state.JobSpec;
import dev.muster.core.state.Node;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Resources;
import dev.muster.core.state.Role;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/// What tasks with equal needs share within a plan: the nodes that can still take one, and why none can. A plan only
/// takes room away, so a node that is full stays full, and a shape without a node stays without.
final class Shape {
    /// All that [Fit] asks of a spec.
    record Needs(JobKind kind, Resources resources, Optional<NodeId> node) {
        static Needs of(JobSpec spec) {
            return new Needs(spec.kind(), spec.resources(), spec.node());
        }

        /// Written out: 50,000 jobs are hashed in one plan, and the generated one goes through all nested records.
        @Override
        public int hashCode() {
            int hash = 31 * resources.cpuMillis() + resources.gpus();
            return 31 * (31 * hash + Long.hashCode(resources.memory().count())) + kind.ordinal();
        }

        /// Written out for the same reason.
        @Override
        public boolean equals(Object other) {
            return other instanceof Needs(JobKind thatKind, Resources that, Optional<NodeId> thatNode)
                    && kind == thatKind
                    && resources.cpuMillis() == that.cpuMillis()
                    && resources.memory().count() == that.memory().count()
                    && resources.gpus() == that.gpus()
                    && resources.gpuMemory().count() == that.gpuMemory().count()
                    && node.equals(thatNode);
        }
    }

    /// Nodes named in one message; more are counted.
    private static final int NODES_MAX = 5;

    private final JobSpec spec;
    private final List<Room> all;
    private final List<Room> open;
    private Optional<Wait.Reason> reason = Optional.empty();
    private String message = "";
    private Optional<Room> best = Optional.empty();
    private int lookedAfter = Room.UNTOUCHED;

    Shape(JobSpec spec, List<Room> all) {
        this.spec = spec;
        this.all = all;
        this.open = new ArrayList<>(all);
    }

    /// The best node with room, or empty; from then on [#reason] and [#message] say why.
    ///
    /// @param placed tasks that the plan has placed so far: only where something was placed since the last call can
    ///        a node have become full
    Optional<Room> best(int placed) {
        if (reason.isPresent() || placed == lookedAfter) return best;
        open.removeIf(room -> room.changedSince(lookedAfter) && !room.takes(spec));
        Room found = null;
        for (Room room : open) {
            if (found == null || room.isBetterThan(found, spec)) found = room;
        }
        if (found == null) explain();
        best = Optional.ofNullable(found);
        lookedAfter = placed;
        return best;
    }

    Wait.Reason reason() {
        return reason.orElseThrow();
    }

    String message() {
        return message;
    }

    private void explain() {
        List<Room> fitting = all.stream()
                .filter(room -> Fit.never(spec, room.node()).isEmpty())
                .toList();
        boolean never = fitting.isEmpty() && !all.isEmpty();
        reason = Optional.of(never ? Wait.Reason.NEVER_FITS : Wait.Reason.NO_ROOM);
        message = fitting.isEmpty() ? whyNever() : whyNotNow(fitting);
    }

    private String whyNotNow(List<Room> fitting) {
        String obstacles = fitting.stream()
                .limit(NODES_MAX)
                .map(room -> room.obstacle(spec).orElseThrow())
                .collect(Collectors.joining("; "));
        String more = fitting.size() > NODES_MAX ? "; and " + (fitting.size() - NODES_MAX) + " more" : "";
        return (fitting.size() == 1 ? "1 node fits: " : fitting.size() + " nodes fit: ") + obstacles + more;
    }

    /// Leaves out nodes need by need; the need that none of the rest meets is told, with the node that came closest.
    private String whyNever() {
        List<Node> nodes = all.stream().map(Room::node).toList();
        if (nodes.isEmpty()) return "there is no node yet";
        if (spec.node().isPresent()) return pinned(nodes, spec.node().get());
        nodes = nodes.stream().filter(node -> node.role().accepts(spec.kind())).toList();
        if (nodes.isEmpty()) return "no node has role " + roles();
        Resources need = spec.resources();
        List<Need> needs = List.of(
                new Need(
                        need.gpus() + " gpus",
                        need.gpus(),
                        node -> node.hardware().gpus(),
                        Object::toString),
                new Need(
                        need.gpuMemory() + " per gpu",
                        need.gpus() > 0 ? need.gpuMemory().count() : 0,
                        node -> node.hardware().gpuMemory().count(),
                        bytes -> new Bytes(bytes).toString()),
                new Need(
                        Fit.cores(need.cpuMillis()) + " cpus",
                        need.cpuMillis(),
                        node -> node.hardware().cpuMillis(),
                        millis -> Fit.cores(millis.intValue())),
                new Need(
                        need.memory() + " memory",
                        need.memory().count(),
                        node -> node.hardware().memory().count(),
                        bytes -> new Bytes(bytes).toString()));
        for (Need each : needs) {
            List<Node> meeting = nodes.stream().filter(each::metBy).toList();
            if (meeting.isEmpty()) return each.unmet(nodes);
            nodes = meeting;
        }
        return "every node that would fit has max_parallel_jobs 0";
    }

    private String pinned(List<Node> nodes, NodeId pin) {
        return nodes.stream()
                .filter(node -> node.id().equals(pin))
                .findFirst()
                .flatMap(node -> Fit.never(spec, node))
                .map(why -> "is to run on " + pin + ", but " + why)
                .orElse("is to run on " + pin + ", which is not in the cluster");
    }

    private String roles() {
        return Arrays.stream(Role.values())
                .filter(role -> role.accepts(spec.kind()))
                .map(Role::name)
                .collect(Collectors.joining(" or "));
    }

    private record Need(String text, long amount, Function<Node, Number> has, Function<Long, String> show) {
        boolean metBy(Node node) {
            return has.apply(node).longValue() >= amount;
        }

        String unmet(List<Node> nodes) {
            Node most = nodes.stream()
                    .max(Comparator.comparingLong((Node node) -> has.apply(node).longValue())
                            .thenComparing(Node::id, Comparator.reverseOrder()))
                    .orElseThrow();
            String found = show.apply(has.apply(most).longValue());
            return "needs " + text + "; the most on one node is " + found + " (" + most.id() + ")";
        }
    }
}
