package dev.muster.edge.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.muster.core.state.AlertPolicy;
import dev.muster.core.state.AlertPolicy.Limits;
import dev.muster.core.state.QuietHours;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AlertPolicyFileTest {
    private static final Path FILE = Path.of("alerts-policy.yaml");

    private static AlertPolicy on(AlertPolicy known, String yaml) throws ConfigException {
        return AlertPolicyFile.read(FILE, yaml.getBytes(StandardCharsets.UTF_8)).on(known);
    }

    private static void refused(String yaml, String... problems) {
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> on(AlertPolicy.DEFAULT, yaml))
                .satisfies(e -> assertThat(e.problems()).containsExactly(problems));
    }

    @Test
    void whatIsNotWrittenStays() throws Exception {
        assertThat(on(AlertPolicy.DEFAULT, "")).isEqualTo(AlertPolicy.DEFAULT);
        AlertPolicy first = on(
                AlertPolicy.DEFAULT,
                "gather: 1m\noff: [rollback]\nlimits: {peers: {critical: 3}}\nquiet: '22:00-07:00'");
        assertThat(first.gather()).isEqualTo(Duration.ofMinutes(1));
        AlertPolicy then = on(first, "hour_max: 3\nlimits: {hourly-cost: {warning: 8, critical: 12}}");
        assertThat(then.gather()).isEqualTo(Duration.ofMinutes(1));
        assertThat(then.off()).containsExactly("rollback");
        assertThat(then.quiet()).containsExactly(QuietHours.parse("22:00-07:00"));
        assertThat(then.limits().find("peers")).contains(new Limits(Optional.empty(), Optional.of(3.0)));
        assertThat(then.limits().find("hourly-cost")).contains(Limits.of(8, 12));
        assertThat(then.hourMax()).isEqualTo(3);
    }

    @Test
    void whatIsEmptyIsTakenBack() throws Exception {
        AlertPolicy first = on(
                AlertPolicy.DEFAULT,
                "off: [rollback]\nquiet: [\"22:00-07:00\"]\nlimits: {peers: {critical: 3}, budget: {warning: 0.5}}");
        AlertPolicy then = on(first, "off: []\nquiet: []\nlimits: {peers: }");
        assertThat(then.off()).isEmpty();
        assertThat(then.quiet()).isEmpty();
        assertThat(then.limits().keys()).containsExactly("budget");
    }

    @Test
    void allProblemsAreToldWithTheirLines() {
        refused(
                """
                gather: soon
                hour_max: 0
                zone: Europe/Berlim
                quiet: [22-7]
                limits:
                  hourly-cots: {warning: 8}
                  node-lost: {critical: 3}
                  peers: {warning: 3, critical: 10}
                  hourly-cost: {warning: 12, critical: 8}
                  budget: {}
                  daily-cost: {warning: lots}
                off: [roll-back]
                cooldwon: 5m
                """,
                "alerts-policy.yaml:1: gather: expected a duration such as 45s, 10m or 1h30m, but found \"soon\"",
                "alerts-policy.yaml:2: hour_max: expected a whole number of 1 to 100000, but found \"0\"",
                "alerts-policy.yaml:3: zone: expected a time zone such as Europe/Berlin, but found \"Europe/Berlim\"",
                "alerts-policy.yaml:4: quiet: expected quiet hours as 22:00-07:00 or mon-fri 22:00-07:00, but found"
                        + " \"22-7\"",
                "alerts-policy.yaml:6: limits.hourly-cots: expected a rule, but found \"hourly-cots\"; did you mean"
                        + " hourly-cost?",
                "alerts-policy.yaml:7: limits.node-lost: expected a rule that watches a figure, but found node-lost,"
                        + " which has no limits; `off` switches it off, a silence does so for a time",
                "alerts-policy.yaml:8: limits.peers: expected the critical limit of peers not above its warning, since"
                        + " less is worse there, but found warning 3.0 and critical 10.0",
                "alerts-policy.yaml:9: limits.hourly-cost: expected the critical limit of hourly-cost not below its"
                        + " warning, since more is worse there, but found warning 12.0 and critical 8.0",
                "alerts-policy.yaml:10: limits.budget: expected a warning or a critical limit, but found neither",
                "alerts-policy.yaml:11: limits.daily-cost.warning: expected a number, but found \"lots\"",
                "alerts-policy.yaml:12: off: expected a rule, but found \"roll-back\"; did you mean rollback?",
                "alerts-policy.yaml:13: cooldwon: unknown key; did you mean cooldown?");
    }

    @Test
    void timesAndFiguresHaveTheirLimits() {
        refused("again: 8d", "alerts-policy.yaml:1: again: expected a time of up to 7d, but found \"8d\"");
        refused(
                "limits: {budget: {warning: -1}}",
                "alerts-policy.yaml:1: limits.budget: expected limits of 0 or more, but found -1.0");
        refused(
                "limits: {budget: {warning: .inf}}",
                "alerts-policy.yaml:1: limits.budget.warning: expected a number, but found \"Infinity\"");
        refused("- gather", "alerts-policy.yaml:1: expected keys and values, but found [\"gather\"]");
        refused("off: {rollback: true}", "alerts-policy.yaml:1: off: expected a list, but found {\"rollback\":true}");
    }

    /// The runbook's table: Peers > 15, 10-15, < 10; Instances 10-15, 5-10, < 5; Selfplay > 500, 100-500, < 100; Cost < 8, 8-12, > 12;
    /// Idle < 3, 3-5, > 5.
    @Test
    void thePresetIsTheRunbooksTable() throws Exception {
        AlertPolicy policy;
        try (InputStream in = AlertPolicyFile.class.getResourceAsStream("/presets/alerts-runbook.yaml")) {
            policy = AlertPolicyFile.read(FILE, in.readAllBytes()).on(AlertPolicy.DEFAULT);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        assertThat(policy.limits().find("peers")).contains(Limits.of(16, 10));
        assertThat(policy.limits().find("instances-few")).contains(Limits.of(10, 5));
        assertThat(policy.limits().find("instances-many")).contains(new Limits(Optional.of(16.0), Optional.empty()));
        assertThat(policy.limits().find("selfplay-jobs")).contains(Limits.of(501, 100));
        assertThat(policy.limits().find("hourly-cost")).contains(Limits.of(8, 12));
        assertThat(policy.limits().find("instances-idle")).contains(Limits.of(3, 6));
        assertThat(policy.limits().size()).isEqualTo(6);
        assertThat(List.of(policy.gather(), policy.cooldown()))
                .containsExactly(AlertPolicy.DEFAULT.gather(), AlertPolicy.DEFAULT.cooldown());
    }
}
