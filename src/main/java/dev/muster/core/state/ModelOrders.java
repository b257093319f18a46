package dev.muster.core.state;

import static dev.muster.core.state.Outcome.accepted;
import static dev.muster.core.state.Outcome.refused;

import dev.muster.core.state.Outcome.Code;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// Orders about artifacts and models.
final class ModelOrders {
    /// So many of the files to choose from are named in a refusal.
    private static final int CHOICE_MAX = 5;

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
        if (!current.equals(order.expected())) return moved(order.config(), order.expected(), current);
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

    static Outcome rollback(ClusterState state, Command.RollbackModel order, Envelope envelope) {
        ConfigKey config = order.config();
        Model model = state.models().models().find(config).orElse(null);
        if (model == null)
            return refused(Code.NOT_FOUND, "no model for " + config + "; `muster model list` shows those there are");
        Sha256 current = model.current().sha();
        if (order.to().equals(Optional.of(current))) return accepted();
        if (order.expected().filter(sha -> !sha.equals(current)).isPresent())
            return moved(config, order.expected(), Optional.of(current));
        Optional<Model.Version> target = target(model, order);
        if (target.isEmpty()) {
            return refused(
                    Code.NOT_FOUND,
                    order.to().map(sha -> config + " never pointed at " + sha).orElseGet(() -> none(model))
                            + "; `muster model history " + config + "` shows what it pointed at");
        }
        Sha256 sha = target.get().sha();
        if (!state.files().held(sha)) {
            return refused(Code.UNSAFE, "expected some node to hold " + sha + ", but nobody verifiably does");
        }
        return accepted(
                new Event.PromotionRolledBack(
                        config, current, target.get(), envelope.actor().toString(), envelope.why()),
                new Event.ModelDistributionStarted(config, sha));
    }

    private static Outcome moved(ConfigKey config, Optional<Sha256> expected, Optional<Sha256> current) {
        return refused(
                Code.STALE,
                "expected " + config + " to point at "
                        + expected.map(Sha256::brief).orElse("nothing") + ", but it points at "
                        + current.map(Sha256::brief).orElse("nothing"));
    }

    private static Optional<Model.Version> target(Model model, Command.RollbackModel order) {
        if (order.to().isEmpty()) return order.expected().isPresent() ? model.before() : model.previous();
        return model.history().reversed().stream()
                .filter(version -> version.sha().equals(order.to().get()))
                .findFirst();
    }

    private static String none(Model model) {
        Sha256 current = model.current().sha();
        String others = model.history().reversed().stream()
                .map(Model.Version::sha)
                .filter(sha -> !sha.equals(current))
                .distinct()
                .limit(CHOICE_MAX)
                .map(Sha256::brief)
                .collect(Collectors.joining(", "));
        return model.config() + " has no earlier model than " + current.brief()
                + (others.isEmpty() ? "" : "; it also pointed at " + others + ": name one to go there");
    }
}
