package dev.muster.edge.config;

import static dev.muster.core.state.AlertLevel.CRITICAL;
import static dev.muster.core.state.AlertLevel.UNKNOWN;
import static dev.muster.core.state.AlertLevel.WARNING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.muster.core.state.Money;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The shapes of files of alerts, and what is said of what is wrong in them.
class AlertFileTest {
    private static final Path SHARED = Path.of("../shared/data/alerts");
    private static final Path FILE = Path.of("config/notification_hooks.yaml");
    private static final String SLACK = "https://hooks.slack.com/services/T0AAAAAAA/B0BBBBBBB/secretsecretsecret";
    private static final Map<String, String> ENV =
            Map.of("HOOK", SLACK, "PD", "0123456789abcdef0123456789abcdef", "OG", "aaaa-bbbb-cccc");

    // ---- the prior system's shapes

    @Test
    void aListOfHooksIsRead() throws ConfigException {
        AlertFile file = read("hooks:\n  - type: slack\n    enabled: true\n    webhook_url: '" + SLACK + "'\n"
                + "  - {type: discord, enabled: false, webhook_url: x}\n");
        ChannelSpec slack = only(file);
        assertThat(slack.type()).isEqualTo("slack");
        assertThat(slack.takes("anything", WARNING)).isTrue();
        assertThat(slack.masked()).isEqualTo("hooks.slack.com/…");
        assertThat(file.notes())
                .extracting(AlertFile.Note::toString)
                .containsExactly(
                        "line 4: hooks[0].webhook_url: a secret stands in the file; `${NAME}` or `{file: PATH}` keeps it"
                                + " elsewhere",
                        "line 5: hooks[1].enabled: switched off");
    }

    @Test
    void hooksOfVastAlertsAreOneAndTheirThresholdsNumbers() throws ConfigException {
        String yaml = """
                vast_alerts:
                  instance_unhealthy:
                    webhook: ${SLACK_WEBHOOK_URL}
                    threshold: 3 # failures before alert
                  cost_warning:
                    webhook: ${SLACK_WEBHOOK_URL}
                    daily_threshold: 50.00 # USD
                """;
        AlertFile file = read(yaml, Map.of("SLACK_WEBHOOK_URL", "http://127.0.0.1:1/services/secretsecret"));
        ChannelSpec hook = only(file);
        assertThat(hook.type()).isEqualTo("slack");
        assertThat(hook.name()).isEqualTo("vast-instance-unhealthy");
        assertThat(hook.takes("rollback", UNKNOWN)).isTrue();
        assertThat(hook.masked()).isEqualTo("127.0.0.1:1/… (${SLACK_WEBHOOK_URL})");
        assertThat(file.numbers().failures()).hasValue(3);
        assertThat(file.numbers().maxDay()).contains(Money.ofDollars(50));
        assertThat(file.notes()).noneMatch(AlertFile.Note::wrong);

        AlertFile unset = read(yaml, Map.of());
        assertThat(unset.channels()).isEmpty();
        assertThat(unset.numbers()).isEqualTo(file.numbers());
        assertThat(unset.notes())
                .extracting(AlertFile.Note::toString)
                .first()
                .isEqualTo(
                        "line 3: vast_alerts.instance_unhealthy.webhook: expected SLACK_WEBHOOK_URL in the environment,"
                                + " but it is not set, so nobody is told by it");
    }

    @Test
    void theFileOfTheRollbackMonitorIsReadAsItIs() throws Exception {
        AlertFile file = shared("notification_hooks.yaml", Map.of());
        assertThat(file.channels()).isEmpty();
        assertThat(file.notes()).noneMatch(AlertFile.Note::wrong);
        assertThat(file.notes())
                .extracting(AlertFile.Note::about)
                .containsExactly(
                        "logging",
                        "slack.webhook_url",
                        "discord.webhook_url",
                        "pagerduty.routing_key",
                        "opsgenie.api_key",
                        "generic.webhook_url");
    }

