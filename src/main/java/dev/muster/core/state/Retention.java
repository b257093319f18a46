package dev.muster.core.state;

import java.util.Optional;

/// Which copies of files may make room. Made once per state, asked once per file.
public final class Retention {
    private final ClusterState state;
    private final References references;

    private Retention(ClusterState state, References references) {
        this.state = state;
        this.references = references;
    }

    public static Retention of(ClusterState state) {
        return new Retention(state, References.lately(state));
    }

    /// Why the node's copy stays, or empty. A node that is no longer in service is no copy to rely on, and none to lose.
    public Optional<String> keeps(Artifact artifact, NodeId node) {
        Optional<String> user = references.find(artifact.sha());
        if (user.isPresent()) return user.map(by -> artifact.sha().brief() + " is used by " + by);
        if (artifact.pinned()) return Optional.of(artifact.sha().brief() + " is pinned");
        Replicas replicas = Replicas.of(state, artifact.sha());
        int target = Replicas.target(state, artifact);
        boolean counts = replicas.holders().contains(node);
        int left = replicas.holders().size() - (counts ? 1 : 0);
        return left >= target
                ? Optional.empty()
                : Optional.of("expected " + target + " other nodes to hold "
                        + artifact.sha().brief() + ", but " + left + " do");
    }
}
