package dev.muster.edge.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.core.plan.Alerting;
import dev.muster.core.plan.Alerting.Way;
import dev.muster.core.plan.Soft;
import dev.muster.core.state.AlertLevel;
import dev.muster.core.state.Table;
import dev.muster.edge.web.Html;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// What pages show of the scenes that the command line's golden files show, too; the frame around them is left out.
class PagesGoldenTest {
    private static final Path GOLDEN = Path.of("src/test/golden/pages");

    @Test
    void pagesShowTheCluster() throws Exception {
        Map<String, String> pages = new LinkedHashMap<>();
        pages.put("overview", "/");
        pages.put("nodes", "/nodes");
        pages.put("node-gpu1", "/nodes/gpu1");
        pages.put("node-n3-suspect", "/nodes/n3");
        pages.put("jobs", "/jobs");
        pages.put("jobs-waiting", "/jobs?status=waiting");
        pages.put("job-j2", "/jobs/j2");
        pages.put("job-j3-pending", "/jobs/j3");
        pages.put("models", "/models");
        pages.put("model-hex8_2p", "/models/hex8_2p");
        pages.put("ratings", "/ratings?config=square8_2p");
        pages.put("runs", "/runs");
        pages.put("run", "/runs/" + PageScene.RUN);
        pages.put("events", "/events?type=MODEL_*");
        check(PageScene.make(), pages);
    }

    @Test
    void pagesShowMachinesAndMoney() throws Exception {
        check(RentScene.make(), Map.of("instances", "/instances?state=all"));
    }

    @Test
    void pagesShowWhatIsWrong() throws Exception {
        Map<String, String> pages = new LinkedHashMap<>();
        pages.put("alerts", "/alerts");
        pages.put("alerts-overview", "/");
        check(AlertScene.make(), pages);
    }

    @Test
    void thatNothingIsWrongIsSaidOnlyWhereSomebodyLooks() throws Exception {
        InMemoryMember looked = InMemoryMember.ofFour();
        Alerting alerting = Alerting.NOTHING
                .looked(looked.now, Table.empty(), Table.empty())
                .with(List.of(new Way("slack", "slack", EnumSet.allOf(AlertLevel.class), List.of(), List.of())));
        looked.soft = Optional.of(looked.soft.orElseThrow().withAlerting(alerting));
        looked.now = looked.now.plusSeconds(200);
        check(looked, Map.of("alerts-none", "/alerts"));
        InMemoryMember alone = AlertScene.make();
        alone.readOnly = Optional.of("no quorum: 1 of 3 voters");
        alone.soft = Optional.empty();
        check(alone, Map.of("alerts-nobody-leads", "/alerts"));
    }

    @Test
    void emptyPagesSayWhatToDo() throws Exception {
        Map<String, String> pages = new LinkedHashMap<>();
        for (String page : new String[] {"alerts", "jobs", "models", "ratings", "runs", "instances"})
            pages.put("empty-" + page, "/" + page);
        check(InMemoryMember.ofFour(), pages);
    }

    private static void check(InMemoryMember member, Map<String, String> pages) throws Exception {
        ApiSettings settings = new ApiSettings(
                "127.0.0.1",
                0,
                Http.TOKEN,
                "1.2.3",
                () -> member.soft
                        .map(soft -> soft.heard().values().iterator().next().telemetry())
                        .orElse(Soft.Telemetry.UNKNOWN),
                () -> member.now,
                ApiSettings.READ_LIMIT);
        try (ApiServer server = ApiServer.start(settings, member, member);
                HttpClient client = HttpClient.newHttpClient()) {
            String origin = "http://127.0.0.1:" + server.port();
            HttpRequest form = HttpRequest.newBuilder(URI.create(origin + "/sign-in"))
                    .header("Origin", origin)
                    .header("Content-Type", "application/x-www-form-urlencoded")
                    .POST(HttpRequest.BodyPublishers.ofString("name=ann&token=" + Http.TOKEN))
                    .build();
            String cookie = client.send(form, BodyHandlers.discarding())
                    .headers()
                    .firstValue("Set-Cookie")
                    .orElseThrow()
                    .split(";")[0];
            if (member.soft.isPresent())
                ApiHarness.eventually(
                        () -> page(client, cookie, origin + "/nodes").contains("class=\"measure\""));
            for (Map.Entry<String, String> page : pages.entrySet())
                Golden.check(
                        GOLDEN.resolve(page.getKey() + ".html"), main(page(client, cookie, origin + page.getValue())));
        }
    }

    private static String page(HttpClient client, String cookie, String url) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url))
                .timeout(Duration.ofSeconds(10))
                .header("Cookie", cookie)
                .build();
        return client.send(request, BodyHandlers.ofString()).body();
    }

    /// A line for each thing, so that a change is seen as one.
    private static String main(String page) {
        String main = page.substring(page.indexOf("<main"), page.indexOf("</main>") + 7);
        return main.replaceAll("(</tr>|</thead>|</h1>|</h2>|</p>|</form>|</section>|</div>|</svg>|<tbody>)", "$1\n")
                + "\n";
    }

    @Test
    void whatIsWrittenIsEscapedAndClosed() {
        Html html = new Html()
                .tag("a")
                .with("href", "javascript:alert(1)")
                .with("title", "\"><b>")
                .text("<&'\u0007>")
                .end();
        assertThat(html.toString())
                .isEqualTo("<a href=\"#\" title=\"&quot;&gt;&lt;b&gt;\">&lt;&amp;&#39;\uFFFD&gt;</a>");
        assertThat(new Html().tag("a").with("href", "//evil.example").end().toString())
                .isEqualTo("<a href=\"#\"></a>");
        Html open = new Html().tag("p");
        assertThatThrownBy(open::toString).hasMessageContaining("[p]");
    }
}
