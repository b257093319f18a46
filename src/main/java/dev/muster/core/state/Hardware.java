package dev.muster.core.state;

import java.util.Locale;

/// What a node has for jobs, as its agent measured it (or a container's limits allow).
///
/// @param cpuMillis thousandths of a core
/// @param memory    of the machine or container
/// @param gpus      whole GPUs
/// @param gpuMemory of each GPU; of the smallest where they differ
/// @param gpuName   empty without a GPU
public record Hardware(int cpuMillis, Bytes memory, int gpus, Bytes gpuMemory, String gpuName) {
    /// @throws IllegalArgumentException when a count is negative
    public Hardware {
        if (cpuMillis < 0 || gpus < 0) {
            throw new IllegalArgumentException(
                    "expected counts of 0 or more, but found cpuMillis=" + cpuMillis + " gpus=" + gpus);
        }
    }

    /// Is its card one of these? `A100` is `NVIDIA A100-SXM4-80GB`, and `RTX 4090` is `RTX_4090`.
    public boolean isCard(String name) {
        return plain(gpuName).contains(plain(name));
    }

    private static String plain(String name) {
        return name.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]", "");
    }

    public static Hardware cpus(int cores, Bytes memory) {
        return new Hardware(cores * 1000, memory, 0, Bytes.ZERO, "");
    }
}
