package dev.muster.edge.telemetry;

import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;

/// What can be said about the GPUs of this machine.
public sealed interface GpuAnswer {

    /// The driver answered.
    ///
    /// @param driverVersion such as `550.54.15`; empty if only that could not be read
    /// @param gpus          in the driver's order; none if the driver runs without a GPU
    /// @param problems      GPUs or figures that the driver could not answer for, with its reason: a GPU that is
    ///                      lost is here and not in `gpus`
    record Gpus(Source source, String driverVersion, List<Gpu> gpus, List<String> problems) implements GpuAnswer {
        public Gpus {
            gpus = List.copyOf(gpus);
            problems = List.copyOf(problems);
        }
    }

    /// Nothing is known. On most machines the reason is that they have no NVIDIA driver, which is normal.
    ///
    /// @param driver there is one, and it does not tell
    record None(String reason, boolean driver) implements GpuAnswer {
        None(String reason) {
            this(reason, true);
        }

        public static None noDriver(String reason) {
            return new None(reason, false);
        }
    }

    /// Who was asked.
    enum Source {
        /// The driver's library, in this process.
        NVML,
        /// The program `nvidia-smi`, a process for each answer.
        NVIDIA_SMI
    }

    /// One GPU. Empty means that it does not tell (a GPU cut into MIG instances tells no utilisation, one that
    /// shares the machine's memory tells no memory).
    ///
    /// @param memoryTotal        bytes
    /// @param memoryUsed         bytes, by all processes and the driver
    /// @param utilisationPercent share of the last sampling period in which a kernel ran
    /// @param temperature        degrees Celsius
    record Gpu(
            int index,
            String uuid,
            String name,
            OptionalLong memoryTotal,
            OptionalLong memoryUsed,
            OptionalInt utilisationPercent,
            OptionalInt temperature) {}
}
