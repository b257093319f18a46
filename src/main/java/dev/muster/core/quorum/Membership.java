package dev.muster.core.quorum;

import dev.muster.core.health.Health;
import dev.muster.core.plan.Action;
import dev.muster.core.plan.Plan;
import dev.muster.core.plan.Policy;
import dev.muster.core.plan.Soft;
import dev.muster.core.plan.Wait;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Fleet;
import dev.muster.core.state.Node;
import dev.muster.core.state.NodeId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// Brings Raft's configuration to the wanted one: one voter at a time, additions first, and never to a set whose
/// majority is not heard now.
public final class Membership {
    private Membership() {}

    public static Plan decide(ClusterState state, Soft soft, Policy policy, Instant now) {
        Fleet fleet = state.fleet();
        if (fleet.voters().isEmpty()) return Plan.NOTHING;
        Predicate<NodeId> heard = node -> !Health.suspect(state, node, soft, policy, now);
        List<Wait> waits = new ArrayList<>();
        Optional<NodeId> addition = Optional.empty();
        for (NodeId wanted : missing(fleet)) {
            Optional<String> no = unready(fleet, wanted, heard);
            no.ifPresent(why -> waits.add(new Wait(wanted.name(), Wait.Reason.VOTER, "wanted as a voter, but " + why)));
            if (no.isEmpty() && addition.isEmpty()) addition = Optional.of(wanted);
        }
        boolean someMissing = !missing(fleet).isEmpty();
        return addition.map(node -> add(fleet, node, heard, waits))
                .orElseGet(() -> remove(fleet, someMissing, heard, waits));
    }

    private static List<NodeId> missing(Fleet fleet) {
        return fleet.wanted().stream()
                .filter(node -> !fleet.voters().contains(node))
                .toList();
    }

    private static Optional<String> unready(Fleet fleet, NodeId id, Predicate<NodeId> heard) {
        Node node = fleet.nodes().find(id).orElse(null);
        if (node == null) return Optional.of("no node has that name");
        if (node.fenced()) return Optional.of("it is fenced");
        return heard.test(id) ? Optional.empty() : Optional.of("it is not heard");
    }

    private static Plan add(Fleet fleet, NodeId node, Predicate<NodeId> heard, List<Wait> waits) {
        List<NodeId> next =
                Stream.concat(fleet.voters().stream(), Stream.of(node)).sorted().toList();
        return step(next, node, node + " is wanted as a voter", heard, waits);
    }

    /// While a wanted voter is missing, only a silent one is let go: it votes for nothing, and without it fewer are
    /// needed.
    private static Plan remove(Fleet fleet, boolean someMissing, Predicate<NodeId> heard, List<Wait> waits) {
        Optional<NodeId> leaver = fleet.voters().stream()
                .filter(node -> !fleet.wanted().contains(node))
                .filter(node -> !someMissing || !heard.test(node))
                .min(Comparator.comparing((NodeId node) -> heard.test(node))
                        .thenComparing(node -> fleet.leader().equals(Optional.of(node)))
                        .thenComparing(Comparator.naturalOrder()));
        if (leaver.isEmpty()) return new Plan(List.of(), waits);
        List<NodeId> next = fleet.voters().stream()
                .filter(node -> !node.equals(leaver.get()))
                .toList();
        return step(next, leaver.get(), leaver.get() + " is no longer wanted as a voter", heard, waits);
    }

    private static Plan step(List<NodeId> next, NodeId about, String why, Predicate<NodeId> heard, List<Wait> waits) {
        long present = next.stream().filter(heard).count();
        int quorum = next.size() / 2 + 1;
        if (present >= quorum) return new Plan(List.of(new Action.SetVoters(next, why)), waits);
        waits.add(new Wait(
                about.name(),
                Wait.Reason.VOTER,
                why + ", but of " + next + " only " + present + " are heard and " + quorum + " are needed"));
        return new Plan(List.of(), waits);
    }
}
