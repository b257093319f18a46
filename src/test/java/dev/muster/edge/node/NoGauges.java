package dev.muster.edge.node;

import dev.muster.core.plan.Soft;
import dev.muster.core.state.Bytes;
import dev.muster.core.state.Hardware;
import dev.muster.edge.telemetry.GpuAnswer;
import dev.muster.edge.telemetry.HostSample;
import dev.muster.edge.telemetry.HostSampler;
import java.nio.file.Path;

/// A machine without GPUs, of which little is known.
final class NoGauges implements Gauges {
    @Override
    public HostSample host() {
        return new HostSampler(Path.of("/")).sample();
    }

    @Override
    public GpuAnswer gpus() {
        return GpuAnswer.None.noDriver("no NVIDIA driver");
    }

    @Override
    public Hardware hardware() {
        return Hardware.cpus(4, Bytes.gib(8));
    }

    @Override
    public Soft.Telemetry sample(int processes) {
        return Soft.Telemetry.UNKNOWN;
    }
}
