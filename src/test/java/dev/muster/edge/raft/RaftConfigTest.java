package dev.muster.edge.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class RaftConfigTest {
    private static final VoterAddress N0 = new VoterAddress("n0", "10.0.0.1", 8771);
    private static final VoterAddress N1 = new VoterAddress("n1", "10.0.0.2", 8771);
    private static final Path DIR = Path.of("raft");

    @Test
    void theDefaultsArePinned() {
        RaftConfig config = RaftConfig.founding(N0, DIR, "c", List.of(N0, N1));

        assertThat(config.bindHost()).isEqualTo("10.0.0.1");
        assertThat(config.snapshotEvery()).isEqualTo(20_000);
        assertThat(config.keepEntries()).isEqualTo(10_000);
        assertThat(config.tls()).isEmpty();
        assertThat(config.dir()).isAbsolute();
        assertThat(config.timing())
                .isEqualTo(new RaftConfig.Timing(
                        Duration.ofMillis(300),
                        Duration.ofMillis(600),
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(4),
                        Duration.ofMinutes(2)));
    }

    @Test
    void aFounderMustBeAmongTheFounders() {
        assertThatThrownBy(() -> RaftConfig.founding(N0, DIR, "c", List.of(N1)))
                .hasMessage("expected n0@10.0.0.1:8771 among the first voters, found [n1@10.0.0.2:8771]");
    }

    @Test
    void twoFoundersWithOneIdAreRefused() {
        assertThatThrownBy(
                        () -> RaftConfig.founding(N0, DIR, "c", List.of(N0, new VoterAddress("n0", "10.0.0.2", 8771))))
                .hasMessageContaining("two voters have the same id");
    }

    @Test
    void aClusterIsFoundedBySomebody() {
        assertThatThrownBy(() -> RaftConfig.founding(N0, DIR, "c", List.of()))
                .hasMessageContaining("at least one voter");
    }

    @Test
    void timesMustMakeSense() {
        Duration second = Duration.ofSeconds(1);
        assertThatThrownBy(() -> new RaftConfig.Timing(second, second, second, second, second))
                .hasMessageContaining("electionMin < electionMax");
        assertThatThrownBy(() -> new RaftConfig.Timing(second, second.multipliedBy(2), Duration.ZERO, second, second))
                .hasMessageContaining("positive");
    }

    @Test
    void clustersOfDifferentNamesAreDifferentGroups() {
        assertThat(RatisSettings.groupId("a"))
                .isEqualTo(RatisSettings.groupId("a"))
                .isNotEqualTo(RatisSettings.groupId("b"));
    }

    @Test
    void anAddressSurvivesRatis() {
        VoterAddress named = new VoterAddress("n0", "node-1.example", 8771);
        assertThat(RatisSettings.voter(RatisSettings.peer(named))).isEqualTo(named);
    }

    @Test
    void anAddressNeedsAPort() {
        assertThatThrownBy(() -> new VoterAddress("n0", "h", 0)).hasMessage("port of n0 must be 1..65535, not 0");
    }
}
