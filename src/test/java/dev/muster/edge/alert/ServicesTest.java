package dev.muster.edge.alert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.muster.edge.alert.FakeService.Answer;
import dev.muster.edge.alert.FakeService.Asked;
import dev.muster.edge.view.Doc;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Each service as its documentation has it, on loopback: what arrives, and what its answers come to.
class ServicesTest {
    private static final String HOOK = "/services/T00000000/B00000000/XXXXXXXXsecretXXXXXXXX";
    private static final String KEY = "0123456789abcdef0123456789abcdef";

    @TempDir
    Path folder;

    // ---- Slack

    private static Answer slack(Asked asked) {
        if (!asked.path().equals(HOOK)) return Answer.of(404, "no_service");
        Doc message = asked.json();
        boolean whole = asked.header("Content-type").startsWith("application/json")
                && message.has("text")
                && message.list("attachments").stream()
                        .allMatch(part ->
                                part.has("fallback") && part.text("color").matches("#[0-9a-f]{6}"));
        return whole ? Answer.of(200, "ok") : Answer.of(400, "invalid_payload");
    }

    @Test
    void slackTakesEachNotice() throws Exception {
        try (var service = new FakeService(ServicesTest::slack);
                var channels = channels("{type: slack, url: '" + service.url(HOOK) + "'}")) {
            for (Notice notice : Notices.all().values()) only(channels).tell(notice);
            assertThat(service.asked()).hasSize(Notices.all().size());
            assertThat(service.asked().getFirst().method()).isEqualTo("POST");
        }
    }

    @Test
    void aSlackHookThatIsGoneIsALastingFault() throws Exception {
        try (var service = new FakeService(ServicesTest::slack);
                var channels = channels("{type: slack, url: '" + service.url(HOOK + "other") + "'}")) {
            NotTold e = failure(channels);
            assertThat(e).hasMessageContaining("answered 404 \"no_service\": the webhook is gone");
            assertThat(e.isLasting()).isTrue();
            assertNoSecret(e, channels);
        }
    }

    @Test
    void slackSaysOkOrHasNotTakenIt() throws Exception {
        try (var service = new FakeService(asked -> Answer.of(200, "<html><body>Sign in to the hotel</body></html>"));
                var channels = channels("{type: slack, url: '" + service.url(HOOK) + "'}")) {
            NotTold e = failure(channels);
            assertThat(e).hasMessageContaining("expected the answer ok").hasMessageContaining("Sign in to the hotel");
            assertThat(e.isLasting()).isFalse();
        }
    }

    // ---- PagerDuty

    private static Answer pagerDuty(Asked asked) {
        Doc event = asked.json();
        boolean trigger = event.text("event_action").equals("trigger");
        Doc payload = event.get("payload");
        boolean whole = asked.path().equals("/v2/enqueue")
                && (trigger || event.text("event_action").equals("resolve"))
                && event.has("dedup_key")
                && event.text("dedup_key").length() <= 255;
        if (trigger)
            whole &= payload.has("source")
                    && payload.has("summary")
                    && payload.text("summary").length() <= 1024
                    && Set.of("critical", "error", "warning", "info").contains(payload.text("severity"));
        boolean known = event.text("routing_key").equals(KEY);
        return whole && known
                ? Answer.of(202, "{\"status\":\"success\",\"message\":\"Event processed\"}")
                : Answer.of(
                        400,
                        "{\"status\":\"invalid event\",\"errors\":[\"no such key " + event.text("routing_key")
                                + "\"]}");
    }

