package dev.muster.edge.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.muster.edge.telemetry.GpuAnswer.Gpu;
import dev.muster.edge.telemetry.GpuAnswer.Gpus;
import dev.muster.edge.telemetry.GpuAnswer.None;
import dev.muster.edge.telemetry.GpuAnswer.Source;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Against a driver's library that is compiled here, and scripts in the place of `nvidia-smi`.
@Tag("slow")
class GpuProbeTest {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final List<String> NO_SMI = List.of("/nonexistent/nvidia-smi");

    @TempDir
    Path temp;

    private Path device;

    @BeforeEach
    void driverIsThere() throws IOException {
        device = Files.createFile(temp.resolve("nvidiactl"));
    }

    private String compileLibrary() throws Exception {
        assumeTrue(
                Stream.of("/usr/bin/gcc", "/usr/local/bin/gcc").map(Path::of).anyMatch(Files::isExecutable),
                "needs gcc to make a library");
        Path source = temp.resolve("fakenvml.c");
        try (InputStream in = GpuProbeTest.class.getResourceAsStream("fakenvml.c")) {
            Files.copy(in, source);
        }
        Path library = temp.resolve("libfakenvml.so");
        Process gcc = new ProcessBuilder(
                        "gcc",
                        "-shared",
                        "-fPIC",
                        "-Wall",
                        "-Werror",
                        "-DFAKE_DIR=\"" + temp + "\"",
                        "-o",
                        library.toString(),
                        source.toString())
                .redirectErrorStream(true)
                .start();
        String output = new String(gcc.getInputStream().readAllBytes());
        assertThat(gcc.waitFor()).as(output).isZero();
        return library.toString();
    }

    private Path script(String body) throws IOException {
        Path script = Files.writeString(temp.resolve("nvidia-smi"), "#!/bin/sh\n" + body + "\n");
        assertThat(script.toFile().setExecutable(true)).isTrue();
        return script;
    }

    private int count(String file) throws IOException {
        Path path = temp.resolve(file);
        return Files.exists(path) ? (int) Files.size(path) : 0;
    }

    private GpuProbe probe(String library, List<String> smi, Duration max) {
        return new GpuProbe(List.of(device), List.of("/nonexistent/lib.so.1", library), smi, max);
    }

    @Test
    void theDriversLibraryIsAskedForEachGpu() throws Exception {
        try (GpuProbe probe = probe(compileLibrary(), NO_SMI, LONG)) {
            Gpus answer = (Gpus) probe.probe();

            assertThat(answer.source()).isEqualTo(Source.NVML);
            assertThat(answer.driverVersion()).isEqualTo("550.54.15");
            assertThat(answer.gpus())
                    .containsExactly(
                            new Gpu(
                                    0,
                                    "GPU-1000",
                                    "NVIDIA H200",
                                    OptionalLong.of(150_754_820_096L),
                                    OptionalLong.of(100_000_000_000L),
                                    OptionalInt.of(87),
                                    OptionalInt.of(64)),
                            new Gpu(
                                    1,
                                    "GPU-1001",
                                    "NVIDIA A100-SXM4-40GB",
                                    OptionalLong.of(42_949_672_960L),
                                    OptionalLong.of(1_048_576L),
                                    OptionalInt.empty(),
                                    OptionalInt.of(35)));
            assertThat(answer.problems()).containsExactly("GPU 2: GPU is lost (NVML error 15)");
            assertThat(probe.probe()).isEqualTo(answer);
            assertThat(count("started")).as("started once for both").isEqualTo(1);
        }
        assertThat(count("stopped")).isEqualTo(1);
    }

    @Test
    void aDriverThatHangsIsSaidToHangAndAskedAgainWhenItComesBack() throws Exception {
        Path hang = Files.createFile(temp.resolve("hang"));
        try (GpuProbe probe = probe(compileLibrary(), NO_SMI, Duration.ofSeconds(1))) {
            assertThat(probe.probe())
                    .isInstanceOfSatisfying(
                            None.class, none -> assertThat(none.reason()).contains("a GPU may hang"));
            long before = System.nanoTime();
            assertThat(probe.probe()).isInstanceOf(None.class);
            assertThat(System.nanoTime() - before)
                    .as("does not wait again")
                    .isLessThan(Duration.ofMillis(900).toNanos());

            Files.delete(hang);
            long deadline = System.nanoTime() + LONG.toNanos();
            while (probe.probe() instanceof None && System.nanoTime() < deadline) {
                TimeUnit.MILLISECONDS.sleep(10);
            }
            assertThat(probe.probe()).isInstanceOf(Gpus.class);
        }
    }

    @Test
    void aLibraryThatRefusesToStartIsFollowedByTheProgram() throws Exception {
        Files.createFile(temp.resolve("refuse"));
        Path smi = script("echo '0, GPU-a, Tesla T4, 15360, 0, 3, 40, 535.1'");
        try (GpuProbe probe = probe(compileLibrary(), List.of(smi.toString()), LONG)) {
            Gpus answer = (Gpus) probe.probe();

            assertThat(answer.source()).isEqualTo(Source.NVIDIA_SMI);
            assertThat(answer.gpus()).extracting(Gpu::name).containsExactly("Tesla T4");
        }
    }

    @Test
    void withoutLibraryAndProgramTheReasonNamesBoth() throws Exception {
        try (GpuProbe probe = probe("/nonexistent/other.so.1", NO_SMI, LONG)) {
            assertThat(probe.probe())
                    .isInstanceOfSatisfying(
                            None.class,
                            none -> assertThat(none.reason())
                                    .contains("/nonexistent/other.so.1")
                                    .contains("could not run nvidia-smi"));
        }
    }

    @Test
    void aProgramThatFailsOrHangsIsAnAnswer() throws Exception {
        Path fails = script(
                "echo \"NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.\"; exit 9");
        assertThat(NvidiaSmi.ask(List.of(fails.toString()), LONG))
                .isEqualTo(new None("nvidia-smi ended with 9: NVIDIA-SMI has failed because it couldn't communicate "
                        + "with the NVIDIA driver."));

        Path hangs = script("exec sleep 60");
        assertThat(NvidiaSmi.ask(List.of(hangs.toString()), Duration.ofMillis(200)))
                .isInstanceOfSatisfying(
                        None.class, none -> assertThat(none.reason()).contains("may hang"));
    }

    @Test
    void aMachineWithoutADriverIsAskedForNothing() throws Exception {
        Files.delete(device);
        Path smi = script("touch " + temp.resolve("ran"));
        try (GpuProbe probe = probe(compileLibrary(), List.of(smi.toString()), LONG)) {
            assertThat(probe.probe())
                    .isEqualTo(None.noDriver("no NVIDIA driver: expected " + device + ", but found no such file"));
        }
        assertThat(count("started")).isZero();
        assertThat(temp.resolve("ran")).doesNotExist();
    }
}