    @Test
    void theFileOfTheRollbackMonitorTellsEverybodyOnceItIsFilledIn() throws Exception {
        String yaml = text("notification_hooks.yaml")
                .replaceFirst("webhook_url: ''", "webhook_url: '\\${HOOK}'")
                .replaceFirst(
                        "(discord:\\s+enabled: true\\s+webhook_url: )''", "$1'https://discord.com/api/webhooks/1/x'")
                .replaceFirst("routing_key: ''", "routing_key: \\${PD}")
                .replaceFirst("api_key: ''", "api_key: \\${OG}")
                .replaceFirst("region: 'us'", "region: 'eu'")
                .replaceFirst("(generic:\\s+enabled: true\\s+webhook_url: )''", "$1'http://127.0.0.1:9/in'")
                .replaceFirst("headers: \\{\\}", "headers: {X-Team: ml}")
                .replaceFirst("at_risk: true", "at_risk: false")
                .replaceFirst("timeout_seconds: 10", "timeout_seconds: 3");
        AlertFile file = read(yaml);
        assertThat(file.channels())
                .extracting(ChannelSpec::name)
                .containsExactly("slack", "discord", "pagerduty", "opsgenie", "generic");
        ChannelSpec slack = file.channels().get(0);
        assertThat(slack.timeout()).isEqualTo(Duration.ofSeconds(3));
        assertThat(slack.takes("rating-regression", CRITICAL)).isFalse();
        assertThat(slack.takes("rollback", CRITICAL)).isTrue();
        assertThat(slack.takes("node-lost", WARNING)).isTrue();
        assertThat(file.channels().get(1).takes("rating-regression", WARNING)).isTrue();

        ChannelSpec pager = file.channels().get(2);
        assertThat(pager.takes("node-lost", CRITICAL)).isTrue();
        assertThat(pager.takes("node-lost", WARNING)).isFalse();
        assertThat(pager.takes("rating-regression", WARNING))
                .as("the file says how bad it is")
                .isTrue();
        assertThat(((ChannelSpec.Way.PagerDuty) pager.way()).severities())
                .containsExactlyInAnyOrderEntriesOf(Map.of("rating-regression", "warning", "rollback", "critical"));
        var opsgenie = (ChannelSpec.Way.Opsgenie) file.channels().get(3).way();
        assertThat(opsgenie.url()).hasToString("https://api.eu.opsgenie.com");
        assertThat(opsgenie.priorities()).containsEntry("rating-regression", "P3");
        assertThat(((ChannelSpec.Way.Webhook) file.channels().get(4).way()).headers())
                .containsOnlyKeys("X-Team");
    }

    @Test
    void whatIsSwitchedOffTellsNobody() throws ConfigException {
        AlertFile file =
                read("enabled: false\nslack: {webhook_url: '${HOOK}'}\nvast_alerts: {a: {webhook: '${HOOK}'}}\n");
        assertThat(file.channels()).isEmpty();
        assertThat(file.notes()).extracting(AlertFile.Note::about).containsExactly("enabled");
    }

    @Test
    void theFileOfTheHealthDaemonIsReadAsItIs() throws Exception {
        AlertFile file = shared("alerts.yaml", Map.of());
        assertThat(file.channels()).isEmpty();
        AlertNumbers numbers = file.numbers();
        assertThat(numbers.minHealthyPercent()).hasValue(80);
        assertThat(numbers.maxOffline()).hasValue(5);
        assertThat(numbers.maxRecoveries()).hasValue(6);
        assertThat(numbers.maxHour()).contains(Money.ofDollars(50));
        assertThat(numbers.cooldown()).contains(Duration.ofMinutes(30));
        assertThat(numbers.maxAlerts()).hasValue(10);
        assertThat(file.notes())
                .extracting(AlertFile.Note::toString)
                .containsExactly(
                        "line 6: slack_webhook_url: nothing is written there, so nobody is told by it",
                        "line 9: slack_info_webhook_url: nothing is written there, so nobody is told by it");
    }

    @Test
    void channelsByLevelNameTheirKeys() throws Exception {
        AlertFile file = read(text("alerts.yaml")
                .replace("slack_webhook_url: null", "slack_webhook_url: ${HOOK}")
                .replace("slack_info_webhook_url: null", "slack_info_webhook_url: https://hooks.slack.com/services/x"));
        ChannelSpec slack = only(file);
        assertThat(slack.name()).isEqualTo("slack");
        assertThat(slack.levels()).containsExactly(CRITICAL, WARNING, UNKNOWN);
        assertThat(file.notes())
                .extracting(AlertFile.Note::toString)
                .contains(
                        "line 9: slack_info_webhook_url: not used: `channels` has it for no level of ours (critical, warning,"
                                + " unknown)");
        AlertFile slip = read("slack_webhook_url: ${HOOK}\nchannels: {critical: [slack_webhok_url], kritical: []}\n");
        assertThat(slip.notes())
                .extracting(AlertFile.Note::toString)
                .contains("line 2: channels.critical: expected the name of a key such as slack_webhook_url, but found"
                        + " \"slack_webhok_url\"; did you mean slack_webhook_url?")
                .anyMatch(note -> note.contains("\"kritical\"; did you mean critical?"));
        assertThat(only(slip).levels()).as("a slip makes nobody deaf").hasSize(3);
    }

