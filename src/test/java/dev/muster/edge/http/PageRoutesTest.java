package dev.muster.edge.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.state.AlertLevel;
import dev.muster.core.state.Command;
import dev.muster.core.state.Desired;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Silence;
import dev.muster.core.state.Table;
import dev.muster.edge.wire.Wire;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

/// Who gets a page, and which forms do something.
class PageRoutesTest extends ApiHarness {
    private static final NodeId N2 = new NodeId("n2");

    private final HttpClient client = HttpClient.newHttpClient();
    private String cookie = "";

    @BeforeEach
    void signIn() throws Exception {
        cookie = cookieOf(signIn("ann", Http.TOKEN));
    }

    @AfterEach
    void shut() {
        client.shutdownNow();
    }

    private String origin() {
        return "http://127.0.0.1:" + server.port();
    }

    private HttpRequest.Builder at(String path) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(origin() + path)).timeout(Duration.ofSeconds(10));
        return cookie.isEmpty() ? request : request.header("Cookie", cookie);
    }

    private HttpResponse<String> get(String path) throws Exception {
        return client.send(at(path).build(), BodyHandlers.ofString());
    }

    private HttpRequest.Builder form(String path, Map<String, String> fields) {
        String body = fields.entrySet().stream()
                .map(field -> field.getKey() + "=" + URLEncoder.encode(field.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
        return at(path).header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(body));
    }

    private HttpResponse<String> post(String path, Map<String, String> fields) throws Exception {
        return client.send(form(path, fields).header("Origin", origin()).build(), BodyHandlers.ofString());
    }

    private HttpResponse<String> signIn(String name, String token) throws Exception {
        return post("/sign-in", Map.of("name", name, "token", token, "next", "/nodes"));
    }

    private static String cookieOf(HttpResponse<String> response) {
        return response.headers().firstValue("Set-Cookie").orElseThrow().split(";")[0];
    }

    private static String header(HttpResponse<?> response, String name) {
        return response.headers().firstValue(name).orElse("");
    }

    /// The hidden fields of the form on that page that goes to `path`.
    private Map<String, String> hidden(String page, String path) throws Exception {
        String html = get(page).body();
        int from = html.indexOf("action=\"" + path + "\"");
        assertThat(from).as(html).isPositive();
        String form = html.substring(from, html.indexOf("</form>", from));
        Map<String, String> fields = new TreeMap<>();
        Matcher inputs = Pattern.compile("type=\"hidden\" name=\"([^\"]+)\" value=\"([^\"]*)\"")
                .matcher(form);
        while (inputs.find()) fields.put(inputs.group(1), inputs.group(2));
        return fields;
    }

    private Desired desired() {
        return member.state().fleet().nodes().require(N2).desired();
    }

    @Test
    void withoutASessionThereIsOnlyTheFormToSignIn() throws Exception {
        cookie = "";
        for (String path : List.of(
                "/",
                "/nodes",
                "/nodes/n1",
                "/jobs?page=2",
                "/events",
                "/nodes/n2/drain",
                "/alerts",
                "/alerts/silence")) {
            HttpResponse<String> answer = get(path);
            assertThat(answer.statusCode()).as(path).isEqualTo(303);
            assertThat(header(answer, "Location"))
                    .isEqualTo("/sign-in?next="
                            + path.replace("/", "%2F").replace("?", "%3F").replace("=", "%3D"));
            assertThat(answer.body()).isEmpty();
        }
        assertThat(get("/live/nodes").body()).contains("event: gone").doesNotContain("n1");
        assertThat(get("/sign-in").body()).contains("The cluster&#39;s token").doesNotContain(Http.TOKEN);
        cookie = "muster-" + server.port() + "=guessed";
        assertThat(get("/nodes").statusCode()).isEqualTo(303);
    }

    @Test
    void aSessionsCookieIsKeptFromScriptsAndOtherSitesAndIsNotTheToken() throws Exception {
        HttpResponse<String> answer = signIn("ann", Http.TOKEN);
        assertThat(answer.statusCode()).isEqualTo(303);
        assertThat(header(answer, "Location")).isEqualTo("/nodes");
        assertThat(header(answer, "Set-Cookie"))
                .contains("HttpOnly", "SameSite=Strict", "Path=/")
                .doesNotContain(Http.TOKEN);
        assertThat(get("/nodes").statusCode()).as("the session before is over").isEqualTo(303);
        cookie = cookieOf(answer);
        assertThat(get("/nodes").body())
                .contains("Signed in as <strong>ann</strong>")
                .doesNotContain(Http.TOKEN);
    }

    @Test
    void signingInLeadsToAPageOfOursOnly() throws Exception {
        for (String next :
                List.of("//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "/a\r\nb"))
            assertThat(header(post("/sign-in", Map.of("name", "ann", "token", Http.TOKEN, "next", next)), "Location"))
                    .as(next)
                    .isEqualTo("/");
    }

    @Test
    void wrongTokensAreSlowed() throws Exception {
        for (int times = 0; times < 4; times++)
            assertThat(signIn("eve", "guess" + times).statusCode()).isIn(401, 429);
        HttpResponse<String> answer = signIn("eve", "guess");
        assertThat(answer.statusCode()).isEqualTo(429);
        assertThat(header(answer, "Retry-After")).isEqualTo("1");
        assertThat(signIn("ann", Http.TOKEN).statusCode())
                .as("whoever guesses has to wait")
                .isEqualTo(429);
        member.now = member.now.plusSeconds(2);
        assertThat(signIn("ann", Http.TOKEN).statusCode()).isEqualTo(303);
    }

    @Test
    void aSessionEnds() throws Exception {
        assertThat(get("/").statusCode()).isEqualTo(200);
        member.now = member.now.plus(Duration.ofHours(13));
        assertThat(get("/").statusCode()).isEqualTo(303);
    }

    @Test
    void signingOutEndsIt() throws Exception {
        Map<String, String> fields = hidden("/", "/sign-out");
        assertThat(post("/sign-out", Map.of("form", "guessed")).statusCode()).isEqualTo(403);
        HttpResponse<String> answer = post("/sign-out", fields);
        assertThat(answer.statusCode()).isEqualTo(303);
        assertThat(header(answer, "Set-Cookie")).contains("Max-Age=0");
        assertThat(get("/").statusCode()).isEqualTo(303);
    }

    @Test
    void anOrderIsAskedAboutAndSaysWhoGaveIt() throws Exception {
        Map<String, String> fields = hidden("/nodes/n2/drain", "/nodes/n2/drain");
        assertThat(desired()).as("asking does nothing").isEqualTo(Desired.READY);
        fields.put("why", "its fan");
        HttpResponse<String> answer = post("/nodes/n2/drain", fields);
        assertThat(answer.statusCode()).isEqualTo(303);
        assertThat(header(answer, "Location")).isEqualTo("/nodes/n2?done=drain");
        assertThat(desired()).isEqualTo(Desired.DRAINING);
        assertThat(member.given.getLast().actor().toString()).isEqualTo("person:ann");
        assertThat(member.given.getLast().why()).isEqualTo("its fan");
        assertThat(get("/nodes/n2?done=drain").body()).contains("It takes no new work from now on.");
        Map<String, String> back = hidden("/nodes/n2/resume", "/nodes/n2/resume");
        assertThat(post("/nodes/n2/resume", back).statusCode()).isEqualTo(303);
        assertThat(desired()).isEqualTo(Desired.READY);
    }

    @Test
    void aFormThatIsSentTwiceIsDoneOnce() throws Exception {
        member.order(new Command.SubmitJob(Forms.job(Wire.STRICT.readTree(JOB))));
        Map<String, String> fields = hidden("/nodes/n2/drain", "/nodes/n2/drain");
        post("/nodes/n2/drain", fields);
        long revision = member.state().revision();
        post("/nodes/n2/drain", fields);
        assertThat(member.state().revision()).isEqualTo(revision);
    }

    // ---- silences

    private Table<String, Silence> silences() {
        return member.state().alerts().silences();
    }

    private Map<String, String> silencing(String pattern) throws Exception {
        AlertScene.sight(member, "node-lost", "gpu1", AlertLevel.CRITICAL, "gpu1 has been silent for 2m");
        Map<String, String> fields = hidden("/alerts/silence", "/alerts/silence");
        fields.put("pattern", pattern);
        fields.put("for", "8h");
        fields.put("time", "");
        fields.put("why", "a new switch");
        return fields;
    }

    @Test
    void anAlertIsSilencedAndToldAgain() throws Exception {
        Map<String, String> fields = silencing("node-lost/gpu*");
        assertThat(get("/alerts").body())
                .contains("href=\"/alerts/silence?pattern=node-lost%2Fgpu1\"")
                .contains("href=\"/alerts/silence?pattern=node-lost\"");
        assertThat(get("/alerts/silence?pattern=node-lost%2Fgpu1").body())
                .contains("name=\"pattern\" value=\"node-lost/gpu1\"", "node-lost/gpu1 covers 1 subject");
        assertThat(silences().isEmpty()).as("asking does nothing").isTrue();
        HttpResponse<String> answer = post("/alerts/silence", fields);
        assertThat(header(answer, "Location")).isEqualTo("/alerts?done=silence");
        Silence silence = silences().values().iterator().next();
        assertThat(silence.pattern()).isEqualTo("node-lost/gpu*");
        assertThat(silence.until()).isEqualTo(silence.at().plus(Duration.ofHours(8)));
        assertThat(silence.by() + ": " + silence.why()).isEqualTo("person:ann: a new switch");
        post("/alerts/silence", fields);
        assertThat(silences().size()).as("sent twice").isEqualTo(1);
        String end = "/alerts/silences/" + silence.id() + "/end";
        assertThat(get("/alerts?done=silence").body())
                .contains("href=\"" + end + "\"", "a new switch", "Nobody is told of it for that time.");
        Map<String, String> ending = hidden(end, end);
        assertThat(silences().size()).as("asking does nothing").isEqualTo(1);
        assertThat(header(post(end, ending), "Location")).isEqualTo("/alerts?done=unsilence");
        assertThat(silences().isEmpty()).isTrue();
        assertThat(member.given.getLast().actor().toString()).isEqualTo("person:ann");
        assertThat(get(end).statusCode()).as("it has ended").isEqualTo(404);
        Matcher events = Pattern.compile("href=\"(/events[^\"]*)\">Events of alerts")
                .matcher(get("/alerts").body());
        assertThat(events.find()).isTrue();
        assertThat(get(events.group(1)).body()).contains("ALERTS_SILENCED", "SILENCE_ENDED", "ALERT_RAISED");
    }

    @Test
    void aTimeThatIsWrittenCounts() throws Exception {
        Map<String, String> fields = silencing("node-lost");
        fields.put("time", "3d");
        post("/alerts/silence", fields);
        Silence silence = silences().values().iterator().next();
        assertThat(silence.until()).isEqualTo(silence.at().plus(Duration.ofDays(3)));
    }

    @Test
    void aSilenceThatCannotBeIsRefusedAndWhatWasWrittenStays() throws Exception {
        Map<String, String> fields = silencing("node-lots");
        HttpResponse<String> unknown = post("/alerts/silence", fields);
        assertThat(unknown.statusCode()).isEqualTo(400);
        assertThat(unknown.body())
                .contains("Not done: ", "node-lost", "value=\"node-lots\"", "value=\"a new switch\"")
                .contains("<option value=\"8h\" selected>");
        for (String pattern : List.of("", "node lost<b>", "x/", "a".repeat(201))) {
            fields = silencing(pattern);
            HttpResponse<String> answer = post("/alerts/silence", fields);
            assertThat(answer.statusCode()).as(pattern).isEqualTo(400);
            assertThat(answer.body()).contains("Not done: ").doesNotContain("<b>");
        }
        for (String time : List.of("soon", "0s", "31d")) {
            fields = silencing("node-lost");
            fields.put("time", time);
            HttpResponse<String> answer = post("/alerts/silence", fields);
            assertThat(answer.statusCode()).as(time).isEqualTo(400);
            assertThat(answer.body()).contains("Not done: ", "name=\"time\" value=\"" + time + "\"");
        }
        assertThat(silences().isEmpty()).isTrue();
    }

    @Test
    void aSilenceOfAnotherSiteOrSessionDoesNothing() throws Exception {
        Map<String, String> fields = silencing("node-lost");
        HttpRequest other = form("/alerts/silence", fields)
                .header("Origin", "https://evil.example")
                .build();
        assertThat(client.send(other, BodyHandlers.ofString()).statusCode()).isEqualTo(403);
        String word = fields.put("form", "guessed");
        assertThat(post("/alerts/silence", fields).statusCode()).isEqualTo(403);
        assertThat(silences().isEmpty()).isTrue();
        fields.put("form", word);
        post("/alerts/silence", fields);
        String end = "/alerts/silences/" + silences().keys().iterator().next() + "/end";
        Map<String, String> ending = hidden(end, end);
        HttpRequest site = form(end, ending)
                .header("Origin", origin())
                .header("Sec-Fetch-Site", "cross-site")
                .build();
        assertThat(client.send(site, BodyHandlers.ofString()).statusCode()).isEqualTo(403);
        assertThat(post(end, fields).statusCode()).as("another form's word").isEqualTo(403);
        cookie = "";
        assertThat(header(post(end, ending), "Location")).startsWith("/sign-in");
        assertThat(silences().size()).isEqualTo(1);
    }

    @Test
    void theNumberOfOpenAlertsStandsBesideTheirPageAndFollows() throws Exception {
        assertThat(get("/nodes").body()).contains("<span id=\"alerts-open\"></span>");
        HttpResponse<InputStream> stream = client.send(at("/live/nodes").build(), BodyHandlers.ofInputStream());
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(stream.body(), StandardCharsets.UTF_8))) {
            assertThat(until(reader, "data: {\"id\":\"alerts-open\"")).doesNotContain("open<");
            AlertScene.sight(member, "node-lost", "gpu1", AlertLevel.CRITICAL, "gpu1 has been silent for 2m");
            assertThat(until(reader, "data: {\"id\":\"alerts-open\"")).contains("1 open");
        }
        assertThat(get("/nodes").body()).contains("1 open");
    }

    @Test
    void whoeverWalksThroughPagesLeavesRoomForOthers() throws Exception {
        List<InputStream> left = new ArrayList<>();
        for (int readers = 0; readers < EventStreams.READERS_MAX; readers++) left.add(reader(200));
        reader(429).close();
        for (InputStream reader : left) reader.close();
        Instant began = Instant.now();
        eventually(() -> client.send(at("/live/events").build(), BodyHandlers.ofInputStream())
                        .statusCode()
                == 200);
        assertThat(Duration.between(began, Instant.now())).isLessThan(Duration.ofSeconds(5));
    }

    private InputStream reader(int status) throws Exception {
        HttpResponse<InputStream> answer = client.send(at("/live/events").build(), BodyHandlers.ofInputStream());
        assertThat(answer.statusCode()).isEqualTo(status);
        return answer.body();
    }

    @Test
    void anAddressThatNothingHasIsAPageForAPersonOnly() throws Exception {
        HttpRequest.Builder person = at("/nodez").header("Accept", "text/html,application/xhtml+xml,*/*;q=0.8");
        HttpResponse<String> page = client.send(person.build(), BodyHandlers.ofString());
        assertThat(page.statusCode()).isEqualTo(404);
        assertThat(header(page, "Content-Type")).startsWith("text/html");
        assertThat(header(page, "Content-Security-Policy")).contains("default-src 'none'");
        assertThat(page.body()).contains("none at /nodez", "<a href=\"/\">To the overview</a>");
        assertThat(header(get("/nodez"), "Content-Type")).startsWith("application/json");
        HttpRequest api = at("/v1/nodez").header("Accept", "text/html").build();
        assertThat(header(client.send(api, BodyHandlers.ofString()), "Content-Type"))
                .startsWith("application/json");
    }

    @Test
    void aFormOfAnotherSiteDoesNothing() throws Exception {
        Map<String, String> fields = hidden("/nodes/n2/drain", "/nodes/n2/drain");
        HttpRequest.Builder none = form("/nodes/n2/drain", fields);
        HttpRequest.Builder other = form("/nodes/n2/drain", fields).header("Origin", "https://evil.example");
        HttpRequest.Builder nowhere = form("/nodes/n2/drain", fields).header("Origin", "null");
        HttpRequest.Builder site =
                form("/nodes/n2/drain", fields).header("Origin", origin()).header("Sec-Fetch-Site", "cross-site");
        HttpRequest.Builder neighbour =
                form("/nodes/n2/drain", fields).header("Origin", origin()).header("Sec-Fetch-Site", "same-site");
        for (HttpRequest.Builder request : List.of(none, other, nowhere, site, neighbour))
            assertThat(client.send(request.build(), BodyHandlers.ofString()).statusCode())
                    .isEqualTo(403);
        assertThat(desired()).isEqualTo(Desired.READY);
        HttpRequest.Builder login =
                form("/sign-in", Map.of("name", "eve", "token", Http.TOKEN)).header("Origin", "https://evil.example");
        HttpResponse<String> signed = client.send(login.build(), BodyHandlers.ofString());
        assertThat(signed.statusCode()).isEqualTo(403);
        assertThat(signed.headers().map()).doesNotContainKey("set-cookie");
    }

    @Test
    void aFormWithoutItsWordOrWithAnothersDoesNothing() throws Exception {
        Map<String, String> fields = hidden("/nodes/n2/drain", "/nodes/n2/drain");
        String word = fields.get("form");
        for (String wrong : List.of("", "guessed", word.substring(1))) {
            fields.put("form", wrong);
            assertThat(post("/nodes/n2/drain", fields).statusCode()).isEqualTo(403);
        }
        fields.put("form", word);
        assertThat(post("/nodes/n3/drain", fields).statusCode())
                .as("another form's word")
                .isEqualTo(403);
        fields.put("order", "page-other");
        assertThat(post("/nodes/n2/drain", fields).statusCode())
                .as("another order's word")
                .isEqualTo(403);
        String mine = cookie;
        cookie = cookieOf(signIn("bob", Http.TOKEN));
        assertThat(cookie).isNotEqualTo(mine);
        fields = new TreeMap<>(Map.of("form", word, "order", "x"));
        assertThat(post("/nodes/n2/drain", fields).statusCode())
                .as("another session's word")
                .isEqualTo(403);
        assertThat(desired()).isEqualTo(Desired.READY);
    }

    @Test
    void whatTheClusterRefusesIsSaidOnTheForm() throws Exception {
        Map<String, String> fields = hidden("/nodes/n2/drain", "/nodes/n2/drain");
        member.readOnly = Optional.of("2 of 3 voters are silent");
        HttpResponse<String> answer = post("/nodes/n2/drain", fields);
        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.body()).contains("Not done: 2 of 3 voters are silent", "role=\"alert\"");
        assertThat(get("/").body()).contains("Read-only: 2 of 3 voters are silent");
    }

    @Test
    void answersCarryWhatKeepsABrowserSafe() throws Exception {
        for (String path : List.of("/", "/sign-in", "/nodes/nobody", "/nodes/n2/drain")) {
            HttpResponse<String> answer = get(path);
            assertThat(header(answer, "Content-Security-Policy"))
                    .as(path)
                    .contains("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'")
                    .doesNotContain("unsafe");
            assertThat(header(answer, "X-Content-Type-Options")).isEqualTo("nosniff");
            assertThat(header(answer, "Referrer-Policy")).isEqualTo("same-origin");
            assertThat(header(answer, "X-Frame-Options")).isEqualTo("DENY");
            assertThat(header(answer, "Cache-Control")).isEqualTo("no-store");
            assertThat(answer.body()).doesNotContain(" style=", "<style", "onclick", "javascript:");
        }
        assertThat(get("/nodes/nobody").statusCode()).isEqualTo(404);
    }

    @Test
    void assetsAreKeptByTheirHashAndNothingElseIsServed() throws Exception {
        Matcher script = Pattern.compile("/assets/page-[0-9a-f]{16}[.]js").matcher(get("/").body());
        assertThat(script.find()).isTrue();
        HttpResponse<String> asset = get(script.group());
        assertThat(header(asset, "Cache-Control")).isEqualTo("public, max-age=31536000, immutable");
        assertThat(header(asset, "Content-Type")).startsWith("text/javascript");
        for (String path : List.of(
                "/assets/page.js",
                "/assets/..%2f..%2f..%2fopenapi.json",
                "/assets/%2e%2e/openapi.json",
                "/assets/../../etc/passwd",
                "/assets/",
                "/assets//etc/passwd",
                "/nodes/..%2f..%2fetc%2fpasswd",
                "/jobs/%00",
                "/live/../status"))
            assertThat(raw("GET " + path + " HTTP/1.1"))
                    .as(path)
                    .doesNotContain("200 OK")
                    .doesNotContain("root:");
    }

    private String raw(String line) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", server.port())) {
            socket.setSoTimeout(5_000);
            OutputStream out = socket.getOutputStream();
            out.write((line + "\r\nHost: 127.0.0.1:" + server.port() + "\r\nCookie: " + cookie
                            + "\r\nConnection: close\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            out.flush();
            return new String(socket.getInputStream().readNBytes(200), StandardCharsets.UTF_8);
        }
    }

    @Test
    void formsThatAreTooLargeOrNoneAreRefused() throws Exception {
        Map<String, String> fields = hidden("/nodes/n2/drain", "/nodes/n2/drain");
        fields.put("why", "x".repeat(20_000));
        assertThat(post("/nodes/n2/drain", fields).statusCode()).isEqualTo(413);
        HttpRequest json = at("/nodes/n2/drain")
                .header("Origin", origin())
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{}"))
                .build();
        assertThat(client.send(json, BodyHandlers.ofString()).statusCode()).isEqualTo(415);
        assertThat(desired()).isEqualTo(Desired.READY);
    }

    @Test
    void aSessionOpensNothingOfTheApi() throws Exception {
        assertThat(get("/v1/nodes").statusCode()).isEqualTo(401);
    }

    @Test
    void whatPeopleWroteIsShownAndNotRun() throws Exception {
        String name = "<img src=x onerror=alert(1)>";
        member.order(new Command.SubmitJob(Forms.job(Wire.STRICT
                .createObjectNode()
                .put("name", "play")
                .<ObjectNode>set("command", Wire.STRICT.createArrayNode().add(name)))));
        assertThat(get("/jobs/j1").body()).contains("&lt;img src=x").doesNotContain("<img");
        assertThat(get("/jobs?name=%22%3E%3Cscript%3E").body()).doesNotContain("\"><script>");
        assertThat(get("/events?by=%3Cscript%3E&within=x").body()).doesNotContain("<script>");
    }

    @Test
    void aPageOfWhatIsNoMoreIsLoadedAnew() throws Exception {
        HttpResponse<InputStream> stream = client.send(at("/live/nodes/gpu1").build(), BodyHandlers.ofInputStream());
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(stream.body(), StandardCharsets.UTF_8))) {
            assertThat(until(reader, "data: {")).contains("\"id\":");
            member.order(new Command.RemoveNode(new NodeId("gpu1")));
            assertThat(until(reader, "event: gone")).isNotNull();
        }
        assertThat(get("/nodes/gpu1").statusCode()).isEqualTo(404);
    }

    @Test
    void newsComeAsPartsAndStopWithTheSession() throws Exception {
        HttpResponse<InputStream> stream = client.send(at("/live/nodes").build(), BodyHandlers.ofInputStream());
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(stream.body(), StandardCharsets.UTF_8))) {
            assertThat(until(reader, "event: ")).isEqualTo("event: live");
            assertThat(until(reader, "data: {")).contains("\"id\":\"list\"", "n2");
            member.order(new Command.DrainNode(N2));
            String line = until(reader, "data: {");
            while (!line.contains("draining")) line = until(reader, "data: {");
            assertThat(line).contains("\"id\":\"list\"");
            member.now = member.now.plus(Duration.ofHours(13));
            assertThat(until(reader, "event: gone")).isNotNull();
        }
    }
}
