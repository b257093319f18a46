package dev.muster.core.state;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What would be lost with a node: attempts that run there, and files of which no other node in service verifiably holds
/// a copy.
public final class Custody {
    private Custody() {}

    /// Files that only this node holds, of those that the cluster knows; a node that is leaving, fenced or retired is no
    /// other.
    public static List<Artifact> sole(ClusterState state, NodeId node) {
        List<Artifact> sole = new ArrayList<>();
        for (Artifact artifact : state.files().artifacts().values()) {
            if (artifact.receipts().has(node) && !elsewhere(state, artifact, node)) sole.add(artifact);
        }
        return sole;
    }

    private static boolean elsewhere(ClusterState state, Artifact artifact, NodeId node) {
        for (NodeId holder : artifact.receipts().keys()) {
            boolean serves =
                    state.fleet().nodes().find(holder).filter(Replicas::serves).isPresent();
            if (serves && !holder.equals(node)) return true;
        }
        return false;
    }

    /// Why the node cannot go yet, for people; empty when it can.
    ///
    /// @param told files that are named, at most
    public static Optional<String> holds(ClusterState state, NodeId node, int told) {
        List<AttemptId> running = state.work().activeOn(node);
        if (!running.isEmpty())
            return Optional.of(node + " runs " + running.getFirst()
                    + (running.size() > 1 ? " and " + (running.size() - 1) + " more" : ""));
        List<Artifact> sole = sole(state, node);
        if (sole.isEmpty()) return Optional.empty();
        Bytes bytes = new Bytes(sole.stream().mapToLong(Artifact::size).sum());
        List<String> names = sole.stream()
                .limit(told)
                .map(artifact -> artifact.sha().brief() + " (" + artifact.name() + ")")
                .toList();
        String more = sole.size() > told ? " and " + (sole.size() - told) + " more" : "";
        return Optional.of("no other node in service holds " + String.join(", ", names) + more + " of " + node + ", "
                + bytes + " in all");
    }
}
