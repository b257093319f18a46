package dev.muster.edge.http;

import static dev.muster.edge.http.Route.get;
import static dev.muster.edge.http.Route.order;

import dev.muster.core.plan.Wait;
import dev.muster.core.state.Command;
import dev.muster.core.state.ConfigKey;
import dev.muster.core.state.Loop;
import dev.muster.core.state.LoopSpec;
import dev.muster.edge.http.Routes.Ordered;
import dev.muster.edge.view.LoopRow;
import java.io.IOException;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Loops: selfplay, train, evaluate, promote, distribute, repeat.
final class LoopRoutes {
    private LoopRoutes() {}

    record Loops(List<LoopRow> loops) {}

    static List<Route> of(Api api) {
        return List.of(
                get("/v1/loops", "All loops.", Loops.class, call -> {
                    List<Wait> waits = waits(api);
                    return Reply.ok(new Loops(api.picture().state().loops().loops().values().stream()
                            .map(loop -> LoopRow.of(loop, waits))
                            .toList()));
                }),
                get("/v1/loops/{config}", "One loop and its generations.", LoopRow.Detail.class, call -> {
                    ConfigKey config = call.path("config", ConfigKey::new);
                    Loop loop = api.picture()
                            .state()
                            .loops()
                            .loops()
                            .find(config)
                            .orElseThrow(() -> Problem.notFound(
                                    "no loop for " + config, "`muster loop list` shows those there are"));
                    return Reply.ok(LoopRow.Detail.of(api.picture(), loop, waits(api)));
                }),
                order(
                                "PUT",
                                "/v1/loops/{config}",
                                "Start, restart or change a loop.",
                                Ordered.class,
                                call -> start(api, call))
                        .taking(LoopSpec.class),
                order(
                        "POST",
                        "/v1/loops/{config}/stop",
                        "Submit nothing more; a running job goes on.",
                        Ordered.class,
                        call -> {
                            ConfigKey config = call.path("config", ConfigKey::new);
                            return Reply.ok(new Ordered(api.orders()
                                    .give(call, new Command.StopLoop(config))
                                    .revision()));
                        }));
    }

    private static List<Wait> waits(Api api) {
        return api.member().waits().orElse(List.of());
    }

    private static Reply start(Api api, Call call) throws IOException {
        ConfigKey config = call.path("config", ConfigKey::new);
        ObjectNode written = (ObjectNode) call.object(Call.ORDER_MAX);
        JsonNode why = written.remove("why");
        LoopSpec spec = read(config, written);
        if (why != null) written.set("why", why);
        return Reply.ok(new Ordered(
                api.orders().give(call, written, new Command.StartLoop(spec)).revision()));
    }

    private static LoopSpec read(ConfigKey config, JsonNode written) {
        try {
            return Forms.loop(config, written);
        } catch (JacksonException e) {
            throw Malformed.value(e, written);
        } catch (IllegalArgumentException e) {
            throw Problem.invalid(e.getMessage(), "");
        }
    }
}
