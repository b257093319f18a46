package dev.muster.edge.vastsim;

import dev.muster.edge.telemetry.GpuProbe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/// The cards of a simulated machine: there are none, but its `nvidia-smi` lists what was rented. They are as busy as the
/// processor is with programs that run below its home, and their memory is as full as these programs' is, since that is what
/// a training would use there.
final class Cards {
    static final String NAME = GpuProbe.SIMULATED;
    static final String DRIVER = "MUSTER_SIM_GPU_DRIVER";
    static final String MIB = "MUSTER_SIM_GPU_MIB";

    private static final String PROGRAM = """
            #!/bin/sh
            # The cards of a simulated machine; see docs/VASTSIM.md.
            busy=0; used=0
            for stat in /proc/[0-9]*/stat; do
              pid=${stat#/proc/}; pid=${pid%/stat}
              at=$(readlink "/proc/$pid/cwd" 2>/dev/null) || continue
              case "$at" in @HOME@/*/data/jobs/*|@HOME@/*/data/attempts/*) ;; *) continue ;; esac
              line=$(ps -o pcpu=,rss= -p "$pid" 2>/dev/null) || continue
              set -- $line
              busy=$((busy + ${1%%.*})); used=$((used + $2 / 1024))
            done
            [ "$busy" -gt 100 ] && busy=100
            [ "$used" -gt @MIB@ ] && used=@MIB@
            index=0
            while [ "$index" -lt @COUNT@ ]; do
              echo "$index, GPU-@ID@-$index, @NAME@, @MIB@, $used, $busy, 40, @DRIVER@"
              index=$((index + 1))
            done
            """;

    private Cards() {}

    /// @param env with [#NAME], [#MIB] and `GPU_COUNT`; without them there are no cards
    static void lay(Path bin, Path home, Map<String, String> env) throws IOException {
        int count = Integer.parseInt(env.getOrDefault("GPU_COUNT", "0"));
        if (count == 0 || !env.containsKey(NAME) || !env.containsKey(MIB)) return;
        Files.createDirectories(bin);
        Path program = bin.resolve("nvidia-smi");
        Files.writeString(
                program,
                PROGRAM.replace("@HOME@", home.toString())
                        .replace("@COUNT@", Integer.toString(count))
                        .replace("@NAME@", "NVIDIA " + env.get(NAME))
                        .replace("@MIB@", env.get(MIB))
                        .replace("@DRIVER@", env.getOrDefault(DRIVER, ""))
                        .replace("@ID@", env.getOrDefault("CONTAINER_ID", "0")));
        if (!program.toFile().setExecutable(true)) throw new IOException("expected to make " + program + " executable");
    }
}
