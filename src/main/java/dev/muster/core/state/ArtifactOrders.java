package dev.muster.core.state;

import static dev.muster.core.state.Outcome.accepted;
import static dev.muster.core.state.Outcome.refused;

import dev.muster.core.state.Outcome.Code;
import java.util.Optional;

/// Orders about the copies of files.
final class ArtifactOrders {
    /// A file is coded against the model that is current when it is new: one, or a few where that changes meanwhile.
    private static final int DELTAS_MAX = 8;

    private ArtifactOrders() {}

    static Outcome put(ClusterState state, Command.PutArtifact order) {
        if (!state.fleet().nodes().has(order.node())) return refused(Code.NOT_FOUND, "no node " + order.node());
        if (order.size() < 0 || order.name().isBlank() || order.name().length() > 255) {
            return refused(Code.INVALID, "expected a name of 1 to 255 characters and a size of 0 bytes or more");
        }
        Artifact known = state.files().artifacts().find(order.artifact()).orElse(null);
        if (known != null && known.size() != order.size()) {
            return refused(
                    Code.CONFLICT,
                    "expected " + known.size() + " bytes of " + order.artifact() + ", but found " + order.size());
        }
        Optional<ConfigKey> before = known == null ? Optional.empty() : known.config();
        if (before.isPresent() && order.config().isPresent() && !before.equals(order.config())) {
            return refused(
                    Code.CONFLICT,
                    "expected a file for " + before.get() + ", as "
                            + order.artifact().brief() + " was put or made for it before, but found "
                            + order.config().get());
        }
        boolean same = known != null
                && (order.config().isEmpty() || before.equals(order.config()))
                && known.kind().equals(Optional.of(order.kind()))
                && known.receipts().has(order.node());
        return same
                ? accepted()
                : accepted(new Event.ArtifactPut(
                        order.artifact(), order.size(), order.name(), order.kind(), order.config(), order.node()));
    }

    static Outcome pin(ClusterState state, Sha256 sha, boolean pinned) {
        Artifact artifact = state.files().artifacts().find(sha).orElse(null);
        if (artifact == null) return refused(Code.NOT_FOUND, "no artifact " + sha);
        return artifact.pinned() == pinned ? accepted() : accepted(new Event.ArtifactPinned(sha, pinned));
    }

    /// The first to tell is believed, as long as the maker can serve it.
    static Outcome delta(ClusterState state, DeltaOf of, MadeDelta delta) {
        Artifact artifact = state.files().artifacts().find(of.artifact()).orElse(null);
        Artifact base = state.files().artifacts().find(of.base()).orElse(null);
        if (artifact == null || base == null) {
            return refused(Code.NOT_FOUND, "no artifact " + (artifact == null ? of.artifact() : of.base()));
        }
        if (of.artifact().equals(of.base())) return refused(Code.INVALID, "expected two files, but found one");
        NodeId maker = delta.maker();
        if (!state.fleet().nodes().has(maker)) return refused(Code.NOT_FOUND, "no node " + maker);
        if (!artifact.receipts().has(maker) || !base.receipts().has(maker)) {
            return refused(
                    Code.UNSAFE,
                    "expected " + maker + " to hold " + of.artifact().brief() + " and "
                            + of.base().brief());
        }
        MadeDelta known = artifact.deltas().find(of.base()).orElse(null);
        if (known == null && artifact.deltas().size() >= DELTAS_MAX) {
            return refused(Code.INVALID, "expected at most " + DELTAS_MAX + " deltas of one file");
        }
        boolean stays = known != null && (known.equals(delta) || !known.maker().equals(maker) && serves(state, known));
        return stays ? accepted() : accepted(new Event.DeltaMade(of, delta));
    }

    private static boolean serves(ClusterState state, MadeDelta delta) {
        return state.fleet()
                .nodes()
                .find(delta.maker())
                .filter(Replicas::serves)
                .isPresent();
    }

    /// The log has one order: of several nodes that make room at once, the last ones are refused.
    static Outcome release(ClusterState state, Sha256 sha, NodeId node) {
        Artifact artifact = state.files().artifacts().find(sha).orElse(null);
        if (artifact == null || !artifact.receipts().has(node)) return accepted();
        return Retention.of(state)
                .keeps(artifact, node)
                .map(why -> refused(Code.UNSAFE, why))
                .orElseGet(() -> accepted(new Event.ReplicaDropped(sha, node)));
    }
}
