package dev.muster.core.health;

import dev.muster.core.plan.Action;
import dev.muster.core.plan.Plan;
import dev.muster.core.plan.Policy;
import dev.muster.core.plan.Soft;
import dev.muster.core.plan.Wait;
import dev.muster.core.state.Attempt;
import dev.muster.core.state.AttemptId;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Command;
import dev.muster.core.state.Desired;
import dev.muster.core.state.Durations;
import dev.muster.core.state.Event;
import dev.muster.core.state.Instance;
import dev.muster.core.state.Journal;
import dev.muster.core.state.Node;
import dev.muster.core.state.NodeId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// Silence makes a node suspect, which only keeps new work away. Longer silence has it fenced, which ends its leases.
/// A fenced node that is heard again and has let go of what was replaced is readmitted.
///
/// What gossip says shortens the way to suspect, and to nothing else: a node that it holds gone and that missed two
/// heartbeats gets nothing new. While heartbeats come, gossip may say what it likes; and it fences nobody any earlier.
public final class Health {
    /// One may be late; a node that is merely slow sends the next in time.
    private static final int HEARTBEATS_MISSED = 2;

    private Health() {}

    /// Fences, longest silence first and within the brake; then readmissions.
    public static Plan decide(ClusterState state, Soft soft, Policy policy, Instant now) {
        List<Action> actions = new ArrayList<>();
        List<Wait> waits = new ArrayList<>();
        List<Node> suspects = suspects(state, soft, policy, now);
        if (!suspects.isEmpty()) fences(state, suspects, soft, policy, now, actions, waits);
        for (Node node : state.fleet().nodes().values()) {
            if (node.fenced()) readmission(state, node, soft, policy, now, actions, waits);
        }
        return new Plan(actions, waits);
    }

    /// The brake reads the journal's events, so it is asked for only when somebody is silent.
    private static void fences(
            ClusterState state,
            List<Node> suspects,
            Soft soft,
            Policy policy,
            Instant now,
            List<Action> actions,
            List<Wait> waits) {
        Brake brake = Brake.of(state, soft, policy, now);
        for (Node node : suspects) {
            Duration silence = silence(state, node.id(), soft, now);
            if (silence.compareTo(policy.fenceAfter()) < 0) {
                waits.add(new Wait(
                        node.id().name(),
                        Wait.Reason.SUSPECT,
                        silent(node.id(), silence, soft) + "; fenced after " + Durations.brief(policy.fenceAfter())
                                + " of silence"));
            } else if (brake.allows()) {
                actions.add(
                        new Action.Propose(new Command.FenceNode(node.id()), "silent for " + Durations.brief(silence)));
                brake.count(node.id());
            } else {
                waits.add(new Wait(
                        node.id().name(),
                        Wait.Reason.BRAKE,
                        "silent for " + Durations.brief(silence) + ", but " + brake
                                + "; if it is gone for good, `muster" + " node remove " + node.id() + "`"));
            }
        }
    }

    /// `silent for 12s`, and what gossip holds of it.
    public static String silent(NodeId node, Duration silence, Soft soft) {
        return "silent for " + Durations.brief(silence) + (soft.gone().has(node) ? ", and no other node finds it" : "");
    }

    /// Silent for so long that nothing new is placed there. Knows nothing of the state; see [#suspect(ClusterState,
    /// NodeId, Soft, Policy, Instant)].
    public static boolean suspect(NodeId node, Soft soft, Policy policy, Instant now) {
        return suspect(node, Duration.between(soft.lastHeard(node), now), soft, policy);
    }

    /// As above, but the leader hears itself, and a node that has just joined is not silent since the leader took
    /// over.
    public static boolean suspect(ClusterState state, NodeId node, Soft soft, Policy policy, Instant now) {
        return suspect(node, silence(state, node, soft, now), soft, policy);
    }

    private static boolean suspect(NodeId node, Duration silence, Soft soft, Policy policy) {
        Duration hinted = policy.heartbeat().multipliedBy(HEARTBEATS_MISSED);
        return silence.compareTo(policy.suspectAfter()) >= 0
                || (soft.gone().has(node) && silence.compareTo(hinted) >= 0);
    }

    /// For how long nothing was heard of the node; the leader hears itself.
    public static Duration silence(ClusterState state, NodeId node, Soft soft, Instant now) {
        if (state.fleet().leader().equals(Optional.of(node))) return Duration.ZERO;
        Instant heard = soft.lastHeard(node);
        Instant joined = state.fleet().nodes().find(node).map(Node::joinedAt).orElse(heard);
        return Duration.between(joined.isAfter(heard) ? joined : heard, now);
    }

    private static List<Node> suspects(ClusterState state, Soft soft, Policy policy, Instant now) {
        return state.fleet().nodes().values().stream()
                .filter(node -> node.desired() != Desired.RETIRED && !node.fenced())
                .filter(node -> !(node.leaving() && released(state, node.id())))
                .filter(node -> suspect(state, node.id(), soft, policy, now))
                .sorted(Comparator.comparing((Node node) -> silence(state, node.id(), soft, now))
                        .reversed()
                        .thenComparing(Node::id))
                .toList();
    }

    /// We stop or end its machine: nobody misses it.
    private static boolean released(ClusterState state, NodeId node) {
        return state.rentals().of(node).flatMap(Instance::released).isPresent();
    }

    private static void readmission(
            ClusterState state,
            Node node,
            Soft soft,
            Policy policy,
            Instant now,
            List<Action> actions,
            List<Wait> waits) {
        Optional<Soft.Heard> heard = soft.heard()
                .find(node.id())
                .filter(news -> Duration.between(news.at(), now).compareTo(policy.suspectAfter()) < 0)
                .filter(news -> news.revision() >= fencedAt(state, node.id()));
        if (heard.isEmpty()) return;
        List<AttemptId> left = heard.get().attempts().stream()
                .filter(attempt -> replaced(state, attempt))
                .sorted()
                .toList();
        if (left.isEmpty()) {
            actions.add(new Action.Propose(
                    new Command.ReadmitNode(node.id()), "heard again, and it runs nothing that was replaced"));
        } else {
            waits.add(new Wait(
                    node.id().name(),
                    Wait.Reason.SUSPECT,
                    "fenced, but heard again; readmitted once it has stopped " + left.getFirst()
                            + (left.size() == 1 ? "" : " and " + (left.size() - 1) + " more")));
        }
    }

    /// Lost, or so long gone that its job was forgotten.
    private static boolean replaced(ClusterState state, AttemptId id) {
        return state.work()
                .attempts()
                .find(id)
                .map(attempt -> attempt.status() == Attempt.Status.LOST)
                .orElse(true);
    }

    /// The revision of the node's newest fence; where the journal no longer has it, that of the oldest event it has,
    /// which is later.
    private static long fencedAt(ClusterState state, NodeId node) {
        long at = state.journal().recent().first().orElse(0L);
        for (Journal.Entry entry : state.journal().recent().values()) {
            if (entry.event() instanceof Event.NodeFenced(NodeId fenced) && fenced.equals(node)) at = entry.revision();
        }
        return at;
    }
}
