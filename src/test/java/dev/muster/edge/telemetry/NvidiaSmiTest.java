package dev.muster.edge.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.edge.telemetry.GpuAnswer.Gpu;
import dev.muster.edge.telemetry.GpuAnswer.Gpus;
import dev.muster.edge.telemetry.GpuAnswer.None;
import dev.muster.edge.telemetry.GpuAnswer.Source;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class NvidiaSmiTest {
    private static Gpus gpus(String output) {
        return (Gpus) NvidiaSmi.parse(output);
    }

    @Test
    void aLineIsAGpu() {
        String output = """
                0, GPU-6f1b, NVIDIA H100 80GB HBM3, 81559, 1024, 97, 61, 550.54.15
                1, GPU-77aa, NVIDIA H100 80GB HBM3, 81559, 0, 0, 33, 550.54.15
                """;

        assertThat(gpus(output))
                .isEqualTo(new Gpus(
                        Source.NVIDIA_SMI,
                        "550.54.15",
                        List.of(
                                new Gpu(
                                        0,
                                        "GPU-6f1b",
                                        "NVIDIA H100 80GB HBM3",
                                        OptionalLong.of(81_559L << 20),
                                        OptionalLong.of(1L << 30),
                                        OptionalInt.of(97),
                                        OptionalInt.of(61)),
                                new Gpu(
                                        1,
                                        "GPU-77aa",
                                        "NVIDIA H100 80GB HBM3",
                                        OptionalLong.of(81_559L << 20),
                                        OptionalLong.of(0),
                                        OptionalInt.of(0),
                                        OptionalInt.of(33))),
                        List.of()));
    }

    @Test
    void aFigureThatAGpuDoesNotHaveIsEmpty() {
        Gpus answer = gpus("0, GPU-1, NVIDIA GB10, [N/A], [N/A], [Not Supported], N/A, 580.65.06\n");

        assertThat(answer.gpus())
                .containsExactly(new Gpu(
                        0,
                        "GPU-1",
                        "NVIDIA GB10",
                        OptionalLong.empty(),
                        OptionalLong.empty(),
                        OptionalInt.empty(),
                        OptionalInt.empty()));
        assertThat(answer.problems()).isEmpty();
    }

    @Test
    void aFigureThatFailedIsAProblem() {
        Gpus answer = gpus("3, GPU-1, NVIDIA A100, 40960, 5, [Unknown Error], [GPU requires reset], 535.1\n");

        assertThat(answer.problems())
                .containsExactly("GPU 3, utilisation: [Unknown Error]", "GPU 3, temperature: [GPU requires reset]");
    }

    @Test
    void migInstancesAndWarningsAreNoGpus() {
        String output = """
                WARNING: infoROM is corrupted at gpu 0000:3B:00.0
                0, GPU-1, NVIDIA A100-SXM4-40GB, 40960, 13, [N/A], 34, 535.104.05
                  MIG 1g.5gb      Device  0: (UUID: MIG-4f2a)
                """;

        Gpus answer = gpus(output);

        assertThat(answer.gpus()).hasSize(1);
        assertThat(answer.problems())
                .containsExactly(
                        "nvidia-smi said: WARNING: infoROM is corrupted at gpu 0000:3B:00.0",
                        "nvidia-smi said: MIG 1g.5gb      Device  0: (UUID: MIG-4f2a)");
    }

    @Test
    void aDriverWithoutGpusIsNoGpus() {
        assertThat(gpus("No devices were found\n").gpus()).isEmpty();
        assertThat(gpus("").gpus()).isEmpty();
    }

    @Test
    void anAnswerThatIsNoTableIsNone() {
        assertThat(NvidiaSmi.parse("Failed to initialize NVML: Driver/library version mismatch\n"))
                .isEqualTo(new None("nvidia-smi said: Failed to initialize NVML: Driver/library version mismatch"));
    }
}
