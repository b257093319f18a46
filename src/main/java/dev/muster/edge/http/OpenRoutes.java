package dev.muster.edge.http;

import dev.muster.edge.metrics.Metrics;
import dev.muster.edge.view.HealthView;
import dev.muster.edge.view.StatusView;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What anybody may ask: is it alive, may it work, how is the cluster.
final class OpenRoutes {
    private OpenRoutes() {}

    /// @param why it is not ready
    record Ready(boolean ready, Optional<String> why) {}

    static List<Route> of(Api api) {
        return List.of(
                Route.open(
                        "/health",
                        "Is the agent alive? Answers from a snapshot, whatever else is stuck.",
                        HealthView.class,
                        call -> new Reply.Raw(
                                200, "application/json", api.pulse().healthJson(), Map.of())),
                Route.open("/ready", "May this node take work? 503 says why not.", Ready.class, call -> ready(api)),
                Route.open(
                        "/status",
                        "The cluster as this node sees it, with the runbooks' fields.",
                        StatusView.class,
                        call -> Reply.ok(StatusView.of(
                                api.picture(),
                                api.settings().telemetry().get(),
                                api.notReady(),
                                api.member().waits().orElse(List.of()),
                                api.settings().version()))),
                Route.open(
                        "/metrics",
                        "Prometheus' text format.",
                        Void.class,
                        call -> Reply.Raw.text(
                                "text/plain; version=0.0.4; charset=utf-8",
                                Metrics.render(
                                        api.picture(),
                                        new Metrics.Own(
                                                api.settings().telemetry().get(),
                                                api.settings().version(),
                                                api.notReady().isEmpty(),
                                                api.answers().byStatus(),
                                                api.peers().transfers())))),
                Route.open("/openapi.json", "This API's description, OpenAPI 3.1.", Void.class, call -> openApi()));
    }

    private static Reply ready(Api api) {
        Optional<String> why = api.notReady();
        return new Reply.Json(why.isEmpty() ? 200 : 503, new Ready(why.isEmpty(), why));
    }

    private static Reply openApi() throws IOException {
        try (InputStream in = OpenRoutes.class.getResourceAsStream("/openapi.json")) {
            if (in == null) throw new IOException("openapi.json is missing from the jar");
            return new Reply.Raw(200, "application/json", in.readAllBytes(), Map.of());
        }
    }
}
