package dev.muster.core.state;

import static dev.muster.core.state.Outcome.accepted;
import static dev.muster.core.state.Outcome.refused;

import dev.muster.core.state.Outcome.Code;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Orders about nodes and voters.
final class NodeOrders {
    private NodeOrders() {}

    static Outcome join(ClusterState state, Command.JoinNode order) {
        Optional<Node> known = state.fleet().nodes().find(order.node());
        if (known.isPresent() && !known.get().identity().equals(order.identity())) {
            return refused(
                    Code.CONFLICT,
                    "expected " + order.node()
                            + " to be a new name, but another machine joined under it, or this one before its data"
                            + " directory was lost; choose another name, or " + wayOut(state.fleet(), order.node())
                            + " if that machine, or what it held, is gone for good");
        }
        Optional<Enrolment> enrolment = state.fleet().enrolments().find(order.node());
        Optional<Role> bound = enrolment.flatMap(Enrolment::role).filter(role -> role != order.role());
        if (bound.isPresent()) {
            return refused(
                    Code.CONFLICT,
                    "expected " + order.node() + " to join as " + bound.get() + ", as its token says, but it joins as "
                            + order.role() + "; correct `role` in its node.yaml");
        }
        Event.NodeJoined joined = new Event.NodeJoined(
                order.node(),
                order.identity(),
                order.role(),
                order.hardware(),
                order.maxParallelJobs(),
                order.endpoints());
        if (known.filter(node -> same(node, order)).isPresent()) return accepted();
        boolean voter = known.isEmpty() && enrolment.filter(Enrolment::voter).isPresent();
        return voter ? accepted(joined, new Event.VoterWanted(order.node())) : accepted(joined);
    }

    /// What a person does when the machine that had the name is gone.
    static String wayOut(Fleet fleet, NodeId node) {
        String remove = "`muster node remove " + node + "`";
        return fleet.votes(node)
                ? "`muster voter remove " + node + "`, then " + remove + ", start this one, and `muster voter add "
                        + node + "`,"
                : remove + " and start this one";
    }

    private static boolean same(Node node, Command.JoinNode order) {
        return node.role() == order.role()
                && node.hardware().equals(order.hardware())
                && node.maxParallelJobs() == order.maxParallelJobs()
                && node.endpoints().equals(order.endpoints());
    }

    static Outcome drain(ClusterState state, NodeId id) {
        Desired desired = state.fleet().desired(id).orElse(null);
        if (desired == null) return unknown(state, id);
        return switch (desired) {
            case READY -> accepted(new Event.NodeDraining(id));
            case DRAINING -> accepted();
            case RETIRED -> retired(id);
        };
    }

    static Outcome undrain(ClusterState state, NodeId id) {
        Desired desired = state.fleet().desired(id).orElse(null);
        if (desired == null) return unknown(state, id);
        return switch (desired) {
            case READY -> accepted();
            case DRAINING -> accepted(new Event.NodeReady(id));
            case RETIRED -> retired(id);
        };
    }

    static Outcome retire(ClusterState state, NodeId id) {
        Desired desired = state.fleet().desired(id).orElse(null);
        if (desired == null) return unknown(state, id);
        if (desired == Desired.RETIRED) return accepted();
        if (state.fleet().votes(id)) return voter(id);
        int running = state.work().activeOn(id).size();
        if (running > 0) {
            return refused(
                    Code.CONFLICT,
                    "expected " + id + " to run nothing, but it holds " + running + " attempts; `muster node drain "
                            + id + "` lets them finish first");
        }
        List<Event> events = new ArrayList<>(FixOrders.abandoned(state, id, id + " was retired"));
        events.add(new Event.NodeRetired(id));
        return new Outcome.Accepted(events, "");
    }

