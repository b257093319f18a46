package dev.muster.core.distribute;

import dev.muster.core.health.Health;
import dev.muster.core.plan.Action;
import dev.muster.core.plan.Plan;
import dev.muster.core.plan.Policy;
import dev.muster.core.plan.Soft;
import dev.muster.core.plan.Wait;
import dev.muster.core.state.Artifact;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Command;
import dev.muster.core.state.Desired;
import dev.muster.core.state.Distribution;
import dev.muster.core.state.Node;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Table;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/// A distribution is complete when every node that counts has read the file back. Nodes that are retired, fenced or
/// suspect do not count: they fetch when they return, and no loop waits for them.
public final class Distributor {
    /// Names in one message; more are counted.
    private static final int NAMES_MAX = 8;

    private Distributor() {}

    public static Plan decide(ClusterState state, Soft soft, Policy policy, Instant now) {
        Plan plan = Plan.NOTHING;
        for (Distribution distribution : state.models().distributions().values()) {
            if (distribution.completedAt().isPresent()) continue;
            List<NodeId> counted = state.fleet().nodes().values().stream()
                    .filter(node -> node.desired() != Desired.RETIRED && !node.fenced())
                    .map(Node::id)
                    .filter(node -> !Health.suspect(state, node, soft, policy, now))
                    .toList();
            plan = plan.and(one(state, distribution, counted));
        }
        return plan;
    }

    private static Plan one(ClusterState state, Distribution distribution, List<NodeId> counted) {
        Set<NodeId> holders = state.files()
                .artifacts()
                .find(distribution.sha())
                .map(Artifact::receipts)
                .map(Table::keys)
                .orElse(Set.of());
        List<NodeId> missing =
                counted.stream().filter(node -> !holders.contains(node)).toList();
        if (missing.isEmpty() && !counted.isEmpty()) {
            return new Plan(
                    List.of(new Action.Propose(
                            new Command.CompleteDistribution(distribution.config(), distribution.sha()),
                            "all " + counted.size() + " nodes hold "
                                    + distribution.sha().brief())),
                    List.of());
        }
        String message = counted.size() - missing.size() + " of " + counted.size() + " nodes hold "
                + distribution.sha().brief() + "; missing: " + names(missing);
        return new Plan(List.of(), List.of(new Wait(distribution.config().name(), Wait.Reason.REPLICAS, message)));
    }

    private static String names(List<NodeId> nodes) {
        String first = nodes.stream().limit(NAMES_MAX).map(NodeId::name).collect(Collectors.joining(", "));
        return nodes.size() > NAMES_MAX ? first + " and " + (nodes.size() - NAMES_MAX) + " more" : first;
    }
}
