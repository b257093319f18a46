package dev.muster.edge.view;

import dev.muster.core.plan.Soft;
import org.jspecify.annotations.Nullable;

/// A node's telemetry in percent; what is unknown is null.
///
/// @param diskFreeBytes of the file system that holds the data directory
public record Load(
        @Nullable Double cpuPercent,
        @Nullable Double memoryPercent,
        @Nullable Double diskPercent,
        @Nullable Long diskFreeBytes,
        @Nullable Double gpuPercent,
        @Nullable Double gpuMemoryPercent,
        int processes) {
    public static Load of(Soft.Telemetry told) {
        return new Load(
                percent(told.cpuShare()),
                percent(told.memoryShare()),
                percent(told.diskShare()),
                told.diskFreeBytes() < 0 ? null : told.diskFreeBytes(),
                percent(told.gpuShare()),
                percent(told.gpuMemoryShare()),
                told.processes());
    }

    /// One decimal: more would only be noise.
    private static @Nullable Double percent(double share) {
        return Double.isNaN(share) ? null : Math.round(share * 1000) / 10.0;
    }
}
