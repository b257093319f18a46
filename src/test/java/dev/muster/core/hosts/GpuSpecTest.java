package dev.muster.core.hosts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.core.state.Bytes;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GpuSpecTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    8x RTX 4090                 | 8 | RTX 4090       |  0 | WHOLE
                    2 X RTX_3090                | 2 | RTX 3090       |  0 | WHOLE
                    RTX 3060 Ti                 | 1 | RTX 3060 Ti    |  0 | WHOLE
                    RTX 4060 Ti (16GB)          | 1 | RTX 4060 Ti    | 16 | WHOLE
                    GH200 (96 GB)               | 1 | GH200          | 96 | WHOLE
                    GH200 96GB                  | 1 | GH200          | 96 | WHOLE
                    NVIDIA GH200 (96GB)         | 1 | GH200          | 96 | WHOLE
                    2x NVIDIA H100 SXM5 (160GB) | 2 | H100 SXM5      | 80 | WHOLE
                    2x H100 80GB                | 2 | H100           | 80 | WHOLE
                    A100-80GB                   | 1 | A100           | 80 | WHOLE
                    A100D-20C (vGPU)            | 1 | A100D-20C      |  0 | PART
                    M3 Max (MPS)                | 1 | M3 Max         |  0 | UNIFIED
                    M3 Max/Ultra (MPS)          | 1 | M3 Max/Ultra   |  0 | UNIFIED
                    Apple M2 Ultra (192GB unified) | 1 | M2 Ultra    | 192 | UNIFIED
                    M1 Pro                      | 1 | M1 Pro         |  0 | UNIFIED
                    """)
    void theSpellingsOfTheRealFilesAreUnderstood(String text, int count, String name, long gib, GpuSpec.Kind kind) {
        Optional<Bytes> each = gib == 0 ? Optional.empty() : Optional.of(Bytes.gib(gib));
        assertThat(GpuSpec.parse(text)).isEqualTo(new GpuSpec(count, name, each, kind));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "none", "None", "n/a", "cpu", "0", "0x RTX 4090"})
    void noneIsWrittenInManyWays(String text) {
        assertThat(GpuSpec.parse(text)).isEqualTo(GpuSpec.NONE);
    }

    @Test
    void theKeysForCountAndMemoryCountMoreThanTheText() {
        GpuSpec spec = GpuSpec.parse("H100").of(2).withMemory(Bytes.gib(160));
        assertThat(spec.count()).isEqualTo(2);
        assertThat(spec.each()).contains(Bytes.gib(80));
        assertThat(spec.of(0)).isEqualTo(GpuSpec.NONE);
        assertThat(GpuSpec.NONE.withMemory(Bytes.gib(8))).isEqualTo(GpuSpec.NONE);
    }

    @Test
    void aCountBeyondAnyMachineIsRefused() {
        assertThatThrownBy(() -> GpuSpec.parse("800x RTX 4090")).hasMessage("expected 0 to 64 GPUs, but found 800");
    }
}
