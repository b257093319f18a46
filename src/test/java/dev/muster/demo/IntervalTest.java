package dev.muster.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class IntervalTest {
    /// Expected values: Newcombe 1998, "Two-sided confidence intervals for the single proportion", table I, method 3.
    @Test
    void wilsonsIntervalIsThePublishedOne() {
        check(Interval.wilson95(81, 263), 0.2553, 0.3662);
        check(Interval.wilson95(15, 148), 0.0624, 0.1605);
        check(Interval.wilson95(0, 20), 0, 0.1611);
        check(Interval.wilson95(1, 29), 0.0061, 0.1718);
    }

    private static void check(Interval interval, double low, double high) {
        assertThat(interval.low()).isCloseTo(low, within(5e-5));
        assertThat(interval.high()).isCloseTo(high, within(5e-5));
    }

    @Test
    void withoutGamesNothingIsKnown() {
        assertThat(Interval.wilson95(0, 0)).isEqualTo(new Interval(0.5, 0, 1));
    }
}
