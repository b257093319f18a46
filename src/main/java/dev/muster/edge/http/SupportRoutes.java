package dev.muster.edge.http;

import dev.muster.edge.view.StatusView;
import dev.muster.edge.wire.Wire;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/// What this node gives to somebody who helps from afar.
final class SupportRoutes {
    private SupportRoutes() {}

    static List<Route> of(Api api) {
        return List.of(Route.get(
                "/v1/support",
                "This node's logs, configuration, versions and state as a zip, without secrets.",
                Void.class,
                call -> new Reply.Stream(
                        "application/zip",
                        out -> api.peers()
                                .support(
                                        out,
                                        api.settings().version(),
                                        Map.of(
                                                "status.json",
                                                status(api),
                                                "health.json",
                                                new String(api.pulse().healthJson(), StandardCharsets.UTF_8))))));
    }

    private static String status(Api api) {
        return Wire.MAPPER
                .writerWithDefaultPrettyPrinter()
                .writeValueAsString(StatusView.of(
                        api.picture(),
                        api.settings().telemetry().get(),
                        api.notReady(),
                        api.member().waits().orElse(List.of()),
                        api.settings().version()));
    }
}
