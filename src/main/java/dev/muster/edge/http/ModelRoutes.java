package dev.muster.edge.http;

import static dev.muster.edge.http.Route.get;
import static dev.muster.edge.http.Route.order;

import dev.muster.core.state.Artifact;
import dev.muster.core.state.ConfigKey;
import dev.muster.core.state.Model;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Sha256;
import dev.muster.edge.http.Routes.Ordered;
import dev.muster.edge.node.Shelf;
import dev.muster.edge.view.ModelRow;
import dev.muster.edge.view.RatingRow;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Models, their files on the nodes, and ratings.
final class ModelRoutes {
    private ModelRoutes() {}

    record Models(List<ModelRow> models) {}

    record LinkReport(List<Shelf.Links> nodes) {}

    /// @param pairs the counted games, where one config key was asked for
    record Ratings(List<RatingRow> ratings, List<RatingRow.Pair> pairs) {}

    static List<Route> of(Api api) {
        return List.of(
                get(
                        "/v1/models",
                        "The current model of each config key.",
                        Models.class,
                        call -> Reply.ok(new Models(ModelRow.all(api.picture())))),
                get("/v1/models/{config}", "One model, its history and who holds it.", ModelRow.Detail.class, call -> {
                    ConfigKey config = call.path("config", ConfigKey::new);
                    Model model = find(api, config)
                            .orElseThrow(() -> Problem.notFound(
                                    "no model for " + config, "`muster model list` shows those there are"));
                    return Reply.ok(ModelRow.Detail.of(api.picture(), model));
                }),
                order(
                                "POST",
                                "/v1/models/{config}/promote",
                                "Point the config key at a file.",
                                Ordered.class,
                                call -> ModelMoves.promote(api, call))
                        .taking(ModelMoves.Promotion.class),
                order(
                                "POST",
                                "/v1/models/{config}/promote/check",
                                "What this promotion would do, by the state this node knows; nothing is changed.",
                                ModelMoves.Move.class,
                                call -> ModelMoves.checkPromotion(api, call))
                        .taking(ModelMoves.Promotion.class),
                order(
                                "POST",
                                "/v1/models/{config}/rollback",
                                "Point the config key back at an earlier file.",
                                Ordered.class,
                                call -> ModelMoves.rollback(api, call))
                        .taking(ModelMoves.Rollback.class),
                order(
                                "POST",
                                "/v1/models/{config}/rollback/check",
                                "What this rollback would do, by the state this node knows; nothing is changed.",
                                ModelMoves.Move.class,
                                call -> ModelMoves.checkRollback(api, call))
                        .taking(ModelMoves.Rollback.class),
                order(
                                "POST",
                                "/v1/models/link",
                                "Check the models' files and links on nodes, and put right what is not.",
                                LinkReport.class,
                                call -> link(api, call))
                        .asking(Map.of("node", "only there; all: every node in service; this one unless told")),
                order(
                                "POST",
                                "/v1/peer/models/link",
                                "Check and put right this node's models' files and links.",
                                Shelf.Links.class,
                                call -> Reply.ok(
                                        api.member().shelf().link(api.member().self())))
                        .asking(Map.of()),
                get("/v1/ratings", "Ratings, computed from the counted games.", Ratings.class, call -> {
                            Optional<ConfigKey> config = call.query("config", ConfigKey::new);
                            List<RatingRow.Pair> pairs = config.map(key -> RatingRow.Pair.of(api.picture(), key))
                                    .orElse(List.of());
                            return Reply.ok(new Ratings(RatingRow.all(api.picture(), config), pairs));
                        })
                        .asking(Map.of("config", "a config key; all unless told")));
    }

    static Optional<Model> find(Api api, ConfigKey config) {
        return api.picture().state().models().models().find(config);
    }

    private static Reply link(Api api, Call call) {
        List<NodeId> nodes =
                ArtifactRoutes.nodes(api, call, List.of(api.member().self()));
        return Reply.ok(new LinkReport(Ask.each(nodes, api.member().shelf()::link)));
    }

    /// A whole SHA-256, or the start of exactly one file's.
    static Sha256 file(Api api, String text) {
        if (text.length() == 64) return whole(text);
        if (!text.matches("[0-9a-f]{8,63}")) {
            throw Problem.invalid(
                    "expected a SHA-256 or its first 8 digits or more, but found \"" + text + "\"",
                    text.matches("[0-9a-f]{1,7}")
                            ? "write more of its digits"
                            : "`muster artifact list` shows those there are");
        }
        List<Sha256> matching = api
                .picture()
                .state()
                .files()
                .artifacts()
                .range(whole(text + "0".repeat(64 - text.length())), whole(text + "f".repeat(64 - text.length())))
                .values()
                .stream()
                .map(Artifact::sha)
                .toList();
        if (matching.size() == 1) return matching.getFirst();
        throw Problem.notFound(
                "expected one file that begins with " + text + ", but found " + matching.size(),
                matching.isEmpty() ? "`muster artifact list` shows those there are" : "write more of its digits");
    }

    private static Sha256 whole(String text) {
        try {
            return new Sha256(text);
        } catch (IllegalArgumentException e) {
            throw Problem.invalid(e.getMessage(), "");
        }
    }
}
