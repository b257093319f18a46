package dev.muster.core.keepalive;

import static dev.muster.core.Orders.fence;
import static dev.muster.core.Orders.join;
import static dev.muster.core.Orders.n;
import static dev.muster.core.Rents.LABEL;
import static dev.muster.core.Rents.budget;
import static dev.muster.core.Rents.end;
import static dev.muster.core.Rents.i;
import static dev.muster.core.Rents.listed;
import static dev.muster.core.Rents.order;
import static dev.muster.core.Rents.release;
import static dev.muster.core.Rents.rent;
import static dev.muster.core.Rents.row;
import static dev.muster.core.Rents.sight;
import static dev.muster.core.Rents.stop;
import static dev.muster.core.Rents.today;
import static dev.muster.core.Rents.usd;
import static dev.muster.core.Story.START;
import static dev.muster.core.Story.given;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.Story;
import dev.muster.core.plan.Action;
import dev.muster.core.plan.Errand;
import dev.muster.core.plan.Plan;
import dev.muster.core.plan.Policy;
import dev.muster.core.plan.Renting;
import dev.muster.core.plan.Soft;
import dev.muster.core.plan.Wait;
import dev.muster.core.rent.Offer;
import dev.muster.core.rent.OfferQuery;
import dev.muster.core.rent.Price;
import dev.muster.core.rent.Rented;
import dev.muster.core.state.Again;
import dev.muster.core.state.Bytes;
import dev.muster.core.state.Command;
import dev.muster.core.state.Money;
import dev.muster.core.state.Observed;
import dev.muster.core.state.Rent;
import dev.muster.core.state.Scaling;
import dev.muster.core.state.Sighting;
import dev.muster.core.state.Trouble;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// What fails before it is of any use, whose fault that is, and what takes its place.
class AnotherTest {
    private static final String DENIED = "Error response from daemon: pull access denied for acme/train";

    private static Instant at(long seconds) {
        return START.plusSeconds(seconds);
    }

    private static Again again(int left, Optional<Long> after) {
        return new Again(
                "num_gpus >= \"1\"", usd("0.12"), Bytes.ZERO, Bytes.ZERO, left, after.map(number -> i(number)));
    }

    private static Command retried(Rent rent, Again again) {
        return new Command.RentInstance(Optional.empty(), rent, Optional.empty(), today(START), Optional.of(again));
    }

    private static Story ordered(int left) {
        return given(new Command.AnnounceLeader(n("n1"), 1), retried(rent("0.10"), again(left, Optional.empty())));
    }

    private static Command failed(long id, String rented, String message) {
        return new Command.SightInstance(
                i(id), new Sighting(rented, Observed.FAILED, usd("0.01"), usd("0.10"), Optional.empty(), message));
    }

    /// As the provider lists what `failed` has seen.
    private static Rented row(String rented, String label, String message) {
        Rented usual = dev.muster.core.Rents.row(rented, label, Observed.FAILED);
        return new Rented(
                "vast",
                rented,
                label,
                "o1",
                "m1",
                Observed.FAILED,
                usual.gpus(),
                usual.reach(),
                usual.bill(),
                "",
                "",
                message);
    }

    private static Soft sees(Instant at, Rented... rows) {
        return listed(Soft.leadingSince(START), at, rows);
    }

    private static Plan plan(Story story, Soft soft, Instant now) {
        return Keeper.decide(story.state(), soft, Policy.DEFAULT, now);
    }

    private static List<Command> orders(Plan plan) {
        return plan.actions().stream()
                .filter(Action.Propose.class::isInstance)
                .map(action -> ((Action.Propose) action).command())
                .toList();
    }

    private static List<Errand> errands(Plan plan) {
        return plan.actions().stream()
                .filter(Action.Run.class::isInstance)
                .map(action -> ((Action.Run) action).errand())
                .filter(errand -> !(errand instanceof Errand.Look) && !(errand instanceof Errand.AskCharges))
                .toList();
    }

    private static String why(Plan plan) {
        return plan.actions().stream()
                .filter(Action.Propose.class::isInstance)
                .findFirst()
                .orElseThrow()
                .why();
    }

    private static Command blame(String why) {
        return new Command.BlameMachine("vast", "m1", Scaling.DEFAULT.blameFor(), why);
    }

    // ---- what fails

