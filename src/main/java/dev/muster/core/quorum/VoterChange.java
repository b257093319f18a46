package dev.muster.core.quorum;

import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Fleet;
import dev.muster.core.state.Node;
import dev.muster.core.state.NodeId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// What becomes of the quorum when a person adds or removes a voter, told before it is done.
///
/// @param voters   that are wanted then
/// @param alive    of these now
/// @param underWay nodes that an earlier order still makes a voter or takes as one; the leader makes one change at a time,
///                 so this one waits for them
/// @param warnings why it is not a good idea; it is done all the same
/// @param refusal  why it is not done
public record VoterChange(
        List<NodeId> voters, int alive, List<NodeId> underWay, List<String> warnings, Optional<String> refusal) {
    /// Each write waits for a majority of all voters.
    private static final int VOTERS_USUAL_MAX = 5;
    /// As rented machines are called.
    private static final String RENTED = "vast-";

    public VoterChange {
        voters = List.copyOf(voters);
        underWay = List.copyOf(underWay);
        warnings = List.copyOf(warnings);
    }

    public int quorum() {
        return voters.size() / 2 + 1;
    }

    /// So many may be lost then, if all are alive.
    public int survives() {
        return voters.size() - quorum();
    }

    /// @param alive whether a node is heard now
    public static VoterChange adding(ClusterState state, NodeId node, Predicate<NodeId> alive) {
        Fleet fleet = state.fleet();
        List<NodeId> next = Stream.concat(fleet.wanted().stream(), Stream.of(node))
                .sorted()
                .distinct()
                .toList();
        List<String> warnings = new ArrayList<>();
        if (!alive.test(node)) {
            warnings.add(
                    node + " is not heard, and counts for the majority as soon as it votes; start its agent, or take"
                            + " the order back with `muster voter remove " + node + "`");
        }
        if (node.name().startsWith(RENTED)) {
            warnings.add(node + " is rented, by its name: its provider may take it away at any time, and its vote with"
                    + " it; let a machine vote that stays");
        }
        sameHost(fleet, node).ifPresent(warnings::add);
        VoterChange change = of(fleet, node, next, alive, warnings, Optional.empty());
        if (next.size() % 2 == 0) {
            warnings.add(next.size() + " voters survive the loss of " + change.survives() + ", as " + (next.size() - 1)
                    + " would; add another one, or remove one");
        }
        if (next.size() > VOTERS_USUAL_MAX) {
            warnings.add(next.size() + " voters: each order waits for " + change.quorum() + " disks; 3 or 5 are usual");
        }
        return of(fleet, node, next, alive, warnings, Optional.empty());
    }

    public static VoterChange removing(ClusterState state, NodeId node, Predicate<NodeId> alive) {
        Fleet fleet = state.fleet();
        List<NodeId> next =
                fleet.wanted().stream().filter(other -> !other.equals(node)).toList();
        VoterChange change = of(fleet, node, next, alive, List.of(), Optional.empty());
        if (next.isEmpty() || change.alive() >= change.quorum()) return change;
        List<NodeId> silent = next.stream().filter(alive.negate()).toList();
        return of(
                fleet,
                node,
                next,
                alive,
                List.of(),
                Optional.of("without " + node + " the voters are " + next + ", of which " + change.quorum()
                        + " have to be alive, but only " + change.alive() + " "
                        + (change.alive() == 1 ? "is" : "are")
                        + ": the cluster would be read-only; start the agents of "
                        + silent + ", or remove one of those first"));
    }

    private static VoterChange of(
            Fleet fleet,
            NodeId node,
            List<NodeId> next,
            Predicate<NodeId> alive,
            List<String> warnings,
            Optional<String> refusal) {
        List<NodeId> underWay = Stream.concat(fleet.voters().stream(), fleet.wanted().stream())
                .sorted()
                .distinct()
                .filter(other ->
                        fleet.voters().contains(other) != fleet.wanted().contains(other))
                .filter(other -> !other.equals(node))
                .toList();
        int present = (int) next.stream().filter(alive).count();
        return new VoterChange(next, present, underWay, warnings, refusal);
    }

    private static Optional<String> sameHost(Fleet fleet, NodeId node) {
        Optional<String> host =
                fleet.nodes().find(node).map(known -> known.endpoints().host());
        return fleet.wanted().stream()
                .filter(other -> !other.equals(node))
                .filter(other -> host.isPresent()
                        && fleet.nodes()
                                .find(other)
                                .map(Node::endpoints)
                                .filter(at -> at.host().equals(host.get()))
                                .isPresent())
                .findFirst()
                .map(other -> node + " is on the same host as the voter " + other + " (" + host.get()
                        + "): both are lost with it");
    }
}
