package dev.muster.edge.view;

import dev.muster.core.state.Artifact;
import dev.muster.core.state.AttemptId;
import dev.muster.core.state.ConfigKey;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Sha256;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// A file by its content.
///
/// @param holders nodes that read the whole file back and found this SHA-256
public record ArtifactRow(
        Sha256 sha,
        long size,
        String name,
        Optional<ConfigKey> config,
        Optional<AttemptId> producer,
        Instant storedAt,
        List<NodeId> holders) {
    public static ArtifactRow of(Artifact artifact) {
        return new ArtifactRow(
                artifact.sha(),
                artifact.size(),
                artifact.name(),
                artifact.config(),
                artifact.producer(),
                artifact.storedAt(),
                List.copyOf(artifact.receipts().keys()));
    }
}
