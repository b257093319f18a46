package dev.muster.edge.view;

import dev.muster.core.plan.Soft;
import dev.muster.core.state.JobKind;
import dev.muster.core.state.Node;
import dev.muster.core.state.NodeId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// `GET /health`: is the agent alive? It is, or it would not answer; how busy the machine is does not matter here
/// (a watchdog that kills busy nodes was the prior system's), whether it may take work is `GET /ready`.
///
/// @param activePeers other nodes that are alive
public record HealthView(
        boolean healthy,
        NodeId nodeId,
        String role,
        Optional<NodeId> leaderId,
        @Nullable Double cpuPercent,
        @Nullable Double memoryPercent,
        @Nullable Double diskPercent,
        @Nullable Double gpuPercent,
        @Nullable Double gpuMemoryPercent,
        int selfplayJobs,
        int trainingJobs,
        int activePeers,
        int totalPeers,
        double uptimeSeconds,
        String version,
        Instant timestamp) {
    public static HealthView of(Picture picture, Soft.Telemetry own, String version) {
        Load load = Load.of(own);
        int alive = (int) picture.nodes().stream()
                .filter(node -> !node.id().equals(picture.self()) && picture.life(node) == Picture.Life.ALIVE)
                .count();
        List<Node> nodes = picture.nodes();
        boolean known = nodes.stream().anyMatch(node -> node.id().equals(picture.self()));
        return new HealthView(
                true,
                picture.self(),
                picture.standing().leading() ? "leader" : "follower",
                picture.standing().leader(),
                load.cpuPercent(),
                load.memoryPercent(),
                load.diskPercent(),
                load.gpuPercent(),
                load.gpuMemoryPercent(),
                here(picture, JobKind.SELFPLAY),
                here(picture, JobKind.TRAINING),
                alive,
                nodes.size() - (known ? 1 : 0),
                Duration.between(picture.standing().startedAt(), picture.now()).toMillis() / 1000.0,
                version,
                picture.now());
    }

    private static int here(Picture picture, JobKind kind) {
        return (int) picture.state().work().activeOn(picture.self()).stream()
                .filter(id -> picture.state().work().specOf(id).kind() == kind)
                .count();
    }
}
