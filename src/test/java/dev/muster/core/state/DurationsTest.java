package dev.muster.core.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class DurationsTest {
    @Test
    void secondsHaveATenthAndLongSpansHaveHours() {
        assertThat(Durations.brief(Duration.ZERO)).isEqualTo("0s");
        assertThat(Durations.brief(Duration.ofMillis(12_049))).isEqualTo("12s");
        assertThat(Durations.brief(Duration.ofMillis(61_290))).isEqualTo("61.2s");
        assertThat(Durations.brief(Duration.ofSeconds(60))).isEqualTo("60s");
        assertThat(Durations.brief(Duration.ofMinutes(10))).isEqualTo("10m");
        assertThat(Durations.brief(Duration.ofSeconds(150))).isEqualTo("2m30s");
        assertThat(Durations.brief(Duration.ofHours(2))).isEqualTo("2h");
        assertThat(Durations.brief(Duration.ofMinutes(125))).isEqualTo("2h5m");
    }
}
