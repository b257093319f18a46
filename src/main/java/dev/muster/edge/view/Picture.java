package dev.muster.edge.view;

import dev.muster.core.plan.Policy;
import dev.muster.core.plan.Soft;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Node;
import dev.muster.core.state.NodeId;
import dev.muster.edge.node.Member;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// One moment as one node sees it: all that views look at.
///
/// @param soft what the leader heard; empty without a leader
/// @param now  the node's clock, for ages
public record Picture(NodeId self, ClusterState state, Member.Standing standing, Optional<Soft> soft, Instant now) {

    /// What is known of a node's life; it never overwrites what a person wants of it.
    public enum Life {
        /// Heard lately.
        ALIVE,
        /// Silent for longer than [Policy#suspectAfter].
        SUSPECT,
        /// Declared gone by the log.
        FENCED,
        /// Nobody leads, so nobody listens.
        UNKNOWN
    }

    public Life life(Node node) {
        if (node.fenced()) return Life.FENCED;
        if (node.id().equals(self)) return Life.ALIVE;
        if (soft.isEmpty()) return voterAlive(node.id()) ? Life.ALIVE : Life.UNKNOWN;
        boolean silent = silence(node.id())
                .map(gap -> gap.compareTo(Policy.DEFAULT.suspectAfter()) >= 0)
                .orElse(true);
        return silent ? Life.SUSPECT : Life.ALIVE;
    }

    /// The leader, or this node itself, knows that it does not hear the node.
    public boolean silent(NodeId id) {
        return state.fleet()
                .nodes()
                .find(id)
                .map(node -> life(node) != Life.ALIVE)
                .orElse(false);
    }

    /// Since the leader last heard the node; empty when nobody leads.
    Optional<Duration> silence(NodeId node) {
        return soft.map(heard -> Duration.between(heard.lastHeard(node), now))
                .map(gap -> gap.isNegative() ? Duration.ZERO : gap);
    }

    Soft.Telemetry telemetry(NodeId node) {
        return soft.flatMap(heard -> heard.heard().find(node))
                .map(Soft.Heard::telemetry)
                .orElse(Soft.Telemetry.UNKNOWN);
    }

    /// The one answer to whether a voter is there; all views give it.
    public boolean voterAlive(NodeId voter) {
        return voter.equals(self) && standing.voter() || standing.votersHeard().contains(voter);
    }

    boolean leads(NodeId node) {
        return standing.leader().equals(Optional.of(node));
    }
}
