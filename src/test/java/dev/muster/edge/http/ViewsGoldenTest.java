package dev.muster.edge.http;

import dev.muster.core.plan.Soft;
import dev.muster.edge.view.ArtifactText;
import dev.muster.edge.view.Doc;
import dev.muster.edge.view.DocText;
import dev.muster.edge.view.EventText;
import dev.muster.edge.view.JobText;
import dev.muster.edge.view.ModelText;
import dev.muster.edge.view.NodeText;
import dev.muster.edge.view.ProgressText;
import dev.muster.edge.view.StatusText;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What the API answers and what a terminal shows of it, for one cluster.
class ViewsGoldenTest {
    private static final Path GOLDEN = Path.of("src/test/golden/views");
    /// The answers that a start-up cache of the command line is trained with.
    private static final Path TRAINING = Path.of("src/main/resources/dev/muster/edge/cli/training.txt");

    private final InMemoryMember member = Scene.make();
    private ApiServer server;
    private Http http;

    @BeforeEach
    void start() throws Exception {
        Soft.Telemetry own = new Soft.Telemetry(0.913, 0.5, 0.42, 100L << 30, Double.NaN, Double.NaN, 3);
        server = ApiServer.start(
                new ApiSettings(
                        "127.0.0.1", 0, Http.TOKEN, "1.2.3", () -> own, () -> member.now, ApiSettings.READ_LIMIT),
                member,
                member);
        http = new Http(server.port());
        ApiHarness.eventually(() -> http.get("/status").text().contains("\"last_heartbeat\":\""));
    }

    @AfterEach
    void stop() {
        http.close();
        server.close();
    }

    private Map<String, Function<Doc, String>> pages() {
        Map<String, Function<Doc, String>> pages = new LinkedHashMap<>();
        pages.put("/status", doc -> StatusText.render(doc, false) + "---- wide\n" + StatusText.render(doc, true));
        pages.put("/health", DocText::yaml);
        pages.put("/ready", DocText::yaml);
        pages.put("/v1/nodes", doc -> NodeText.list(doc, false) + "---- wide\n" + NodeText.list(doc, true));
        pages.put("/v1/nodes/n2", doc -> NodeText.show(doc, member.now));
        pages.put("/v1/nodes/gpu1", doc -> NodeText.show(doc, member.now));
        pages.put("/v1/voters", NodeText::voters);
        pages.put(
                "/v1/jobs",
                doc -> JobText.list(doc, false, member.now) + "---- wide\n" + JobText.list(doc, true, member.now));
        pages.put("/v1/jobs?limit=1", doc -> JobText.list(doc, false, member.now));
        pages.put("/v1/jobs/j1", doc -> JobText.show(doc, member.now));
        pages.put("/v1/jobs/j2", doc -> JobText.show(doc, member.now));
        pages.put("/v1/jobs/j2/explain", JobText::explain);
        pages.put("/v1/jobs/j3/explain", JobText::explain);
        pages.put(
                "/v1/artifacts",
                doc -> ArtifactText.list(doc, false, member.now) + "---- wide\n"
                        + ArtifactText.list(doc, true, member.now));
        pages.put(
                "/v1/models",
                doc -> ModelText.models(doc, false, member.now) + "---- wide\n"
                        + ModelText.models(doc, true, member.now));
        pages.put(
                "/v1/models/hex8_2p",
                doc -> ModelText.model(doc, member.now) + "---- history\n" + ModelText.history(doc, member.now));
        pages.put(
                "/v1/models/hex8_2p/distribution",
                doc -> ProgressText.lines(doc) + "---- drawn\n" + String.join("\n", ProgressText.picture(doc))
                        + "\n---- figures\n" + ProgressText.figures(doc));
        pages.put("/v1/ratings?config=hex8_2p", ModelText::rating);
        pages.put("/v1/loops", doc -> ModelText.loops(doc, member.now));
        pages.put("/v1/loops/hex8_2p", doc -> ModelText.loop(doc, member.now));
        pages.put("/v1/events", EventText::list);
        return pages;
    }

    @Test
    void answersAndTablesAreAsRecorded() throws Exception {
        StringBuilder training = new StringBuilder();
        for (Map.Entry<String, Function<Doc, String>> page : pages().entrySet()) {
            Http.Answer answer = http.get(page.getKey());
            Doc doc = Doc.json(answer.raw().body());
            String name = page.getKey().substring(1).replaceAll("[^a-z0-9_]+", "-");
            Golden.check(GOLDEN.resolve(name + ".json"), DocText.json(doc));
            Golden.check(GOLDEN.resolve(name + ".txt"), page.getValue().apply(doc));
            training.append(page.getKey()).append('\t').append(answer.text()).append('\n');
        }
        Golden.check(TRAINING, training.toString());
    }

    @Test
    void withoutAQuorumEveryPageSaysSo() throws Exception {
        member.readOnly = Optional.of("no quorum: 1 of 3 voters");
        member.soft = Optional.empty();
        ApiHarness.eventually(() -> !http.get("/status").text().contains("\"last_heartbeat\":\""));
        Doc status = Doc.json(http.get("/status").raw().body());
        Golden.check(GOLDEN.resolve("status-read-only.txt"), StatusText.render(status, false));
        Doc voters = Doc.json(http.get("/v1/voters").raw().body());
        Golden.check(GOLDEN.resolve("v1-voters-read-only.txt"), NodeText.voters(voters));
    }

    @Test
    void metricsAreAsRecorded() throws Exception {
        String text = http.get("/metrics").text().replaceAll("(muster_http_answers_total\\{[^}]*}) \\d+", "$1 …");
        Golden.check(GOLDEN.resolve("metrics.txt"), text);
    }
}
