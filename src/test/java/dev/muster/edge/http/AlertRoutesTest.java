package dev.muster.edge.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.state.AlertPolicy;
import dev.muster.edge.node.Telling;
import dev.muster.edge.view.Doc;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AlertRoutesTest extends ApiHarness {
    private static final String POLICY = "/v1/alerts/policy";
    private static final String SILENCES = "/v1/alerts/silences";

    private AlertPolicy policy() {
        return member.state().alerts().policy();
    }

    private static String refused(Http.Answer answer) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(400);
        Doc doc = Doc.json(answer.raw().body());
        assertThat(doc.text("code")).isEqualTo("INVALID");
        return doc.text("message");
    }

    @Test
    void aPolicyIsChangedInPart() throws Exception {
        Http.Answer answer =
                http.put(POLICY, "{\"hour_max\":3,\"limits\":{\"budget\":{\"warning\":0.5}},\"why\":\"less\"}");
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(policy().hourMax()).isEqualTo(3);
        assertThat(policy().limits().keys()).containsExactly("budget");
        assertThat(policy().cooldown()).isEqualTo(AlertPolicy.DEFAULT.cooldown());
        assertThat(member.given.getLast().why()).isEqualTo("less");
        ApiHarness.eventually(() -> http.get(POLICY).text().contains("\"hour_max\":3"));
        Http.Answer back = http.put(POLICY, "{\"limits\":{\"budget\":null}}");
        assertThat(back.status()).as(back.text()).isEqualTo(200);
        assertThat(policy().limits().size()).isZero();
        assertThat(policy().hourMax()).isEqualTo(3);
    }

    @Test
    void aPolicyThatIsTriedIsNotSet() throws Exception {
        Http.Answer answer = http.put(POLICY + "?dry_run=true", "{\"hour_max\":3}");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(policy()).isEqualTo(AlertPolicy.DEFAULT);
        assertThat(member.given).isEmpty();
    }

    @Test
    void whatIsWrongInAPolicyIsSaid() throws Exception {
        assertThat(refused(http.put(POLICY, "{\"hour_mx\":3}"))).contains("did you mean hour_max?");
        assertThat(refused(http.put(POLICY, "{\"limits\":{\"hourly-cots\":{\"warning\":3}}}")))
                .contains("did you mean hourly-cost?");
        assertThat(refused(http.put(POLICY, "{\"limits\":{\"quorum\":{\"warning\":3}}}")))
                .contains("expected a rule that watches a figure");
        assertThat(refused(http.put(POLICY, "{\"limits\":{\"peers\":{\"warning\":3,\"critical\":5}}}")))
                .contains("not above its warning");
        assertThat(refused(http.put(POLICY, "{\"limits\":[3],\"off\":[\"x\"]}")))
                .contains("2 problems", "expected a mapping", "expected a rule, but found \"x\"");
        assertThat(refused(http.put(POLICY, "[]"))).contains("expected a JSON object");
        assertThat(policy()).isEqualTo(AlertPolicy.DEFAULT);
    }

    @Test
    void aSilenceSaysWhatItCovers() throws Exception {
        Http.Answer answer = http.post(SILENCES, "{\"pattern\":\"instances-*\",\"time\":\"2h\"}");
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        Doc silence = Doc.json(answer.raw().body());
        assertThat(silence.list("covers").stream().map(Doc::text))
                .containsExactly("instances-few", "instances-many", "instances-idle");
        assertThat(silence.text("until")).isEqualTo("2026-03-01T14:00:00Z");
        String path = SILENCES + "/" + silence.text("id");
        assertThat(http.with("DELETE", path).status()).isEqualTo(200);
        assertThat(http.with("DELETE", path).status()).isEqualTo(404);
    }

    @Test
    void aSilenceThatIsNoneIsRefused() throws Exception {
        assertThat(refused(http.post(SILENCES, "{\"pattern\":\"node-lost\"}"))).contains("expected a duration");
        assertThat(refused(http.post(SILENCES, "{\"time\":\"2h\"}"))).contains("expected a rule");
        assertThat(refused(http.post(SILENCES, "{\"pattern\":\"node-lost\",\"time\":\"0s\"}")))
                .contains("expected a time of more than 0s");
        assertThat(refused(http.post(SILENCES, "{\"pattern\":\"peers\",\"for\":\"2h\"}")))
                .contains("unknown key \"for\"");
        assertThat(member.state().alerts().silences().size()).isZero();
    }

    @Test
    void ordersWithoutAQuorumAreNotTaken() throws Exception {
        member.readOnly = Optional.of("no quorum: 1 of 3 voters");
        assertThat(http.put(POLICY, "{\"hour_max\":3}").status()).isEqualTo(503);
        assertThat(http.post(SILENCES, "{\"pattern\":\"peers\",\"time\":\"2h\"}")
                        .status())
                .isEqualTo(503);
        assertThat(http.get("/v1/alerts").status()).isEqualTo(200);
    }

    @Test
    void aTestIsThisNodesOwn() throws Exception {
        assertThat(Telling.NONE.test(Optional.empty(), "ann")).isEmpty();
        Doc none = Doc.json(http.post("/v1/alerts/test", "").raw().body());
        assertThat(none.text("node")).isEqualTo("n1");
        assertThat(none.list("channels")).isEmpty();
        member.telling = new AlertScene.Tried("slack", "bad");
        Doc both = Doc.json(http.post("/v1/alerts/test", "{}").raw().body());
        assertThat(both.list("channels").stream().map(one -> one.flag("ok"))).containsExactly(true, false);
        assertThat(both.flag("leads")).isTrue();
        assertThat(http.post("/v1/alerts/test", "{\"channel\":\"mail\"}").text())
                .contains("no channel mail on n1", "there are slack, bad");
    }
}
