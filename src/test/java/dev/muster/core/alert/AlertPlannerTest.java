package dev.muster.core.alert;

import static dev.muster.core.Orders.join;
import static dev.muster.core.Orders.n;
import static dev.muster.core.Story.ANN;
import static dev.muster.core.Story.LEADER;
import static dev.muster.core.Story.given;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.Story;
import dev.muster.core.plan.Alerting;
import dev.muster.core.state.AlertLevel;
import dev.muster.core.state.AlertPolicy;
import dev.muster.core.state.Command;
import dev.muster.core.state.Event;
import dev.muster.core.state.QuietHours;
import dev.muster.core.state.Table;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AlertPlannerTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private static Watchtower tower(int nodes) {
        Story story = given(join("n1"), new Command.AnnounceLeader(n("n1"), 1));
        for (int number = 2; number <= nodes; number++) story.and(join("n" + number));
        return new Watchtower(story).run(Duration.ofSeconds(5));
    }

    private static AlertPolicy policy(Duration gather, int hourMax, List<QuietHours> quiet, List<String> off) {
        AlertPolicy usual = AlertPolicy.DEFAULT;
        return new AlertPolicy(
                gather, usual.again(), usual.cooldown(), usual.clear(), hourMax, "UTC", quiet, Table.empty(), off);
    }

    private static AlertPolicy usual() {
        return AlertPolicy.DEFAULT;
    }

    @Test
    void oneNodeIsToldOnceAndOnceWhenItIsBack() {
        Watchtower tower = tower(10).silent("n4").run(MINUTE.multipliedBy(10));
        assertThat(tower.told()).containsExactly("chat: node-lost FIRED WARNING [n4]");
        tower.back("n4").run(MINUTE.multipliedBy(10));
        assertThat(tower.told()).containsExactly("chat: node-lost RESOLVED WARNING [n4]");
        assertThat(tower.story.state().alerts().alerts().isEmpty()).isTrue();
        assertThat(tower.story.state().alerts().outbox().isEmpty()).isTrue();
    }

    @Test
    void whatComesWhileItIsGatheredIsToldWithItAndWhatComesLaterAfterAWhile() {
        Watchtower tower =
                tower(20).silent("n4").run(Duration.ofSeconds(15)).silent("n5").run(MINUTE.multipliedBy(2));
        assertThat(tower.told()).containsExactly("chat: node-lost FIRED WARNING [n4, n5]");
        tower.silent("n6").run(MINUTE.multipliedBy(2));
        assertThat(tower.told()).isEmpty();
        assertThat(tower.waits()).anyMatch(why -> why.startsWith("something of it was told just now; told at"));
        tower.run(MINUTE.multipliedBy(4));
        assertThat(tower.told()).containsExactly("chat: node-lost CHANGED WARNING [n6]");
    }

    @Test
    void manyNodesAreOneAlertAndTheMostCriticalIsPaged() {
        Watchtower tower = tower(10).silent("n4").run(MINUTE.multipliedBy(2));
        assertThat(tower.told()).containsExactly("chat: node-lost FIRED WARNING [n4]");
        tower.silent("n5", "n6", "n7").run(MINUTE.multipliedBy(2));
        assertThat(tower.told())
                .containsExactly(
                        "chat: node-lost ESCALATED CRITICAL [n4, n5, n6, n7]",
                        "pager: node-lost ESCALATED CRITICAL [n4, n5, n6, n7]");
        tower.back("n4", "n5", "n6", "n7").run(MINUTE.multipliedBy(10));
        assertThat(tower.told())
                .containsExactly(
                        "chat: node-lost RESOLVED CRITICAL [n4, n5, n6, n7]",
                        "pager: node-lost RESOLVED CRITICAL [n4, n5, n6, n7]");
    }

    @Test
    void whoeverWasPagedHearsThatItIsOverThoughItWasNoLongerCritical() {
        Watchtower tower = tower(10).silent("n4", "n5", "n6").run(MINUTE.multipliedBy(2));
        tower.back("n5", "n6").run(MINUTE.multipliedBy(10)).back("n4").run(MINUTE.multipliedBy(10));
        assertThat(tower.told()).last().isEqualTo("pager: node-lost RESOLVED CRITICAL [n4]");
    }

    @Test
    void whatIsShorterThanItsHoldIsNobodysBusiness() {
        Watchtower tower =
                tower(5).silent("n4").run(Duration.ofSeconds(35)).back("n4").run(MINUTE.multipliedBy(10));
        assertThat(tower.told()).isEmpty();
        assertThat(tower.story.state().alerts().alerts().isEmpty()).isTrue();
    }

    @Test
    void aNewLeaderTellsWhatIsOwedAndNothingTwice() {
        Watchtower tower = tower(10);
        tower.down.add("chat");
        tower.silent("n4").run(MINUTE.multipliedBy(2));
        assertThat(tower.told()).isEmpty();
        tower.down.clear();
        tower.anotherLeads().run(MINUTE.multipliedBy(10));
        assertThat(tower.told()).containsExactly("chat: node-lost FIRED WARNING [n4]");
        tower.anotherLeads().run(MINUTE.multipliedBy(10));
        assertThat(tower.told()).isEmpty();
    }

    @Test
    void aChannelThatIsDownIsTriedLessAndLessAndDoesNotHoldUpOthers() {
        Watchtower tower = tower(10);
        tower.down.add("pager");
        tower.silent("n4", "n5", "n6").run(MINUTE.multipliedBy(4));
        assertThat(tower.told()).containsExactly("chat: node-lost FIRED CRITICAL [n4, n5, n6]");
        tower.run(MINUTE.multipliedBy(10));
        assertThat(tower.told()).containsExactly("chat: alert-delivery FIRED WARNING [pager]");
        tower.down.clear();
        tower.run(MINUTE.multipliedBy(10));
        assertThat(tower.told())
                .containsExactly(
                        "pager: node-lost FIRED CRITICAL [n4, n5, n6]",
                        "chat: alert-delivery RESOLVED WARNING [pager]");
    }

    @Test
    void whatAChannelRefusesOfOneAlertHoldsUpNoOther() {
        Watchtower tower = tower(10);
        tower.refused.add("node-lost");
        tower.silent("n4").run(MINUTE.multipliedBy(2));
        assertThat(tower.told()).isEmpty();
        tower.check("n5", "disk", AlertLevel.WARNING).run(MINUTE.multipliedBy(4));
        assertThat(tower.told()).containsExactly("chat: node-check FIRED WARNING [n5 disk]");
    }

    @Test
    void whatIsWrongInTheLeadersFileIsToldByTheChannelsThatAreLeft() {
        Watchtower tower = tower(10).problem("line 3: chanels: unknown key").run(MINUTE.multipliedBy(7));
        assertThat(tower.told()).containsExactly("chat: alert-delivery FIRED WARNING [alerts.yaml]");
    }

    @Test
    void whatNoChannelTakesForADayIsGivenUpAndSaid() {
        Watchtower tower = tower(10);
        tower.down.add("chat");
        tower.silent("n4").run(Duration.ofHours(25));
        assertThat(tower.story.state().journal().recent().values())
                .anyMatch(entry -> entry.event()
                                instanceof Event.AlertUndelivered(long number, String alert, String way, String why)
                        && alert.equals("node-lost")
                        && way.equals("chat"));
    }

    @Test
    void whatIsSilencedIsToldWhenTheSilenceEnds() {
        Watchtower tower = tower(10);
        tower.story.by(ANN, "we move it").and(new Command.SilenceAlerts("node-lost/n4", Duration.ofMinutes(20)));
        tower.story.by(LEADER, "");
        tower.silent("n4").run(MINUTE.multipliedBy(10));
        assertThat(tower.told()).isEmpty();
        assertThat(tower.waits()).anyMatch(why -> why.startsWith("silenced by person:ann until 2026-01-01T00:20:05Z"));
        tower.run(MINUTE.multipliedBy(12));
        assertThat(tower.told()).containsExactly("chat: node-lost FIRED WARNING [n4]");
    }

    @Test
    void whatIsOverBeforeTheSilenceEndsIsNeverTold() {
        Watchtower tower = tower(10);
        tower.story.and(new Command.SilenceAlerts("*/n4", Duration.ofMinutes(20)));
        tower.silent("n4").run(MINUTE.multipliedBy(5)).back("n4").run(MINUTE.multipliedBy(30));
        assertThat(tower.told()).isEmpty();
    }

    @Test
    void anAlertThatWasToldIsToldToBeOverThoughItIsSilenced() {
        Watchtower tower = tower(10).silent("n4").run(MINUTE.multipliedBy(2));
        tower.story.and(new Command.SilenceAlerts("node-lost", Duration.ofHours(2)));
        tower.back("n4").run(MINUTE.multipliedBy(5));
        assertThat(tower.told())
                .containsExactly("chat: node-lost FIRED WARNING [n4]", "chat: node-lost RESOLVED WARNING [n4]");
    }

    @Test
    void inQuietHoursOnlyWhatIsCriticalIsToldAndTheRestAfterThem() {
        Watchtower tower = tower(10);
        tower.story.and(new Command.SetAlertPolicy(
                policy(usual().gather(), 10, List.of(QuietHours.parse("00:00-00:30")), List.of())));
        tower.silent("n4").run(MINUTE.multipliedBy(10));
        assertThat(tower.told()).isEmpty();
        assertThat(tower.waits()).contains("quiet hours: only what is critical is told");
        tower.run(MINUTE.multipliedBy(21));
        assertThat(tower.told()).containsExactly("chat: node-lost FIRED WARNING [n4]");
        Watchtower other = tower(10);
        other.story.and(new Command.SetAlertPolicy(
                policy(usual().gather(), 10, List.of(QuietHours.parse("00:00-00:30")), List.of())));
        other.silent("n4", "n5", "n6").run(MINUTE.multipliedBy(3));
        assertThat(other.told()).hasSize(2).allMatch(line -> line.contains("CRITICAL"));
    }

    @Test
    void whatComesBackAtOnceWaitsForTheCooldownUnlessItIsWorse() {
        Watchtower tower = tower(10).silent("n4").run(MINUTE.multipliedBy(2));
        tower.back("n4").run(MINUTE.multipliedBy(5));
        tower.told();
        tower.silent("n4").run(MINUTE.multipliedBy(10));
        assertThat(tower.told()).isEmpty();
        assertThat(tower.waits()).anyMatch(why -> why.startsWith("it was told to be over just now"));
        tower.silent("n5", "n6").run(MINUTE.multipliedBy(2));
        assertThat(tower.told())
                .containsExactly(
                        "chat: node-lost FIRED CRITICAL [n4, n5, n6]", "pager: node-lost FIRED CRITICAL [n4, n5, n6]");
    }

    @Test
    void anotherNodeNeedNotWaitForTheCooldownOfTheFirst() {
        Watchtower tower = tower(10).silent("n4").run(MINUTE.multipliedBy(2));
        tower.back("n4").run(MINUTE.multipliedBy(5));
        tower.told();
        tower.silent("n5").run(MINUTE.multipliedBy(2));
        assertThat(tower.told()).containsExactly("chat: node-lost FIRED WARNING [n5]");
    }

    @Test
    void thereAreNoMoreNoticesInAnHourThanWantedAndTheRestComesLater() {
        Watchtower tower = tower(40);
        tower.story.and(new Command.SetAlertPolicy(policy(Duration.ZERO, 3, List.of(), List.of())));
        for (int node = 4; node < 10; node++) {
            tower.silent("n" + node).run(MINUTE.multipliedBy(6));
        }
        assertThat(tower.told()).hasSize(3);
        assertThat(tower.waits()).anyMatch(why -> why.contains("(hour_max)"));
        tower.run(Duration.ofHours(1));
        assertThat(tower.told()).hasSize(1).allMatch(line -> line.contains("[n7, n8, n9]"));
    }

    @Test
    void whatFlapsIsOneAlert() {
        Watchtower tower = tower(10);
        List<String> told = new ArrayList<>();
        for (int time = 0; time < 20; time++) {
            tower.silent("n4").run(Duration.ofSeconds(80)).back("n4").run(Duration.ofSeconds(80));
            told.addAll(tower.told());
        }
        assertThat(told).containsExactly("chat: node-lost FIRED WARNING [n4]");
    }

    @Test
    void aCheckThatTellsNothingIsUnknownAndNeverWell() {
        Watchtower tower = tower(10).check("n4", "disk", AlertLevel.CRITICAL).run(MINUTE.multipliedBy(4));
        assertThat(tower.told())
                .containsExactly(
                        "chat: node-check FIRED CRITICAL [n4 disk]", "pager: node-check FIRED CRITICAL [n4 disk]");
        tower.silent("n4").run(MINUTE.multipliedBy(30));
        assertThat(tower.told()).containsExactly("chat: node-lost FIRED WARNING [n4]");
        assertThat(tower.story.state().alerts().member("node-check", "n4 disk")).isPresent();
        tower.back("n4").well("n4").run(MINUTE.multipliedBy(5));
        assertThat(tower.told()).anyMatch(line -> line.startsWith("pager: node-check RESOLVED"));
    }

    @Test
    void aCheckThatFailsToBeMadeIsToldAsUnknown() {
        Watchtower tower = tower(10).check("n4", "cuda", AlertLevel.UNKNOWN).run(MINUTE.multipliedBy(4));
        assertThat(tower.told()).containsExactly("chat: node-check FIRED UNKNOWN [n4 cuda]");
    }

    @Test
    void aRuleThatIsOffIsNotTold() {
        Watchtower tower = tower(10);
        tower.story.and(new Command.SetAlertPolicy(policy(usual().gather(), 10, List.of(), List.of("node-lost"))));
        tower.silent("n4").run(MINUTE.multipliedBy(10));
        assertThat(tower.told()).isEmpty();
    }

    @Test
    void withoutAChannelItStillShowsAndACameChannelHearsTheRest() {
        Watchtower tower = tower(10).ways().silent("n4").run(MINUTE.multipliedBy(5));
        assertThat(tower.story.state().alerts().alerts().has("node-lost")).isTrue();
        assertThat(tower.story.state().alerts().outbox().isEmpty()).isTrue();
        tower.ways(Watchtower.CHAT).back("n4").run(MINUTE.multipliedBy(5));
        assertThat(tower.told()).containsExactly("chat: node-lost RESOLVED WARNING [n4]");
    }

    @Test
    void aWayTakesOnlyItsRules() {
        Watchtower tower = tower(10)
                .ways(
                        new Alerting.Way(
                                "a", "slack", Set.of(AlertLevel.values()), List.of("quorum"), List.of(), List.of()),
                        new Alerting.Way(
                                "b", "slack", Set.of(AlertLevel.values()), List.of(), List.of("node-lost"), List.of()),
                        new Alerting.Way(
                                "c", "slack", Set.of(AlertLevel.values()), List.of(), List.of("quorum"), List.of()))
                .silent("n4")
                .run(MINUTE.multipliedBy(3));
        assertThat(tower.told()).containsExactly("c: node-lost FIRED WARNING [n4]");
    }
}
