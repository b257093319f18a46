package dev.muster.edge.view;

import dev.muster.core.state.Artifact;
import dev.muster.core.state.ArtifactKind;
import dev.muster.core.state.AttemptId;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.ConfigKey;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Replicas;
import dev.muster.core.state.Sha256;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// A file by its content.
///
/// @param kind    what it is for: `MODEL`, `GAMES`, `CHECKPOINT` or `OTHER`
/// @param target  nodes that are to hold it
/// @param pinned  no copy of it makes room
/// @param holders nodes that read the whole file back and found this SHA-256
public record ArtifactRow(
        Sha256 sha,
        long size,
        String name,
        Optional<ConfigKey> config,
        Optional<AttemptId> producer,
        Instant storedAt,
        ArtifactKind kind,
        int target,
        boolean pinned,
        List<NodeId> holders) {
    public static ArtifactRow of(ClusterState state, Artifact artifact) {
        return new ArtifactRow(
                artifact.sha(),
                artifact.size(),
                artifact.name(),
                artifact.config(),
                artifact.producer(),
                artifact.storedAt(),
                ArtifactKind.of(state, artifact),
                Replicas.target(state, artifact),
                artifact.pinned(),
                List.copyOf(artifact.receipts().keys()));
    }
}
