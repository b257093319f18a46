package dev.muster.edge.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.plan.Soft;
import dev.muster.core.state.ChangeLimit;
import dev.muster.core.state.Command;
import dev.muster.core.state.Desired;
import dev.muster.core.state.NodeId;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class HostRoutesTest extends ApiHarness {
    private static final String RETIRE =
            "{\"hosts\":[{\"name\":\"gpu1\",\"status\":\"retired\",\"role\":\"Training\"}],\"why\":\"sold\"%s}";

    private Optional<Desired> desired(String name) {
        return member.state().fleet().desired(new NodeId(name));
    }

    private Http.Answer imported(String more) throws Exception {
        return http.post("/v1/nodes/import", RETIRE.formatted(more));
    }

    @Test
    void aCheckNamesThePlanThatTheOrderIsHeldTo() throws Exception {
        JsonNode plan =
                http.post("/v1/nodes/import/check", RETIRE.formatted("")).json();
        assertThat(plan.path("changes").path(0).path("kind").asString()).isEqualTo("RETIRED");
        assertThat(plan.path("left")).hasSize(3);
        assertThat(desired("gpu1")).contains(Desired.READY);

        assertThat(imported(",\"plan\":\"another\"").status()).isEqualTo(409);
        member.order(new Command.DrainNode(new NodeId("gpu1")));
        String named = ",\"plan\":\"" + plan.path("plan").asString() + "\"";
        Http.Answer stale = imported(named);
        assertThat(stale.json().path("code").asString()).isEqualTo("STALE");
        member.order(new Command.UndrainNode(new NodeId("gpu1")));
        assertThat(imported(named).status()).isEqualTo(200);
        assertThat(desired("gpu1")).contains(Desired.RETIRED);
        assertThat(http.get("/v1/nodes")
                        .json()
                        .path("declared")
                        .path(0)
                        .path("role")
                        .asString())
                .isEqualTo("TRAINING");
    }

    @Test
    void aMassChangeIsRefusedWithItsOwnCode() throws Exception {
        String two =
                "{\"hosts\":[{\"name\":\"gpu1\",\"status\":\"disabled\"},{\"name\":\"n1\",\"status\":\"disabled\"}]%s}";
        Http.Answer braked = http.post("/v1/nodes/import", two.formatted(""));
        assertThat(braked.status()).isEqualTo(409);
        assertThat(braked.json().path("code").asString()).isEqualTo("BRAKED");
        assertThat(http.post("/v1/nodes/import", two.formatted(",\"override_brake\":2"))
                        .status())
                .isEqualTo(200);
        assertThat(http.post("/v1/nodes/import", two.formatted(",\"override_brake\":\"2\""))
                        .status())
                .isEqualTo(400);
    }

    @Test
    void theLimitIsTheConfiguredOne() throws Exception {
        ApiSettings loose = new ApiSettings(
                        "127.0.0.1",
                        0,
                        Http.TOKEN,
                        "1",
                        () -> Soft.Telemetry.UNKNOWN,
                        InstantSource.fixed(member.now),
                        Duration.ofSeconds(30))
                .withChanges(new ChangeLimit(0.5, Duration.ofHours(1)));
        try (ApiServer other = ApiServer.start(loose, member, member);
                Http there = new Http(other.port())) {
            String two =
                    "{\"hosts\":[{\"name\":\"gpu1\",\"status\":\"disabled\"},{\"name\":\"n1\",\"status\":\"disabled\"}]}";
            assertThat(there.post("/v1/nodes/import", two).status()).isEqualTo(200);
        }
    }

    @Test
    void whatIsNoHostIsToldWithItsPlace() throws Exception {
        assertThat(http.post("/v1/nodes/import", "{}").json().path("message").asString())
                .isEqualTo("hosts: expected a list of machines, but found nothing");
        assertThat(http.post(
                                "/v1/nodes/import/check",
                                "{\"hosts\":[{\"name\":\"a\"},{\"name\":\"b\",\"role\":\"cook\"}]}")
                        .json()
                        .path("message")
                        .asString())
                .isEqualTo("hosts[1].role: expected one of coordinator, selfplay, training, mixed, but found \"cook\"");
        assertThat(http.post("/v1/nodes", "{\"name\":\"a b\"}").status()).isEqualTo(400);
        assertThat(http.post("/v1/nodes", "{\"name\":\"new\",\"desired\":\"draining\"}")
                        .status())
                .isEqualTo(200);
        assertThat(desired("new")).contains(Desired.DRAINING);
    }
}