    @Test
    void severalShapesMayBeInOneFile() throws ConfigException {
        AlertFile file = read("hooks: [{type: slack, webhook_url: '${HOOK}'}]\n"
                + "vast_alerts: {cost_warning: {webhook: '${HOOK}', daily_threshold: $12.5}}\n"
                + "---\n"
                + "thresholds: {min_healthy_percent: 75}\n"
                + "pagerduty: {routing_key: '${PD}'}\n");
        assertThat(file.channels()).extracting(ChannelSpec::name).containsExactly("slack", "pagerduty");
        assertThat(file.numbers().minHealthyPercent()).hasValue(75);
        assertThat(file.numbers().maxDay()).contains(Money.parse("12.5"));
        assertThat(file.notes())
                .extracting(AlertFile.Note::toString)
                .contains("vast-cost-warning: goes where slack goes, which tells it");
    }

    // ---- ours

    @Test
    void ourOwnShapeSaysWhoTakesWhat(@TempDir Path folder) throws Exception {
        Files.writeString(folder.resolve("key"), "of-the-file\n");
        String yaml = """
                channels:
                  - {name: ops, type: slack, url: '${HOOK}', levels: [critical, unknown], rules: [node-lost, disk]}
                  - {name: page, type: pagerduty, key: {file: key}, severity_mapping: {unknown: info}}
                  - {type: opsgenie, key: 'file: key', levels: critical, except: [budget]}
                  - {type: alertmanager, url: 'http://127.0.0.1:9093', timeout: 5s}
                  - type: email
                    host: mail.example.org
                    user: muster
                    password: ${PD}
                    from: muster@example.org
                    to: ops@example.org, oncall@example.org
                deadman: {url: '${HOOK}', every: 2m, method: POST}
                """;
        AlertFile file =
                AlertFile.read(folder.resolve("a.yaml"), bytes(yaml), ENV, List.of("node-lost", "disk", "budget"));
        assertThat(file.notes()).isEmpty();
        assertThat(file.channels())
                .extracting(ChannelSpec::name)
                .containsExactly("ops", "page", "opsgenie", "alertmanager", "email");
        ChannelSpec ops = file.channels().getFirst();
        assertThat(ops.takes("disk", UNKNOWN)).isTrue();
        assertThat(ops.takes("disk", WARNING)).isFalse();
        assertThat(ops.takes("budget", CRITICAL)).isFalse();
        var page = (ChannelSpec.Way.PagerDuty) file.channels().get(1).way();
        assertThat(page.key().read()).isEqualTo("of-the-file");
        assertThat(file.channels().get(1).levels()).containsExactly(CRITICAL);
        assertThat(file.channels().get(2).takes("budget", CRITICAL)).isFalse();
        assertThat(file.channels().get(3).timeout()).isEqualTo(Duration.ofSeconds(5));
        var mail = (ChannelSpec.Way.Mail) file.channels().get(4).way();
        assertThat(mail.port()).isEqualTo(587);
        assertThat(mail.to()).containsExactly("ops@example.org", "oncall@example.org");
        assertThat(file.channels().get(4).masked())
                .isEqualTo("ops@example.org, oncall@example.org by mail.example.org:587");
        assertThat(file.deadman().orElseThrow().every()).isEqualTo(Duration.ofMinutes(2));
        assertThat(file.toString()).doesNotContain("secretsecret").doesNotContain("0123456789abcdef");
    }

