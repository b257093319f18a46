package dev.muster.core.state;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// The nodes, and which of them vote.
///
/// @param nodes  by name
/// @param voters Raft's configuration, in name order; empty until the first one was applied
/// @param wanted who a person wants to vote; the leader brings `voters` to it
/// @param leader who last announced itself leader; for display, authority comes from Raft alone
/// @param term   of that leader
/// @param fixes  ordered for nodes, by token; ended ones for as long as limits look back
public record Fleet(
        Table<NodeId, Node> nodes,
        List<NodeId> voters,
        List<NodeId> wanted,
        Optional<NodeId> leader,
        long term,
        Table<Long, Fix> fixes) {
    static final Fleet EMPTY = new Fleet(Table.empty(), List.of(), List.of(), Optional.empty(), 0, Table.empty());
    /// Ended fixes that are shown, whatever their age.
    private static final int FIXES_SHOWN = 100;

    public Fleet {
        voters = voters.stream().sorted().distinct().toList();
        wanted = wanted.stream().sorted().distinct().toList();
    }

    public boolean votes(NodeId node) {
        return voters.contains(node) || wanted.contains(node);
    }

    /// Voters that make a majority of the configured ones: always more than half, whoever is alive.
    public int quorum() {
        return voters.size() / 2 + 1;
    }

    Fleet joined(Event.NodeJoined event, Instant at) {
        Node node = nodes.find(event.node())
                .map(known -> new Node(
                        known.id(),
                        known.identity(),
                        event.role(),
                        known.desired(),
                        event.hardware(),
                        event.maxParallelJobs(),
                        event.endpoints(),
                        known.fenced(),
                        known.joinedAt()))
                .orElseGet(() -> new Node(
                        event.node(),
                        event.identity(),
                        event.role(),
                        Desired.READY,
                        event.hardware(),
                        event.maxParallelJobs(),
                        event.endpoints(),
                        false,
                        at));
        return with(nodes.with(node.id(), node));
    }

    Fleet desired(NodeId node, Desired desired) {
        return with(nodes.with(node, nodes.require(node).withDesired(desired)));
    }

    Fleet fenced(NodeId node, boolean fenced) {
        return with(nodes.with(node, nodes.require(node).withFenced(fenced)));
    }

    Fleet removed(NodeId node) {
        Table<Long, Fix> rest = fixes;
        for (Fix fix : fixes.values()) if (fix.node().equals(node)) rest = rest.without(fix.token());
        return new Fleet(nodes.without(node), voters, wanted, leader, term, rest);
    }

    Fleet wants(NodeId node, boolean vote) {
        List<NodeId> next = vote
                ? Stream.concat(wanted.stream(), Stream.of(node)).toList()
                : wanted.stream().filter(other -> !other.equals(node)).toList();
        return new Fleet(nodes, voters, next, leader, term, fixes);
    }

    /// The first configuration of a new cluster is also what is wanted.
    Fleet votersChanged(List<NodeId> now) {
        return new Fleet(nodes, now, wanted.isEmpty() ? now : wanted, leader, term, fixes);
    }

    Fleet led(NodeId by, long inTerm) {
        return new Fleet(nodes, voters, wanted, Optional.of(by), inTerm, fixes);
    }

    Fleet fixOrdered(long token, NodeId node, FixKind kind, Instant at) {
        Table<Long, Fix> kept = fixes.with(token, new Fix(token, node, kind, at, Optional.empty()));
        for (Fix oldest : fixes.values()) {
            boolean counts =
                    oldest.open() || oldest.orderedAt().plus(Fix.WINDOW).isAfter(at);
            if (counts || kept.size() <= FIXES_SHOWN) break;
            kept = kept.without(oldest.token());
        }
        return new Fleet(nodes, voters, wanted, leader, term, kept);
    }

    Fleet fixEnded(long token, Fix.Ended end) {
        Fix fix = fixes.require(token);
        return new Fleet(nodes, voters, wanted, leader, term, fixes.with(token, fix.withEnded(end)));
    }

    private Fleet with(Table<NodeId, Node> changed) {
        return new Fleet(changed, voters, wanted, leader, term, fixes);
    }
}
