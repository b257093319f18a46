package dev.muster.core.keepalive;

import static dev.muster.core.Orders.fence;
import static dev.muster.core.Orders.join;
import static dev.muster.core.Orders.n;
import static dev.muster.core.Rents.bid;
import static dev.muster.core.Rents.grouped;
import static dev.muster.core.Rents.order;
import static dev.muster.core.Rents.rent;
import static dev.muster.core.Rents.sight;
import static dev.muster.core.Story.given;
import static dev.muster.core.keepalive.KeeperTest.as;
import static dev.muster.core.keepalive.KeeperTest.at;
import static dev.muster.core.keepalive.KeeperTest.deeds;
import static dev.muster.core.keepalive.KeeperTest.done;
import static dev.muster.core.keepalive.KeeperTest.failed;
import static dev.muster.core.keepalive.KeeperTest.plan;
import static dev.muster.core.keepalive.KeeperTest.sees;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.Rents;
import dev.muster.core.Story;
import dev.muster.core.plan.Action;
import dev.muster.core.plan.Credit;
import dev.muster.core.plan.Errand;
import dev.muster.core.plan.Plan;
import dev.muster.core.plan.Renting;
import dev.muster.core.plan.Soft;
import dev.muster.core.plan.Wait;
import dev.muster.core.rent.Rented;
import dev.muster.core.state.Command;
import dev.muster.core.state.Observed;
import dev.muster.core.state.Rent;
import dev.muster.core.state.Trouble;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CreditTest {
    private static final Errand ASK = new Errand.AskCredit("vast");
    private static final Command TELL = new Command.TellTrouble(Trouble.NO_CREDIT, "vast", "the account lacks credit");
    private static final String LACK = "vast: the account lacks credit";

    private static Story found(Observed observed, Rent rent) {
        return given(new Command.AnnounceLeader(n("n1"), 1), grouped("g", 5), order(rent, "g"))
                .and(sight(1, "77", observed));
    }

    private static Story found(Observed observed) {
        return found(observed, rent("0.10"));
    }

    private static Soft with(Soft soft, UnaryOperator<Renting> news) {
        return soft.withRenting(news.apply(soft.renting()));
    }

    private static Soft lacks(Instant at, Rented... rows) {
        return done(with(sees(at, rows), renting -> renting.lacksCredit("vast", at)), ASK, at);
    }

    @ParameterizedTest
    @EnumSource(
            value = Observed.class,
            names = {"PROVISIONING", "PULLING", "STOPPED", "QUEUED", "HOST_LOST", "FAILED", "RUNNING"})
    void withoutCreditNoMachineIsBlamedOrEnded(Observed observed) {
        Soft soft = lacks(at(90_000), as(observed));
        Plan plan = plan(found(observed), soft, at(90_001));
        assertThat(deeds(plan)).allMatch(deed -> deed instanceof Errand.Start || deed instanceof Errand.Install);
        assertThat(plan.waits())
                .singleElement()
                .satisfies(wait -> assertThat(wait.reason()).isEqualTo(Wait.Reason.INSTANCE))
                .satisfies(wait -> assertThat(wait.message()).endsWith(LACK));
    }

    @Test
    void withoutCreditNothingIsBidAndNobodyIsReplacedWhoIsOutbid() {
        Story story = found(Observed.PREEMPTED, bid("0.05", "0.10"));
        assertThat(deeds(story, checked(sees(at(30), as(Observed.PREEMPTED)), true, at(30)), at(31)))
                .isNotEmpty();
        Errand start = new Errand.Start(Rents.i(1));
        assertThat(deeds(story, lacks(at(30), as(Observed.PREEMPTED)), at(31))).containsExactly(start);
        assertThat(deeds(story, lacks(at(90_000), as(Observed.PREEMPTED)), at(90_001)))
                .as("which shows whether it still lacks")
                .containsExactly(start);
    }

    @Test
    void itIsToldOnceAndTheAccountIsLookedAtEveryTwoMinutes() {
        Story story = found(Observed.STOPPED);
        Soft soft = lacks(at(30), as(Observed.STOPPED));
        assertThat(plan(story, soft, at(31)).actions()).contains(new Action.Propose(TELL, "the account lacks credit"));
        story.and(TELL);
        assertThat(plan(story, soft, at(149)).actions())
                .doesNotContain(new Action.Propose(TELL, "the account lacks credit"))
                .doesNotContain(new Action.Run(ASK, LACK));
        assertThat(plan(story, soft, at(150)).actions()).contains(new Action.Run(ASK, LACK));
    }

    @Test
    void deadlinesBeginAnewWhenCreditIsBack() {
        Story story = found(Observed.STOPPED);
        Instant back = at(90_000);
        Duration most = story.state().rentals().scaling().outbidMax();
        Soft soft = with(lacks(at(30)), renting -> renting.asked("vast", true, back, back));
        Instant end = back.plus(most);
        Soft early = Rents.listed(soft, end.minusSeconds(1), as(Observed.STOPPED));
        assertThat(deeds(story, early, end.minusSeconds(1))).allMatch(deed -> deed instanceof Errand.Start);
        Soft late = Rents.listed(soft, end, as(Observed.STOPPED));
        assertThat(deeds(story, late, end)).contains(Rents.end(1));
    }

    /// It does not know what its predecessor was told, but the log does.
    @Test
    void aNewLeaderLooksAtTheAccountBeforeItEndsAnything() {
        Story story = found(Observed.STOPPED).and(TELL);
        Soft soft = sees(at(80_000), as(Observed.STOPPED));
        assertThat(deeds(story, soft, at(80_000))).contains(ASK).doesNotContain(Rents.end(1));
        Soft unknown = failed(failed(soft, ASK, at(80_001), "no"), ASK, at(80_002), "no");
        assertThat(deeds(story, unknown, at(80_003))).doesNotContain(Rents.end(1));
        assertThat(deeds(story, failed(unknown, ASK, at(80_004), "no"), at(80_005)))
                .as("an account that cannot be looked at says nothing")
                .contains(Rents.end(1));
        Soft none = with(soft, renting -> renting.asked("vast", false, at(80_001), at(80_001)));
        assertThat(deeds(story, none, at(80_002))).doesNotContain(Rents.end(1));
    }

    @Test
    void oneOrderIsLetThroughFromTimeToTime() {
        Story story = given(new Command.AnnounceLeader(n("n1"), 1), grouped("g", 5));
        Renting lacks = Renting.NOTHING.lacksCredit("vast", at(0));
        assertThat(refused(story, lacks, 299)).contains(LACK);
        assertThat(refused(story, lacks, 300)).isEmpty();
        Renting again = lacks.lacksCredit("vast", at(600));
        assertThat(refused(story, again, 1_199)).as("twice as long").contains(LACK);
        assertThat(refused(story, again, 1_200)).isEmpty();
        story.and(order(rent("0.10"), "g"));
        assertThat(refused(story, again, 1_200)).as("one is under way").contains(LACK);
        assertThat(refused(story, again.paid("vast", at(1_201)), 1_201)).isEmpty();
        story.and(sight(1, "77", Observed.STOPPED));
        assertThat(refused(story, again, 1_200)).as("a start shows it, too").contains(LACK);
        assertThat(refused(story, again.paid("vast", at(1_201)), 1_202))
                .hasValueSatisfying(
                        why -> assertThat(why).endsWith("is started first, until 2026-01-01T00:23:01Z at the latest"));
        assertThat(refused(story, again.paid("vast", at(1_201)), 1_381)).isEmpty();
    }

    @Test
    void groupsWaitNoLongerThanUntilEverythingIsUpAgain() {
        Story story = given(new Command.AnnounceLeader(n("n1"), 1), grouped("g", 5));
        story.and(order(rent("0.10"), "g"), sight(1, "77", Observed.STOPPED), join("vast-77"), fence("vast-77"));
        Renting back = Renting.NOTHING.lacksCredit("vast", at(0)).paid("vast", at(100));
        assertThat(refused(story, back, 101)).as("stopped").isPresent();
        story.after(Duration.ofSeconds(110)).and(sight(1, "77", Observed.RUNNING));
        assertThat(refused(story, back, 111)).as("its agent is not heard").isPresent();
        story.and(new Command.ReadmitNode(n("vast-77")));
        assertThat(refused(story, back, 112)).isEmpty();
    }

    // ---- taken for lack of credit, or by a higher bid

    private static Soft checked(Soft soft, boolean some, Instant at) {
        return done(with(soft, renting -> renting.asked("vast", some, at, at)), ASK, at);
    }

    @Test
    void whoIsOutbidMayHaveBeenStoppedForLackOfCredit() {
        Story story = found(Observed.PREEMPTED, bid("0.05", "0.10")).after(Duration.ofHours(1));
        Instant later = at(4_000);
        Soft soft = sees(later, as(Observed.PREEMPTED));
        assertThat(deeds(story, soft, later)).containsExactly(ASK);
        Soft before = checked(soft, true, at(-1));
        assertThat(deeds(story, before, later)).as("asked before it was taken").containsExactly(ASK);
        Soft none = checked(soft, false, later);
        assertThat(deeds(story, none, later)).containsExactly(new Errand.Start(Rents.i(1)));
        assertThat(plan(story, none, later).actions()).contains(new Action.Propose(TELL, "the account lacks credit"));
        assertThat(deeds(story, checked(soft, true, later), later)).containsExactly(Rents.end(1));
        Soft silent = failed(failed(failed(soft, ASK, at(1), "no"), ASK, at(2), "no"), ASK, at(3), "no");
        assertThat(deeds(story, silent, later))
                .as("an account that cannot be looked at says nothing")
                .containsExactly(Rents.end(1));
    }

    @Test
    void whatWasTakenForLackOfCreditIsStartedAndHasItsWholeTime() {
        Story story = found(Observed.PREEMPTED, bid("0.05", "0.10"));
        Instant back = at(5_000);
        Soft soft = checked(lacks(at(30)), true, back);
        Soft fresh = Rents.listed(soft, back.plusSeconds(179), as(Observed.PREEMPTED));
        assertThat(deeds(story, fresh, back.plusSeconds(179))).containsExactly(new Errand.Start(Rents.i(1)));
        Instant end = back.plus(story.state().rentals().scaling().outbidMax());
        Soft last = Rents.listed(soft, end.minusSeconds(1), as(Observed.PREEMPTED));
        assertThat(deeds(story, last, end.minusSeconds(1))).doesNotContain(Rents.end(1));
        Plan over = plan(story, Rents.listed(soft, end, as(Observed.PREEMPTED)), end);
        assertThat(deeds(over)).containsExactly(Rents.end(1));
        assertThat(over.waits().getFirst().message()).startsWith("is outbid for 10m");
    }

    @Test
    void eachNewLackOfCreditIsToldAndSoIsItsEnd() {
        Story story = found(Observed.STOPPED).and(TELL);
        Soft lacks = lacks(at(30), as(Observed.STOPPED));
        assertThat(plan(story, lacks, at(31)).actions())
                .doesNotContain(new Action.Propose(TELL, "the account lacks credit"));
        Command over = new Command.EndTrouble(Trouble.NO_CREDIT, "vast", "the account has credit again");
        Soft back = checked(lacks, true, at(60));
        assertThat(deeds(story, back, at(61))).contains(over);
        story.after(Duration.ofSeconds(62)).and(over);
        assertThat(deeds(story, back, at(63))).doesNotContain(over);
        assertThat(Credit.backSince(story.state().rentals(), Renting.NOTHING, "vast"))
                .as("a leader that comes later knows it")
                .isEqualTo(at(62));
        Soft again = with(back, renting -> renting.lacksCredit("vast", at(90)));
        assertThat(plan(story, again, at(91)).actions()).contains(new Action.Propose(TELL, "the account lacks credit"));
    }

    @Test
    void eachNewRefusalOfTheKeyIsToldAndSoIsItsEnd() {
        Command told = new Command.TellTrouble(Trouble.KEY_REFUSED, "vast", "no");
        Command over = new Command.EndTrouble(Trouble.KEY_REFUSED, "vast", "the key is taken again");
        Errand look = new Errand.Look("vast");
        Story story = found(Observed.RUNNING).and(told);
        Soft soft = sees(at(30), as(Observed.RUNNING));
        Soft denied = with(soft, renting -> renting.denied(look, at(60), "no"));
        assertThat(deeds(story, denied, at(61))).doesNotContain(over);
        assertThat(deeds(story, done(denied, look, at(70)), at(71))).contains(over);
        story.and(over);
        assertThat(deeds(story, done(denied, look, at(70)), at(71))).doesNotContain(over);
        assertThat(plan(story, denied, at(80)).actions()).contains(new Action.Propose(told, "no"));
    }

    private static Optional<String> refused(Story story, Renting renting, long seconds) {
        return Credit.noOrder(story.state(), renting, "vast", at(seconds));
    }
}
