package dev.muster.edge.http;

import dev.muster.core.state.Command;
import dev.muster.core.state.ConfigKey;
import dev.muster.core.state.Event;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Replicas;
import dev.muster.core.state.Sha256;
import dev.muster.edge.http.Routes.Ordered;
import dev.muster.edge.node.Shelf;
import dev.muster.edge.wire.Wire;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import tools.jackson.databind.JsonNode;

/// Promotions and rollbacks by a person, and what they would do.
final class ModelMoves {
    private ModelMoves() {}

    /// @param sha      the file, or at least its first eight digits
    /// @param expected what must be the current file for it; absent: whatever this node knows as that
    record Promotion(String sha, Optional<String> expected, String why) {}

    /// @param to       the file, or at least its first eight digits; absent: the one before the current one
    /// @param expected what must be the current file for it; absent: whatever this node knows as that
    record Rollback(Optional<String> to, Optional<String> expected, String why) {}

    /// What an order would do.
    ///
    /// @param from    the current file; absent when there is none yet
    /// @param to      the same when nothing would change
    /// @param holders nodes in service that hold it already
    /// @param targets nodes that are to hold it: all in service
    record Move(ConfigKey config, Optional<Sha256> from, Sha256 to, int holders, int targets) {}

    static Reply promote(Api api, Call call) throws IOException {
        return give(api, call, ModelMoves::promotion);
    }

    static Reply rollback(Api api, Call call) throws IOException {
        return give(api, call, ModelMoves::back);
    }

    /// The same from a page.
    static Command promotion(Api api, ConfigKey config, String sha, String expected) {
        JsonNode body = Wire.STRICT.createObjectNode().put("sha", sha).put("expected", expected);
        return promotion(Asked.of(api, config, body), api);
    }

    static Command rollback(Api api, ConfigKey config, String to, String expected) {
        JsonNode body = Wire.STRICT.createObjectNode().put("to", to).put("expected", expected);
        return back(Asked.of(api, config, body), api);
    }

    static Reply checkPromotion(Api api, Call call) throws IOException {
        return check(api, call, ModelMoves::promotion);
    }

    static Reply checkRollback(Api api, Call call) throws IOException {
        return check(api, call, ModelMoves::back);
    }

    private static Reply give(Api api, Call call, BiFunction<Asked, Api, Command> order) throws IOException {
        JsonNode body = call.object(Call.ORDER_MAX);
        Command command = order.apply(Asked.of(api, call, body), api);
        return Reply.ok(new Ordered(api.orders().give(call, body, command).revision()));
    }

    /// The same reading and the same handling as the order's, on a copy that nobody keeps.
    private static Reply check(Api api, Call call, BiFunction<Asked, Api, Command> order) throws IOException {
        JsonNode body = call.object(Call.ORDER_MAX);
        Asked asked = Asked.of(api, call, body);
        List<Event> events = api.orders().tryOut(call, body, order.apply(asked, api));
        Sha256 to = events.stream()
                .flatMap(event -> target(event).stream())
                .findFirst()
                .or(asked::current)
                .orElseThrow();
        return Reply.ok(new Move(
                asked.config(),
                asked.current(),
                to,
                Replicas.of(api.picture().state(), to).holders().size(),
                Replicas.serving(api.picture().state())));
    }

    private static Optional<Sha256> target(Event event) {
        return switch (event) {
            case Event.ModelPromoted promoted -> Optional.of(promoted.sha());
            case Event.PromotionRolledBack rolled -> Optional.of(rolled.to().sha());
            default -> Optional.empty();
        };
    }

    /// @param current where this node sees the pointer
    private record Asked(ConfigKey config, Optional<Sha256> current, JsonNode body) {
        static Asked of(Api api, Call call, JsonNode body) {
            return of(api, call.path("config", ConfigKey::new), body);
        }

        static Asked of(Api api, ConfigKey config, JsonNode body) {
            return new Asked(
                    config,
                    ModelRoutes.find(api, config).map(model -> model.current().sha()),
                    body);
        }

        Optional<Sha256> file(Api api, String key) {
            String text = body.path(key).asString("");
            return text.isEmpty() ? Optional.empty() : Optional.of(ModelRoutes.file(api, text));
        }

        /// The pointer must still be where the caller, or else this node, saw it, or the order is refused as stale.
        Optional<Sha256> expected(Api api) {
            return file(api, "expected").or(this::current);
        }
    }

    private static Command promotion(Asked asked, Api api) {
        Sha256 sha = asked.file(api, "sha")
                .orElseThrow(() -> Problem.invalid(
                        "expected {\"sha\": …}, but found no sha",
                        "`muster model show " + asked.config() + "` lists files"));
        soundness(api, sha);
        return new Command.PromoteModel(asked.config(), sha, asked.expected(api), 0);
    }

    private static Command back(Asked asked, Api api) {
        return new Command.RollbackModel(asked.config(), asked.file(api, "to"), asked.expected(api));
    }

    /// A file that is known to be no whole model never becomes current. Whoever holds it looks; when nobody can, the
    /// cluster decides by what it knows.
    private static void soundness(Api api, Sha256 sha) {
        List<NodeId> holders = new ArrayList<>(Replicas.givers(api.picture().state(), sha));
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
}
