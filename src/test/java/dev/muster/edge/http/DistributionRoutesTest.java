package dev.muster.edge.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.plan.Soft;
import dev.muster.core.state.ArtifactKind;
import dev.muster.core.state.Command;
import dev.muster.core.state.ConfigKey;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Sha256;
import dev.muster.core.state.Table;
import dev.muster.edge.node.Shelf;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DistributionRoutesTest extends ApiHarness {
    private static final ConfigKey HEX = new ConfigKey("hex8_2p");
    private static final Sha256 MODEL = new Sha256("ab".repeat(32));
    private static final NodeId GPU1 = new NodeId("gpu1");

    private void model() {
        for (String node : new String[] {"n1", "n2", "n3"})
            member.order(new Command.PutArtifact(
                    MODEL, 10, "m.pth", ArtifactKind.MODEL, Optional.of(HEX), new NodeId(node)));
        member.order(new Command.PromoteModel(HEX, MODEL, Optional.empty(), 0));
    }

    @Test
    void whatTheLeaderDoesNotKnowTheNodeIsAskedFor() throws Exception {
        model();
        member.shelf.copies.put(GPU1, Shelf.Copy.of(GPU1, MODEL, Shelf.State.UNREACHABLE, 0, "no answer"));
        var progress = http.get("/v1/models/hex8_2p/distribution").json();
        assertThat(progress.path("line").asString()).isEqualTo("3/4 nodes have " + MODEL.brief() + "; 1 unreachable");
        assertThat(progress.path("bytes").asLong()).isEqualTo(30);
        assertThat(progress.path("bytes_total").asLong()).isEqualTo(40);
        assertThat(progress.path("distribution").path("state").asString()).isEqualTo("UNDERWAY");
        assertThat(http.get("/v1/models/none/distribution").status()).isEqualTo(404);
    }

    @Test
    void aHolderThatCannotPutTheFileInPlaceDoesNotHaveTheModel() throws Exception {
        model();
        NodeId n3 = new NodeId("n3");
        Soft soft = member.soft.orElseThrow();
        Soft.Heard last = soft.heard().require(n3);
        Table<Sha256, String> trouble = Table.<Sha256, String>empty().with(MODEL, "links not written: no permission");
        member.soft = Optional.of(soft.withHeard(
                n3, new Soft.Heard(last.at(), last.revision(), last.attempts(), last.telemetry(), trouble)));

        eventually(() ->
                http.get("/v1/models/hex8_2p").json().path("missing").toString().equals("[\"gpu1\",\"n3\"]"));
        assertThat(http.get("/v1/models/hex8_2p")
                        .json()
                        .path("model")
                        .path("holders")
                        .asInt())
                .isEqualTo(2);
    }

    @Test
    void aStreamTellsEachChangeAndEndsWhenEveryNodeHasIt() throws Exception {
        model();
        var response = http.client()
                .send(
                        http.request("/v1/models/hex8_2p/distribution")
                                .header("Accept", "text/event-stream")
                                .build(),
                        BodyHandlers.ofInputStream());
        try (BufferedReader reader =
                new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
            assertThat(data(reader)).contains("3/4 nodes have");
            member.order(new Command.ConfirmReplica(MODEL, GPU1));
            assertThat(data(reader)).contains("4/4 nodes have");
            assertThat(reader.readLine()).isEmpty();
            assertThat(reader.readLine()).as("the end").isNull();
        }
    }

    private static String data(BufferedReader reader) throws IOException {
        String line = reader.readLine();
        while (line != null && !line.startsWith("data: ")) line = reader.readLine();
        return String.valueOf(line);
    }
}
