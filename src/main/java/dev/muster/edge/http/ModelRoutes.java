package dev.muster.edge.http;

import static dev.muster.edge.http.Route.get;
import static dev.muster.edge.http.Route.order;

import dev.muster.core.state.Artifact;
import dev.muster.core.state.Command;
import dev.muster.core.state.ConfigKey;
import dev.muster.core.state.Model;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Replicas;
import dev.muster.core.state.Sha256;
import dev.muster.edge.http.Routes.Ordered;
import dev.muster.edge.node.Shelf;
import dev.muster.edge.view.ModelRow;
import dev.muster.edge.view.RatingRow;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// Models and ratings.
final class ModelRoutes {
    private ModelRoutes() {}

    record Models(List<ModelRow> models) {}

    /// @param pairs the counted games, where one config key was asked for
    record Ratings(List<RatingRow> ratings, List<RatingRow.Pair> pairs) {}

    /// @param sha the file, or at least its first eight digits
    record Promotion(String sha, String why) {}

    /// @param to the file, or at least its first eight digits; absent: the newest earlier one
    record Rollback(Optional<String> to, String why) {}

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
                                call -> promote(api, call))
                        .taking(Promotion.class),
                order(
                                "POST",
                                "/v1/models/{config}/rollback",
                                "Point the config key back at an earlier file.",
                                Ordered.class,
                                call -> rollback(api, call))
                        .taking(Rollback.class),
                get("/v1/ratings", "Ratings, computed from the counted games.", Ratings.class, call -> {
                            Optional<ConfigKey> config = call.query("config", ConfigKey::new);
                            List<RatingRow.Pair> pairs = config.map(key -> RatingRow.Pair.of(api.picture(), key))
                                    .orElse(List.of());
                            return Reply.ok(new Ratings(RatingRow.all(api.picture(), config), pairs));
                        })
                        .asking(Map.of("config", "a config key; all unless told")));
    }

    private static Optional<Model> find(Api api, ConfigKey config) {
        return api.picture().state().models().models().find(config);
    }

    /// The pointer must still be where this node saw it, or the order is refused as stale.
    private static Reply promote(Api api, Call call) throws IOException {
        ConfigKey config = call.path("config", ConfigKey::new);
        JsonNode body = call.object(Call.ORDER_MAX);
        String text = body.path("sha").asString("");
        if (text.isEmpty())
            throw Problem.invalid(
                    "expected {\"sha\": …}, but found no sha", "`muster model show " + config + "` lists files");
        Sha256 sha = file(api, text);
        Optional<Sha256> expected =
                find(api, config).map(model -> model.current().sha());
        soundness(api, sha);
        Command order = new Command.PromoteModel(config, sha, expected, 0);
        return Reply.ok(new Ordered(api.orders().give(call, body, order).revision()));
    }

    /// A file that is known to be no whole model never becomes current. Whoever holds it looks; when nobody can, the
    /// cluster decides by what it knows.
    private static void soundness(Api api, Sha256 sha) {
        List<NodeId> holders =
                new ArrayList<>(Replicas.of(api.picture().state(), sha).holders());
        if (holders.remove(api.member().self())) holders.addFirst(api.member().self());
        for (NodeId holder : holders) {
            Shelf.Copy copy = api.member().shelf().look(holder, sha, Shelf.Look.CHECK);
            if (copy.state() == Shelf.State.SOUND) return;
            if (copy.state() == Shelf.State.BROKEN) {
                throw Problem.of(
                        409,
                        "UNSAFE",
                        "expected a whole model, but " + sha.brief() + " on " + holder + " is none: " + copy.why(),
                        "`muster artifact show " + sha.brief() + "` shows where it came from");
            }
        }
    }

    private static Reply rollback(Api api, Call call) throws IOException {
        ConfigKey config = call.path("config", ConfigKey::new);
        JsonNode body = call.object(Call.ORDER_MAX);
        Optional<Sha256> to =
                body.hasNonNull("to") ? Optional.of(file(api, body.path("to").asString(""))) : Optional.empty();
        return Reply.ok(new Ordered(api.orders()
                .give(call, body, new Command.RollbackModel(config, to))
                .revision()));
    }

    /// A whole SHA-256, or the start of exactly one file's.
    static Sha256 file(Api api, String text) {
        if (text.length() == 64) return whole(text);
        if (!text.matches("[0-9a-f]{8,63}")) {
            throw Problem.invalid("expected a SHA-256 or its first 8 digits or more, but found \"" + text + "\"", "");
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
                "write more of its digits");
    }

    private static Sha256 whole(String text) {
        try {
            return new Sha256(text);
        } catch (IllegalArgumentException e) {
            throw Problem.invalid(e.getMessage(), "");
        }
    }
}
