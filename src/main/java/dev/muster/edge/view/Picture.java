package dev.muster.edge.view;

import dev.muster.core.gossip.Opinion;
import dev.muster.core.plan.Policy;
import dev.muster.core.plan.Soft;
import dev.muster.core.state.Attempt;
import dev.muster.core.state.Bytes;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Desired;
import dev.muster.core.state.Hardware;
import dev.muster.core.state.Node;
import dev.muster.core.state.NodeId;
import dev.muster.edge.gossip.GossipPort;
import dev.muster.edge.node.Member;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// One moment as one node sees it: all that views look at.
///
/// @param soft      what the leader heard; empty without a leader
/// @param sightings what gossip holds of everyone
/// @param now       the node's clock, for ages
public record Picture(
        NodeId self,
        ClusterState state,
        Member.Standing standing,
        Optional<Soft> soft,
        Map<NodeId, GossipPort.Seen> sightings,
        Instant now) {

    /// So long gossip is believed whatever the leader hears: a heartbeat from before is not held against it.
    private static final Duration DOUBT_MAX = Duration.ofSeconds(8);

    /// What gossip holds of a node.
    ///
    /// @param opinion `alive`, `suspect`, `dead` or `left`
    /// @param seconds for how long
    public record Gossiped(String opinion, double seconds) {}

    /// What is known of a node's life; it never overwrites what a person wants of it.
    public enum Life {
        /// Heard lately.
        ALIVE,
        /// Silent for longer than [Policy#suspectAfter], or not found by gossip and not heard since.
        SUSPECT,
        /// Declared gone by the log.
        FENCED,
        /// Nobody leads, so nobody listens, and gossip has not found it.
        UNKNOWN
    }

    public Life life(Node node) {
        if (node.fenced()) return Life.FENCED;
        if (node.id().equals(self)) return Life.ALIVE;
        Optional<GossipPort.Seen> seen = Optional.ofNullable(sightings.get(node.id()));
        boolean doubted = seen.filter(it -> it.opinion() != Opinion.ALIVE).isPresent();
        if (doubted && !contradicted(node.id(), seen.get())) return Life.SUSPECT;
        if (soft.isEmpty()) return seen.isPresent() || voterAlive(node.id()) ? Life.ALIVE : Life.UNKNOWN;
        boolean silent = silence(node.id())
                .map(gap -> gap.compareTo(Policy.DEFAULT.suspectAfter()) >= 0)
                .orElse(true);
        return silent ? Life.SUSPECT : Life.ALIVE;
    }

    /// Heartbeats that still come are better news than what others hold. That a new leader takes every node as just heard
    /// is none; and the leader's times are compared with each other only, since its clock is another one.
    private boolean contradicted(NodeId node, GossipPort.Seen seen) {
        if (soft.isEmpty() || Duration.between(seen.since(), now).compareTo(DOUBT_MAX) < 0) return false;
        Optional<Instant> heard = soft.get().heard().find(node).map(Soft.Heard::at);
        Optional<Instant> newest =
                soft.get().heard().values().stream().map(Soft.Heard::at).max(Comparator.naturalOrder());
        return heard.filter(at -> Duration.between(at, newest.orElse(at))
                                .compareTo(Policy.DEFAULT.heartbeat().multipliedBy(2))
                        < 0)
                .isPresent();
    }

    /// `dead 12s`: what gossip holds, and for how long; empty when it knows nothing of the node.
    Optional<Gossiped> gossiped(NodeId node) {
        return Optional.ofNullable(sightings.get(node))
                .map(seen -> new Gossiped(
                        seen.opinion().name().toLowerCase(Locale.ROOT),
                        Math.max(0, Duration.between(seen.since(), now).toMillis()) / 1000.0));
    }

    /// The cluster's nodes; those of gossip as long as this node does not know the state.
    public List<Node> nodes() {
        if (state.revision() > 0) return List.copyOf(state.fleet().nodes().values());
        List<Node> nodes = new ArrayList<>();
        sightings.forEach((id, seen) -> nodes.add(new Node(
                id,
                seen.profile().identity(),
                seen.profile().role(),
                Desired.READY,
                Hardware.cpus(0, Bytes.ZERO),
                0,
                seen.profile().endpoints(),
                false,
                seen.since())));
        return nodes;
    }

    /// Votes, by the state, or by its own word as long as this node does not know the state.
    public boolean votes(NodeId node) {
        if (state.revision() > 0) return state.fleet().votes(node);
        GossipPort.Seen seen = sightings.get(node);
        return seen != null && seen.profile().voter();
    }

    /// The leader, or this node itself, knows that it does not hear the node.
    public boolean silent(NodeId id) {
        return state.fleet()
                .nodes()
                .find(id)
                .map(node -> life(node) != Life.ALIVE)
                .orElse(false);
    }

    /// What goes on with it, as far as the log knows, while nobody hears the node; empty of one that is heard, and of one that
    /// has ended.
    Optional<String> awaits(Attempt attempt) {
        if (!attempt.status().isActive() || !silent(attempt.node())) return Optional.empty();
        String silent = silence(attempt.node())
                .filter(gap -> gap.compareTo(Policy.DEFAULT.heartbeat().multipliedBy(2)) >= 0)
                .map(gap -> "silent for " + Words.span(gap))
                .orElse("not found by the others");
        return Optional.of("waits for " + attempt.node() + ", which is " + silent + ": after "
                + Words.span(Policy.DEFAULT.fenceAfter()) + " it counts as gone, and another node goes on");
    }

    /// When the leader last heard the node, or it joined since; empty when nobody leads.
    Optional<Instant> heardAt(NodeId node) {
        Instant joined = state.fleet().nodes().find(node).map(Node::joinedAt).orElse(Instant.MIN);
        return soft.map(heard -> heard.lastHeard(node)).map(at -> at.isBefore(joined) ? joined : at);
    }

    /// Since the leader last heard the node; empty when nobody leads.
    Optional<Duration> silence(NodeId node) {
        return heardAt(node).map(at -> Duration.between(at, now)).map(gap -> gap.isNegative() ? Duration.ZERO : gap);
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
