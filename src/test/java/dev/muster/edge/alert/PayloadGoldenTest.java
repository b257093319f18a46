package dev.muster.edge.alert;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.state.AlertLevel;
import dev.muster.edge.config.AlertFile;
import dev.muster.edge.config.ChannelSpec;
import dev.muster.edge.http.Golden;
import dev.muster.edge.view.Doc;
import dev.muster.edge.view.DocText;
import jakarta.mail.Session;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;

/// What each service is sent for each kind of notice.
class PayloadGoldenTest {
    private static final Path GOLDEN = Path.of("src/test/golden/alerts");
    private static final String KEY = "0123456789abcdef0123456789abcdef";

    private interface Payload {
        Object of(Notice notice) throws Exception;
    }

    @Test
    void slack() throws Exception {
        check("slack", Slack::payload);
    }

    @Test
    void discord() throws Exception {
        check("discord", Discord::payload);
    }

    @Test
    void pagerDuty() throws Exception {
        var way = (ChannelSpec.Way.PagerDuty) way("type: pagerduty, key: '${K}', severity_mapping: {unknown: error}");
        check(
                "pagerduty",
                notice -> notice.kind() == Notice.Kind.RESOLVED
                        ? PagerDuty.resolve(notice, KEY)
                        : PagerDuty.trigger(notice, KEY, way));
    }

    @Test
    void opsgenie() throws Exception {
        var way = (ChannelSpec.Way.Opsgenie) way("type: opsgenie, key: '${K}', priority_mapping: {disk: P2}");
        check(
                "opsgenie",
                notice ->
                        notice.kind() == Notice.Kind.RESOLVED ? Opsgenie.close(notice) : Opsgenie.create(notice, way));
    }

    @Test
    void webhook() throws Exception {
        check("webhook", Webhook::payload);
    }

    @Test
    void alertmanager() throws Exception {
        check("alertmanager", notice -> Alertmanager.payload(notice, Notices.AT.plusSeconds(3)));
    }

    @Test
    void mail() throws Exception {
        var way = (ChannelSpec.Way.Mail) way(
                "type: email, host: localhost, from: muster@example.org, to: [ops@example.org, oncall@example.org]");
        check("email", notice -> {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            Mail.message(Session.getInstance(new Properties()), notice, way)
                    .writeTo(out, new String[] {"Date"}); // in the zone of whoever sends it
            return out.toString(StandardCharsets.UTF_8).replace("\r\n", "\n");
        });
    }

    private static void check(String channel, Payload payload) throws Exception {
        StringBuilder text = new StringBuilder();
        for (Map.Entry<String, Notice> one : Notices.all().entrySet()) {
            Object made = payload.of(one.getValue());
            text.append("---- ").append(one.getKey()).append('\n');
            text.append(made instanceof Doc doc ? DocText.json(doc) : made.toString());
        }
        Golden.check(GOLDEN.resolve(channel + ".txt"), text.toString());
    }

    private static ChannelSpec.Way way(String keys) throws Exception {
        byte[] yaml = ("channels: [{" + keys + "}]").getBytes(StandardCharsets.UTF_8);
        return AlertFile.read(Path.of("alerts.yaml"), yaml, Map.of("K", KEY), List.of())
                .channels()
                .getFirst()
                .way();
    }

    // ---- limits and letters

    @Test
    void nobodyIsMentioned() {
        Notice notice = Notices.fired();
        String slack = DocText.compact(Slack.payload(notice));
        assertThat(slack)
                .doesNotContain("<@")
                .doesNotContain("<!")
                .doesNotContain("@everyone")
                .contains("&lt;@U123&gt;", "a &lt; b &amp; *c*");
        String discord = DocText.compact(Discord.payload(notice));
        assertThat(discord)
                .doesNotContain("@everyone")
                .contains("\"allowed_mentions\":{\"parse\":[]}", "\\\\_out\\\\_");
    }

    @Test
    void whatStandsInANoticeStaysOnItsLine() {
        Notice notice = Notices.of(
                "prod\r\nBcc: all@example.org",
                "a\u202eb",
                "title\r\nX-Evil: 1\u2028\u0007 \ud800",
                Notices.line("gpu\n1", AlertLevel.CRITICAL, "one\n\ntwo", false));
        assertThat(NoticeText.title(notice)).isEqualTo("[CRITICAL] prod Bcc: all@example.org: title X-Evil: 1 ?");
        assertThat(NoticeText.body(notice).lines())
                .contains("CRITICAL  gpu 1: one two (since 2026-03-01 11:55:00 UTC)");
    }

    @Test
    void theLongestNoticeKeepsDiscordsLimits() {
        Notice.Line[] lines = new Notice.Line[Notice.LINES_MAX];
        for (int at = 0; at < lines.length; at++)
            lines[at] = Notices.line("*".repeat(500), AlertLevel.CRITICAL, "_".repeat(5000), false);
        Doc embed = Discord.payload(Notices.of("c".repeat(300), "x".repeat(3000), "t".repeat(5000), lines))
                .list("embeds")
                .getFirst();
        assertThat(embed.text("title")).hasSizeLessThanOrEqualTo(256);
        assertThat(embed.text("description")).hasSizeBetween(500, 4096).containsPattern("… \\d+ more lines$");
        int sum = embed.text("title").length()
                + embed.text("description").length()
                + embed.get("footer").text("text").length();
        for (Doc field : embed.list("fields")) {
            assertThat(field.text("value")).hasSizeLessThanOrEqualTo(1024);
            sum += field.text("name").length() + field.text("value").length();
        }
        assertThat(sum).isLessThanOrEqualTo(6000);
    }

    @Test
    void aLongKeyIsCutAndStaysItsOwn() {
        Notice one = Notices.of("prod", "x".repeat(400) + "1", "t");
        Notice other = Notices.of("prod", "x".repeat(400) + "2", "t");
        assertThat(NoticeText.key(one, 255)).hasSize(255).isNotEqualTo(NoticeText.key(other, 255));
        assertThat(NoticeText.key(Notices.fired(), 255)).isEqualTo("muster/prod/run-failed/r-7");
    }

    @Test
    void noLetterIsHalved() {
        assertThat(NoticeText.cut("ab😀cd", 4)).isEqualTo("ab…");
        assertThat(NoticeText.cut("ab😀cd", 5)).isEqualTo("ab😀…");
        assertThat(NoticeText.cut("abcd", 4)).isEqualTo("abcd");
    }

    @Test
    void anEarlierSeverityIsOverWhenAnAlertGetsWorse() {
        List<Doc> alerts = Alertmanager.payload(Notices.escalated(), Notices.AT).list();
        assertThat(alerts)
                .extracting(alert -> alert.get("labels").text("severity") + " " + alert.text("endsAt"))
                .containsExactly(
                        "critical 2026-03-01T12:05:00.250Z",
                        "unknown 2026-03-01T12:00:00.250Z",
                        "warning 2026-03-01T12:00:00.250Z");
    }

    @Test
    void whatIsToldLateStaysOpenInAlertmanager() {
        var late = Notices.AT.plusSeconds(3600);
        Doc alert = Alertmanager.payload(Notices.fired(), late).list().getFirst();
        assertThat(alert.time("endsAt")).contains(late.plusSeconds(300));
    }
}
