package dev.muster.edge.metrics;

import dev.muster.core.plan.Soft;
import dev.muster.edge.swarm.Counters;
import dev.muster.edge.view.Picture;
import java.util.Map;

/// One answer to `GET /metrics`.
public final class Metrics {
    private Metrics() {}

    /// What this process knows of itself, besides the picture.
    ///
    /// @param answers by HTTP status
    public record Own(
            Soft.Telemetry telemetry,
            String version,
            boolean ready,
            Map<Integer, Long> answers,
            Counters.Figures transfers) {}

    public static String render(Picture picture, Own own) {
        Exposition out = new Exposition();
        NodeMetrics node = new NodeMetrics(picture, out);
        node.program(own.version(), own.ready());
        node.machine(own.telemetry());
        node.transfers(own.transfers());
        node.answers(own.answers());
        if (picture.standing().leading()) {
            Elos elos = new Elos(picture);
            new ClusterMetrics(picture, elos, out).all();
            new RunbookMetrics(picture, elos, out).all();
        }
        return out.toString();
    }
}
