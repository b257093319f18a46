package dev.muster.edge.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.muster.core.plan.Soft;
import dev.muster.edge.cli.Failure;
import dev.muster.edge.http.ApiServer;
import dev.muster.edge.http.ApiSettings;
import dev.muster.edge.http.InMemoryMember;
import java.util.List;
import org.junit.jupiter.api.Test;

class JoinCheckTest {
    private static final String TOKEN = "the-token";

    @Test
    void aNameThatIsTakenIsToldWithBothWaysOut() throws Exception {
        InMemoryMember member = InMemoryMember.ofFour();
        ApiSettings settings = new ApiSettings(
                "127.0.0.1", 0, TOKEN, "1.2.3", () -> Soft.Telemetry.UNKNOWN, () -> member.now, ApiSettings.READ_LIMIT);
        try (ApiServer server = ApiServer.start(settings, member, member)) {
            List<String> seeds = List.of("127.0.0.1:" + server.port());
            assertThat(JoinCheck.ask(seeds, TOKEN, "n9")).isTrue();
            assertThatExceptionOfType(Failure.class)
                    .isThrownBy(() -> JoinCheck.ask(seeds, TOKEN, "n2"))
                    .withMessageContaining("expected n2 to be a new name")
                    .satisfies(
                            taken -> assertThat(taken.hint()).contains("--name").contains("`muster node remove n2`"));
        }
    }
}
