package dev.muster.core.rating;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class WilsonTest {
    /// By hand: 123 of 200 is 61.5 %; (0.615 + 0.0096037) / 1.0192073 ± 1.9599640 · 0.0347517 / 1.0192073.
    @Test
    void theIntervalIsTheHandComputedOne() {
        Wilson.Interval found = Wilson.interval(123, 0, 77);
        assertThat(found.rate()).isEqualTo(0.615);
        assertThat(found.low()).isCloseTo(0.5460, within(0.0001));
        assertThat(found.high()).isCloseTo(0.6797, within(0.0001));
    }

    /// Newcombe 1998, table I, 81 of 263: 0.2553 to 0.3662.
    @Test
    void theIntervalIsThePublishedOne() {
        Wilson.Interval found = Wilson.interval(81, 0, 182);
        assertThat(found.low()).isCloseTo(0.2553, within(0.00005));
        assertThat(found.high()).isCloseTo(0.3662, within(0.00005));
    }

    @Test
    void aDrawIsHalfAWin() {
        assertThat(Wilson.interval(50, 20, 30)).isEqualTo(Wilson.interval(60, 0, 40));
    }

    @Test
    void extremesStayWithinZeroAndOne() {
        assertThat(Wilson.interval(0, 0, 0)).isEqualTo(new Wilson.Interval(Double.NaN, 0, 1));
        assertThat(Wilson.interval(10, 0, 0).high()).isCloseTo(1, within(1e-12));
        assertThat(Wilson.interval(10, 0, 0).low()).isCloseTo(0.7225, within(0.0001));
        assertThat(Wilson.interval(0, 0, 10).low()).isZero();
    }
}
