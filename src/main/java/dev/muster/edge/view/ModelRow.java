package dev.muster.edge.view;

import dev.muster.core.state.Artifact;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.ConfigKey;
import dev.muster.core.state.Desired;
import dev.muster.core.state.Distribution;
import dev.muster.core.state.Model;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Replicas;
import dev.muster.core.state.Sha256;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedList;
import java.util.List;
import java.util.Optional;

/// The model a config key plays with.
///
/// @param generation    of the loop that made it; 0 when a person promoted it
/// @param versions      moves of the pointer that are remembered
/// @param holders       nodes in service that verifiably hold the file, and have it in the model's place
/// @param targets       nodes that are to hold it: all in service
/// @param distributedAt when every node that counted held it for the first time; empty until then
public record ModelRow(
        ConfigKey config,
        Sha256 sha,
        long size,
        int generation,
        boolean rollback,
        Instant at,
        String by,
        String reason,
        int versions,
        int holders,
        int targets,
        Optional<Instant> distributedAt) {
    public static ModelRow of(Picture picture, Model model) {
        Model.Version current = model.current();
        return new ModelRow(
                model.config(),
                current.sha(),
                current.size(),
                current.generation(),
                current.rollback(),
                current.at(),
                current.by(),
                current.reason(),
                model.history().size(),
                serving(picture, current.sha()).size(),
                Replicas.serving(picture.state()),
                picture.state().models().distributions().find(model.config()).flatMap(Distribution::completedAt));
    }

    public static List<ModelRow> all(Picture picture) {
        return picture.state().models().models().values().stream()
                .map(model -> of(picture, model))
                .toList();
    }

    private static List<NodeId> serving(Picture picture, Sha256 sha) {
        return Replicas.of(picture.state(), sha).holders().stream()
                .filter(node -> inPlace(picture, node, sha))
                .toList();
    }

    /// Those that say they cannot put the file where the model is read do not serve it, though they hold it.
    private static boolean inPlace(Picture picture, NodeId node, Sha256 sha) {
        return picture.soft().flatMap(soft -> soft.trouble(node, sha)).isEmpty();
    }

    private static List<NodeId> holders(Picture picture, Sha256 sha) {
        return picture.state()
                .files()
                .artifacts()
                .find(sha)
                .map(Artifact::receipts)
                .map(receipts -> receipts.keys().stream()
                        .filter(node -> inPlace(picture, node, sha))
                        .toList())
                .orElse(List.of());
    }

    /// One move of the pointer.
    ///
    /// @param distribution how the file came to the nodes; absent when that is no longer remembered
    public record Move(
            Sha256 sha,
            long size,
            int generation,
            boolean rollback,
            Instant at,
            String by,
            String reason,
            Optional<WayRow> distribution) {
        static Move of(Model.Version version, Optional<WayRow> way) {
            return new Move(
                    version.sha(),
                    version.size(),
                    version.generation(),
                    version.rollback(),
                    version.at(),
                    version.by(),
                    version.reason(),
                    way);
        }
    }

    /// How each file of a model's history came to the nodes, oldest first: as many as there are versions.
    public static List<Optional<WayRow>> ways(ClusterState state, Model model) {
        Deque<Distribution> left = new ArrayDeque<>(state.models().distributionsOf(model.config()));
        Optional<Distribution> newest = Optional.ofNullable(left.peekLast());
        LinkedList<Optional<WayRow>> ways = new LinkedList<>();
        for (Model.Version version : model.history().reversed()) {
            Optional<Distribution> way = Optional.ofNullable(left.peekLast())
                    .filter(last ->
                            last.sha().equals(version.sha()) && last.startedAt().equals(version.at()));
            if (way.isPresent()) left.removeLast();
            ways.addFirst(way.map(found -> WayRow.of(found, way.equals(newest))));
        }
        return ways;
    }

    /// A model with everything its pointer has pointed at, newest first, and where the current file is.
    ///
    /// @param missing nodes in service that do not hold the current file, or cannot put it in the model's place
    public record Detail(ModelRow model, List<Move> history, List<NodeId> holders, List<NodeId> missing) {
        public static Detail of(Picture picture, Model model) {
            List<NodeId> holders = ModelRow.holders(picture, model.current().sha());
            List<NodeId> missing = picture.state().fleet().nodes().values().stream()
                    .filter(node -> !node.fenced() && node.desired() != Desired.RETIRED)
                    .map(node -> node.id())
                    .filter(id -> !holders.contains(id))
                    .toList();
            List<Optional<WayRow>> ways = ways(picture.state(), model);
            List<Move> moves = new ArrayList<>();
            for (int index = model.history().size() - 1; index >= 0; index--)
                moves.add(Move.of(model.history().get(index), ways.get(index)));
            return new Detail(ModelRow.of(picture, model), moves, holders, missing);
        }
    }
}
