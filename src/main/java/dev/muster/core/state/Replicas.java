package dev.muster.core.state;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/// The nodes in service, neither retired nor fenced, with regard to one file: who verifiably holds it, and who else
/// could. Only they count as copies; who gives the file is another question, [#givers].
///
/// @param holders in name order
/// @param others  in the order in which they are to fetch it while copies are missing: those that are not being drained
///        first, of these no machine that was rented for one run, since it goes when that run is over; then an order that
///        differs from file to file, so that no node is asked for all of them
public record Replicas(List<NodeId> holders, List<NodeId> others) {
    /// What outlives the loss of any one machine or disk.
    private static final int COPIES_MIN = 2;

    public Replicas {
        holders = List.copyOf(holders);
        others = List.copyOf(others);
    }

    public static Replicas of(ClusterState state, Sha256 sha) {
        Table<NodeId, Instant> receipts =
                state.files().artifacts().find(sha).map(Artifact::receipts).orElse(Table.empty());
        List<NodeId> holders = new ArrayList<>();
        List<Other> others = new ArrayList<>();
        for (Node node : state.fleet().nodes().values()) {
            if (!serves(node)) continue;
            if (receipts.has(node.id())) holders.add(node.id());
            else others.add(new Other(node.desired(), node.run().isPresent(), rank(sha, node.id()), node.id()));
        }
        Collections.sort(others);
        return new Replicas(holders, others.stream().map(Other::id).toList());
    }

    /// Who gives the file: whoever verifiably holds it and is not fenced. A retired node is no copy to rely on, and gives
    /// as any other, so that its files are copied before its machine goes; it stands last, because nobody fences one whose
    /// machine has gone. In name order otherwise.
    public static List<NodeId> givers(ClusterState state, Sha256 sha) {
        return state.files()
                .artifacts()
                .find(sha)
                .map(artifact -> givers(state, artifact))
                .orElse(List.of());
    }

    /// As [#givers(ClusterState, Sha256)].
    public static List<NodeId> givers(ClusterState state, Artifact artifact) {
        List<NodeId> givers = new ArrayList<>();
        for (NodeId node : artifact.receipts().keys()) if (gives(state, node)) givers.add(node);
        givers.sort(retiredLast(state));
        return List.copyOf(givers);
    }

    /// Of nodes that are known; keeps the order of those that are alike.
    public static Comparator<NodeId> retiredLast(ClusterState state) {
        return Comparator.comparing(node -> state.fleet().nodes().require(node).desired() == Desired.RETIRED);
    }

    /// Does it give the files that it holds? A fenced one may be gone, and nobody takes anything from it.
    public static boolean gives(ClusterState state, NodeId node) {
        return state.fleet().nodes().find(node).filter(known -> !known.fenced()).isPresent();
    }

    private record Other(Desired desired, boolean goes, int rank, NodeId id) implements Comparable<Other> {
        private static final Comparator<Other> ORDER = Comparator.comparing(Other::desired)
                .thenComparing(Other::goes)
                .thenComparingInt(Other::rank)
                .thenComparing(Other::id);

        @Override
        public int compareTo(Other other) {
            return ORDER.compare(this, other);
        }
    }

    /// Nodes in service that are to hold the file: all of them a current model, else as many as its kind asks for.
    public static int target(ClusterState state, Artifact artifact) {
        boolean current = state.models().models().values().stream()
                .anyMatch(model -> model.current().sha().equals(artifact.sha()));
        int serving = serving(state);
        return current ? serving : Math.min(ArtifactKind.of(state, artifact).copies(), serving);
    }

    /// Nodes in service.
    public static int serving(ClusterState state) {
        int serving = 0;
        for (Node node : state.fleet().nodes().values()) if (serves(node)) serving++;
        return serving;
    }

    /// Is it in service, neither retired nor fenced, nor on a rented machine that goes?
    public static boolean serves(Node node) {
        return !node.fenced() && node.desired() != Desired.RETIRED && !node.leaving();
    }

    private static int rank(Sha256 sha, NodeId node) {
        // The hash code of both texts one after the other, of which each keeps its own: this is asked very often.
        int both = sha.hex().hashCode();
        for (int i = node.name().length(); i > 0; i--) both *= 31;
        both += node.name().hashCode();
        // Neighbouring names have neighbouring hash codes; the factor, 2^32 over the golden ratio, spreads them.
        return both * 0x9e3779b9;
    }

    /// Who is to fetch the file until `target` nodes hold it: as many as are missing, and one more while there is but one
    /// copy, so that one that has fallen silent holds nobody up. Where only retired nodes hold it, all that are missing.
    public List<NodeId> fetchers(int target) {
        int missing = Math.max(0, target - holders.size());
        int most = missing > 0 && holders.size() == 1 ? missing + 1 : missing;
        return others.subList(0, Math.min(most, others.size()));
    }

    /// Who is to hold it at home: a rented machine that holds it goes, nobody in service holds it that is not rented, and
    /// what is only on rented machines goes with the last of them. So nodes of one's own fetch it, though there may be as
    /// many copies as its kind asks for.
    ///
    /// @return those in service that are not being drained, two at most; empty where nothing is to be brought home
    public static List<NodeId> homes(ClusterState state, Artifact artifact) {
        if (!goes(state, artifact)) return List.of();
        Set<NodeId> rented = state.rentals().nodes();
        Replicas replicas = of(state, artifact.sha());
        if (!rented.containsAll(replicas.holders())) return List.of();
        return replicas.others().stream()
                .filter(node -> !rented.contains(node)
                        && state.fleet().nodes().require(node).desired() == Desired.READY)
                .limit(COPIES_MIN)
                .toList();
    }

    /// Does a machine hold it that is to be stopped or ended?
    private static boolean goes(ClusterState state, Artifact artifact) {
        for (NodeId holder : artifact.receipts().keys())
            if (state.fleet().nodes().find(holder).filter(Node::leaving).isPresent()) return true;
        return false;
    }

    /// Copies to have before the file may become a current model: one where there is but one node.
    public int needed() {
        return Math.min(COPIES_MIN, holders.size() + others.size());
    }
}
