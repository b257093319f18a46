package dev.muster.core.state;

import static dev.muster.core.state.Outcome.accepted;
import static dev.muster.core.state.Outcome.refused;

import dev.muster.core.state.Outcome.Code;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Orders about fixes. The limits hold whoever orders: they are looked at where the order is applied.
final class FixOrders {
    private FixOrders() {}

    static Outcome order(ClusterState state, Command.OrderFix order, Actor by, Instant at) {
        NodeId id = order.node();
        Node node = state.fleet().nodes().find(id).orElse(null);
        if (node == null)
            return refused(Code.NOT_FOUND, "no node " + id + "; `muster node list` shows those there are");
        if (by.kind() == Actor.Kind.NODE)
            return refused(Code.INVALID, "a node orders no fixes; a person or the leader does");
        if (node.fenced() || node.desired() == Desired.RETIRED) {
            return refused(
                    Code.CONFLICT,
                    "expected " + id + " to be in service, but it is " + (node.fenced() ? "fenced" : "retired")
                            + "; nothing is put right there");
        }
        return limit(state, order, at)
                .orElseGet(() -> new Outcome.Accepted(
                        List.of(new Event.FixOrdered(id, order.kind())), Long.toString(state.revision() + 1)));
    }

    private static Optional<Outcome> limit(ClusterState state, Command.OrderFix order, Instant at) {
        int lately = 0;
        int open = 0;
        for (Fix fix : state.fleet().fixes().values()) {
            if (fix.open()) open++;
            if (!fix.node().equals(order.node())) continue;
            Duration age = Duration.between(fix.orderedAt(), at);
            if (fix.kind() == order.kind() && age.compareTo(Fix.AGAIN) < 0)
                return Optional.of(tooSoon(order, fix, age));
            if (age.compareTo(Fix.WINDOW) < 0) lately++;
        }
        if (lately >= Fix.PER_NODE_MAX) {
            return Optional.of(refused(
                    Code.FULL,
                    "expected at most " + Fix.PER_NODE_MAX + " fixes of " + order.node() + " within "
                            + Durations.brief(Fix.WINDOW) + ", but there were " + lately
                            + "; look at the machine yourself"));
        }
        if (open >= Fix.AT_ONCE_MAX) {
            return Optional.of(refused(
                    Code.FULL,
                    "expected at most " + Fix.AT_ONCE_MAX + " fixes at once in the cluster, but " + open
                            + " are open; try again when they have ended"));
        }
        return Optional.empty();
    }

    private static Outcome tooSoon(Command.OrderFix order, Fix last, Duration age) {
        String how = last.ended()
                .map(end -> end.done() ? "and done" : "and failed: " + end.note())
                .orElse("and is not done yet");
        return refused(
                Code.CONFLICT,
                word(order.kind()) + " of " + order.node() + " was ordered " + Durations.brief(age) + " ago " + how
                        + "; it may be ordered again " + Durations.brief(Fix.AGAIN) + " after that");
    }

    static Outcome finish(ClusterState state, Command.FinishFix order) {
        Fix fix = state.fleet().fixes().find(order.token()).orElse(null);
        if (fix == null || !fix.node().equals(order.node()))
            return refused(Code.NOT_FOUND, "no fix " + order.token() + " of " + order.node());
        if (!fix.open())
            return refused(Code.STALE, "the fix " + order.token() + " of " + order.node() + " has ended already");
        return accepted(
                order.done()
                        ? new Event.FixDone(fix.node(), fix.token(), fix.kind(), order.note())
                        : new Event.FixFailed(fix.node(), fix.token(), fix.kind(), order.note()));
    }

    /// The node is out of service: what was to be put right there is not.
    static List<Event> abandoned(ClusterState state, NodeId node, String why) {
        return state.fleet().fixes().values().stream()
                .filter(fix -> fix.open() && fix.node().equals(node))
                .<Event>map(fix -> new Event.FixFailed(node, fix.token(), fix.kind(), why))
                .toList();
    }

    static String word(FixKind kind) {
        return kind.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
