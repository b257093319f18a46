package dev.muster.core.state;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Artifacts by content, and who verifiably holds them.
///
/// @param deltas  what each delta between two of them is for, by its own name; absent in what earlier builds wrote, and
///                empty then
/// @param strikes against sources of damaged chunks within [Strike#KEPT]; none in what earlier builds wrote
public record Files(
        Table<Sha256, Artifact> artifacts,
        Table<Sha256, DeltaOf> deltas,
        Table<Sha256, Table<NodeId, Strike>> strikes) {
    static final Files EMPTY = new Files(Table.empty(), Table.empty(), Table.empty());

    /// Does at least one node verifiably hold it?
    public boolean held(Sha256 sha) {
        return artifacts
                .find(sha)
                .map(artifact -> !artifact.receipts().isEmpty())
                .orElse(false);
    }

    /// The newest strike against a node that gave damaged chunks of the file.
    public Optional<Strike> strike(Sha256 sha, NodeId node) {
        return strikes.find(sha).flatMap(all -> all.find(node));
    }

    /// What is too old to be kept goes with each new one.
    Files struck(Event.SourceStruck event, Instant at) {
        Table<Sha256, Table<NodeId, Strike>> kept = Table.empty();
        for (Map.Entry<Sha256, Table<NodeId, Strike>> file : strikes) {
            for (Map.Entry<NodeId, Strike> one : file.getValue()) {
                if (one.getValue().fresh(at)) kept = with(kept, file.getKey(), one.getKey(), one.getValue());
            }
        }
        return new Files(artifacts, deltas, with(kept, event.artifact(), event.node(), new Strike(at, event.times())));
    }

    private static Table<Sha256, Table<NodeId, Strike>> with(
            Table<Sha256, Table<NodeId, Strike>> all, Sha256 sha, NodeId node, Strike strike) {
        return all.with(sha, all.getOrDefault(sha, Table.empty()).with(node, strike));
    }

    Files stored(Event.ArtifactStored event, Instant at) {
        Artifact artifact = artifacts
                .find(event.sha())
                .orElseGet(() -> new Artifact(
                        event.sha(),
                        event.size(),
                        event.name(),
                        event.config(),
                        event.producer(),
                        at,
                        Table.empty(),
                        Optional.empty(),
                        false,
                        Table.empty()));
        return with(artifact.asOutput().withReceipt(event.node(), at));
    }

    Files saved(Event.ProgressSaved event, Optional<ConfigKey> config, Instant at) {
        return kept(event.attempt(), event.node(), event.files(), config, at);
    }

    /// What is kept of an attempt that ended, as what it saved on its way: as long as its job or its run is.
    Files kept(Attempt of, List<Attempt.Stored> evidence, Optional<ConfigKey> config, Instant at) {
        return kept(of.id(), of.node(), evidence, config, at);
    }

    /// A file that is known already stays what it is.
    private Files kept(
            AttemptId attempt, NodeId node, List<Attempt.Stored> files, Optional<ConfigKey> config, Instant at) {
        Files next = this;
        for (Attempt.Stored file : files) {
            Artifact artifact = artifacts
                    .find(file.sha())
                    .orElseGet(() -> new Artifact(
                            file.sha(),
                            file.size(),
                            file.path(),
                            config,
                            Optional.of(attempt),
                            at,
                            Table.empty(),
                            Optional.of(ArtifactKind.PROGRESS),
                            false,
                            Table.empty()));
            next = next.with(artifact.withReceipt(node, at));
        }
        return next;
    }

    /// What was said of a file that was known already goes over what was guessed.
    Files put(Event.ArtifactPut event, Instant at) {
        Artifact artifact = artifacts
                .find(event.sha())
                .orElseGet(() -> new Artifact(
                        event.sha(),
                        event.size(),
                        event.name(),
                        event.config(),
                        Optional.empty(),
                        at,
                        Table.empty(),
                        Optional.empty(),
                        false,
                        Table.empty()));
        return with(artifact.withKind(event.kind()).withConfig(event.config()).withReceipt(event.node(), at));
    }

    Files pinned(Sha256 sha, boolean pinned) {
        return with(artifacts.require(sha).withPin(pinned));
    }

    Files confirmed(Sha256 sha, NodeId node, Instant at) {
        return with(artifacts.require(sha).withReceipt(node, at));
    }

    Files dropped(Sha256 sha, NodeId node) {
        return with(artifacts.require(sha).withoutReceipt(node));
    }

    /// A removed node's copies are gone with it.
    Files nodeRemoved(NodeId node) {
        Table<Sha256, Artifact> next = artifacts;
        for (Artifact artifact : artifacts.values()) {
            if (artifact.receipts().has(node)) next = next.with(artifact.sha(), artifact.withoutReceipt(node));
        }
        return new Files(next, deltas, strikes);
    }

    Files forgotten(Sha256 sha) {
        Table<Sha256, DeltaOf> next = deltas;
        for (MadeDelta delta : artifacts.require(sha).deltas().values()) {
            if (delta.sha().isPresent()) next = next.without(delta.sha().get());
        }
        return new Files(artifacts.without(sha), next, strikes.without(sha));
    }

    /// The delta of this name; empty when it is none that the cluster knows.
    public Optional<MadeDelta> delta(Sha256 sha) {
        return deltas.find(sha)
                .flatMap(of -> artifacts
                        .find(of.artifact())
                        .flatMap(artifact -> artifact.deltas().find(of.base())));
    }

    Files deltaMade(DeltaOf of, MadeDelta delta) {
        Artifact artifact = artifacts.require(of.artifact());
        Table<Sha256, DeltaOf> next = deltas;
        Optional<Sha256> earlier = artifact.deltas().find(of.base()).flatMap(MadeDelta::sha);
        if (earlier.isPresent()) next = next.without(earlier.get());
        if (delta.sha().isPresent()) next = next.with(delta.sha().get(), of);
        return new Files(artifacts.with(of.artifact(), artifact.withDelta(of.base(), delta)), next, strikes);
    }

    private Files with(Artifact artifact) {
        return new Files(artifacts.with(artifact.sha(), artifact), deltas, strikes);
    }
}
