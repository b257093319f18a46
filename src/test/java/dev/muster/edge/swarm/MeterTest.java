package dev.muster.edge.swarm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class MeterTest {
    private static final long START = 7_000_000_000L;

    private static long at(double seconds) {
        return START + (long) (seconds * TimeUnit.SECONDS.toNanos(1));
    }

    @Test
    void aSteadyStreamHasItsRate() {
        Meter meter = new Meter(START);
        assertThat(meter.rate(START)).isZero();
        for (int tenth = 1; tenth <= 200; tenth++) meter.add(100, at(tenth / 10.0));
        assertThat(meter.rate(at(20))).isCloseTo(1_000, within(60L));
    }

    @Test
    void itFollowsWithinSecondsAndForgetsAPause() {
        Meter meter = new Meter(START);
        for (int tenth = 1; tenth <= 100; tenth++) meter.add(100, at(tenth / 10.0));
        for (int tenth = 101; tenth <= 150; tenth++) meter.add(10, at(tenth / 10.0));
        assertThat(meter.rate(at(15))).isLessThan(300);
        assertThat(meter.rate(at(30))).isZero();
    }

    @Test
    void theFirstChunksAreNoFlood() {
        Meter meter = new Meter(START);
        meter.add(1_000, at(0.01));
        assertThat(meter.rate(at(0.01))).isEqualTo(5_000);
        assertThat(meter.rate(at(2))).isEqualTo(500);
    }
}
