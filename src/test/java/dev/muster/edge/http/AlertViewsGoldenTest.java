package dev.muster.edge.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.plan.Soft;
import dev.muster.edge.view.AlertText;
import dev.muster.edge.view.Doc;
import dev.muster.edge.view.DocText;
import dev.muster.edge.view.EventText;
import dev.muster.edge.view.StatusText;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What the API answers of alerts and what a terminal shows of it, for one cluster.
class AlertViewsGoldenTest {
    private static final Path GOLDEN = Path.of("src/test/golden/views");

    private final InMemoryMember member = AlertScene.make();
    private ApiServer server;
    private Http http;

    @BeforeEach
    void start() {
        server = ApiServer.start(
                new ApiSettings(
                        "127.0.0.1",
                        0,
                        Http.TOKEN,
                        "1.2.3",
                        () -> Soft.Telemetry.UNKNOWN,
                        () -> member.now,
                        ApiSettings.READ_LIMIT),
                member,
                member);
        http = new Http(server.port());
    }

    @AfterEach
    void stop() {
        http.close();
        server.close();
    }

    private Map<String, Function<Doc, String>> pages() {
        Map<String, Function<Doc, String>> pages = new LinkedHashMap<>();
        pages.put("/v1/alerts", doc -> AlertText.list(doc, false) + "---- wide\n" + AlertText.list(doc, true));
        pages.put("/v1/alerts?all=true", doc -> AlertText.list(doc, false));
        pages.put("/v1/alerts/node-lost", doc -> AlertText.show(doc, member.now));
        pages.put("/v1/alerts/provider-silent", doc -> AlertText.show(doc, member.now));
        pages.put("/v1/alerts/run-failed/r7", doc -> AlertText.show(doc, member.now));
        pages.put("/v1/alerts/rules", doc -> AlertText.rules(doc, false) + "---- wide\n" + AlertText.rules(doc, true));
        pages.put("/v1/alerts/policy", DocText::yaml);
        pages.put("/v1/events?within=alert/node-lost", EventText::list);
        pages.put("/v1/events?type=ALERT*,SILENCE*", EventText::list);
        return pages;
    }

    @Test
    void answersAndTablesAreAsRecorded() throws Exception {
        for (Map.Entry<String, Function<Doc, String>> page : pages().entrySet()) {
            Doc doc = Doc.json(http.get(page.getKey()).raw().body());
            String name = page.getKey().substring(1).toLowerCase().replaceAll("[^a-z0-9_]+", "-");
            if (!name.startsWith("v1-events")) Golden.check(GOLDEN.resolve(name + ".json"), DocText.json(doc));
            Golden.check(GOLDEN.resolve(name + ".txt"), page.getValue().apply(doc));
        }
    }

    @Test
    void theStatusHasOneLineOfThem() throws Exception {
        String status = StatusText.render(Doc.json(http.get("/status").raw().body()), false);
        assertThat(status)
                .contains("Alerts  2 critical, 1 unknown, 1 warning: node-lost (3 nodes are not heard: gpu1, n2, n3);"
                        + " `muster alert list` shows all\n");
        for (String alert : member.state().alerts().alerts().keys())
            for (String subject :
                    member.state().alerts().alerts().require(alert).members().keys())
                AlertScene.over(member, alert, subject);
        ApiHarness.eventually(
                () -> !StatusText.render(Doc.json(http.get("/status").raw().body()), false)
                        .contains("Alerts"));
    }

    @Test
    void metricsTellOpenSubjectsAndWhatIsOwed() throws Exception {
        String text = http.get("/metrics").text();
        assertThat(text)
                .contains("muster_alerts{rule=\"node-lost\",level=\"critical\"} 3\n")
                .contains("muster_alerts{rule=\"node-lost\",level=\"warning\"} 0\n")
                .contains("muster_alerts{rule=\"provider-silent\",level=\"unknown\"} 1\n")
                .contains("muster_alerts{rule=\"rollback\",level=\"warning\"} 0\n")
                .contains("muster_alert_notices_owed{channel=\"slack\"} 1\n")
                .contains("muster_alert_notices_owed{channel=\"pager\"} 0\n")
                .contains("muster_alert_notices_owed{channel=\"gone\"} 1\n");
    }

    /// Nobody looks, so nothing is known to be well.
    @Test
    void withoutALeaderItSaysThatNobodyLooks() throws Exception {
        member.readOnly = Optional.of("no quorum: 1 of 3 voters");
        member.soft = Optional.empty();
        member.waits = Optional.empty();
        ApiHarness.eventually(
                () -> AlertText.list(Doc.json(http.get("/v1/alerts").raw().body()), false)
                        .contains("Nobody leads: nobody looks whether anything is wrong, and nobody is told."));
        assertThat(AlertText.list(Doc.json(http.get("/v1/alerts").raw().body()), false))
                .contains("node-lost")
                .doesNotContain("The leader has no channel", "Channels:");
    }
}
