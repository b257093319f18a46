package dev.muster.edge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.plan.Alerting;
import dev.muster.core.state.AlertLevel;
import dev.muster.core.state.AlertPolicy;
import dev.muster.core.state.AlertPolicy.Limits;
import dev.muster.core.state.Command;
import dev.muster.core.state.Command.SightAlerts.Sight;
import dev.muster.core.state.Silence;
import dev.muster.core.state.Table;
import dev.muster.edge.http.AlertScene;
import dev.muster.edge.view.Doc;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// Alerts from the command line.
class CliAlertTest extends CliHarness {
    private void sight(String alert, String subject, AlertLevel level) {
        member.order(new Command.SightAlerts(
                List.of(new Sight(alert, subject, Optional.of(level), subject + " is not well"))));
    }

    /// The leader has looked, and can tell people.
    private void led() {
        Alerting.Way slack = new Alerting.Way("slack", "slack", EnumSet.allOf(AlertLevel.class), List.of(), List.of());
        member.soft = Optional.of(member.allHeard()
                .withAlerting(Alerting.NOTHING
                        .looked(member.now, Table.empty(), Table.empty())
                        .with(List.of(slack))));
        awaited("alert list", "slack (slack)");
    }

    /// What the leader hears is looked at once a second.
    private void awaited(String command, String text) {
        long end = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (!run(command.split(" ")).out().contains(text))
            assertThat(System.nanoTime()).isLessThan(end);
    }

    private static Doc json(Result result) {
        return Doc.json(result.out().getBytes(StandardCharsets.UTF_8));
    }

