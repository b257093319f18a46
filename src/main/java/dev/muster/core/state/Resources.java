package dev.muster.core.state;

/// What one task needs of a node, held from its placement to its end.
///
/// @param cpuMillis thousandths of a core
/// @param gpuMemory needed on each GPU
public record Resources(int cpuMillis, Bytes memory, int gpus, Bytes gpuMemory) {
    public static final Resources NONE = new Resources(0, Bytes.ZERO, 0, Bytes.ZERO);

    /// @throws IllegalArgumentException when a count is negative
    public Resources {
        if (cpuMillis < 0) {
            throw new IllegalArgumentException("expected 0 cpus or more, but found " + cpuMillis / 1000.0);
        }
        if (gpus < 0) throw new IllegalArgumentException("expected 0 gpus or more, but found " + gpus);
    }

    Resources plus(Resources other) {
        return new Resources(
                cpuMillis + other.cpuMillis,
                memory.plus(other.memory),
                gpus + other.gpus,
                gpuMemory.plus(other.gpuMemory));
    }

    Resources minus(Resources other) {
        return new Resources(
                cpuMillis - other.cpuMillis,
                memory.minus(other.memory),
                gpus - other.gpus,
                gpuMemory.minus(other.gpuMemory));
    }
}
