package dev.muster.edge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.state.NodeId;
import dev.muster.edge.program.MusterPrograms;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;

/// From a person's one-time token to a node's data directory.
class CliEnrolTest extends CliHarness {
    private Path file(String token) throws IOException {
        return Files.writeString(folder.resolve("one-time"), token);
    }

    private Result join(String name, Path file, Path data) {
        programs = MusterPrograms.all();
        return run(
                "cluster",
                "join",
                "127.0.0.1:" + port(),
                "--name",
                name,
                "--enrol-token-file",
                file.toString(),
                "--data",
                data.toString());
    }

    @Test
    void aOneTimeTokenIsMadeShownAndUsedOnce() throws Exception {
        Result made = run("cluster", "token", "--for", "n7", "--ttl", "30m", "--role", "training", "--why", "new rack");
        assertThat(made.exit()).as(made.err()).isZero();
        assertThat(made.out()).matches("[0-9a-f]{64}\n");
        assertThat(made.err()).contains("good once, for 30m").contains("--enrol-token-file FILE");
        assertThat(run("cluster", "tokens").out()).contains("n7    unused  training  good for 30m  person:ann@n1.lan");
        assertThat(run("cluster", "tokens", "--json").out())
                .doesNotContain(made.out().strip());

        Path data = folder.resolve("data");
        Result joined = join("n7", file(made.out()), data);
        assertThat(joined.exit()).as(joined.err()).isZero();
        assertThat(Files.readString(data.resolve("token")).strip()).isEqualTo(TOKEN);
        assertThat(Files.getPosixFilePermissions(data.resolve("token")))
                .isEqualTo(PosixFilePermissions.fromString("rw-------"));
        assertThat(Files.readString(data.resolve("node.yaml")))
                .contains("cluster_id: \"c1\"")
                .contains("role: \"training\"")
                .contains("127.0.0.1:" + port())
                .doesNotContain(TOKEN);
        assertThat(run("cluster", "tokens").out()).contains("n7    used");

        Path again = folder.resolve("again");
        Result second = join("n7", file(made.out()), again);
        assertThat(second.exit()).isEqualTo(Exit.NOT_ALLOWED);
        assertThat(second.err()).contains("was used at").contains("`muster cluster token --for n7` makes one");
        assertThat(again.resolve("token")).doesNotExist();
        assertThat(again.resolve("node.yaml")).doesNotExist();
    }

    @Test
    void aTokenForAnotherNameAnUnknownAndAnExpiredOneAreEachTold() throws Exception {
        String token = run("cluster", "token", "--for", "n7", "--ttl", "1m").out();
        Path data = folder.resolve("data");
        assertThat(join("n8", file(token), data).err()).contains("expected the token to be for n8, but it is for n7");
        assertThat(join("n7", file("guessed"), data).err()).contains("knows no such token");
        member.now = member.now.plusSeconds(60);
        assertThat(join("n7", file(token), data).err()).contains("the token expired at");
        assertThat(run("cluster", "tokens").out()).contains("expired");
    }

    @Test
    void aTokenThatIsTakenBackOpensNothing() throws Exception {
        String token = run("cluster", "token", "--for", "n7").out();
        assertThat(run("cluster", "token", "--for", "n7", "--revoke").exit()).isZero();
        assertThat(join("n7", file(token), folder.resolve("data")).exit()).isEqualTo(Exit.NOT_ALLOWED);
        assertThat(run("cluster", "token", "--for", "n7", "--revoke").exit()).isEqualTo(Exit.NOT_FOUND);
        assertThat(run("cluster", "tokens").out()).startsWith("no one-time tokens");
    }

    @Test
    void whatIsWrongWithTheOrderIsToldBeforeAnythingIsPrinted() {
        assertThat(run("cluster", "token", "--ttl", "5m").exit()).isEqualTo(Exit.USAGE);
        Result taken = run("cluster", "token", "--for", "n2");
        assertThat(taken.out()).isEmpty();
        assertThat(taken.err()).contains("expected n2 to be a new name");
        assertThat(run("cluster", "token", "--for", "n7", "--role", "king").err())
                .contains("expected mixed, selfplay, training or coordinator, but found \"king\"");
        assertThat(run("cluster", "token", "--for", "n7", "--ttl", "30d").err()).contains("60s to 168h");
    }

    @Test
    void aRetryOfTheOrderDoesNotPrintATokenThatOpensNothing() {
        assertThat(run("cluster", "token", "--for", "n7", "--request-id", "once")
                        .exit())
                .isZero();
        Result again = run("cluster", "token", "--for", "n7", "--request-id", "once");
        assertThat(again.out()).isEmpty();
        assertThat(again.err()).contains("an earlier one's");
    }

    @Test
    void nobodyGuessesForLongAndAGoodTokenIsLetInAllTheSame() throws Exception {
        String token = run("cluster", "token", "--for", "n7").out().strip();
        int ordersBefore = member.given.size();
        for (int i = 0; i < 10; i++)
            assertThat(enrol("n7", "guess" + i, "r").statusCode()).isEqualTo(404);
        HttpResponse<String> eleventh = enrol("n7", "guess", "r");
        assertThat(eleventh.statusCode()).isEqualTo(429);
        assertThat(eleventh.body()).contains("at most 10 wrong tokens a minute from 127.0.0.1");
        assertThat(member.given).hasSize(ordersBefore + 10);
        HttpResponse<String> good = enrol("n7", token, "r");
        assertThat(good.statusCode()).isEqualTo(200);
        assertThat(good.body()).contains(TOKEN);
    }

    /// The id under which an answer is remembered is not the caller's to choose: others' orders have ids too.
    @Test
    void anotherOrdersIdOpensNothing() throws Exception {
        run("node", "drain", "n2", "--request-id", "known");
        assertThat(enrol("n2", "guess", "known").statusCode()).isEqualTo(404);
    }

    @Test
    void whoLostTheAnswerAsksAgainAndGetsIt() throws Exception {
        String token = run("cluster", "token", "--for", "n7").out().strip();
        assertThat(enrol("n7", token, "mine").body()).contains(TOKEN);
        assertThat(enrol("n7", token, "mine").body()).contains(TOKEN);
        assertThat(enrol("n7", token, "thief").statusCode()).isEqualTo(409);
        assertThat(member.state().fleet().enrolments().require(new NodeId("n7")).usedAt())
                .isPresent();
    }

    /// Without the cluster's token.
    private HttpResponse<String> enrol(String name, String token, String request) throws Exception {
        String body = "{\"name\":\"" + name + "\",\"token\":\"" + token + "\",\"request\":\"" + request + "\"}";
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + "/v1/enrol"))
                            .POST(HttpRequest.BodyPublishers.ofString(body))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }

    @Test
    void everyOtherRouteStillNeedsTheClustersToken() {
        for (List<String> words : List.of(
                List.of("cluster", "tokens", "--token", "wrong"),
                List.of("cluster", "token", "--for", "n7", "--token", "wrong")))
            assertThat(run(words.toArray(String[]::new)).exit()).isEqualTo(Exit.NOT_ALLOWED);
    }
}