    private Path file(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    private AlertPolicy policy() {
        return member.state().alerts().policy();
    }

    // ---- list, show, rules

    @Test
    void nothingWrongIsSaidOnceItWasLookedAt() {
        awaited("alert list", "the leader has not looked yet");
        assertThat(run("alert", "list").out()).contains("The leader has no channel: nobody is told of anything.");
        led();
        Result result = run("alert", "list");
        assertThat(result.exit()).isEqualTo(Exit.DONE);
        assertThat(result.out()).startsWith("Nothing is wrong.\n").doesNotContain("no channel");
    }

    @Test
    void theExitCodeIsThatOfTheWorst() {
        led();
        assertThat(run("alert", "list", "--exit-code").exit()).isEqualTo(Exit.DONE);
        sight("budget", "all per day", AlertLevel.WARNING);
        awaited("alert list", "budget");
        assertThat(run("alert", "list", "--exit-code").exit()).isEqualTo(Exit.ERROR);
        assertThat(run("alert", "list").exit()).isEqualTo(Exit.DONE);
        sight("node-lost", "n3", AlertLevel.CRITICAL);
        awaited("alert list", "node-lost");
        Result critical = run("alert", "list", "--exit-code");
        assertThat(critical.exit()).isEqualTo(Exit.NOT_HEALTHY);
        assertThat(critical.out()).contains("critical  node-lost", "n3 is not well");
        assertThat(run("alert", "list", "-o", "name").out()).isEqualTo("node-lost\nbudget\n");
    }

    /// Not known is never well.
    @Test
    void theExitCodeOfWhatNobodyKnowsIsAWarnings() {
        led();
        sight("provider-silent", "vast", AlertLevel.UNKNOWN);
        awaited("alert list", "not known: vast is not well");
        assertThat(run("alert", "list", "--exit-code").exit()).isEqualTo(Exit.ERROR);
    }

    @Test
    void withoutALeaderTheExitCodeIsAWarnings() {
        led();
        member.readOnly = Optional.of("no quorum: 1 of 3 voters");
        member.soft = Optional.empty();
        awaited("alert list", "Nothing was wrong when a leader last looked.");
        assertThat(run("alert", "list", "--exit-code").exit()).isEqualTo(Exit.ERROR);
    }

    @Test
    void oneIsShownWithItsSubjects() {
        sight("node-lost", "n2", AlertLevel.WARNING);
        sight("node-lost", "n3", AlertLevel.CRITICAL);
        sight("run-failed/r7", "r7", AlertLevel.CRITICAL);
        awaited("alert list", "run-failed/r7");
        assertThat(run("alert", "show", "node-lost").out())
                .contains("2 nodes are not heard: n3, n2", "docs/ALERTS.md#node-lost")
                .containsSubsequence("critical  n3", "warning   n2");
        assertThat(run("alert", "show", "run-failed/r7").out()).contains("r7 is not well");
        Result none = run("alert", "show", "budget");
        assertThat(none.exit()).isEqualTo(Exit.NOT_FOUND);
        assertThat(none.err()).contains("no alert budget is open");
    }

    @Test
    void rulesSayWhetherTheyAreWatched() {
        member.order(new Command.SetAlertPolicy(new dev.muster.edge.config.AlertWish(
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Table.<String, Optional<Limits>>empty().with("hourly-cost", Optional.of(Limits.of(8, 12))),
                        Optional.of(List.of("rollback")))
                .on(AlertPolicy.DEFAULT)));
        awaited("alert rules", "warning >= 8, critical >= 12");
        String rules = run("alert", "rules").out();
        assertThat(rules.lines().filter(line -> line.startsWith("rollback ")))
                .hasSize(1)
                .allMatch(line -> line.contains("switched off"));
        assertThat(rules.lines().filter(line -> line.startsWith("peers ")))
                .allMatch(line -> line.contains("no limits are set"));
        assertThat(rules.lines().filter(line -> line.startsWith("healthy-share ")))
                .allMatch(line -> line.contains("critical < 0.8"));
    }

    // ---- silences

    @Test
    void aSilenceIsGivenAndEnded() {
        Result given = run("alert", "silence", "node-lost/gpu-*", "--for", "2h", "--why", "new switch");
        assertThat(given.err()).isEmpty();
        Silence silence = member.state().alerts().silences().values().iterator().next();
        assertThat(given.out())
                .isEqualTo(silence.id() + ": nobody is told of node-lost/gpu-* until 2026-03-01T14:00:00Z;"
                        + " `muster alert unsilence " + silence.id() + "` ends it\n");
        assertThat(silence.why()).isEqualTo("new switch");
        assertThat(silence.by()).contains("ann");
        awaited("alert list", "node-lost/gpu-*, for 2h more");
        assertThat(run("alert", "unsilence", silence.id()).out()).isEqualTo(silence.id() + " has ended\n");
        assertThat(member.state().alerts().silences().size()).isZero();
        Result again = run("alert", "unsilence", silence.id());
        assertThat(again.exit()).isEqualTo(Exit.NOT_FOUND);
        assertThat(again.err()).contains("no silence " + silence.id());
    }

    @Test
    void aSilenceThatSilencesNothingIsRefused() {
        Result slip = run("alert", "silence", "node-lots", "--for", "2h");
        assertThat(slip.exit()).isEqualTo(Exit.USAGE);
        assertThat(slip.err()).contains("expected a rule, but found \"node-lots\"; did you mean node-lost?");
        assertThat(run("alert", "silence", "moon-*", "--for", "2h").exit()).isEqualTo(Exit.USAGE);
        assertThat(run("alert", "silence", "node lost!", "--for", "2h").err())
                .contains("expected a rule, or RULE/SUBJECT");
        assertThat(run("alert", "silence", "node-lost").err()).contains("expected --for TIME, but found none");
        assertThat(run("alert", "silence", "node-lost", "--for", "long").exit()).isEqualTo(Exit.USAGE);
        assertThat(run("alert", "silence", "node-lost", "--for", "31d").err()).contains("up to 720h");
        assertThat(member.state().alerts().silences().size()).isZero();
    }

    // ---- a test

    @Test
    void aTestSaysWhatEachChannelSaid() {
        AlertScene.Tried channels = new AlertScene.Tried("slack", "bad-hook");
        member.telling = channels;
        Result both = run("alert", "test");
        assertThat(both.exit()).isEqualTo(Exit.ERROR);
        assertThat(both.out())
                .contains("slack     webhook  ok      taken", "bad-hook  webhook  failed  HTTP 404")
                .endsWith("Tested by n1, which leads.\n");
        assertThat(run("alert", "test", "--channel", "slack").exit()).isEqualTo(Exit.DONE);
        assertThat(channels.by).hasSize(2).allMatch(by -> by.contains("ann"));
        Result none = run("alert", "test", "--channel", "slock");
        assertThat(none.exit()).isEqualTo(Exit.NOT_FOUND);
        assertThat(none.err()).contains("no channel slock on n1", "did you mean slack?");
        assertThat(channels.by).hasSize(2);
    }

    @Test
    void aNodeThatDoesNotLeadSaysSo() {
        member.telling = new AlertScene.Tried("slack");
        member.readOnly = Optional.of("no quorum: 1 of 3 voters");
        Result result = run("alert", "test");
        assertThat(result.exit()).isEqualTo(Exit.DONE);
        assertThat(result.out())
                .endsWith("Tested by n1, which does not lead: notices are given by the channels of whoever leads.\n");
    }

    @Test
    void withoutAChannelItSaysWhatToSet() {
        Result result = run("alert", "test");
        assertThat(result.exit()).isEqualTo(Exit.ERROR);
        assertThat(result.err())
                .contains("expected a channel on n1, but found none: nobody can be told")
                .contains("SLACK_WEBHOOK_URL", "DATA/alerts.yaml");
    }

    // ---- the policy

    @Test
    void aFileChangesWhatItNames() throws Exception {
        Path file = file("p.yaml", "hour_max: 3\nquiet: ['22:00-07:00']\nlimits: {hourly-cost: {warning: 8}}\n");
        Result dry = run("alert", "policy", "-f", file.toString(), "--dry-run");
        assertThat(dry.out())
                .isEqualTo("hour_max: 10 -> 3\nquiet: none -> 22:00-07:00\n"
                        + "limits.hourly-cost: the rule's own -> warning 8\n");
        assertThat(policy()).isEqualTo(AlertPolicy.DEFAULT);
        Result unasked = run("alert", "policy", "-f", file.toString());
        assertThat(unasked.exit()).isEqualTo(Exit.USAGE);
        assertThat(unasked.err()).contains("expected --yes");
        Result given = run("alert", "policy", "-f", file.toString(), "--yes", "--why", "nights");
        assertThat(given.exit()).isEqualTo(Exit.DONE);
        assertThat(policy().hourMax()).isEqualTo(3);
        assertThat(policy().gather()).isEqualTo(AlertPolicy.DEFAULT.gather());
        assertThat(member.given.getLast().why()).isEqualTo("nights");
        awaited("alert policy", "hour_max: 3");
        assertThat(run("alert", "policy", "-f", file.toString(), "--yes").out()).isEqualTo("nothing changes\n");
    }

    @Test
    void whatIsShownCanBeFedBack() throws Exception {
        run("alert", "policy", "--preset", "runbook", "--yes");
        run(
                "alert",
                "policy",
                "-f",
                file("p.yaml", "off: [rollback]\nzone: Europe/Berlin").toString(),
                "--yes");
        awaited("alert policy", "rollback");
        AlertPolicy before = policy();
        String shown = run("alert", "policy").out();
        member.order(new Command.SetAlertPolicy(AlertPolicy.DEFAULT));
        awaited("alert policy", "zone: UTC");
        assertThat(run("alert", "policy", "-f", file("shown.yaml", shown).toString(), "--yes")
                        .err())
                .isEmpty();
        assertThat(policy()).isEqualTo(before);
        assertThat(before.limits().size()).isEqualTo(6);
    }

    @Test
    void aRulesOwnLimitsComeBack() throws Exception {
        run("alert", "policy", "--preset", "runbook", "--yes");
        awaited("alert policy", "peers");
        Result result =
                run("alert", "policy", "-f", file("p.yaml", "limits: {peers: }").toString(), "--yes");
        assertThat(result.out()).isEqualTo("limits.peers: warning 16, critical 10 -> the rule's own\n");
        assertThat(policy().limits().has("peers")).isFalse();
    }

    @Test
    void thePriorSystemsNumbersBecomeLimits() throws Exception {
        Path file = file("old.yaml", """
                slack_webhook_url: null
                thresholds: {min_healthy_percent: 80, max_offline_count: 5, max_recovery_attempts_per_hour: 6, max_hourly_cost: 50.0}
                suppression: {cooldown_seconds: 900, max_alerts_per_hour: 12}
                """);
        Result result = run("alert", "policy", "-f", file.toString(), "--yes");
        assertThat(result.exit()).as(result.err()).isEqualTo(Exit.DONE);
        assertThat(result.out())
                .contains(
                        "cooldown: 30m -> 15m",
                        "hour_max: 10 -> 12",
                        "limits.hourly-cost: the rule's own -> warning 50")
                .contains(
                        "limits.nodes-offline: the rule's own -> critical 6",
                        "limits.recoveries: the rule's own -> warning 7");
        Path vast = file(
                "vast.yaml", "vast_alerts: {cost_warning: {webhook: 'https://x.example/h', daily_threshold: 50.00}}");
        assertThat(run("alert", "policy", "-f", vast.toString(), "--yes").out())
                .isEqualTo("limits.daily-cost: the rule's own -> warning 50\n");
    }

    @Test
    void aFileThatIsWrongChangesNothing() throws Exception {
        Path file = file("p.yaml", "hour_max: 3\nlimits:\n  node-lost: {warning: 1}\n  hourly-cots: {warning: 8}\n");
        Result result = run("alert", "policy", "-f", file.toString(), "--yes");
        assertThat(result.exit()).isEqualTo(Exit.USAGE);
        assertThat(result.err())
                .contains(
                        "2 problems in the policy", "p.yaml:3: limits.node-lost: expected a rule that watches a figure")
                .contains("did you mean hourly-cost?");
        assertThat(policy()).isEqualTo(AlertPolicy.DEFAULT);
        assertThat(run("alert", "policy", "-f", "none.yaml", "--yes").err()).contains("there is no such file");
        assertThat(run("alert", "policy", "--preset", "runbok", "--yes").err())
                .contains("expected --preset runbook, but found \"runbok\"");
        assertThat(run("alert", "policy", "--preset", "runbook", "-f", file.toString())
                        .exit())
                .isEqualTo(Exit.USAGE);
    }

    // ---- status and doctor

    @Test
    void theDoctorTellsOfAlertsAndOfMissingChannels() {
        awaited("alert list", "has not looked yet");
        assertThat(run("doctor").out())
                .contains("warn  channels: the leader has no channel: nobody is told of alerts", "SLACK_WEBHOOK_URL");
        led();
        assertThat(run("doctor").out()).contains("ok    alerts: none is open").doesNotContain("channels:");
        sight("budget", "all per day", AlertLevel.WARNING);
        awaited("alert list", "budget");
        assertThat(run("doctor").out()).contains("warn  alerts: budget (warning)\n");
        sight("node-lost", "n3", AlertLevel.CRITICAL);
        awaited("alert list", "node-lost");
        Result critical = run("doctor");
        assertThat(critical.out())
                .contains("FAIL  alerts: node-lost (critical), budget (warning)\n".replace("FAIL", "fail"));
        assertThat(critical.exit()).isEqualTo(Exit.NOT_HEALTHY);
        assertThat(run("status").out()).contains("Alerts  1 critical, 1 warning: node-lost (n3 is not well)");
    }

    @Test
    void eventsOfOneAlertAreFound() {
        sight("node-lost", "n3", AlertLevel.CRITICAL);
        sight("budget", "all per day", AlertLevel.WARNING);
        sight("run-failed/r7", "r7", AlertLevel.CRITICAL);
        member.order(new Command.TellAlert("node-lost", 1, List.of("n3"), new java.util.TreeSet<>(List.of("slack"))));
        awaited("events --within alert/node-lost", "ALERT_TOLD");
        assertThat(run("events", "--within", "alert/node-lost").out())
                .contains("ALERT_RAISED alert=node-lost subject=n3 level=CRITICAL text=n3 is not well")
                .contains("ALERT_TOLD number=1 alert=node-lost kind=FIRED level=CRITICAL open=1 channels=slack")
                .doesNotContain("budget", "run-failed");
        assertThat(run("events", "--within", "alert/run-failed/r7").out())
                .contains("alert=run-failed/r7")
                .doesNotContain("node-lost");
        assertThat(run("events", "--type", "ALERT_TOLD").out().lines()).hasSize(1);
    }

    @Test
    void jsonHasAllOfIt() {
        led();
        sight("node-lost", "n3", AlertLevel.CRITICAL);
        awaited("alert list", "node-lost");
        Doc list = json(run("alert", "list", "-o", "json"));
        assertThat(list.flag("led")).isTrue();
        assertThat(list.list("alerts").getFirst().list("subjects").getFirst().text("subject"))
                .isEqualTo("n3");
        assertThat(json(run("alert", "rules", "-o", "json")).list("rules")).hasSizeGreaterThan(25);
        assertThat(json(run("alert", "silence", "*", "--for", "1h", "-o", "json"))
                        .list("covers"))
                .hasSizeGreaterThan(25);
    }
}
