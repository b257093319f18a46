package dev.muster.core.health;

import dev.muster.core.plan.Policy;
import dev.muster.core.plan.Soft;
import dev.muster.core.state.Actor;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Desired;
import dev.muster.core.state.Durations;
import dev.muster.core.state.Event;
import dev.muster.core.state.Instance;
import dev.muster.core.state.Journal;
import dev.muster.core.state.Node;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Observed;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// At most a share of the nodes is fenced in a window without a person: when many fall silent at once, it is more
/// likely the observer who lost the network.
///
/// What this leader fenced and what the journal has of other leaders count alike, so that a change of leaders is no
/// way around it. Fences that a person ordered do not count, nor those of rented machines of which their provider says
/// that they do not run.
final class Brake {
    private final Set<NodeId> fenced;
    private final int inService;
    private final int allowed;
    private final Duration window;

    private Brake(Set<NodeId> fenced, int inService, int allowed, Duration window) {
        this.fenced = fenced;
        this.inService = inService;
        this.allowed = allowed;
        this.window = window;
    }

    static Brake of(ClusterState state, Soft soft, Policy policy, Instant now) {
        Instant since = now.minus(policy.fenceWindow());
        Set<NodeId> fenced = new TreeSet<>();
        for (Map.Entry<NodeId, Instant> fence : soft.fences()) {
            if (fence.getValue().isAfter(since)) fenced.add(fence.getKey());
        }
        for (Journal.Entry entry : state.journal().recent().values()) {
            boolean counts = entry.at().isAfter(since) && entry.actor().kind() != Actor.Kind.PERSON;
            if (counts && entry.event() instanceof Event.NodeFenced(NodeId node)) fenced.add(node);
        }
        fenced.removeAll(down(state));
        int inService = (int) state.fleet().nodes().values().stream()
                .filter(node -> inService(node, fenced))
                .count();
        return new Brake(
                fenced,
                inService,
                Math.max(1, (int) Math.floor(policy.fenceShare() * inService)),
                policy.fenceWindow());
    }

    private static Set<NodeId> down(ClusterState state) {
        Set<NodeId> down = new TreeSet<>();
        for (Instance instance : state.rentals().instances().values()) {
            boolean runs = instance.open()
                    && instance.observed().filter(Observed.RUNNING::equals).isPresent();
            if (!runs) instance.node().ifPresent(down::add);
        }
        return down;
    }

    /// Those that were in service when the window began: a fence must not make the share smaller.
    private static boolean inService(Node node, Set<NodeId> fencedLately) {
        return node.desired() != Desired.RETIRED && (!node.fenced() || fencedLately.contains(node.id()));
    }

    boolean allows() {
        return fenced.size() < allowed;
    }

    void count(NodeId node) {
        fenced.add(node);
    }

    @Override
    public String toString() {
        return fenced.size() + " of " + inService + " nodes were fenced within " + Durations.brief(window)
                + " and no more than " + allowed + " may be without a person";
    }
}
