package dev.muster.core.keepalive;

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
        assertThat(deeds(story, sees(at(30), as(Observed.PREEMPTED)), at(31))).isNotEmpty();
        assertThat(deeds(story, lacks(at(30), as(Observed.PREEMPTED)), at(31))).isEmpty();
        assertThat(deeds(story, lacks(at(90_000), as(Observed.PREEMPTED)), at(90_001)))
                .isEmpty();
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
        Soft soft = with(lacks(at(30)), renting -> renting.asked("vast", true, back));
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
        Soft none = with(soft, renting -> renting.asked("vast", false, at(80_001)));
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
                .hasValueSatisfying(why -> assertThat(why).endsWith("is started first"));
        assertThat(refused(story, again.paid("vast", at(1_201)), 1_381)).isEmpty();
    }

    private static Optional<String> refused(Story story, Renting renting, long seconds) {
        return Credit.noOrder(story.state().rentals(), renting, "vast", at(seconds));
    }
}
