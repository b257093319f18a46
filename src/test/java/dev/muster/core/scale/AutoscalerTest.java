package dev.muster.core.scale;

import static dev.muster.core.Orders.join;
import static dev.muster.core.Orders.place;
import static dev.muster.core.Orders.submit;
import static dev.muster.core.Story.given;
import static dev.muster.core.scale.Shop.dollars;
import static dev.muster.core.scale.Shop.group;
import static dev.muster.core.scale.Shop.machine;
import static dev.muster.core.scale.Shop.minutes;
import static dev.muster.core.scale.Shop.offer;
import static dev.muster.core.scale.Shop.seen;
import static dev.muster.core.scale.Shop.soft;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.Spec;
import dev.muster.core.Story;
import dev.muster.core.plan.Action;
import dev.muster.core.plan.Errand;
import dev.muster.core.plan.Plan;
import dev.muster.core.plan.Policy;
import dev.muster.core.plan.Renting;
import dev.muster.core.plan.Soft;
import dev.muster.core.plan.Wait;
import dev.muster.core.rent.Offer;
import dev.muster.core.state.Attempt;
import dev.muster.core.state.Caps;
import dev.muster.core.state.Command;
import dev.muster.core.state.InstanceId;
import dev.muster.core.state.JobKind;
import dev.muster.core.state.Market;
import dev.muster.core.state.Money;
import dev.muster.core.state.Observed;
import dev.muster.core.state.Rentals;
import dev.muster.core.state.Role;
import dev.muster.core.state.Scaling;
import dev.muster.core.state.TimeWindow;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.LocalTime;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AutoscalerTest {
    private static final Offer CHEAP = offer("o91", "m91", "0.06");
    private static final Offer DEAR = offer("o92", "m92", "0.08");

    static Plan plan(Story story, Offer... offers) {
        return plan(story, soft(story, offers));
    }

    static Plan plan(Story story, Soft soft) {
        return Autoscaler.decide(story.state(), soft, Policy.DEFAULT, story.now());
    }

    static Story groups(dev.muster.core.state.Group... groups) {
        Story story = given().and(new Command.SetScaling(Scaling.DEFAULT));
        for (var one : groups) story.and(new Command.SetGroup(one));
        return story;
    }

    private static Story waiting(Story story, JobKind kind, int tasks) {
        return story.and(submit(Spec.job().kind(kind).gpus(1).tasks(tasks))).after(minutes(1));
    }

    private static Action rents(Story story, int number, Offer offer, String perHour, String why) {
        return new Action.Propose(
                new Command.RentInstance(
                        Optional.of(new InstanceId(number)),
                        Shop.rent(offer.id(), offer.machine(), perHour),
                        Optional.of("selfplay"),
                        Shop.windows(story)),
                why);
    }

    static Action ends(int number, String why) {
        return new Action.Propose(new Command.EndInstance(new InstanceId(number), false), why);
    }

    static Plan acts(Action... actions) {
        return new Plan(List.of(actions), List.of());
    }

    private static Plan holds(String why) {
        return holds(Wait.Reason.SCALE, why);
    }

    private static Plan holds(Wait.Reason reason, String why) {
        return new Plan(List.of(), List.of(new Wait("group selfplay", reason, why)));
    }

    static Story caps(Story story, String hour, String day) {
        return story.and(new Command.SetBudget(
                Rentals.ALL,
                new Caps(
                        hour.isEmpty() ? Optional.empty() : Optional.of(dollars(hour)),
                        day.isEmpty() ? Optional.empty() : Optional.of(dollars(day)),
                        Optional.empty())));
    }

    // ---- up

    @Test
    void withoutGroupsThereIsNothingToDo() {
        assertThat(plan(given(join("n1")))).isEqualTo(Plan.NOTHING);
    }

    @Test
    void belowItsLeastAGroupGrowsAtOnceByTheCheapestOffer() {
        Story story = groups(group(2, 2, 4));
        assertThat(plan(story, DEAR, CHEAP))
                .isEqualTo(acts(rents(
                        story,
                        1,
                        CHEAP,
                        "0.06",
                        "group selfplay: 0 of at least 2 machines; 1x RTX 3070 at $0.06 per hour")));
    }

    @Test
    void aStepOrdersSoManyAMinuteAndNoMore() {
        Story story = groups(group(3, 3, 4));
        Shop.coming(story, "selfplay", 1, "0.06");
        Shop.coming(story, "selfplay", 2, "0.06");
        assertThat(plan(story, CHEAP))
                .isEqualTo(holds("2 of at least 3 machines; would grow by 1, but 2 were ordered within a minute"
                        + " (step_max)"));
        assertThat(plan(story.after(minutes(1)), CHEAP).actions()).hasSize(1);
    }

    @Test
    void withoutCreditOrAKeyNothingIsOrderedAndThatIsTheReason() {
        Story story = groups(group(2, 2, 4));
        Soft soft = soft(story, CHEAP);
        Soft lacks = soft.withRenting(soft.renting().lacksCredit("vast", story.now()));
        assertThat(plan(story, lacks)).isEqualTo(holds("vast: the account lacks credit"));
        Soft back = lacks.withRenting(lacks.renting().asked("vast", true, story.now(), story.now()));
        assertThat(plan(story, back).actions()).hasSize(1);
        Soft denied = soft.withRenting(soft.renting().denied(new Errand.Look("vast"), story.now(), "vast: no"));
        assertThat(plan(story, denied))
                .isEqualTo(holds("what runs at vast is not known, so nothing is changed: vast: no"));
    }

    @Test
    void whatWaitsMakesAGroupGrowToItsTargetAndBeyond() {
        Story story = waiting(groups(group(0, 0, 8)), JobKind.SELFPLAY, 6);
        assertThat(plan(story, CHEAP))
                .isEqualTo(acts(rents(
                        story,
                        1,
                        CHEAP,
                        "0.06",
                        "group selfplay: 0 machines; 6 tasks wait, target 0; 1x RTX 3070 at $0.06 per hour")));
    }

    @Test
    void whatIsJustSubmittedOrPinnedOrOfAnotherRoleIsNoBacklog() {
        Story story = groups(group(0, 0, 8)).and(join("n1"));
        waiting(story, JobKind.TRAINING, 6);
        story.and(submit(Spec.job().kind(JobKind.SELFPLAY).on("n1"))).after(minutes(1));
        story.and(submit(Spec.job().kind(JobKind.SELFPLAY).gpus(2))).after(minutes(1));
        story.and(submit(Spec.job().kind(JobKind.SELFPLAY).gpus(1)));
        assertThat(plan(story, CHEAP)).isEqualTo(holds("0 machines; 0 tasks wait, min 0, target 0, max 8"));
    }

    @Test
    void whatFailedAndWaitsIsNoBacklog() {
        Story story = machine(groups(group(0, 1, 8)), "selfplay", 1, "0.06");
        waiting(story, JobKind.SELFPLAY, 1).and(place("j1.0.1", "vast-91"));
        story.ends("j1.0.1", Attempt.Status.FAILED);
        assertThat(plan(story, CHEAP).actions()).isEmpty();
        assertThat(plan(story, CHEAP).waits().getFirst().message()).startsWith("1 machine; 0 tasks wait, 0 % in use");
    }

    @Test
    void machinesOnTheirWayHaveAClaimOnWhatWaits() {
        Story story = groups(group(0, 0, 8));
        Shop.coming(story, "selfplay", 1, "0.06");
        Shop.coming(story, "selfplay", 2, "0.06");
        story.after(minutes(20));
        waiting(story, JobKind.SELFPLAY, 4);
        assertThat(plan(story, CHEAP))
                .isEqualTo(holds("2 machines, 2 on their way; 4 tasks wait, for which machines are on their way"));
    }

    @Test
    void twoGroupsDoNotGrowForTheSameTasks() {
        Story story =
                waiting(groups(group("a", Role.MIXED, 0, 0, 8), group("b", Role.MIXED, 0, 0, 8)), JobKind.SELFPLAY, 2);
        Plan plan = plan(story, CHEAP);
        assertThat(plan.actions()).hasSize(1);
        assertThat(plan.waits().getFirst().message())
                .isEqualTo("0 machines; 2 tasks wait, for which machines are on their way");
    }

    @Test
    void beyondItsTargetItGrowsOnlyWhenMostOfItIsInUse() {
        Story story = machine(machine(groups(group(0, 2, 8)), "selfplay", 1, "0.06"), "selfplay", 2, "0.06");
        story.after(minutes(20))
                .and(submit(Spec.job().kind(JobKind.SELFPLAY).gpus(1).tasks(6)));
        story.and(place("j1.0.1", "vast-91")).after(minutes(1));
        assertThat(plan(story, CHEAP))
                .isEqualTo(holds("2 machines; 5 tasks wait, 50 % in use; it grows beyond its target of 2 from 80 %"
                        + " in use (up_at)"));
        story.and(place("j1.1.1", "vast-92"));
        assertThat(plan(story, CHEAP).actions()).hasSize(1);
    }

    @Test
    void betweenTwoStepsUpThereIsACooldown() {
        Story story = machine(groups(group(0, 0, 8)), "selfplay", 1, "0.06").after(minutes(2));
        story.and(submit(Spec.job().kind(JobKind.SELFPLAY).gpus(1).tasks(6)));
        story.and(place("j1.0.1", "vast-91")).after(minutes(3));
        assertThat(plan(story, CHEAP))
                .isEqualTo(holds("1 machine; 5 tasks wait, 100 % in use; would grow by 2, but grew lately; again in"
                        + " 10m (up_cooldown)"));
        assertThat(plan(story.after(minutes(10)), CHEAP).actions()).hasSize(1);
    }

    @Test
    void anOutbidMachineIsReplacedWithoutACooldown() {
        Story story = machine(groups(group(0, 1, 8)), "selfplay", 1, "0.06");
        waiting(story, JobKind.SELFPLAY, 2).and(place("j1.0.1", "vast-91"));
        story.and(seen(1, Observed.PREEMPTED, "0.06")).after(minutes(9));
        assertThat(plan(story, CHEAP).actions()).isEmpty();
        Plan later = plan(story.after(minutes(2)), CHEAP);
        assertThat(later.actions()).hasSize(1);
        assertThat(later.actions().getFirst().why())
                .startsWith("group selfplay: 0 machines, 1 lost; 1 task waits; instead of 1 that failed or was lost;");
    }

    /// Two were ordered a minute ago; one is taken away and given up.
    @Test
    void aReplacementIsNoStepUp() {
        Story story = machine(machine(groups(group(0, 2, 8)), "selfplay", 1, "0.06"), "selfplay", 2, "0.06");
        story.after(minutes(3)).and(seen(1, Observed.PREEMPTED, "0.06"));
        story.after(minutes(1)).and(new Command.EndInstance(new InstanceId(1), false));
        waiting(story, JobKind.SELFPLAY, 1).and(place("j1.0.1", "vast-92"));
        waiting(story, JobKind.SELFPLAY, 1);
        Plan plan = plan(story, CHEAP);
        assertThat(plan.actions()).hasSize(1);
        assertThat(plan.actions().getFirst().why()).contains("; instead of 1 that failed or was lost;");
        Shop.coming(story, "selfplay", 3, "0.06").after(minutes(2));
        waiting(story, JobKind.SELFPLAY, 8);
        assertThat(plan(story, CHEAP).waits().getFirst().message())
                .as("its place is filled")
                .contains("but grew lately");
    }

    @Test
    void aMachineWhoseHostIsOfflineIsNoPartOfTheLeast() {
        Story story = machine(groups(group(1, 1, 2)), "selfplay", 1, "0.06").after(minutes(20));
        story.and(seen(1, Observed.HOST_LOST, "0.06")).after(minutes(1));
        assertThat(plan(story, CHEAP).actions())
                .as("it may just be started again")
                .isEmpty();
        Plan plan = plan(story.after(minutes(2)), CHEAP);
        assertThat(plan.actions()).hasSize(1);
        assertThat(plan.actions().getFirst().why()).contains("0 of at least 1 machine, 1 offline");
    }

    @Test
    void aGroupBelowItsTargetSaysWhy() {
        Story story = idle(3).after(minutes(31));
        story.and(new Command.SetGroup(group(1, 3, 4)));
        for (int number : List.of(2, 3)) story.and(new Command.EndInstance(new InstanceId(number), false));
        assertThat(plan(story.after(minutes(1)), CHEAP).waits().getFirst().message())
                .contains("below its target of 3, as machines were idle before");
    }

    @Test
    void aLostMachineInAFullGroupIsEndedFirst() {
        Story story = machine(groups(group(1, 1, 1)), "selfplay", 1, "0.06");
        story.and(seen(1, Observed.HOST_LOST, "0.06")).after(minutes(20));
        assertThat(plan(story, CHEAP))
                .isEqualTo(
                        holds("0 of at least 1 machine; i1 is lost, and to be ended before another takes its place"));
    }

    @Test
    void whereEnoughPlaySelfplayDoesNotGrow() {
        Story story = machine(groups(group(0, 0, 8)), "selfplay", 1, "0.06");
        Scaling half = Shop.scaling(List.of(), 2, Scaling.OnCap.REFUSE);
        story.and(new Command.SetScaling(new Scaling(
                true,
                half.zone(),
                List.of(),
                Duration.ZERO,
                Duration.ZERO,
                2,
                0.8,
                0.3,
                2,
                half.idleAfter(),
                half.ageMin(),
                0.5,
                half.bootMax(),
                half.joinMax(),
                half.lostMax(),
                half.outbidMax(),
                half.drainMax(),
                half.stoppedMax(),
                half.blameFor(),
                0.25,
                0.2,
                half.onCap(),
                half.strays())));
        story.and(submit(Spec.job().kind(JobKind.TRAINING)));
        story.and(submit(Spec.job().kind(JobKind.SELFPLAY).gpus(1).tasks(6)), place("j2.0.1", "vast-91"));
        story.after(minutes(2));
        assertThat(plan(story, CHEAP))
                .isEqualTo(holds("1 machine; 5 tasks wait, 100 % in use; 100 % of the busy machines play, and 50 % are"
                        + " to (selfplay_share)"));
    }

    // ---- offers

    @Test
    void offersAreAskedForBeforeAnythingIsRented() {
        Story story = groups(group(1, 1, 1));
        Soft soft = soft(story)
                .withRenting(Renting.NOTHING.listed("vast", new Renting.Listing(story.now(), story.now(), List.of())));
        Errand ask = new Errand.FindOffers("selfplay", "vast", GroupQuery.of(group(1, 1, 1)));
        assertThat(plan(story, soft))
                .isEqualTo(acts(new Action.Run(ask, "group selfplay: 0 of at least 1 machine"))
                        .and(holds("0 of at least 1 machine; vast is asked for offers")));
        Soft failed = soft.withRenting(soft.renting().begun(ask, story.now()).failed(ask, story.now(), "HTTP 503"));
        assertThat(plan(story, failed)).isEqualTo(holds("0 of at least 1 machine; no offers: HTTP 503"));
    }

    @Test
    void oldOffersAreAskedForAnew() {
        Story story = groups(group(1, 1, 1));
        Soft soft = soft(story, CHEAP);
        story.after(minutes(1));
        assertThat(plan(story, soft).actions().getFirst()).isInstanceOf(Action.Run.class);
    }

    @Test
    void aBlamedMachineIsNotRentedAndOneOfOursOnlyWhenThereIsNothingElse() {
        Story story = machine(groups(group(2, 2, 4)), "selfplay", 1, "0.06").after(minutes(2));
        Offer ours = offer("o93", "m1", "0.05");
        story.and(new Command.BlameMachine("vast", "m91", Duration.ofHours(1), "stuck"));
        assertThat(rented(plan(story, ours, CHEAP, DEAR))).isEqualTo("o92");
        assertThat(rented(plan(story, ours, CHEAP))).isEqualTo("o93");
        assertThat(plan(story, CHEAP))
                .isEqualTo(holds("1 of at least 2 machines; no offer will do; 1 offer: 1 failed lately or just taken"));
    }

    @Test
    void anOfferThatWasGoneIsPassedOver() {
        Story story = groups(group(1, 1, 4));
        story.and(Shop.order(story.now(), "selfplay", Shop.rent("o91", "m91", "0.06")));
        story.and(new Command.AbandonInstance(new InstanceId(1), "no such offer"));
        assertThat(rented(plan(story, CHEAP, DEAR))).isEqualTo("o92");
    }

    private static String rented(Plan plan) {
        return ((Command.RentInstance) ((Action.Propose) plan.actions().getFirst()).command())
                .rent()
                .offer();
    }

    @Test
    void whatIsDearerThanTheCapWithDiskAndTrafficIsDropped() {
        Story story = groups(group(1, 1, 1));
        assertThat(plan(story, offer("o1", "m1", "0.11")))
                .isEqualTo(holds("0 of at least 1 machine; no offer will do; 1 offer: 1 price"));
    }

    @Test
    void aBidIsATenthAboveTheLowestWithinTheCap() {
        var bids = new dev.muster.core.state.Group(
                "selfplay",
                "vast",
                List.of("3070"),
                1,
                "",
                1,
                1,
                1,
                dollars("0.05"),
                Market.BID,
                Role.SELFPLAY,
                20,
                "");
        Story story = groups(bids);
        Plan plan = plan(story, offer("o1", "m1", "0.09", Optional.of(dollars("0.04"))));
        var rent = ((Command.RentInstance) ((Action.Propose) plan.actions().getFirst()).command()).rent();
        assertThat(rent.bid()).contains(dollars("0.044"));
        Plan tight = plan(story, offer("o1", "m1", "0.09", Optional.of(dollars("0.048"))));
        rent = ((Command.RentInstance) ((Action.Propose) tight.actions().getFirst()).command()).rent();
        assertThat(rent.bid()).contains(dollars("0.05"));
        assertThat(rent.perHour()).isEqualTo(dollars("0.05"));
    }

    // ---- caps

    @Test
    void whatACapRefusesIsNotOrdered() {
        Story story = caps(machine(groups(group(2, 2, 4)), "selfplay", 1, "0.06"), "0.10", "");
        story.after(minutes(2));
        assertThat(plan(story, CHEAP))
                .isEqualTo(holds(
                        Wait.Reason.BUDGET,
                        "1 of at least 2 machines; 1x RTX 3070 at $0.06 per hour does not fit, $0.06 of $0.10 per hour"
                                + " is used"));
        caps(story, "0.06", "");
        assertThat(plan(story, CHEAP))
                .isEqualTo(holds(
                        Wait.Reason.BUDGET,
                        "1 of at least 2 machines; to grow by 1, but $0.06 of $0.06 per hour is used"));
    }

    @Test
    void whatThePlanOrdersTheHandlerTakes() {
        Story story = caps(groups(group(2, 2, 4)), "0.14", "1");
        for (int number = 0; number < 2; number++) {
            Action.Propose order =
                    (Action.Propose) plan(story, CHEAP, DEAR).actions().getFirst();
            if (number == 0) story.and(order.command());
            else assertThat(rented(plan(story, CHEAP, DEAR))).isEqualTo("o92");
        }
    }

    // ---- down

    private static Story idle(int machines) {
        Story story = groups(group(1, 1, 4));
        for (int number = 1; number <= machines; number++)
            machine(story, "selfplay", number, number == 2 ? "0.09" : "0.06");
        return story;
    }

    @Test
    void idleMachinesEndTheDearestFirst() {
        Story story = idle(3).after(minutes(31));
        String why = "group selfplay: 3 machines; 0 tasks wait, 0 % in use; idle for 30m or longer";
        assertThat(plan(story)).isEqualTo(acts(ends(2, why), ends(3, why)));
    }

    @Test
    void theLeastRemain() {
        assertThat(plan(idle(1).after(minutes(60))))
                .isEqualTo(holds("1 machine; 0 tasks wait, 0 % in use, min 1, target 1, max 4"));
    }

    @Test
    void aMachineIsIdleSinceItsLastAttemptAndNeverWhileItHasOne() {
        Story story = idle(2).and(submit(Spec.job().kind(JobKind.SELFPLAY)), place("j1.0.1", "vast-91"));
        story.after(minutes(50)).ends("j1.0.1", Attempt.Status.SUCCEEDED);
        story.and(submit(Spec.job().kind(JobKind.SELFPLAY)), place("j2.0.1", "vast-92"))
                .after(minutes(20));
        // Half of it is in use.
        assertThat(plan(story)).isEqualTo(holds("2 machines; 0 tasks wait, 50 % in use, min 1, target 1, max 4"));
        story.ends("j2.0.1", Attempt.Status.SUCCEEDED);
        assertThat(plan(story))
                .isEqualTo(holds("2 machines; 0 tasks wait, 0 % in use; none can go: vast-92 is idle, and may go in 30m"
                        + " (idle_after), and 1 more"));
        assertThat(plan(story.after(minutes(11))).actions()).hasSize(1);
        assertThat(plan(story).actions().getFirst())
                .matches(one -> one.toString().contains("i1"));
    }

    @Test
    void whatIsSilentOrUsesItsGpuIsNotCalledIdle() {
        Story story = idle(2).after(minutes(31));
        Soft silent = Soft.leadingSince(Story.START).withRenting(Shop.renting(story));
        assertThat(plan(story, silent))
                .isEqualTo(holds("2 machines; 0 tasks wait, 0 % in use; none can go: vast-92 is silent, and 1 more"));
        Soft unknown = Soft.leadingSince(story.now()).withRenting(Shop.renting(story));
        assertThat(plan(story, unknown).waits().getFirst().message())
                .contains("vast-92 has told nothing of itself yet");
    }

    @Test
    void betweenTwoStepsDownThereIsACooldown() {
        Story story = idle(3).after(minutes(31)).and(new Command.EndInstance(new InstanceId(2), false));
        story.after(minutes(1));
        assertThat(plan(story))
                .isEqualTo(holds("2 machines; 0 tasks wait, 0 % in use; 2 machines idle, but it shrank lately; again in"
                        + " 9m (down_cooldown)"));
    }

    @Test
    void whatWaitsKeepsIdleMachines() {
        Story story = waiting(idle(2).after(minutes(31)), JobKind.SELFPLAY, 1);
        assertThat(plan(story).actions()).isEmpty();
    }

    @Test
    void beyondItsMostAGroupShrinksButNotByWhatIsBusy() {
        Story story = idle(2).and(submit(Spec.job().kind(JobKind.SELFPLAY).tasks(2)));
        story.and(place("j1.0.1", "vast-91"), place("j1.1.1", "vast-92")).and(new Command.SetGroup(group(1, 1, 1)));
        assertThat(plan(story))
                .isEqualTo(holds("2 of at most 1 machine; all are busy, and a busy machine is not ended"));
        story.ends("j1.0.1", Attempt.Status.SUCCEEDED);
        assertThat(plan(story)).isEqualTo(acts(ends(1, "group selfplay: 2 of at most 1 machine")));
    }

    @Test
    void ofNoneAtAllWhatPlaysGoesToo() {
        Story story = idle(1).and(submit(Spec.job().kind(JobKind.SELFPLAY)), place("j1.0.1", "vast-91"));
        story.and(new Command.SetGroup(group(0, 0, 0)));
        assertThat(plan(story)).isEqualTo(acts(ends(1, "group selfplay: 1 of at most 0 machines")));
    }

    // ---- what is not known, and what is not wanted

    @Test
    void withoutAListingNothingIsChanged() {
        Story story = idle(3).after(minutes(31));
        Errand look = new Errand.Look("vast");
        Soft soft = Soft.leadingSince(Story.START)
                .withRenting(Renting.NOTHING.begun(look, story.now()).failed(look, story.now(), "HTTP 500"));
        assertThat(plan(story, soft))
                .isEqualTo(holds(
                        "what runs at vast is not known, so nothing is changed: it has not been listed yet: HTTP 500"));
        Soft old = soft(story);
        story.after(minutes(3));
        assertThat(plan(story, old))
                .isEqualTo(holds("what runs at vast is not known, so nothing is changed: it was last listed 3m ago"));
    }

    @Test
    void switchedOffItSaysSoOnce() {
        Story story = groups(group(1, 1, 1), group("other", Role.MIXED, 1, 1, 1));
        Soft keyless = soft(story).withRenting(Renting.NOTHING.disabled());
        assertThat(plan(story, keyless))
                .isEqualTo(off("nothing can be rented: no provider has a key, or it is switched off"));
        story.and(new Command.SetScaling(Scaling.DEFAULT.withEnabled(false)));
        assertThat(plan(story, CHEAP))
                .isEqualTo(
                        off("off: nothing is rented or ended before `muster scale apply` switches the autoscaler on"));
        // What it would cost can be known before.
        Soft asked = soft(story, CHEAP);
        Soft unasked = asked.withRenting(
                Renting.NOTHING.listed("vast", new Renting.Listing(story.now(), story.now(), List.of())));
        assertThat(plan(story, unasked).actions())
                .hasSize(2)
                .allMatch(action ->
                        action instanceof Action.Run(Errand errand, String why) && errand instanceof Errand.FindOffers);
    }

    private static Plan off(String why) {
        return new Plan(List.of(), List.of(new Wait("autoscaler", Wait.Reason.SCALE, why)));
    }

    @Test
    void aWindowsLimitsHoldWhileItIsOpen() {
        TimeWindow night = new TimeWindow(
                "night",
                List.of(),
                List.of(DayOfWeek.values()),
                LocalTime.of(22, 0),
                LocalTime.of(6, 0),
                Optional.of(2),
                Optional.empty(),
                Optional.empty(),
                Optional.of(Money.parse("0.05")));
        // It is 01:00 in Berlin.
        Story story = groups(group(0, 0, 4))
                .and(new Command.SetScaling(Shop.scaling(List.of(night), 2, Scaling.OnCap.REFUSE)));
        assertThat(plan(story, CHEAP)).isEqualTo(holds("0 of at least 2 machines; no offer will do; 1 offer: 1 price"));
        assertThat(plan(story.after(Duration.ofHours(6)), CHEAP))
                .isEqualTo(holds("0 machines; 0 tasks wait, min 0, target 0, max 4"));
    }
}
