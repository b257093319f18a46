package dev.muster.edge.view;

import dev.muster.core.state.Artifact;
import dev.muster.core.state.ArtifactKind;
import dev.muster.core.state.AttemptId;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.ConfigKey;
import dev.muster.core.state.MadeDelta;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Replicas;
import dev.muster.core.state.Sha256;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A file by its content.
///
/// @param kind    what it is for: `MODEL`, `GAMES`, `CHECKPOINT` or `OTHER`
/// @param target  nodes that are to hold it
/// @param pinned  no copy of it makes room
/// @param deltas  against files that were current models when it came
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
        List<NodeId> holders,
        List<Delta> deltas) {
    /// What is sent instead to a node that holds another file.
    ///
    /// @param sha  of the delta; absent where it would not have been worth its time
    /// @param size of the delta, in bytes
    public record Delta(Sha256 base, Optional<Sha256> sha, long size, NodeId maker) {}

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
                List.copyOf(artifact.receipts().keys()),
                deltas(artifact));
    }

    private static List<Delta> deltas(Artifact artifact) {
        List<Delta> deltas = new ArrayList<>();
        artifact.deltas().forEach(entry -> {
            MadeDelta made = entry.getValue();
            deltas.add(new Delta(entry.getKey(), made.sha(), made.size(), made.maker()));
        });
        return deltas;
    }
}
