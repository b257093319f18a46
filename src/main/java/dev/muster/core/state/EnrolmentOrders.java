package dev.muster.core.state;

import static dev.muster.core.state.Outcome.accepted;
import static dev.muster.core.state.Outcome.refused;

import dev.muster.core.state.Outcome.Code;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Orders about one-time tokens.
final class EnrolmentOrders {
    private EnrolmentOrders() {}

    /// A new token takes the place of the node's older one.
    static Outcome mint(ClusterState state, Command.MintToken order, Actor by, Instant at) {
        Duration ttl = order.ttl();
        if (ttl.compareTo(Enrolment.TTL_MIN) < 0 || ttl.compareTo(Enrolment.TTL_MAX) > 0) {
            return refused(
                    Code.INVALID,
                    "expected a token to be good for " + Durations.brief(Enrolment.TTL_MIN) + " to "
                            + Durations.brief(Enrolment.TTL_MAX) + ", but found " + Durations.brief(ttl));
        }
        Fleet fleet = state.fleet();
        if (fleet.nodes().has(order.node())) return taken(fleet, order.node());
        long pending = fleet.enrolments().values().stream()
                .filter(other -> other.pending(at) && !other.node().equals(order.node()))
                .count();
        if (pending >= Enrolment.ENROLMENTS_MAX) {
            return refused(
                    Code.FULL,
                    "expected fewer than " + Enrolment.ENROLMENTS_MAX + " unused tokens; `muster cluster tokens` lists"
                            + " them, `muster cluster token --for NODE --revoke` takes one back");
        }
        Enrolment enrolment = new Enrolment(
                order.node(),
                order.token(),
                order.role(),
                order.voter(),
                at.plus(ttl),
                Optional.empty(),
                by.toString());
        return new Outcome.Accepted(
                List.of(new Event.TokenMinted(enrolment)), order.token().hex());
    }

    static Outcome revoke(ClusterState state, NodeId node) {
        if (!state.fleet().enrolments().has(node)) {
            return refused(Code.NOT_FOUND, "no token for " + node + "; `muster cluster tokens` lists those there are");
        }
        return accepted(new Event.TokenRevoked(node));
    }

    /// Exactly once: what a retry is answered is the journal's, under its request id.
    static Outcome enrol(ClusterState state, NodeId node, Sha256 token, Instant at) {
        Fleet fleet = state.fleet();
        Optional<Enrolment> opened = fleet.enrolments().values().stream()
                .filter(enrolment -> enrolment.opensWith(token))
                .findFirst();
        if (opened.isEmpty()) {
            return refused(
                    Code.NOT_FOUND,
                    "this cluster knows no such token: it was never given, was replaced or revoked, or was forgotten a"
                            + " day after its end; " + another(node));
        }
        Enrolment enrolment = opened.get();
        if (!enrolment.node().equals(node)) {
            return refused(
                    Code.CONFLICT,
                    "expected the token to be for " + node + ", but it is for " + enrolment.node()
                            + "; join as that one, or " + another(node));
        }
        if (enrolment.usedAt().isPresent()) {
            return refused(
                    Code.CONFLICT,
                    "the token was used at " + enrolment.usedAt().get() + ", and is good for once; " + another(node)
                            + "; if nobody of yours used it, change the cluster's token");
        }
        if (!enrolment.pending(at)) {
            return refused(Code.STALE, "the token expired at " + enrolment.expiresAt() + "; " + another(node));
        }
        return new Outcome.Accepted(List.of(new Event.NodeEnrolled(node)), node.name());
    }

    private static String another(NodeId node) {
        return "`muster cluster token --for " + node + "` makes one";
    }

    private static Outcome taken(Fleet fleet, NodeId node) {
        return refused(
                Code.CONFLICT,
                "expected " + node + " to be a new name, but a node of the cluster has it; choose another name, or "
                        + NodeOrders.wayOut(fleet, node) + " if that machine is gone for good");
    }
}
