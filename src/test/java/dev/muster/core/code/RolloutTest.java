package dev.muster.core.code;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RolloutTest {
    private static final List<String> HOSTS = List.of("a", "b", "c", "d", "e");

    @Test
    void theCanaryGoesAloneAndTheOthersInBatches() {
        Rollout rollout = Rollout.of(HOSTS, Optional.of("c"), 3);
        List<List<String>> groups = new ArrayList<>();
        for (List<String> next = rollout.next(); !next.isEmpty(); next = rollout.next()) {
            groups.add(next);
            rollout = rollout.begun(next);
            assertThat(rollout.next()).as("while they are underway").isEmpty();
            for (String host : next) rollout = rollout.done(host);
        }
        assertThat(groups).containsExactly(List.of("c"), List.of("a", "b", "d"), List.of("e"));
        assertThat(rollout.halted()).isEmpty();
    }

    @Test
    void aFailedCanaryIsTheOnlyOneThatWasTouched() {
        Rollout rollout = Rollout.of(HOSTS, Optional.empty(), 16);
        rollout = rollout.begun(rollout.next()).failed("a", "local changes");
        assertThat(rollout.next()).isEmpty();
        assertThat(rollout.halted()).containsExactly("b", "c", "d", "e");
    }

    @Test
    void aFailureInABatchHaltsTheNext() {
        Rollout rollout = Rollout.of(HOSTS, Optional.empty(), 2);
        rollout = rollout.begun(rollout.next()).done("a");
        rollout = rollout.begun(rollout.next()).failed("b", "no route").done("c");
        assertThat(rollout.next()).isEmpty();
        assertThat(rollout.halted()).containsExactly("d", "e");
    }

    @Test
    void aCanaryFromElsewhereIsNone() {
        assertThatThrownBy(() -> Rollout.of(HOSTS, Optional.of("z"), 2)).hasMessageContaining("but found z");
    }
}
