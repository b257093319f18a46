package dev.muster.edge.telemetry;

import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;

/// Figures of one machine at one moment. Empty means that this system does not tell.
///
/// @param cpuPercent     how busy all cores were since the sample before, 0 to 100; empty in the first sample
/// @param cores          logical cores of the machine
/// @param load           runnable and waiting processes, averaged over one minute
/// @param memoryTotal    bytes of the machine
/// @param memoryFree     bytes that could be had without swapping (`MemAvailable`)
/// @param diskTotal      bytes of the file system that holds the data directory
/// @param diskFree       bytes of it that this process may use
/// @param inodesTotal    of the same file system; some have no such limit and say 0
/// @param inodesFree     of the same file system
/// @param ownMemory      resident bytes of this process
/// @param limits         what the container allows, if it is one
public record HostSample(
        OptionalDouble cpuPercent,
        OptionalInt cores,
        OptionalDouble load,
        OptionalLong memoryTotal,
        OptionalLong memoryFree,
        OptionalLong diskTotal,
        OptionalLong diskFree,
        OptionalLong inodesTotal,
        OptionalLong inodesFree,
        OptionalLong ownMemory,
        CgroupLimits limits) {

    /// The true size of a rented container, which sees the memory of the whole machine: the smaller of the two.
    public OptionalLong memoryUsable() {
        return least(memoryTotal, limits.memory());
    }

    /// What may still be used of [#memoryUsable()].
    public OptionalLong memoryUsableFree() {
        return least(memoryFree, limits.memoryFree());
    }

    /// Cores that may be used, a fraction where a container has part of one.
    public OptionalDouble coresUsable() {
        if (cores.isEmpty()) {
            return limits.cores();
        }
        return OptionalDouble.of(Math.min(cores.getAsInt(), limits.cores().orElse(Double.MAX_VALUE)));
    }

    private static OptionalLong least(OptionalLong one, OptionalLong other) {
        if (one.isEmpty() || other.isEmpty()) {
            return one.isEmpty() ? other : one;
        }
        return OptionalLong.of(Math.min(one.getAsLong(), other.getAsLong()));
    }
}
