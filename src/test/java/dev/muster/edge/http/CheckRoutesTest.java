package dev.muster.edge.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.check.Report;
import dev.muster.core.state.Command;
import dev.muster.core.state.FixKind;
import dev.muster.core.state.NodeId;
import dev.muster.edge.node.PeerService;
import dev.muster.edge.wire.Wire;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class CheckRoutesTest extends ApiHarness {
    @Test
    void checksAreAskedForByNodeAndDepth() throws Exception {
        assertThat(http.post("/v1/checks", "").status()).isEqualTo(200);
        assertThat(member.asked.getLast().depth()).isEqualTo(PeerService.CheckDepth.FRESH);
        http.post("/v1/checks", "{\"nodes\":[\"n2\"],\"depth\":\"latest\"}");
        assertThat(member.asked.getLast())
                .isEqualTo(new PeerService.CheckRequest(List.of(new NodeId("n2")), PeerService.CheckDepth.LATEST));
        assertThat(http.post("/v1/checks", "{\"nodes\":[\"n9\"]}").status()).isEqualTo(404);
        assertThat(http.post("/v1/checks", "{\"depth\":\"bottom\"}").status()).isEqualTo(400);
    }

    @Test
    void aFixIsOrderedOnceAndListed() throws Exception {
        Http.Answer ordered = http.post("/v1/nodes/n2/fixes/sync-clock", "{\"why\":\"it is off\"}");
        assertThat(ordered.status()).isEqualTo(200);
        long token = ordered.json().path("token").asLong();
        assertThat(http.post("/v1/nodes/n2/fixes/sync-clock", "").status()).isEqualTo(409);
        assertThat(http.post("/v1/nodes/n2/fixes/reboot", "").status()).isEqualTo(404);
        assertThat(http.post("/v1/nodes/n9/fixes/relink", "").status()).isEqualTo(404);

        JsonNode open = http.get("/v1/fixes").json().path("fixes").path(0);
        assertThat(open.path("state").asString()).isEqualTo("open");
        assertThat(open.path("token").asLong()).isEqualTo(token);
        member.order(new Command.FinishFix(new NodeId("n2"), token, true, "timedatectl set-ntp true"));
        member.order(new Command.OrderFix(new NodeId("n3"), FixKind.RELINK));
        JsonNode fixes = http.get("/v1/fixes").json().path("fixes");
        assertThat(fixes.path(0).path("kind").asString()).isEqualTo("relink");
        assertThat(fixes.path(1).path("state").asString()).isEqualTo("done");
        assertThat(fixes.path(1).path("note").asString()).isEqualTo("timedatectl set-ntp true");
    }

    @Test
    void peersTellEachOtherHowTheyAre() throws Exception {
        assertThat(Wire.read(http.post("/v1/peer/check?deep=true", "").text(), Report.class)
                        .checks()
                        .getFirst()
                        .text())
                .isEqualTo("deep");
        String request = Wire.text(new PeerService.CheckRequest(List.of(), PeerService.CheckDepth.LATEST));
        assertThat(http.post("/v1/peer/checks", request).json().path("led").asBoolean())
                .isTrue();
        String report = Wire.text(new PeerService.NodeReport(
                new NodeId("n2"), "n2-identity", member.checkHere(false).answering(7)));
        assertThat(http.post("/v1/peer/report", report).status()).isEqualTo(200);
        member.readOnly = Optional.of("no leader");
        assertThat(http.post("/v1/peer/report", report).status()).isEqualTo(409);
        assertThat(http.post("/v1/peer/checks", request).status()).isEqualTo(409);
    }
}