    @Test
    void eachSlipIsToldWithItsLine() throws ConfigException {
        AlertFile file = AlertFile.read(FILE, bytes("""
                        channels:
                          - {type: slak, url: '${HOOK}'}
                          - {name: a, type: slack, url: '${HOOK}', levels: [critcal], rules: [node-los], timout: 3}
                          - {type: pagerduty, key: '${NOBODY}'}
                          - {type: webhook, url: 'ftp://127.0.0.1/secretsecret', headers: {Host: x}}
                          - {type: email, host: h, from: nobody, to: [ops@example.org]}
                          - {type: email, host: h, from: a@b.c, to: [d@e.f], security: none, user: u, password: '${PD}'}
                          - {name: 'a b', type: slack, url: '${HOOK}'}
                          - just a text
                        deadman: {url: '${HOOK}', every: 1s}
                        hook: []
                        """), ENV, List.of("node-lost"));
        assertThat(file.channels()).extracting(ChannelSpec::name).containsExactly("a");
        assertThat(file.channels().getFirst().levels())
                .as("a slip makes nobody deaf")
                .hasSize(3);
        assertThat(file.channels().getFirst().takes("node-lost", UNKNOWN)).isTrue();
        assertThat(file.deadman()).isEmpty();
        assertThat(file.notes())
                .extracting(AlertFile.Note::toString)
                .anyMatch(note -> note.startsWith("line 2: channels[0].type") && note.endsWith("did you mean slack?"))
                .anyMatch(note -> note.startsWith("line 3: ") && note.endsWith("did you mean critical?"))
                .anyMatch(note -> note.startsWith("line 3: ") && note.endsWith("did you mean node-lost?"))
                .anyMatch(note -> note.startsWith("line 3: channels[1].timout: unknown key; did you mean timeout?"))
                .anyMatch(note -> note.startsWith("line 4: ") && note.contains("NOBODY in the environment"))
                .anyMatch(note -> note.startsWith("line 5: channels[3].url: expected an address"))
                .anyMatch(
                        note -> note.startsWith("line 5: channels[3].headers.host: expected a header that may be set"))
                .anyMatch(note -> note.startsWith("line 6: channels[4].to: expected host, from and to"))
                .anyMatch(note -> note.startsWith("line 7: channels[5].security: expected starttls or tls"))
                .anyMatch(note -> note.startsWith("line 8: channels[6].name: expected a name of letters"))
                .anyMatch(note -> note.startsWith("line 9: channels[7]: expected a mapping"))
                .anyMatch(note -> note.startsWith("line 10: deadman.every: expected 10s or more"))
                .anyMatch(note -> note.startsWith("line 11: hook: unknown key; did you mean hooks?"))
                .noneMatch(note -> note.contains("secretsecret"));
    }

    // ---- the environment

    @Test
    void theEnvironmentMakesChannelsWithoutAFile() {
        AlertFile file =
                AlertFile.of(Map.of("SLACK_WEBHOOK_URL", SLACK, "PAGERDUTY_ROUTING_KEY", ENV.get("PD"), "HOME", "/x"));
        assertThat(file.channels()).extracting(ChannelSpec::name).containsExactly("slack", "pagerduty");
        assertThat(file.channels().get(0).takes("x", UNKNOWN)).isTrue();
        assertThat(file.channels().get(1).takes("x", WARNING)).isFalse();
        assertThat(file.channels().get(1).masked()).isEqualTo("events.pagerduty.com (${PAGERDUTY_ROUTING_KEY})");
        AlertFile wrong = AlertFile.of(Map.of("SLACK_WEBHOOK_URL", "secretsecretsecret"));
        assertThat(wrong.channels()).isEmpty();
        assertThat(wrong.notes()).hasSize(1);
        assertThat(wrong.notes().toString()).contains("SLACK_WEBHOOK_URL").doesNotContain("secretsecret");
    }

    @Test
    void whatTheFileSaysOfAChannelCountsMore() throws ConfigException {
        AlertFile file = read(
                "pagerduty: {routing_key: '${PAGERDUTY_ROUTING_KEY}', levels: [critical, warning]}",
                Map.of("PAGERDUTY_ROUTING_KEY", ENV.get("PD"), "SLACK_WEBHOOK_URL", SLACK));
        assertThat(file.channels()).extracting(ChannelSpec::name).containsExactly("pagerduty", "slack");
        assertThat(file.channels().getFirst().takes("x", WARNING)).isTrue();
    }

    // ---- the document

    @Test
    void whatMayHaveTakenAllChannelsIsASlip() throws Exception {
        for (String yaml : List.of(
                "chanels:\n  - {type: slack, url: 'https://hooks.slack.com/services/a'}\n",
                "channels:\n  - {type: slack, url: '${NOT_SET_XX}'}\n",
                "channels:\n  - {type: slak, url: 'https://hooks.slack.com/services/a'}\n"))
            assertThat(read(yaml, Map.of()).notes()).as(yaml).anyMatch(AlertFile.Note::slip);
        assertThat(read("channels: []\ncriteria_overrides: {}\nzz_of_another_program: 1\n", Map.of())
                        .notes())
                .noneMatch(AlertFile.Note::slip);
    }

