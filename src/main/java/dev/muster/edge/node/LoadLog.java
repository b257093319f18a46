package dev.muster.edge.node;

import dev.muster.core.plan.Soft;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;

/// How busy a node is while an attempt runs there, as a line of CSV for each minute. What is known is not lost with the agent.
final class LoadLog {
    private static final Duration EVERY = Duration.ofMinutes(1);
    /// Some 20,000 minutes, two weeks.
    private static final long BYTES_MAX = 1 << 20;

    /// Names as W&B has them, in percent; what nobody could measure is empty.
    private static final String HEAD = "_timestamp,system/gpu,system/gpu_memory,system/cpu,system/memory\n";

    private final Path file;
    private final double[] sums = new double[4];
    private final int[] counts = new int[4];
    private Instant since;

    LoadLog(Path file, Instant since) {
        this.file = file;
        this.since = since;
    }

    void add(Soft.Telemetry measured, Instant now) throws IOException {
        double[] shares = {measured.gpuShare(), measured.gpuMemoryShare(), measured.cpuShare(), measured.memoryShare()};
        for (int at = 0; at < shares.length; at++) {
            if (Double.isNaN(shares[at])) continue;
            sums[at] += shares[at];
            counts[at]++;
        }
        if (Duration.between(since, now).compareTo(EVERY) >= 0) write(now);
    }

    /// What has not filled a minute yet.
    void write(Instant now) throws IOException {
        boolean any = false;
        StringBuilder line = new StringBuilder();
        if (Files.notExists(file)) line.append(HEAD);
        line.append(now.getEpochSecond());
        for (int at = 0; at < sums.length; at++) {
            line.append(',');
            if (counts[at] > 0) line.append(String.format(Locale.ROOT, "%.1f", 100 * sums[at] / counts[at]));
            any |= counts[at] > 0;
            sums[at] = 0;
            counts[at] = 0;
        }
        since = now;
        boolean full = Files.exists(file) && Files.size(file) > BYTES_MAX;
        if (any && !full)
            Files.write(
                    file,
                    line.append('\n').toString().getBytes(StandardCharsets.US_ASCII),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
    }
}
