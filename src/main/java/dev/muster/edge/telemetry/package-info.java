/// What a machine and its GPUs are and do: figures for heartbeats.
///
/// Owns nothing on disk. Reads `/proc`, cgroups and NVML where they exist; what a system does not tell is
/// empty, never an exception: a node without figures is still a node.
///
/// May use the JDK and slf4j. Start reading at [HostSampler] and [GpuProbe]. NVML is called by the
/// Foreign Function API where there is a driver, so the program runs with `--enable-native-access=ALL-UNNAMED`.
@NullMarked
package dev.muster.edge.telemetry;

import org.jspecify.annotations.NullMarked;