    @Test
    void whatFailsBeforeItJoinsIsReplacedAsItsOrderSays() {
        Command replace = new Command.ReplaceInstance(i(1));
        Soft soft = sees(START, row("77", LABEL, "no space left"));
        assertThat(orders(plan(ordered(1).and(failed(1, "77", "no space left")), soft, START)))
                .containsExactly(blame("i1: has failed: no space left"), replace);
        assertThat(orders(plan(ordered(0).and(failed(1, "77", "no space left")), soft, START)))
                .as("it was tried often enough")
                .containsExactly(blame("i1: has failed: no space left"), end(1));
        Story joined = ordered(1).and(sight(1, "77", Observed.RUNNING), join("vast-77"), failed(1, "77", "x"));
        assertThat(orders(plan(joined, sees(START, row("77", LABEL, "x")), START)))
                .as("it was of use")
                .contains(end(1))
                .doesNotContain(replace);
    }

    @Test
    void anImageThatIsNotThereIsNoHostsFaultAndIsTriedOnTwoOnly() {
        Story story = ordered(3).and(failed(1, "77", DENIED));
        Plan first = plan(story, sees(START, row("77", LABEL, DENIED)), START);
        assertThat(orders(first)).containsExactly(new Command.ReplaceInstance(i(1)));
        assertThat(why(first)).endsWith("; that is the image's fault, not its host's");
        story.and(new Command.ReplaceInstance(i(1)), release(1), new Command.FinishInstance(i(1), "ended"));
        story.and(retried(rent("0.10"), again(2, Optional.of(1L))), failed(2, "78", DENIED));
        Plan second = plan(story, sees(START, row("78", "muster-00000011-i2", DENIED)), START);
        assertThat(orders(second)).containsExactly(end(2));
        assertThat(why(second))
                .endsWith("i1 failed the same way on another host: it is the image, and nothing else is rented for it");
    }

    /// Each of its deadlines begins anew with each turn.
    @Test
    void whatGoesUpAndDownForEverIsGivenUp() {
        Story story = ordered(0);
        Observed seen = Observed.PULLING;
        for (int minute = 0; minute < 25; minute += 5) {
            seen = seen == Observed.PULLING ? Observed.RUNNING : Observed.PULLING;
            story.and(sight(1, "77", seen));
            Soft soft = sees(story.now(), dev.muster.core.Rents.row("77", LABEL, seen));
            assertThat(orders(plan(story, soft, story.now()))).isEmpty();
            story.after(Duration.ofMinutes(5));
        }
        Soft soft = sees(story.now(), dev.muster.core.Rents.row("77", LABEL, seen));
        Plan plan = plan(story, soft, story.now());
        assertThat(orders(plan)).containsExactly(blame("i1: does not stay up"), end(1));
        assertThat(plan.actions().getLast().why()).isEqualTo("does not stay up, without being of use for 25m");
    }

    @Test
    void whatWasOutbidForLongHasItsWholeTimeAgain() {
        Story story = ordered(0).and(sight(1, "77", Observed.PREEMPTED)).after(Duration.ofHours(3));
        story.and(sight(1, "77", Observed.PULLING));
        Soft soft = sees(story.now(), dev.muster.core.Rents.row("77", LABEL, Observed.PULLING));
        assertThat(orders(plan(story, soft, story.now()))).isEmpty();
    }

    /// Where the brake holds its fence, the observer may be at fault.
    @Test
    void whatIsInServiceIsNotGivenUpForBeingSilent() {
        Story story = ordered(0).and(sight(1, "77", Observed.RUNNING), join("vast-77"));
        Soft soft = sees(at(9_000), dev.muster.core.Rents.row("77", LABEL, Observed.RUNNING));
        assertThat(orders(plan(story, soft, at(9_000)))).isEmpty();
        assertThat(orders(plan(story.and(fence("vast-77")), soft, at(9_000)))).contains(end(1));
    }

    @Test
    void whatIsToStopBeforeItWasOrderedIsNeverOrdered() {
        Plan plan = plan(ordered(1).and(stop(1)), Soft.leadingSince(START), START);
        assertThat(errands(plan)).isEmpty();
        assertThat(orders(plan)).containsExactly(new Command.AbandonInstance(i(1), "stopped before it was ordered"));
    }

    // ---- what takes its place

    private static Story gone() {
        return ordered(2)
                .and(
                        sight(1, "77", Observed.PULLING),
                        new Command.ReplaceInstance(i(1)),
                        release(1),
                        new Command.FinishInstance(i(1), "ended"));
    }

    private static Offer offer(String id, String machine, String perHour) {
        return new Offer(
                "vast",
                id,
                machine,
                "",
                new Offer.Gpus("RTX 3070", 1, 8_192),
                new Offer.Box(8, 32_000, 100, 0),
                new Offer.Terms(OptionalDouble.empty(), true, "Oregon, US", Optional.empty()),
                new Price(Money.parse(perHour), Money.ZERO, Money.ZERO, Money.ZERO, Optional.empty()),
                new TreeMap<>());
    }

