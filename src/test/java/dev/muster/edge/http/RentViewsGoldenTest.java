package dev.muster.edge.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.plan.Soft;
import dev.muster.edge.view.Doc;
import dev.muster.edge.view.DocText;
import dev.muster.edge.view.InstanceText;
import dev.muster.edge.view.ScaleText;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What the API answers of rented machines and what a terminal shows of it, for one cluster.
class RentViewsGoldenTest {
    private static final Path GOLDEN = Path.of("src/test/golden/views");

    private final InMemoryMember member = RentScene.make();
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
        pages.put(
                "/v1/instances",
                doc -> InstanceText.list(doc, false, member.now) + "---- wide\n"
                        + InstanceText.list(doc, true, member.now));
        pages.put("/v1/instances?all=true", doc -> InstanceText.list(doc, false, member.now));
        for (int number = 1; number <= 7; number++)
            pages.put("/v1/instances/i" + number, doc -> InstanceText.show(doc, member.now));
        pages.put(
                "/v1/groups",
                doc -> ScaleText.groups(doc, false, member.now) + "---- wide\n"
                        + ScaleText.groups(doc, true, member.now));
        pages.put("/v1/budget", ScaleText::budget);
        pages.put("/v1/scaling", ScaleText::policy);
        pages.put("/v1/scaling/plan", doc -> ScaleText.plan(doc, member.now));
        return pages;
    }

    @Test
    void answersAndTablesAreAsRecorded() throws Exception {
        for (Map.Entry<String, Function<Doc, String>> page : pages().entrySet()) {
            Doc doc = Doc.json(http.get(page.getKey()).raw().body());
            String name = page.getKey().substring(1).replaceAll("[^a-z0-9_]+", "-");
            Golden.check(GOLDEN.resolve(name + ".json"), DocText.json(doc));
            Golden.check(GOLDEN.resolve(name + ".txt"), page.getValue().apply(doc));
        }
    }

    @Test
    void withoutALeaderWhatIsAtProvidersIsNotKnown() throws Exception {
        member.readOnly = Optional.of("no quorum: 1 of 3 voters");
        Doc list = Doc.json(http.get("/v1/instances").raw().body());
        assertThat(InstanceText.list(list, false, member.now))
                .contains("nobody leads: what is at providers besides is not known")
                .doesNotContain("stray");
        assertThat(http.get("/v1/scaling/plan").status()).isEqualTo(503);
        assertThat(InstanceText.show(Doc.json(http.get("/v1/instances/i1").raw().body()), member.now))
                .doesNotContain("SSH");
    }
}
