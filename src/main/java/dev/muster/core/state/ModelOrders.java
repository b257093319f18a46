package dev.muster.core.state;

import static dev.muster.core.state.Outcome.accepted;
import static dev.muster.core.state.Outcome.refused;

import dev.muster.core.state.Outcome.Code;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Orders about artifacts and models.
final class ModelOrders {
    private ModelOrders() {}

    static Outcome confirm(ClusterState state, Command.ConfirmReplica order) {
        Sha256 sha = order.artifact();
        NodeId node = order.node();
        Artifact artifact = state.files().artifacts().find(sha).orElse(null);
        if (artifact == null) return refused(Code.NOT_FOUND, "no artifact " + sha);
        if (!state.fleet().nodes().has(node)) return refused(Code.NOT_FOUND, "no node " + node);
        return artifact.receipts().has(node)
                ? accepted()
                : accepted(new Event.ReplicaConfirmed(sha, node, order.transfer()));
    }

    static Outcome drop(ClusterState state, Sha256 sha, NodeId node) {
        Artifact artifact = state.files().artifacts().find(sha).orElse(null);
        if (artifact == null || !artifact.receipts().has(node)) return accepted();
        return accepted(new Event.ReplicaDropped(sha, node));
    }

    static Outcome forget(ClusterState state, Sha256 sha) {
        Artifact artifact = state.files().artifacts().find(sha).orElse(null);
        if (artifact == null) return accepted();
        if (artifact.pinned()) return refused(Code.UNSAFE, "artifact " + sha + " is pinned");
        Optional<String> use = References.of(state).find(sha);
        return use.map(by -> refused(Code.UNSAFE, "artifact " + sha + " is used by " + by))
                .orElseGet(() -> accepted(new Event.ArtifactForgotten(sha)));
    }

    static Outcome promote(ClusterState state, Command.PromoteModel order, Envelope envelope) {
        Artifact artifact = state.files().artifacts().find(order.sha()).orElse(null);
        if (artifact == null || artifact.receipts().isEmpty()) {
            return refused(
                    Code.UNSAFE, "expected a file that some node verifiably holds, but nobody holds " + order.sha());
        }
        if (artifact.config().isPresent() && !artifact.config().get().equals(order.config())) {
            return refused(
                    Code.INVALID,
                    "expected a model of " + order.config() + ", but "
                            + order.sha().brief() + " was made for "
                            + artifact.config().get());
        }
        Optional<Sha256> current = state.models()
                .models()
                .find(order.config())
                .map(model -> model.current().sha());
        if (current.equals(Optional.of(order.sha()))) return accepted();
        if (!current.equals(order.expected())) {
            return refused(
                    Code.STALE,
                    "expected " + order.config() + " to point at "
                            + order.expected().map(Sha256::brief).orElse("nothing") + ", but it points at "
                            + current.map(Sha256::brief).orElse("nothing"));
        }
        List<Event> events = new ArrayList<>();
        if (order.generation() > 0) {
            GenerationId id = new GenerationId(order.config(), order.generation());
            Optional<Outcome> no = LoopOrders.awaitsVerdict(state, id);
            if (no.isPresent()) return no.get();
            events.add(new Event.PromotionCandidate(id, order.sha()));
        }
        events.add(new Event.ModelPromoted(
                order.config(),
                order.sha(),
                artifact.size(),
                order.generation(),
                current,
                envelope.actor().toString(),
                envelope.why()));
        events.add(new Event.ModelDistributionStarted(order.config(), order.sha()));
        return new Outcome.Accepted(events, "");
    }

    static Outcome rollback(ClusterState state, ConfigKey config, Optional<Sha256> to, Envelope envelope) {
        Model model = state.models().models().find(config).orElse(null);
        if (model == null)
            return refused(Code.NOT_FOUND, "no model for " + config + "; `muster model list` shows those there are");
        Optional<Model.Version> target = to.isPresent()
                ? model.history().reversed().stream()
                        .filter(version -> version.sha().equals(to.get()))
                        .findFirst()
                : model.previous();
        if (target.isEmpty()) {
            return refused(
                    Code.NOT_FOUND,
                    to.map(sha -> config + " never pointed at " + sha).orElse(config + " has no earlier model")
                            + "; `muster model history " + config + "` shows what it pointed at");
        }
        Sha256 sha = target.get().sha();
        if (sha.equals(model.current().sha())) return accepted();
        if (!state.files().held(sha)) {
            return refused(Code.UNSAFE, "expected some node to hold " + sha + ", but nobody verifiably does");
        }
        return accepted(
                new Event.PromotionRolledBack(
                        config,
                        model.current().sha(),
                        target.get(),
                        envelope.actor().toString(),
                        envelope.why()),
                new Event.ModelDistributionStarted(config, sha));
    }
}
