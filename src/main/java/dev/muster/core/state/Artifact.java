package dev.muster.core.state;

import java.time.Instant;
import java.util.Optional;

/// A file by its content, and who verifiably holds it.
///
/// @param name     the path it was stored from, for people
/// @param config   of the job that made it
/// @param receipts who read the whole file back and found this SHA-256, and when
public record Artifact(
        Sha256 sha,
        long size,
        String name,
        Optional<ConfigKey> config,
        Optional<AttemptId> producer,
        Instant storedAt,
        Table<NodeId, Instant> receipts) {
    Artifact withReceipt(NodeId node, Instant at) {
        return new Artifact(sha, size, name, config, producer, storedAt, receipts.with(node, at));
    }

    Artifact withoutReceipt(NodeId node) {
        return new Artifact(sha, size, name, config, producer, storedAt, receipts.without(node));
    }
}
