package dev.muster.edge.program;

import dev.muster.core.plan.Soft;
import dev.muster.core.state.Bytes;
import dev.muster.core.state.Hardware;
import dev.muster.edge.node.Gauges;
import dev.muster.edge.telemetry.GpuAnswer;
import dev.muster.edge.telemetry.GpuProbe;
import dev.muster.edge.telemetry.HostSample;
import dev.muster.edge.telemetry.HostSampler;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.ToDoubleFunction;

/// What this machine has and does, as `/proc`, the container's limits and the GPU driver tell.
public final class MachineGauges implements Gauges, AutoCloseable {
    private final HostSampler host;
    private final GpuProbe probe = GpuProbe.of(System.getenv());
    private volatile Optional<HostSample> lastHost = Optional.empty();
    private volatile GpuAnswer lastGpus = GpuAnswer.None.noDriver("not asked yet");

    /// @param data whose file system is watched
    public MachineGauges(Path data) {
        this.host = new HostSampler(data);
    }

    @Override
    public Hardware hardware() {
        HostSample sample = measure();
        int cpuMillis = (int) (sample.coresUsable().orElse(Runtime.getRuntime().availableProcessors()) * 1000);
        Bytes memory = new Bytes(sample.memoryUsable().orElse(0));
        List<GpuAnswer.Gpu> found = list();
        Bytes gpuMemory = found.stream()
                .map(gpu -> new Bytes(gpu.memoryTotal().orElse(0)))
                .min(Comparator.naturalOrder())
                .orElse(Bytes.ZERO);
        String name = found.isEmpty() ? "" : found.getFirst().name();
        return new Hardware(cpuMillis, memory, found.size(), gpuMemory, name);
    }

    @Override
    public Soft.Telemetry sample(int processes) {
        HostSample sample = measure();
        List<GpuAnswer.Gpu> found = list();
        return new Soft.Telemetry(
                sample.cpuPercent().orElse(Double.NaN) / 100,
                used(sample.memoryUsable(), sample.memoryUsableFree()),
                used(sample.diskTotal(), sample.diskFree()),
                sample.diskFree().orElse(-1),
                mean(found, MachineGauges::busy),
                mean(found, MachineGauges::full),
                processes);
    }

    @Override
    public HostSample host() {
        return lastHost.orElseGet(this::measure);
    }

    @Override
    public GpuAnswer gpus() {
        return lastGpus;
    }

    private HostSample measure() {
        HostSample sample = host.sample();
        lastHost = Optional.of(sample);
        return sample;
    }

    private List<GpuAnswer.Gpu> list() {
        try {
            lastGpus = probe.probe();
            return switch (lastGpus) {
                case GpuAnswer.Gpus(var source, var driver, List<GpuAnswer.Gpu> list, var problems) -> list;
                case GpuAnswer.None none -> List.of();
            };
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return List.of();
        }
    }

    private static double busy(GpuAnswer.Gpu gpu) {
        return gpu.utilisationPercent().isPresent() ? gpu.utilisationPercent().getAsInt() / 100.0 : Double.NaN;
    }

    private static double full(GpuAnswer.Gpu gpu) {
        boolean known = gpu.memoryTotal().isPresent()
                && gpu.memoryUsed().isPresent()
                && gpu.memoryTotal().getAsLong() > 0;
        return known ? (double) gpu.memoryUsed().getAsLong() / gpu.memoryTotal().getAsLong() : Double.NaN;
    }

    private static double used(OptionalLong total, OptionalLong free) {
        return total.isEmpty() || free.isEmpty() || total.getAsLong() == 0
                ? Double.NaN
                : 1 - (double) free.getAsLong() / total.getAsLong();
    }

    private static double mean(List<GpuAnswer.Gpu> gpus, ToDoubleFunction<GpuAnswer.Gpu> figure) {
        return gpus.stream()
                .mapToDouble(figure)
                .filter(value -> !Double.isNaN(value))
                .average()
                .orElse(Double.NaN);
    }

    @Override
    public void close() {
        probe.close();
    }
}
