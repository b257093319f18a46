package dev.muster.edge.node;

import dev.muster.core.plan.Soft;
import dev.muster.core.state.Hardware;
import dev.muster.edge.telemetry.GpuAnswer;
import dev.muster.edge.telemetry.HostSample;

/// What this machine has, and how busy it is.
public interface Gauges {
    /// Measured once at the start.
    Hardware hardware();

    /// Measured now; may take some tens of milliseconds.
    ///
    /// @param processes of all attempts, counted by the caller
    Soft.Telemetry sample(int processes);

    /// The machine as it was last measured, by [#sample] or at the start.
    HostSample host();

    /// What the GPUs' driver last answered to the same.
    GpuAnswer gpus();
}