    @Test
    void pagerDutyHasOneIncidentFromTheFirstNoticeToTheLast() throws Exception {
        try (var service = new FakeService(ServicesTest::pagerDuty);
                var channels =
                        channels("{type: pagerduty, url: '" + service.url("/v2/enqueue") + "', key: '${KEY}'}")) {
            for (Notice notice : List.of(Notices.grouped(), Notices.changed(), Notices.resolved()))
                only(channels).tell(notice);
            assertThat(service.asked())
                    .extracting(asked -> asked.json().text("event_action") + " "
                            + asked.json().text("dedup_key"))
                    .containsExactly(
                            "trigger muster/prod/node-lost",
                            "trigger muster/prod/node-lost",
                            "resolve muster/prod/node-lost");
        }
    }

    @Test
    void aTestForPagerDutyIsOverAtOnce() throws Exception {
        try (var service = new FakeService(ServicesTest::pagerDuty);
                var channels =
                        channels("{type: pagerduty, url: '" + service.url("/v2/enqueue") + "', key: '${KEY}'}")) {
            only(channels).tell(Notices.test());
            assertThat(service.asked())
                    .extracting(asked -> asked.json().text("event_action"))
                    .containsExactly("trigger", "resolve");
        }
    }

    @Test
    void aWrongRoutingKeyIsALastingFaultAndNotShown() throws Exception {
        try (var service = new FakeService(ServicesTest::pagerDuty);
                var channels = channels(
                        "{type: pagerduty, url: '" + service.url("/v2/enqueue") + "', key: 'not-the-right-key'}")) {
            NotTold e = failure(channels);
            assertThat(e.isLasting()).isTrue();
            assertThat(e).hasMessageContaining("invalid event").hasMessageContaining("[removed]");
            assertThat(e.getMessage()).doesNotContain("not-the-right-key");
        }
    }

    @Test
    void onlyA202IsPagerDutysYes() throws Exception {
        try (var service = new FakeService(asked -> Answer.of(200, "<html>a proxy's page</html>"));
                var channels =
                        channels("{type: pagerduty, url: '" + service.url("/v2/enqueue") + "', key: '${KEY}'}")) {
            NotTold e = failure(channels);
            assertThat(e).hasMessageContaining("expected 202");
            assertThat(e.isLasting()).isFalse();
        }
    }

    // ---- Discord

    private static Answer discord(Asked asked) {
        Doc message = asked.json();
        Doc embed = message.list("embeds").getFirst();
        boolean whole = embed.text("title").length() <= 256
                && embed.text("description").length() <= 4096
                && embed.list("fields").size() <= 25
                && embed.list("fields").stream().allMatch(field -> field.has("name") && field.has("value"))
                && embed.time("timestamp").isPresent()
                && asked.body().contains("\"allowed_mentions\":{\"parse\":[]}");
        return whole ? Answer.of(204, "") : Answer.of(400, "{\"embeds\":[\"0\"]}");
    }

    @Test
    void discordTakesEachNotice() throws Exception {
        try (var service = new FakeService(ServicesTest::discord);
                var channels = channels("{type: discord, url: '" + service.url(HOOK) + "'}")) {
            for (Notice notice : Notices.all().values()) only(channels).tell(notice);
            assertThat(service.asked()).hasSize(7);
        }
    }

    @Test
    void discordsOwnTimeToWaitCounts() throws Exception {
        var limit = Answer.of(
                        429, "{\"message\":\"You are being rate limited.\",\"retry_after\":64.57,\"global\":false}")
                .with("Retry-After", "64");
        try (var service = new FakeService(asked -> limit);
                var channels = channels("{type: discord, url: '" + service.url(HOOK) + "'}")) {
            NotTold e = failure(channels);
            assertThat(e.after()).contains(Duration.ofMillis(64_570));
            assertThat(e.isLasting()).isFalse();
            assertNoSecret(e, channels);
        }
    }

    @Test
    void nobodyIsAskedSoonerThanAnyOfItsTimesSays() throws Exception {
        var limit = Answer.of(429, "{\"retry_after\":7}").with("Retry-After", "12");
        try (var service = new FakeService(asked -> limit);
                var channels = channels("{type: webhook, url: '" + service.url(HOOK) + "'}")) {
            assertThat(failure(channels).after()).contains(Duration.ofSeconds(12));
        }
    }

