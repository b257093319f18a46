package dev.muster.core.state;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/// The nodes, which of them vote, and who may become one.
///
/// @param nodes  by name
/// @param voters Raft's configuration, in name order; empty until the first one was applied
/// @param wanted who a person wants to vote; the leader brings `voters` to it
/// @param leader who last announced itself leader; for display, authority comes from Raft alone
/// @param term   of that leader
/// @param enrolments one-time tokens by the name they are for; a node that has joined has none
/// @param declared what people have written down, by name; of a node that has joined it says the same of what is desired
/// @param leftAt   when those that are out of service went out of it; not those that were declared so from the beginning
/// @param fixes  ordered for nodes, by token; ended ones for as long as limits look back
public record Fleet(
        Table<NodeId, Node> nodes,
        List<NodeId> voters,
        List<NodeId> wanted,
        Optional<NodeId> leader,
        long term,
        Table<NodeId, Enrolment> enrolments,
        Table<NodeId, Declared> declared,
        Table<NodeId, Instant> leftAt,
        Table<Long, Fix> fixes) {
    static final Fleet EMPTY = new Fleet(
            Table.empty(),
            List.of(),
            List.of(),
            Optional.empty(),
            0,
            Table.empty(),
            Table.empty(),
            Table.empty(),
            Table.empty());
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

    /// All names that have joined or are declared, in their order.
    public Set<NodeId> known() {
        Set<NodeId> names = new TreeSet<>(nodes.keys());
        names.addAll(declared.keys());
        return names;
    }

    /// What people want of the machine; empty when nobody knows the name.
    public Optional<Desired> desired(NodeId node) {
        return nodes.find(node).map(Node::desired).or(() -> declared.find(node).map(Declared::desired));
    }

    boolean fenced(NodeId node) {
        return nodes.find(node).map(Node::fenced).orElse(false);
    }

    Fleet joined(Event.NodeJoined event, boolean leaving, Optional<RunId> run, Instant at) {
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
                        known.joinedAt(),
                        leaving,
                        run))
                .orElseGet(() -> new Node(
                        event.node(),
                        event.identity(),
                        event.role(),
                        declared.find(event.node()).map(Declared::desired).orElse(Desired.READY),
                        event.hardware(),
                        event.maxParallelJobs(),
                        event.endpoints(),
                        false,
                        at,
                        leaving,
                        run));
        return with(nodes.with(node.id(), node), enrolments.without(node.id()));
    }

    /// Makes room by forgetting those that are long over, then those that are over.
    Fleet minted(Enrolment enrolment, Instant at) {
        Table<NodeId, Enrolment> kept = enrolments.without(enrolment.node());
        for (Enrolment other : kept.values()) {
            boolean full = kept.size() >= Enrolment.ENROLMENTS_MAX;
            if (other.forgotten(at) || full && !other.pending(at)) kept = kept.without(other.node());
        }
        return with(nodes, kept.with(enrolment.node(), enrolment));
    }

    Fleet revoked(NodeId node) {
        return with(nodes, enrolments.without(node));
    }

    Fleet enrolled(NodeId node, Instant at) {
        return with(nodes, enrolments.with(node, enrolments.require(node).used(at)));
    }

    Fleet declared(Declared host, Instant at) {
        Fleet next = new Fleet(
                nodes, voters, wanted, leader, term, enrolments, declared.with(host.node(), host), leftAt, fixes);
        return nodes.has(host.node()) ? next.desired(host.node(), host.desired(), at) : next;
    }

    Fleet desired(NodeId node, Desired desired, Instant at) {
        boolean left = desired != Desired.READY
                && desired(node).filter(Desired.READY::equals).isPresent();
        Table<NodeId, Node> known = nodes.find(node)
                .map(one -> nodes.with(node, one.withDesired(desired)))
                .orElse(nodes);
        Table<NodeId, Declared> written = declared.find(node)
                .map(one -> declared.with(node, one.withDesired(desired)))
                .orElse(declared);
        Table<NodeId, Instant> when =
                desired == Desired.READY ? leftAt.without(node) : left ? leftAt.with(node, at) : leftAt;
        return new Fleet(known, voters, wanted, leader, term, enrolments, written, when, fixes);
    }

    Fleet fenced(NodeId node, boolean fenced) {
        return with(nodes.with(node, nodes.require(node).withFenced(fenced)));
    }

    /// Of a node that has not joined, nothing changes.
    ///
    /// @param run for which its machine was rented
    Fleet rented(NodeId node, boolean leaving, Optional<RunId> run) {
        boolean same = nodes.find(node)
                .map(one -> one.leaving() == leaving && one.run().equals(run))
                .orElse(true);
        return same ? this : with(nodes.with(node, nodes.require(node).on(leaving, run)));
    }

    Fleet removed(NodeId node) {
        Table<Long, Fix> rest = fixes;
        for (Fix fix : fixes.values()) if (fix.node().equals(node)) rest = rest.without(fix.token());
        return new Fleet(
                nodes.without(node),
                voters,
                wanted,
                leader,
                term,
                enrolments,
                declared.without(node),
                leftAt.without(node),
                rest);
    }

    Fleet wants(NodeId node, boolean vote) {
        List<NodeId> next = vote
                ? Stream.concat(wanted.stream(), Stream.of(node)).toList()
                : wanted.stream().filter(other -> !other.equals(node)).toList();
        return new Fleet(nodes, voters, next, leader, term, enrolments, declared, leftAt, fixes);
    }

    /// The first configuration of a new cluster is also what is wanted.
    Fleet votersChanged(List<NodeId> now) {
        return new Fleet(
                nodes, now, wanted.isEmpty() ? now : wanted, leader, term, enrolments, declared, leftAt, fixes);
    }

    Fleet led(NodeId by, long inTerm) {
        return new Fleet(nodes, voters, wanted, Optional.of(by), inTerm, enrolments, declared, leftAt, fixes);
    }

    Fleet fixOrdered(long token, NodeId node, FixKind kind, Instant at) {
        Table<Long, Fix> kept = fixes.with(token, new Fix(token, node, kind, at, Optional.empty()));
        for (Fix oldest : fixes.values()) {
            boolean counts =
                    oldest.open() || oldest.orderedAt().plus(Fix.WINDOW).isAfter(at);
            if (counts || kept.size() <= FIXES_SHOWN) break;
            kept = kept.without(oldest.token());
        }
        return new Fleet(nodes, voters, wanted, leader, term, enrolments, declared, leftAt, kept);
    }

    Fleet fixEnded(long token, Fix.Ended end) {
        Fix fix = fixes.require(token);
        return new Fleet(
                nodes,
                voters,
                wanted,
                leader,
                term,
                enrolments,
                declared,
                leftAt,
                fixes.with(token, fix.withEnded(end)));
    }

    private Fleet with(Table<NodeId, Node> changed) {
        return with(changed, enrolments);
    }

    private Fleet with(Table<NodeId, Node> changed, Table<NodeId, Enrolment> tokens) {
        return new Fleet(changed, voters, wanted, leader, term, tokens, declared, leftAt, fixes);
    }
}
