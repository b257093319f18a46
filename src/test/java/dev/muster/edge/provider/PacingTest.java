package dev.muster.edge.provider;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PacingTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private final Pacing pacing = new Pacing(
            Map.of("search", new Pacing.Limit(Duration.ofSeconds(6), 3), "list", Pacing.Limit.seconds(1)),
            Pacing.Limit.seconds(2));

    private Duration turn(String endpoint, double seconds) {
        return pacing.turn(endpoint, START.plusMillis((long) (seconds * 1000)));
    }

    @Test
    void callsThatComeAtOnceAreSpacedOut() {
        assertThat(turn("list", 0)).isZero();
        assertThat(turn("list", 0)).isEqualTo(Duration.ofSeconds(1));
        assertThat(turn("list", 0.5)).isEqualTo(Duration.ofMillis(1500));
        assertThat(turn("list", 10)).isZero();
    }

    @Test
    void aBurstIsAllowedAfterAPauseAndNoMoreThanThat() {
        assertThat(turn("search", 0)).isZero();
        assertThat(turn("search", 0)).isZero();
        assertThat(turn("search", 0)).isZero();
        assertThat(turn("search", 0)).isEqualTo(Duration.ofSeconds(6));
        assertThat(turn("search", 100)).isZero();
    }

    @Test
    void endpointsDoNotWaitForEachOther() {
        turn("list", 0);
        assertThat(turn("search", 0)).isZero();
        assertThat(turn("anything else", 0)).isZero();
        assertThat(turn("anything else", 0)).isEqualTo(Duration.ofSeconds(2));
    }

    @Test
    void aRefusalCostsTwoTurnsAndTheBurst() {
        turn("search", 0);
        pacing.refused("search", START);
        assertThat(turn("search", 0)).isEqualTo(Duration.ofSeconds(12));
        pacing.refused("list", START);
        assertThat(turn("list", 1)).isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void aCallThatMayHaveArrivedLateHoldsBackTheNextOne() {
        turn("list", 0);
        pacing.took("list", Duration.ofMillis(300));
        assertThat(turn("list", 1)).isEqualTo(Duration.ofMillis(300));
        pacing.took("list", Duration.ofMinutes(1));
        assertThat(turn("list", 1)).isEqualTo(Duration.ofMillis(2300));
        pacing.took("search", Duration.ofSeconds(1));
        assertThat(turn("search", 1)).isZero();
    }
}