    static Outcome unretire(ClusterState state, NodeId id) {
        Desired desired = state.fleet().desired(id).orElse(null);
        if (desired == null) return unknown(state, id);
        if (desired != Desired.RETIRED) {
            return refused(Code.CONFLICT, "expected " + id + " to be RETIRED, but it is " + desired);
        }
        return accepted(new Event.NodeReady(id));
    }

    static Outcome remove(ClusterState state, NodeId id, Instant at) {
        if (state.fleet().desired(id).isEmpty()) return unknown(state, id);
        if (state.fleet().votes(id)) return voter(id);
        List<Event> events = new ArrayList<>(JobOrders.lost(state, id, at, id + " was removed"));
        events.add(new Event.NodeRemoved(id));
        return new Outcome.Accepted(events, "");
    }

    static Outcome fence(ClusterState state, NodeId id, Instant at, String why) {
        Node node = state.fleet().nodes().find(id).orElse(null);
        if (node == null) return unknown(state, id);
        if (node.fenced()) return accepted();
        List<Event> events = new ArrayList<>();
        events.add(new Event.NodeFenced(id));
        events.addAll(JobOrders.lost(state, id, at, id + " was fenced: " + why));
        events.addAll(FixOrders.abandoned(state, id, id + " was fenced"));
        return new Outcome.Accepted(events, "");
    }

    static Outcome readmit(ClusterState state, NodeId id) {
        Node node = state.fleet().nodes().find(id).orElse(null);
        if (node == null) return unknown(state, id);
        if (!node.fenced()) return refused(Code.CONFLICT, "expected " + id + " to be fenced, but it is not");
        return accepted(new Event.NodeReadmitted(id));
    }

    static Outcome addVoter(ClusterState state, NodeId id) {
        Node node = state.fleet().nodes().find(id).orElse(null);
        if (node == null) return unknown(state, id);
        if (node.fenced() || node.desired() == Desired.RETIRED) {
            return refused(
                    Code.UNSAFE,
                    "expected a voter to be in service, but " + id + " is " + (node.fenced() ? "fenced" : "retired"));
        }
        if (node.leaving())
            return refused(
                    Code.UNSAFE, "expected a voter to stay, but " + id + " is on a rented machine that is to go");
        return state.fleet().wanted().contains(id) ? accepted() : accepted(new Event.VoterWanted(id));
    }

    static Outcome removeVoter(ClusterState state, NodeId id) {
        if (!state.fleet().wanted().contains(id)) {
            return refused(
                    Code.NOT_FOUND,
                    "expected " + id + " to be a voter, but the voters are "
                            + state.fleet().wanted());
        }
        if (state.fleet().wanted().size() == 1) {
            return refused(Code.UNSAFE, id + " is the last voter; add another with `muster voter add` first");
        }
        return accepted(new Event.VoterUnwanted(id));
    }

    static Outcome announce(ClusterState state, NodeId id, long term) {
        if (term < state.fleet().term()) {
            return refused(Code.STALE, "expected a term of " + state.fleet().term() + " or later, but found " + term);
        }
        boolean known = term == state.fleet().term() && state.fleet().leader().equals(Optional.of(id));
        return known ? accepted() : accepted(new Event.LeaderElected(id, term));
    }

    private static Outcome unknown(ClusterState state, NodeId id) {
        if (state.fleet().declared().has(id)) {
            return refused(
                    Code.CONFLICT,
                    "expected " + id
                            + " to have joined, but it is only declared; `muster cluster join` on that machine");
        }
        return refused(
                Code.NOT_FOUND,
                "no node " + id + "; `muster node list` shows the "
                        + state.fleet().nodes().size() + " there are");
    }

    private static Outcome retired(NodeId id) {
        return refused(
                Code.CONFLICT,
                "expected " + id + " to be in service, but it is RETIRED; `muster node unretire " + id
                        + "` returns it");
    }

    static Outcome voter(NodeId id) {
        return refused(Code.UNSAFE, id + " is a voter; `muster voter remove " + id + "` first");
    }
}
