package dev.muster.edge.node;

import dev.muster.core.plan.Soft;
import dev.muster.core.state.Bytes;
import dev.muster.core.state.Hardware;
import dev.muster.edge.telemetry.GpuAnswer;
import dev.muster.edge.telemetry.GpuProbe;
import dev.muster.edge.telemetry.HostSample;
import dev.muster.edge.telemetry.HostSampler;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.ToDoubleFunction;

/// The real machine, or the container's part of it.
public final class MachineGauges implements Gauges, AutoCloseable {
    private final HostSampler host;
    private final GpuProbe gpus = new GpuProbe();

    /// @param dataDir whose file system is watched
    public MachineGauges(Path dataDir) {
        this.host = new HostSampler(dataDir);
    }

    @Override
    public Hardware hardware() {
        HostSample sample = host.sample();
        int cpuMillis =
                (int) (1000 * sample.coresUsable().orElse(Runtime.getRuntime().availableProcessors()));
        Bytes memory = new Bytes(sample.memoryUsable().orElse(0));
        List<GpuAnswer.Gpu> found = probed();
        if (found.isEmpty()) return new Hardware(cpuMillis, memory, 0, Bytes.ZERO, "");
        long smallest = found.stream()
                .mapToLong(gpu -> gpu.memoryTotal().orElse(0))
                .min()
                .orElse(0);
        return new Hardware(
                cpuMillis,
                memory,
                found.size(),
                new Bytes(smallest),
                found.getFirst().name());
    }

    @Override
    public Soft.Telemetry sample(int processes) {
        HostSample sample = host.sample();
        List<GpuAnswer.Gpu> found = probed();
        return new Soft.Telemetry(
                sample.cpuPercent().orElse(Double.NaN) / 100,
                used(sample.memoryUsable(), sample.memoryUsableFree()),
                used(sample.diskTotal(), sample.diskFree()),
                sample.diskFree().orElse(-1),
                mean(found, gpu -> gpu.utilisationPercent().orElse(0) / 100.0),
                mean(found, gpu -> 1 - used(gpu.memoryTotal(), gpu.memoryUsed())),
                processes);
    }

    private List<GpuAnswer.Gpu> probed() {
        try {
            return gpus.probe() instanceof GpuAnswer.Gpus answer ? answer.gpus() : List.of();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return List.of();
        }
    }

    private static double used(OptionalLong total, OptionalLong free) {
        if (total.isEmpty() || free.isEmpty() || total.getAsLong() == 0) return Double.NaN;
        return 1 - (double) free.getAsLong() / total.getAsLong();
    }

    private static double mean(List<GpuAnswer.Gpu> found, ToDoubleFunction<GpuAnswer.Gpu> figure) {
        OptionalDouble mean = found.stream().mapToDouble(figure).average();
        return mean.orElse(Double.NaN);
    }

    @Override
    public void close() {
        gpus.close();
    }
}
