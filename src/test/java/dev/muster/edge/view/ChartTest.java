package dev.muster.edge.view;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ChartTest {
    @Test
    void anEighthOfALineIsTheSmallestStep() {
        double[] values = {0, 1, 2, 4, 8, 12, 16, 16, 8, 0.1, 0};
        assertThat(new Chart("machines", values, 16, "16").render(15, 2, "mon", "tue"))
                .isEqualTo("""
                        machines
                        16 ┤     ▄██
                         0 ┤ ▁▂▄█████▁
                            mon     tue
                        """);
    }

    @Test
    void aPeakIsNotLostWhereManyValuesShareAColumn() {
        double[] values = new double[1_000];
        values[555] = 7;
        String chart = new Chart("tasks", values, 7, "7").render(20, 1, "", "");
        assertThat(chart.chars().filter(letter -> letter == '█')).hasSize(1);
    }

    @Test
    void withoutAnythingItIsEmpty() {
        assertThat(new Chart("none", new double[0], 0, "0").render(20, 1, "a", "b"))
                .isEqualTo("none\n0 ┤\n   a               b\n");
    }
}
