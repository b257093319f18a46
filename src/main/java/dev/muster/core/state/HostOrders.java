package dev.muster.core.state;

import static dev.muster.core.state.Outcome.accepted;
import static dev.muster.core.state.Outcome.refused;

import dev.muster.core.state.Outcome.Code;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// Orders that declare machines, and what brakes them.
final class HostOrders {
    /// As a file of hosts has at most.
    private static final int CHANGES_MAX = 5_000;

    private HostOrders() {}

    static Outcome add(ClusterState state, Declared host) {
        NodeId id = host.node();
        if (state.fleet().nodes().has(id)) {
            return refused(Code.CONFLICT, "expected " + id + " to be a new name, but a node of that name has joined");
        }
        Optional<Declared> known = state.fleet().declared().find(id);
        if (known.isEmpty()) return accepted(new Event.NodeDeclared(host));
        if (known.get().equals(host)) return accepted();
        return refused(
                Code.CONFLICT,
                "expected " + id + " to be a new name, but it is declared already; `muster node remove " + id
                        + "` takes that back");
    }

    static Outcome importAll(ClusterState state, Command.ImportNodes order, Actor actor, Instant at) {
        if (order.changes().size() > CHANGES_MAX) {
            return refused(
                    Code.INVALID,
                    "expected at most " + CHANGES_MAX + " machines, but found "
                            + order.changes().size());
        }
        Set<NodeId> seen = new TreeSet<>();
        List<Event> events = new ArrayList<>();
        for (Command.HostChange change : order.changes()) {
            NodeId id = change.to().node();
            if (!seen.add(id)) return refused(Code.INVALID, "expected each machine once, but found " + id + " again");
            Optional<Outcome> obstacle = obstacle(state, change);
            if (obstacle.isPresent()) return obstacle.get();
            declare(state, change.to(), events);
        }
        return brake(state, order, actor, at).orElseGet(() -> new Outcome.Accepted(events, ""));
    }

    /// What has changed since the plan was made.
    private static Optional<Outcome> obstacle(ClusterState state, Command.HostChange change) {
        NodeId id = change.to().node();
        Optional<Desired> now = state.fleet().desired(id);
        if (!now.equals(change.from())) {
            return Optional.of(refused(
                    Code.STALE,
                    "expected " + id + " to be " + word(change.from()) + " as the plan found it, but it is " + word(now)
                            + "; plan the import again"));
        }
        if (change.to().desired() != Desired.RETIRED || now.equals(Optional.of(Desired.RETIRED)))
            return Optional.empty();
        if (state.fleet().votes(id)) return Optional.of(NodeOrders.voter(id));
        int running = state.work().activeOn(id).size();
        return running == 0
                ? Optional.empty()
                : Optional.of(refused(
                        Code.STALE,
                        "expected " + id + " to run nothing, as the plan found it, but it holds " + running
                                + " attempts; plan the import again"));
    }

    private static String word(Optional<Desired> desired) {
        return desired.map(Desired::name).orElse("unknown");
    }

    /// What is written down first, then what is wanted, as the order for that alone would.
    private static void declare(ClusterState state, Declared to, List<Event> events) {
        Optional<Desired> now = state.fleet().desired(to.node());
        Declared written = to.withDesired(now.orElse(to.desired()));
        if (!state.fleet().declared().find(to.node()).equals(Optional.of(written)))
            events.add(new Event.NodeDeclared(written));
        if (now.isEmpty() || now.get() == to.desired()) return;
        events.add(
                switch (to.desired()) {
                    case READY -> new Event.NodeReady(to.node());
                    case DRAINING -> new Event.NodeDraining(to.node());
                    case RETIRED -> new Event.NodeRetired(to.node());
                });
    }

    private static Optional<Outcome> brake(ClusterState state, Command.ImportNodes order, Actor actor, Instant at) {
        ServiceBrake brake = ServiceBrake.of(state, order.wanted(), order.limit(), at);
        if (!brake.stops()) return Optional.empty();
        int leaving = brake.leaving().size();
        boolean told = order.overridden().isPresent() && actor.kind() == Actor.Kind.PERSON;
        if (told && order.overridden().getAsInt() == leaving) return Optional.empty();
        return Optional.of(refused(
                Code.BRAKED,
                "a mass change is braked: " + brake.why()
                        + (told
                                ? "; expected --override-brake " + leaving + ", but found "
                                        + order.overridden().getAsInt()
                                : "; if that is what you want, say --override-brake " + leaving)));
    }

    /// The outcome, unless it is part of a sweep that nobody looks at. A person who names one node means it.
    static Outcome braked(ClusterState state, Outcome outcome, NodeId node, Actor actor, Instant at) {
        if (actor.kind() == Actor.Kind.PERSON || !(outcome instanceof Outcome.Accepted)) return outcome;
        ServiceBrake brake = ServiceBrake.of(state, Map.of(node, Desired.DRAINING), ChangeLimit.DEFAULT, at);
        return brake.stops() ? refused(Code.BRAKED, "a mass change is braked: " + brake.why()) : outcome;
    }
}
