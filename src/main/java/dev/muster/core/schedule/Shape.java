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
import dev.muster.core.state.RunId;
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
    record Needs(
            JobKind kind,
            Resources resources,
            Optional<NodeId> node,
            Optional<String> gpu,
            Optional<RunId> run,
            int nodes) {
        static Needs of(JobSpec spec) {
            return new Needs(spec.kind(), spec.resources(), spec.node(), spec.gpu(), spec.run(), spec.nodes());
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
            return other
                            instanceof
                            Needs(
                                    JobKind thatKind,
                                    Resources that,
                                    Optional<NodeId> thatNode,
                                    Optional<String> thatGpu,
                                    Optional<RunId> thatRun,
                                    int thatNodes)
                    && kind == thatKind
                    && resources.cpuMillis() == that.cpuMillis()
                    && resources.memory().count() == that.memory().count()
                    && resources.gpus() == that.gpus()
                    && resources.gpuMemory().count() == that.gpuMemory().count()
                    && nodes == thatNodes
                    && node.equals(thatNode)
                    && gpu.equals(thatGpu)
                    && run.equals(thatRun);
        }
    }

    /// Nodes named in one message; more are counted.
    private static final int NODES_MAX = 5;

    private final JobSpec spec;
    private final List<Room> all;
    private final List<Room> open;
    private Optional<Wait.Reason> reason = Optional.empty();
    private String message = "";
    private List<Room> best = List.of();
    private int lookedAfter = Room.UNTOUCHED;

    Shape(JobSpec spec, List<Room> all) {
        this.spec = spec;
        this.all = all;
        this.open = new ArrayList<>(all);
    }

    /// The best node with room, or as many as a task runs on at once; empty when there are too few, and from then on [#reason]
    /// and [#message] say why.
    ///
    /// @param placed tasks that the plan has placed so far: only where something was placed since the last call can
    ///        a node have become full
    List<Room> best(int placed) {
        if (reason.isPresent() || placed == lookedAfter) return best;
        open.removeIf(room -> room.changedSince(lookedAfter) && !room.takes(spec));
        best = spec.gang() ? several() : one();
        if (best.isEmpty()) explain();
        lookedAfter = placed;
        return best;
    }

    /// How many nodes are missing of those that a task needs at once, or empty.
    Optional<String> shortage() {
        return best(0).isEmpty() ? Optional.of(together()) : Optional.empty();
    }

    private List<Room> one() {
        Room found = null;
        for (Room room : open) {
            if (found == null || room.isBetterThan(found, spec)) found = room;
        }
        return found == null ? List.of() : List.of(found);
    }

    private List<Room> several() {
        if (open.size() < spec.nodes()) return List.of();
        return open.stream()
                .sorted((one, other) -> one.isBetterThan(other, spec) ? -1 : 1)
                .limit(spec.nodes())
                .toList();
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
        boolean never = fitting.size() < spec.nodes() && !all.isEmpty();
        reason = Optional.of(never ? Wait.Reason.NEVER_FITS : Wait.Reason.NO_ROOM);
        String why = fitting.isEmpty() ? whyNever() : whyNotNow(fitting);
        message = spec.gang() ? together() + "; " + why : why;
    }

    /// `needs 3 nodes with 1 gpu at once; 2 have room`.
    private String together() {
        int gpus = spec.resources().gpus();
        String each =
                gpus == 0 ? Fit.cores(spec.resources().cpuMillis()) + " cpus" : gpus + (gpus == 1 ? " gpu" : " gpus");
        return "needs " + spec.nodes() + " nodes with " + each + " at once; " + open.size()
                + (open.size() == 1 ? " has" : " have") + " room";
    }

    private String whyNotNow(List<Room> fitting) {
        List<String> obstacles =
                fitting.stream().flatMap(room -> room.obstacle(spec).stream()).toList();
        String told = obstacles.stream().limit(NODES_MAX).collect(Collectors.joining("; "));
        String more = obstacles.size() > NODES_MAX ? "; and " + (obstacles.size() - NODES_MAX) + " more" : "";
        String fit = fitting.size() == 1 ? "1 node fits" : fitting.size() + " nodes fit";
        return obstacles.isEmpty() ? fit : fit + ": " + told + more;
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
