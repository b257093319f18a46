package dev.muster.edge.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.edge.training.MetricsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CurveTextTest {
    private static CurveText.Series series(int count, DoubleUnaryOperator value) {
        double[] x = new double[count];
        double[] y = new double[count];
        for (int at = 0; at < count; at++) {
            x[at] = at;
            y[at] = value.applyAsDouble(at);
        }
        return new CurveText.Series("loss", "step", x, y);
    }

    @Test
    void aSmallRangeIsDrawnLinearly() {
        assertThat(CurveText.render(series(41, at -> 2 - at / 40), 30, 6)).isEqualTo("""
                        loss, last 1
                        2 ┤█▆▅▄▃▂
                          │███████▇▆▅▄▂▁
                          │██████████████▇▆▄▃▂▁
                        1 ┤█████████████████████▆▅▄▃▂▁
                           step 0                   40
                        """);
    }

    @Test
    void moreThanTwoDecadesAreDrawnInLogarithms() {
        assertThat(CurveText.render(series(500, at -> Math.pow(10, -at / 125)), 60, 12))
                .isEqualTo("""
                        loss (log), last 1.0e-04
                              1 ┤▇▆▄▂▁
                                │█████▇▆▄▃▁
                                │███████████▆▄▃▁
                                │████████████████▆▅▃▁
                                │█████████████████████▆▅▃▂
                                │██████████████████████████▆▅▃▂
                                │███████████████████████████████▇▅▃▂
                                │████████████████████████████████████▇▅▄▂
                                │█████████████████████████████████████████▇▅▄▂▁
                        1.0e-04 ┤██████████████████████████████████████████████▇▆▄▂▂
                                 step 0                                          499
                        """);
    }

    @Test
    void whatIsNoNumberIsCountedAndNotDrawn() {
        assertThat(CurveText.render(series(40, at -> at < 20 ? Double.NaN : 1), 30, 4))
                .isEqualTo("""
                        loss, 20 without a number, la…
                        1 ┤
                        1 ┤             ██████████████
                           step 0                   39
                        """);
        assertThat(CurveText.render(series(3, at -> Double.NaN), 30, 4))
                .isEqualTo("loss: no values, 3 without a number\n");
        assertThat(CurveText.render(series(0, at -> 1), 30, 4)).isEqualTo("loss: no values\n");
        assertThatThrownBy(() -> new CurveText.Series("a", "b", new double[1], new double[2]))
                .hasMessageContaining("expected as many x as y");
    }

    @Test
    void everyLineFitsIntoTheWidth() {
        for (int width : new int[] {20, 40, 60, 133}) {
            String text = CurveText.render(series(10_000, at -> Math.exp(-at / 500) + 1e-9), width, 12);
            assertThat(text.lines())
                    .hasSize(12)
                    .allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(width));
        }
    }

    @Test
    void ofAFileItIsOverItsSteps(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("m.jsonl"), """
                {"_step": 100, "train/loss": 1.5}
                {"_step": 150, "lr": 0.1}
                {"_step": 200, "train/loss": 0.5}
                """);
        CurveText.Series series =
                CurveText.of("loss", new MetricsFile(file).look().rows());
        assertThat(series.axis()).isEqualTo("step");
        assertThat(series.x()).containsExactly(100, 200);
        assertThat(series.y()).containsExactly(1.5, 0.5);
        assertThat(CurveText.render(series, 40, 5)).contains("loss, last 0.5", "step 100", "200");
    }

    @Test
    void numbersAreShort() {
        assertThat(CurveText.number(0.02489)).isEqualTo("0.0249");
        assertThat(CurveText.number(0.000012)).isEqualTo("1.2e-05");
        assertThat(CurveText.number(12_000)).isEqualTo("12000");
        assertThat(CurveText.number(0.5)).isEqualTo("0.5");
    }
}