    @Test
    void theDocumentsExamplesLoad() throws Exception {
        String page = Files.readString(Path.of("docs/ALERTS.md"));
        String doc = page.substring(page.indexOf("## Channels"));
        List<AlertFile> files = new ArrayList<>();
        Matcher example = Pattern.compile("(?s)```yaml\n(.*?)```").matcher(doc);
        Map<String, String> everything = Map.of(
                "SLACK_WEBHOOK_URL", SLACK,
                "DISCORD_WEBHOOK_URL", "https://discord.com/api/webhooks/1/x",
                "OPSGENIE_API_KEY", "a",
                "ALERT_TOKEN", "b",
                "DEADMAN_URL", "https://example.org/ping",
                "PAGERDUTY_ROUTING_KEY", "c");
        while (example.find()) files.add(read(example.group(1), everything));
        assertThat(files).hasSize(5);
        for (AlertFile file : files) assertThat(file.notes()).noneMatch(AlertFile.Note::wrong);
        assertThat(files.getFirst().notes()).isEmpty();
        assertThat(files.getFirst().channels())
                .extracting(ChannelSpec::type)
                .startsWith("slack", "pagerduty", "discord", "opsgenie", "webhook", "alertmanager", "email");
        assertThat(files.getFirst().deadman()).isPresent();
        assertThat(files.get(3).channels().getFirst().takes("rating-regression", CRITICAL))
                .isFalse();
        assertThat(files.get(4).numbers().maxAlerts()).hasValue(10);
    }

    // ---- what is no such file

    @Test
    void whatIsNoSuchFileIsRefusedWithItsPlace() {
        assertRefused("slack: [", "expected YAML");
        assertRefused("- a\n- b\n", "expected keys and values, but found a list");
        assertRefused("https://hooks.slack.com/services/secretsecret", "expected keys and values");
        assertRefused("{a: ".repeat(70) + "1" + "}".repeat(70), "expected at most 64 levels");
        assertRefused("x: \"" + "y".repeat(AlertFile.BYTES_MAX) + "\"", "expected at most 262144 bytes");
        StringBuilder bomb = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (int at = 1; at < 10; at++)
            bomb.append("a" + at + ": &a" + at + " [" + ("*a" + (at - 1) + ", ").repeat(9) + "*a" + (at - 1) + "]\n");
        assertRefused(bomb.toString(), "its aliases stand for more");
    }

    @Test
    void anEmptyFileIsAFileWithoutChannels() throws ConfigException {
        assertThat(read("").channels()).isEmpty();
        assertThat(read("# nothing\n---\n---\n").notes()).isEmpty();
    }

    @Test
    void aKeyThatStandsTwiceIsTold() throws ConfigException {
        AlertFile file = read("slack: {webhook_url: ''}\nslack: {webhook_url: '${HOOK}'}\n");
        assertThat(file.channels()).hasSize(1);
        assertThat(file.notes())
                .anyMatch(note -> note.toString().startsWith("line 2: slack: stands in line 1 already"));
    }

    private static void assertRefused(String yaml, String message) {
        assertThatThrownBy(() -> read(yaml))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(message)
                .hasMessageStartingWith(FILE + ":")
                .hasMessageNotContaining("secretsecret");
    }

    // ---- by hand

    private static ChannelSpec only(AlertFile file) {
        assertThat(file.channels()).as(file.notes().toString()).hasSize(1);
        return file.channels().getFirst();
    }

    private static AlertFile read(String yaml) throws ConfigException {
        return read(yaml, ENV);
    }

    private static AlertFile read(String yaml, Map<String, String> environment) throws ConfigException {
        return AlertFile.read(FILE, bytes(yaml), environment, List.of());
    }

    private static AlertFile shared(String name, Map<String, String> environment) throws Exception {
        return read(text(name), environment);
    }

    private static String text(String name) throws IOException {
        assumeTrue(Files.exists(SHARED.resolve(name)));
        return Files.readString(SHARED.resolve(name));
    }

    private static byte[] bytes(String yaml) {
        return yaml.getBytes(StandardCharsets.UTF_8);
    }
}
