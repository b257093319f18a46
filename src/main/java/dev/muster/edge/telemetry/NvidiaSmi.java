package dev.muster.edge.telemetry;

import dev.muster.edge.telemetry.GpuAnswer.Gpu;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/// The program `nvidia-smi`, for machines where the library cannot be called.
final class NvidiaSmi {
    static final List<String> COMMAND = List.of(
            "nvidia-smi",
            "--query-gpu=index,uuid,name,memory.total,memory.used,utilization.gpu,temperature.gpu,driver_version",
            "--format=csv,noheader,nounits");

    private static final int COLUMNS = 8;

    /// Memory is in MiB.
    private static final int MEMORY_SHIFT = 20;

    /// A figure that this GPU does not have; other words in brackets are errors.
    private static final Set<String> ABSENT = Set.of("[N/A]", "N/A", "[Not Supported]", "");

    private NvidiaSmi() {}

    static GpuAnswer ask(List<String> command, Duration max) throws InterruptedException {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getOutputStream().close();
            // The answer is a line per GPU, far below what a pipe holds: it can be read after the end.
            if (!process.waitFor(max.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
                return new GpuAnswer.None("expected an answer of nvidia-smi within " + max.toSeconds()
                        + " s, but found none; the driver may hang");
            }
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return process.exitValue() == 0
                    ? parse(output)
                    : new GpuAnswer.None("nvidia-smi ended with " + process.exitValue() + ": "
                            + output.strip().lines().findFirst().orElse("no output"));
        } catch (IOException e) {
            return new GpuAnswer.None("could not run nvidia-smi: " + e.getMessage());
        }
    }

    /// One line per GPU; other lines (MIG instances, warnings) are problems, not GPUs.
    static GpuAnswer parse(String output) {
        List<Gpu> gpus = new ArrayList<>();
        List<String> problems = new ArrayList<>();
        String driver = "";
        for (String line : output.lines().filter(it -> !it.isBlank()).toList()) {
            String[] cells = line.split(",", -1);
            Optional<Integer> index = cells.length == COLUMNS ? number(cells[0].strip()) : Optional.empty();
            if (index.isPresent()) {
                gpus.add(gpu(index.get(), cells, problems));
                driver = cells[7].strip();
            } else if (!line.strip().equals("No devices were found")) {
                problems.add("nvidia-smi said: " + line.strip());
            }
        }
        return gpus.isEmpty() && !problems.isEmpty()
                ? new GpuAnswer.None(problems.getFirst())
                : new GpuAnswer.Gpus(GpuAnswer.Source.NVIDIA_SMI, driver, gpus, problems);
    }

    private static Gpu gpu(int index, String[] cells, List<String> problems) {
        return new Gpu(
                index,
                cells[1].strip(),
                cells[2].strip(),
                bytes(figure(index, "memory", cells[3], problems)),
                bytes(figure(index, "used memory", cells[4], problems)),
                figure(index, "utilisation", cells[5], problems),
                figure(index, "temperature", cells[6], problems));
    }

    private static OptionalInt figure(int index, String what, String cell, List<String> problems) {
        Optional<Integer> number = number(cell.strip());
        if (number.isEmpty() && !ABSENT.contains(cell.strip())) {
            problems.add("GPU " + index + ", " + what + ": " + cell.strip());
        }
        return number.map(OptionalInt::of).orElse(OptionalInt.empty());
    }

    private static OptionalLong bytes(OptionalInt mebibytes) {
        return mebibytes.isPresent()
                ? OptionalLong.of((long) mebibytes.getAsInt() << MEMORY_SHIFT)
                : OptionalLong.empty();
    }

    private static Optional<Integer> number(String text) {
        try {
            return Optional.of(Integer.parseInt(text));
        } catch (NumberFormatException _) {
            return Optional.empty();
        }
    }
}
