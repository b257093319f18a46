package dev.muster.core.state;

import java.time.Instant;
import java.util.Optional;

/// A file by its content, and who verifiably holds it.
///
/// @param name     the path it was stored from, for people
/// @param config   of the job that made it, or as it was told when the file was put; never another one later
/// @param kind     as it was told when the file was put; absent of job outputs, and in what builds wrote that did not know
///                 it
/// @param pinned   a person wants no copy of it to make room; absent in what earlier builds wrote, and false then
/// @param receipts who read the whole file back and found this SHA-256, and when
/// @param deltas   by the file that they start from; absent in what earlier builds wrote, and empty then
public record Artifact(
        Sha256 sha,
        long size,
        String name,
        Optional<ConfigKey> config,
        Optional<AttemptId> producer,
        Instant storedAt,
        Table<NodeId, Instant> receipts,
        Optional<ArtifactKind> kind,
        boolean pinned,
        Table<Sha256, MadeDelta> deltas) {
    Artifact withReceipt(NodeId node, Instant at) {
        return new Artifact(sha, size, name, config, producer, storedAt, receipts.with(node, at), kind, pinned, deltas);
    }

    Artifact withoutReceipt(NodeId node) {
        return new Artifact(sha, size, name, config, producer, storedAt, receipts.without(node), kind, pinned, deltas);
    }

    Artifact withKind(ArtifactKind known) {
        return new Artifact(sha, size, name, config, producer, storedAt, receipts, Optional.of(known), pinned, deltas);
    }

    /// What was saved on the way turned out to be a result.
    Artifact asOutput() {
        return progress()
                ? new Artifact(sha, size, name, config, producer, storedAt, receipts, Optional.empty(), pinned, deltas)
                : this;
    }

    /// Is it one of the versions of a file that are made and replaced while a job runs?
    public boolean progress() {
        return kind.equals(Optional.of(ArtifactKind.PROGRESS));
    }

    Artifact withConfig(Optional<ConfigKey> told) {
        return config.isPresent()
                ? this
                : new Artifact(sha, size, name, told, producer, storedAt, receipts, kind, pinned, deltas);
    }

    Artifact withPin(boolean pin) {
        return new Artifact(sha, size, name, config, producer, storedAt, receipts, kind, pin, deltas);
    }

    Artifact withDelta(Sha256 base, MadeDelta delta) {
        return new Artifact(
                sha, size, name, config, producer, storedAt, receipts, kind, pinned, deltas.with(base, delta));
    }
}
