package dev.muster.edge.delta;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.edge.delta.DeltaEncoder.Result;
import dev.muster.edge.delta.Models.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What deltas of models of 64 MB come to, beside the limits that were set for them, and how fast they are made. Speeds are
/// printed, not checked: the machines that test are shared.
@Tag("slow")
class DeltaSlowTest {
    private static final int BYTES = 64 << 20;

    @TempDir
    private Path dir;

    private List<float[]> weights = List.of();
    private Path old = Path.of("unset");

    @BeforeEach
    void saveAModel() throws IOException {
        weights = Models.weights(BYTES, Kind.FLOAT32, 1);
        old = pth("old", "archive", 0, weights);
    }

    @Test
    void modelsOf64MegabytesStayBelowTheirLimits() throws IOException {
        check("moved by 1 %", 0.80, pth("new", "archive", 0, Models.moved(weights, 0.01, 2)));
        check("5 % scattered", 0.25, pth("new", "archive", 0, Models.changed(weights, 0.05, 1, 2)));
        check("last 5 %", 0.20, pth("new", "archive", 0, Models.retrainedAtTheEnd(weights, 0.05, 2)));
        check("metadata + 4 KB", 0.10, pth("new", "archive", 4096, weights));
        check("renamed", 0.10, pth("new", "hex_best_v2", 0, weights));
        check("identical", 0.00001, old);
        check("all new", 1.001, pth("new", "archive", 0, Models.weights(BYTES, Kind.FLOAT32, 9)));
    }

    private void check(String what, double limit, Path fresh) throws IOException {
        Path delta = dir.resolve("delta");
        Path out = dir.resolve("out");
        double estimate = Sample.estimate(old, fresh);
        Result result = DeltaEncoder.encode(old, fresh, delta);
        long start = System.nanoTime();
        DeltaDecoder.decode(old, delta, out, result.header());
        double seconds = (System.nanoTime() - start) / 1e9;
        assertThat(Files.mismatch(fresh, out)).as(what).isEqualTo(-1);
        assertThat(result.ratio()).as(what).isLessThanOrEqualTo(limit);
        double megabytes = Files.size(fresh) / 1e6;
        System.out.printf(
                Locale.ROOT,
                "delta %-16s ratio %.5f (estimate %.3f), encode %.0f MB/s, decode %.0f MB/s%n",
                what,
                result.ratio(),
                estimate,
                megabytes / result.took().toNanos() * 1e9,
                megabytes / seconds);
        Files.delete(delta);
        Files.delete(out);
    }

    @Test
    void filesOfAnySizePassThroughASmallHeap() throws Exception {
        Path fresh = pth("new", "archive", 4096, Models.moved(weights, 0.01, 2));
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx20m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        RoundTrip.class.getName(),
                        old.toString(),
                        fresh.toString(),
                        dir.toString())
                .inheritIO()
                .start();
        try {
            assertThat(process.waitFor(5, TimeUnit.MINUTES)).as("ended in time").isTrue();
            assertThat(process.exitValue()).isZero();
        } finally {
            process.destroyForcibly();
        }
        assertThat(Files.mismatch(fresh, dir.resolve("small.out"))).isEqualTo(-1);
    }

    /// Encodes and decodes in a process of its own.
    static final class RoundTrip {
        private RoundTrip() {}

        public static void main(String[] args) throws IOException {
            Path delta = Path.of(args[2], "small.delta");
            DeltaEncoder.encode(Path.of(args[0]), Path.of(args[1]), delta);
            DeltaDecoder.decode(Path.of(args[0]), delta, Path.of(args[2], "small.out"));
        }
    }

    private Path pth(String name, String folder, int metadata, List<float[]> layers) throws IOException {
        return Models.pth(dir.resolve(name), folder, metadata, layers, Kind.FLOAT32);
    }
}