    private static Soft finds(Soft soft, Instant at, Offer... offers) {
        Renting.Found found = new Renting.Found(
                at, OfferQuery.DEFAULT, new OfferQuery.Selection(List.of(offers), offers.length, List.of()));
        return soft.withRenting(soft.renting().found("instead of i1", found));
    }

    @Test
    void offersAreAskedForAnewAndTheCheapestOfAnotherHostIsTaken() {
        Plan asks = plan(gone(), sees(at(1)), at(1));
        assertThat(errands(asks)).hasSize(1).first().isInstanceOf(Errand.FindOffers.class);
        Story story = gone().and(new Command.BlameMachine("vast", "m7", Duration.ofHours(1), "x"));
        Soft soft = finds(
                sees(at(1)),
                at(1),
                offer("o5", "m1", "0.07"),
                offer("o6", "m7", "0.08"),
                offer("o7", "m8", "0.13"),
                offer("o8", "m9", "0.11"));
        List<Command> orders = orders(plan(story, soft, at(2)));
        assertThat(orders).hasSize(1);
        Command.RentInstance order = (Command.RentInstance) orders.getFirst();
        assertThat(order.rent().offer()).isEqualTo("o8");
        assertThat(order.again()).contains(again(1, Optional.of(1L)));
        story.and(order);
        assertThat(plan(story, soft, at(3)).actions())
                .as("one takes its place")
                .noneMatch(action -> action instanceof Action.Propose(Command.RentInstance rent, String why));
    }

    @Test
    void nothingIsTakenThatDoesNotFitAndNothingAfterItsTime() {
        Soft soft = finds(sees(at(1)), at(1), offer("o8", "m9", "0.11"));
        Story full = gone().and(budget("", "0.05", "-", "-"));
        Plan plan = plan(full, soft, at(2));
        assertThat(orders(plan)).isEmpty();
        assertThat(plan.waits()).extracting(Wait::reason).containsExactly(Wait.Reason.BUDGET);
        assertThat(orders(plan(gone(), soft, at(599)))).hasSize(1);
        assertThat(plan(gone(), soft, at(600)).waits()).isEmpty();
        assertThat(orders(plan(gone(), soft, at(600)))).isEmpty();
        Plan none = plan(gone(), finds(sees(at(1)), at(1), offer("o5", "m1", "0.07")), at(2));
        assertThat(none.waits().getFirst().message()).isEqualTo("no other offer fits, of 1");
    }

    @Test
    void whatNobodyWantsToReplaceIsNotAskedFor() {
        Story own = given(order(rent("0.10")), sight(1, "77", Observed.PULLING), end(1), release(1));
        assertThat(errands(plan(own.and(new Command.FinishInstance(i(1), "ended")), sees(at(1)), at(1))))
                .isEmpty();
    }

    // ---- what is told

    @Test
    void aRefusedKeyAndARefusedEndAreAmongTheEvents() {
        Errand look = new Errand.Look("vast");
        Soft soft = Soft.leadingSince(START);
        Soft denied = soft.withRenting(soft.renting().denied(look, START, "vast: the key has expired"));
        Command told = new Command.TellTrouble(Trouble.KEY_REFUSED, "vast", "vast: the key has expired");
        assertThat(orders(plan(ordered(0), denied, START))).contains(told);
        assertThat(orders(plan(ordered(0).and(told), denied, START))).doesNotContain(told);
        Soft broken = soft.withRenting(soft.renting().failed(look, START, "HTTP 500"));
        assertThat(orders(plan(ordered(0), broken, START))).isEmpty();

        Story ends = ordered(0).and(sight(1, "77", Observed.RUNNING), end(1), release(1));
        Errand destroy = new Errand.Destroy(i(1));
        Soft there = sees(START, dev.muster.core.Rents.row("77", LABEL, Observed.RUNNING));
        Renting refused = there.renting().failed(destroy, START, "no").failed(destroy, START, "no");
        assertThat(orders(plan(ends, there.withRenting(refused), START))).isEmpty();
        assertThat(orders(plan(ends, there.withRenting(refused.failed(destroy, START, "not now")), START)))
                .containsExactly(new Command.TellTrouble(Trouble.DESTROY_FAILED, "i1", "not now"));
    }

    @Test
    void aFailureIsAsOldAsItsFirstTryNotAsTheLastSuccess() {
        Errand look = new Errand.Look("vast");
        Renting tried = Renting.NOTHING.begun(look, START).done(look, START);
        tried = tried.begun(look, at(55)).failed(look, at(56), "HTTP 500");
        assertThat(tried.last(look).orElseThrow().since()).isEqualTo(at(55));
        tried = tried.begun(look, at(60)).failed(look, at(61), "HTTP 500");
        assertThat(tried.last(look).orElseThrow().since()).isEqualTo(at(55));
    }
}
