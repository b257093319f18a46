package dev.muster.edge.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.muster.core.plan.Soft;
import dev.muster.core.state.Attempt;
import dev.muster.core.state.AttemptId;
import dev.muster.core.state.Command;
import dev.muster.core.state.JobKind;
import dev.muster.core.state.JobSpec;
import dev.muster.core.state.Sha256;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ArtifactServerTest {
    private static final Sha256 HELD = new Sha256("ab".repeat(32));
    private static final Sha256 ELSEWHERE = new Sha256("cd".repeat(32));
    private static final Sha256 CUT_SHORT = new Sha256("ef".repeat(32));

    private final InMemoryMember member = InMemoryMember.ofFour();
    private final byte[] bytes = new byte[300_000];
    private ArtifactServer server;
    private Http http;

    @BeforeEach
    void start() {
        for (int index = 0; index < bytes.length; index++) bytes[index] = (byte) (index * 31);
        member.order(new Command.SubmitJob(JobSpec.of("x", JobKind.OTHER, List.of("x"))));
        AttemptId attempt = member.place("j1", 0, "n1");
        member.start(attempt);
        member.finish(
                attempt,
                new Attempt.Ending(
                        Attempt.Status.SUCCEEDED,
                        OptionalInt.of(0),
                        List.of(
                                new Attempt.Stored("a", HELD, bytes.length),
                                new Attempt.Stored("b", ELSEWHERE, 10),
                                new Attempt.Stored("c", CUT_SHORT, 1000)),
                        List.of(),
                        ""));
        member.files.put(HELD, bytes);
        member.files.put(CUT_SHORT, new byte[10]);
        ApiSettings settings = new ApiSettings("127.0.0.1", 0, Http.TOKEN, "1", () -> Soft.Telemetry.UNKNOWN);
        server = ArtifactServer.start(settings, 0, member);
        http = new Http(server.port());
    }

    @AfterEach
    void stop() {
        http.close();
        server.close();
    }

    private Http.Answer range(String range) throws IOException, InterruptedException {
        return http.send(
                http.request("/artifacts/" + HELD).header("Range", range).build());
    }

    @Test
    void aFileIsSentWhole() throws Exception {
        Http.Answer answer = http.get("/artifacts/" + HELD);
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.raw().body()).isEqualTo(bytes);
        assertThat(answer.header("Accept-Ranges")).isEqualTo("bytes");
    }

    @Test
    void aBrokenTransferGoesOnWhereItWas() throws Exception {
        Http.Answer rest = range("bytes=299000-");
        assertThat(rest.status()).isEqualTo(206);
        assertThat(rest.header("Content-Range")).isEqualTo("bytes 299000-299999/300000");
        assertThat(rest.raw().body()).isEqualTo(Arrays.copyOfRange(bytes, 299_000, 300_000));
        assertThat(range("bytes=10-19").raw().body()).isEqualTo(Arrays.copyOfRange(bytes, 10, 20));
        assertThat(range("bytes=-5").raw().body()).isEqualTo(Arrays.copyOfRange(bytes, 299_995, 300_000));
        assertThat(range("bytes=299999-999999").raw().body()).hasSize(1);
    }

    @Test
    void aRangeOutsideTheFileIsRefusedAndAnotherUnitIgnored() throws Exception {
        assertThat(range("bytes=300000-").status()).isEqualTo(416);
        assertThat(range("bytes=20-10").status()).isEqualTo(416);
        assertThat(range("lines=1-2").status()).isEqualTo(200);
        assertThat(range("bytes=1-2,4-5").status()).isEqualTo(200);
        assertThat(range("bytes=-").status()).isEqualTo(200);
    }

    @Test
    void whatIsNotHeldHereIsNotFound() throws Exception {
        assertThat(http.get("/artifacts/" + ELSEWHERE).json().path("hint").asString())
                .contains("lists its holders");
        assertThat(http.get("/artifacts/" + "0".repeat(64)).status()).isEqualTo(404);
        assertThat(http.get("/artifacts/short").status()).isEqualTo(404);
        assertThat(http.get("/other").status()).isEqualTo(404);
        for (String climbing :
                List.of("/artifacts/../../etc/passwd", "/artifacts/..%2f..%2fetc%2fpasswd", "/artifacts/.."))
            assertThat(http.get(climbing).status()).as(climbing).isEqualTo(404);
        assertThat(http.get("/artifacts/" + HELD + "/../" + HELD).status()).isEqualTo(404);
        assertThat(http.post("/artifacts/" + HELD, "x").status()).isEqualTo(405);
    }

    @Test
    void withoutTheTokenNothingIsSent() throws Exception {
        Http.Answer answer = http.send(http.request("/artifacts/" + HELD)
                .setHeader("Authorization", "Bearer wrong")
                .build());
        assertThat(answer.status()).isEqualTo(401);
    }

    @Test
    void aFileThatIsShorterThanItShouldBeIsNeverTakenForWhole() {
        assertThat(catchThrowable(() -> http.get("/artifacts/" + CUT_SHORT))).isInstanceOf(IOException.class);
    }
}