    // ---- Opsgenie

    private static Answer opsgenie(Asked asked) {
        if (!asked.header("Authorization").equals("GenieKey " + KEY))
            return Answer.of(401, "{\"message\":\"Key format is not valid!\",\"took\":0.0}");
        Doc body = asked.json();
        String alias = "/v2/alerts/muster%2Fprod%2F[a-z-]+/";
        boolean whole = switch (asked.method() + " " + asked.path().replaceFirst(alias, "ALIAS/")) {
            case "POST /v2/alerts" ->
                body.has("message")
                        && body.text("message").length() <= 130
                        && body.text("alias").length() <= 512
                        && body.text("priority").matches("P[1-5]");
            case "POST ALIAS/close?identifierType=alias" -> true;
            case "PUT ALIAS/priority?identifierType=alias" ->
                body.text("priority").matches("P[1-5]");
            case "PUT ALIAS/message?identifierType=alias" ->
                body.text("message").length() <= 130;
            case "PUT ALIAS/description?identifierType=alias" -> body.has("description");
            default -> false;
        };
        return whole
                ? Answer.of(202, "{\"result\":\"Request will be processed\",\"requestId\":\"1\"}")
                : Answer.of(422, "{\"message\":\"Request body is not processable.\"}");
    }

    @Test
    void opsgenieMakesRaisesAndCloses() throws Exception {
        try (var service = new FakeService(ServicesTest::opsgenie);
                var channels = channels("{type: opsgenie, url: '" + service.url("") + "', key: '${KEY}'}")) {
            for (Notice notice : List.of(Notices.grouped(), Notices.escalated(), Notices.resolved(), Notices.test()))
                only(channels).tell(notice);
            assertThat(service.asked())
                    .extracting(asked -> asked.method() + asked.path().replaceFirst(".*/", " "))
                    .containsExactly(
                            "POST alerts",
                            "POST alerts",
                            "PUT priority?identifierType=alias",
                            "PUT message?identifierType=alias",
                            "PUT description?identifierType=alias",
                            "POST close?identifierType=alias",
                            "POST alerts",
                            "POST close?identifierType=alias");
        }
    }

    @Test
    void aWrongGenieKeyIsALastingFault() throws Exception {
        try (var service = new FakeService(ServicesTest::opsgenie);
                var channels = channels("{type: opsgenie, url: '" + service.url("") + "', key: 'quite-another-key'}")) {
            NotTold e = failure(channels);
            assertThat(e.isLasting()).isTrue();
            assertThat(e).hasMessageContaining("401").hasMessageContaining("API integration");
            assertThat(e.getMessage()).doesNotContain("quite-another-key");
        }
    }

    // ---- webhooks and Alertmanager

    @Test
    void aWebhookGetsAllOfItWithItsHeaders() throws Exception {
        Files.writeString(folder.resolve("token"), "Bearer of-bad-news\n");
        try (var service = new FakeService(asked -> Answer.of(200, "thank you"));
                var channels = channels("{type: webhook, url: '" + service.url("/in")
                        + "', headers: {Authorization: {file: token}, X-Team: ml}}")) {
            only(channels).tell(Notices.grouped());
            Asked asked = service.asked().getFirst();
            assertThat(asked.header("Authorization")).isEqualTo("Bearer of-bad-news");
            assertThat(asked.header("X-team")).isEqualTo("ml");
            assertThat(asked.json().number("schema_version")).isEqualTo(1);
            assertThat(asked.json().list("lines")).hasSize(20);
            assertThat(asked.json().number("more")).isEqualTo(7);
            // Read at each use.
            Files.writeString(folder.resolve("token"), "Bearer of-good-news");
            only(channels).tell(Notices.resolved());
            assertThat(service.asked().getLast().header("Authorization")).isEqualTo("Bearer of-good-news");
        }
    }

