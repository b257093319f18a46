package dev.muster.edge.metrics;

import dev.muster.core.plan.Soft;
import dev.muster.core.state.Instance;
import dev.muster.core.state.Money;
import dev.muster.core.state.Node;
import dev.muster.core.state.Sighting;
import dev.muster.edge.swarm.Counters;
import dev.muster.edge.view.Picture;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// What a node tells of itself.
final class NodeMetrics {
    private final Picture picture;
    private final Exposition out;

    NodeMetrics(Picture picture, Exposition out) {
        this.picture = picture;
        this.out = out;
    }

    void program(String version, boolean ready) {
        var standing = picture.standing();
        out.add(Metric.INFO, 1, picture.self().name(), version);
        out.add(Metric.UPTIME, seconds(standing.startedAt()));
        out.add(Metric.LEADER, standing.leading() ? 1 : 0);
        out.add(Metric.TERM, standing.term());
        out.add(Metric.REVISION, picture.state().revision());
        out.add(Metric.STATE_AGE, seconds(standing.asOf()));
        out.add(Metric.READ_ONLY, standing.readOnly().isPresent() ? 1 : 0);
        out.add(Metric.READY, ready ? 1 : 0);
    }

    private double seconds(Instant since) {
        return Math.max(0, Duration.between(since, picture.now()).toMillis() / 1000.0);
    }

    void machine(Soft.Telemetry own) {
        out.add(Metric.CPU, own.cpuShare());
        out.add(Metric.MEMORY, own.memoryShare());
        out.add(Metric.DISK, own.diskShare());
        if (own.diskFreeBytes() >= 0) out.add(Metric.DISK_FREE, own.diskFreeBytes());
        out.add(Metric.GPU, own.gpuShare());
        out.add(Metric.GPU_MEMORY, own.gpuMemoryShare());
        out.add(Metric.PROCESSES, own.processes());
        out.add(
                Metric.NODE_ATTEMPTS,
                picture.state().work().activeOn(picture.self()).size());
        picture.state().fleet().nodes().find(picture.self()).ifPresent(node -> named(node, own));
    }

    /// Under the names of the runbooks' rules.
    private void named(Node node, Soft.Telemetry own) {
        String name = node.id().name();
        String gpu = gpu(node);
        out.add(Metric.NODE_UP, 1, name, gpu);
        Optional<Instance> rented = picture.state().rentals().of(node.id());
        double cost = rented.map(NodeMetrics::cost).orElse(0.0);
        if (rented.isPresent()) out.add(Metric.NODE_COST, cost);
        out.add(Metric.NODE_HOURLY, cost, name, gpu);
        out.add(Metric.NODE_GPU, own.gpuShare(), name, gpu);
        double memory =
                node.hardware().gpus() * (double) node.hardware().gpuMemory().count();
        out.add(Metric.NODE_GPU_MEMORY, Math.rint(own.gpuMemoryShare() * memory), name, gpu);
    }

    static String gpu(Node node) {
        return node.hardware().gpus() == 0 ? "none" : node.hardware().gpuName();
    }

    /// Dollars an hour, now.
    static double cost(Instance instance) {
        return instance.seen().map(Sighting::perHourNow).orElse(Money.ZERO).dollars();
    }

    void transfers(Counters.Figures figures) {
        out.add(Metric.RECEIVED, figures.bytesIn());
        out.add(Metric.SENT, figures.bytesOut());
        out.add(Metric.CHUNKS, figures.chunks());
        out.add(Metric.CORRUPT, figures.corrupt());
        out.add(Metric.TWICE, figures.twice());
        out.add(Metric.UPLOADS_REFUSED, figures.refused());
    }

    void answers(Map<Integer, Long> byStatus) {
        new TreeMap<>(byStatus).forEach((status, count) -> out.add(Metric.ANSWERS, count, status.toString()));
    }
}