    private static Answer alertmanager(Asked asked) {
        for (Doc alert : asked.json().list()) {
            Instant start = alert.time("startsAt").orElseThrow();
            boolean whole = alert.get("labels").has("alertname")
                    && alert.time("endsAt").orElseThrow().isAfter(start)
                    && alert.get("labels").entries().keySet().stream().allMatch(name -> name.matches("[a-z_]+"));
            if (!whole) return Answer.of(400, "{\"code\":601,\"message\":\"start time must be before end time\"}");
        }
        return asked.path().equals("/am/api/v2/alerts") ? Answer.of(200, "") : Answer.of(404, "404 page not found");
    }

    @Test
    void alertmanagerTakesEachNotice() throws Exception {
        try (var service = new FakeService(ServicesTest::alertmanager);
                var channels = channels("{type: alertmanager, url: '" + service.url("/am/") + "'}")) {
            for (Notice notice : Notices.all().values()) only(channels).tell(notice);
            assertThat(service.asked().get(1).json().list()).hasSize(21);
            assertThat(only(channels).keepsOpen()).isTrue();
        }
    }

    // ---- what goes wrong everywhere

    @Test
    void aDateToWaitForCounts() throws Exception {
        String date = DateTimeFormatter.RFC_1123_DATE_TIME.format(
                Notices.AT.plusSeconds(90).atZone(ZoneOffset.UTC));
        NotTold e = answered(Answer.of(503, "").with("Retry-After", date));
        assertThat(e.after().orElseThrow()).isBetween(Duration.ofSeconds(88), Duration.ofSeconds(91));
    }

    @Test
    void nobodyMakesUsWaitForADay() throws Exception {
        assertThat(answered(Answer.of(429, "").with("Retry-After", "86400")).after())
                .contains(Duration.ofHours(1));
        assertThat(answered(Answer.of(429, "").with("Retry-After", "-3")).after())
                .isEmpty();
        assertThat(answered(Answer.of(429, "").with("Retry-After", "0")).after())
                .contains(Duration.ofSeconds(1));
    }

    @Test
    void whatMayGoBetterIsNoLastingFault() throws Exception {
        for (int status : List.of(408, 425, 429, 500, 502, 503, 504))
            assertThat(answered(Answer.of(status, "later")).isLasting())
                    .as("" + status)
                    .isFalse();
        for (int status : List.of(301, 307, 400, 401, 403, 404, 410, 413, 422))
            assertThat(answered(Answer.of(status, "no")).isLasting())
                    .as("" + status)
                    .isTrue();
    }

    private NotTold answered(Answer answer) throws Exception {
        try (var service = new FakeService(asked -> answer);
                var channels = channels("{type: webhook, url: '" + service.url("/in") + "'}")) {
            return failure(channels);
        }
    }

    @Test
    void nobodyFollowsARedirect() throws Exception {
        try (var other = new FakeService(asked -> Answer.of(200, "ok"));
                var service = new FakeService(asked -> Answer.of(307, "")
                        .with("Location", other.url("/elsewhere").toString()));
                var channels = channels("{type: slack, url: '" + service.url(HOOK) + "'}")) {
            assertThat(failure(channels)).hasMessageContaining("307").hasMessageContaining("points elsewhere");
            assertThat(other.asked()).isEmpty();
        }
    }

    @Test
    void whoDoesNotAnswerIsGivenUp() throws Exception {
        try (var service = new FakeService(asked -> FakeService.SILENCE);
                var channels = channels("{type: slack, url: '" + service.url(HOOK) + "', timeout_seconds: 1}")) {
            NotTold e = failure(channels);
            assertThat(e).hasMessageContaining("to answer within 1 s");
            assertThat(e.isLasting()).isFalse();
            assertNoSecret(e, channels);
        }
    }

    @Test
    void whoIsNotThereIsAskedAgainLater() throws Exception {
        int port;
        try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = closed.getLocalPort();
        }
        try (var channels = channels("{type: slack, url: 'http://127.0.0.1:" + port + HOOK + "'}")) {
            NotTold e = failure(channels);
            assertThat(e).hasMessage("cannot connect to 127.0.0.1:" + port + ": nobody answers there");
            assertThat(e.isLasting()).isFalse();
        }
    }

    @Test
    void ofALongAnswerTheBeginningIsRead() throws Exception {
        try (var service = new FakeService(asked -> Answer.of(200, "x".repeat(20 << 20)));
                var channels = channels("{type: webhook, url: '" + service.url("/in") + "'}")) {
            assertThatCode(() -> only(channels).tell(Notices.fired())).doesNotThrowAnyException();
        }
        NotTold e = answered(Answer.of(500, "<html><script>evil()</script>" + "y".repeat(1 << 20)));
        assertThat(e.getMessage()).hasSizeLessThan(300).doesNotContain("evil");
    }

    @Test
    void anAnswerThatRepeatsTheSecretDoesNotShowIt() throws Exception {
        try (var service = new FakeService(asked ->
                        Answer.of(500, "cannot POST " + asked.path() + " for " + asked.header("Authorization")));
                var channels = channels("{type: webhook, url: '" + service.url(HOOK + "?sig=abcdefgh12345")
                        + "', headers: {Authorization: 'Bearer tok-tok-tok'}}")) {
            NotTold e = failure(channels);
            assertNoSecret(e, channels);
            assertThat(e.getMessage()).doesNotContain("abcdefgh12345").doesNotContain("tok-tok-tok");
        }
    }

    @Test
    void aSecretThatIsNotThereIsNamedByItsFile() throws Exception {
        try (var channels = channels("{type: slack, url: {file: hook}}")) {
            NotTold e = failure(channels);
            assertThat(e).hasMessageContaining("expected a secret in").hasMessageContaining("hook");
            assertThat(e.isLasting()).isTrue();
            Files.writeString(folder.resolve("hook"), "no address at all, but XXXXXXXXsecretXXXXXXXX");
            assertNoSecret(failure(channels), channels);
        }
    }

    @Test
    void theDeadmanIsAsked() throws Exception {
        try (var service = new FakeService(asked -> Answer.of(200, "OK"))) {
            String yaml = "deadman: {url: '" + service.url("/ping/1-2-3") + "', every: 60s, method: post}";
            try (var channels = open(yaml)) {
                Deadman deadman = channels.deadman().orElseThrow();
                deadman.ask();
                assertThat(deadman.every()).isEqualTo(Duration.ofSeconds(60));
                assertThat(deadman.masked()).doesNotContain("1-2-3");
                assertThat(service.asked().getFirst().method()).isEqualTo("POST");
            }
        }
    }

    // ---- by hand

    private Channels channels(String channel) throws IOException {
        return open("channels:\n  - " + channel + "\n");
    }

    private Channels open(String yaml) throws IOException {
        Path file = folder.resolve("alerts.yaml");
        Files.writeString(file, yaml);
        return Channels.open(Optional.of(file), Map.of("KEY", KEY), List.of(), () -> Notices.AT);
    }

    private static Channel only(Channels channels) {
        assertThat(channels.notes()).noneMatch(note -> note.wrong());
        return channels.of(channels.list().getFirst().name()).orElseThrow();
    }

    private static NotTold failure(Channels channels) {
        return catchThrowableOfType(NotTold.class, () -> only(channels).tell(Notices.fired()));
    }

    private static void assertNoSecret(NotTold e, Channels channels) {
        assertThat(e).isNotNull();
        String all = e + channels.list().toString() + channels.notes();
        for (Throwable at = e; at != null; at = at.getCause()) all += at;
        assertThat(all)
                .doesNotContain("secret" + "XXXX")
                .doesNotContain("T00000000")
                .doesNotContain(KEY);
    }
}
