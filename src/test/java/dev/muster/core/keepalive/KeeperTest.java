package dev.muster.core.keepalive;

import static dev.muster.core.Orders.fence;
import static dev.muster.core.Orders.join;
import static dev.muster.core.Orders.n;
import static dev.muster.core.Rents.LABEL;
import static dev.muster.core.Rents.charge;
import static dev.muster.core.Rents.end;
import static dev.muster.core.Rents.grouped;
import static dev.muster.core.Rents.i;
import static dev.muster.core.Rents.listed;
import static dev.muster.core.Rents.order;
import static dev.muster.core.Rents.release;
import static dev.muster.core.Rents.rent;
import static dev.muster.core.Rents.row;
import static dev.muster.core.Rents.scaling;
import static dev.muster.core.Rents.seen;
import static dev.muster.core.Rents.sight;
import static dev.muster.core.Rents.start;
import static dev.muster.core.Rents.stop;
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
import dev.muster.core.rent.Rented;
import dev.muster.core.state.Command;
import dev.muster.core.state.Observed;
import dev.muster.core.state.Scaling;
import dev.muster.core.state.Sighting;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class KeeperTest {
    private static final Errand LOOK = new Errand.Look("vast");
    private static final Errand CHARGES = new Errand.AskCharges("vast");

    static Instant at(long seconds) {
        return START.plusSeconds(seconds);
    }

    static Soft leading() {
        return Soft.leadingSince(START);
    }

    private static Soft begun(Soft soft, Errand errand, Instant at) {
        return soft.withRenting(soft.renting().begun(errand, at));
    }

    static Soft done(Soft soft, Errand errand, Instant at) {
        return soft.withRenting(soft.renting().done(errand, at));
    }

    static Soft failed(Soft soft, Errand errand, Instant at, String why) {
        return soft.withRenting(soft.renting().failed(errand, at, why));
    }

    private static Soft heard(Soft soft, String node, Instant at) {
        return soft.withHeard(n(node), new Soft.Heard(at, 1, Set.of(), Soft.Telemetry.UNKNOWN));
    }

    /// One listing at that moment, and nothing to be asked about it.
    static Soft sees(Instant at, Rented... rows) {
        Soft asked = done(done(leading(), LOOK, at), CHARGES, at);
        return listed(asked, at, rows);
    }

    static Plan plan(Story story, Soft soft, Instant now) {
        return Keeper.decide(story.state(), soft, Policy.DEFAULT, now);
    }

    /// What is proposed, and what is run besides looking.
    static List<Object> deeds(Plan plan) {
        return plan.actions().stream()
                .<Object>map(action -> switch (action) {
                    case Action.Propose(Command command, String why) -> command;
                    case Action.Run(Errand errand, String why) -> errand;
                    case Action.SetVoters voters -> voters;
                    case Action.Tell tell -> tell;
                })
                .filter(deed -> !deed.equals(LOOK) && !deed.equals(CHARGES) && !(deed instanceof Command.TellTrouble))
                .toList();
    }

    static List<Object> deeds(Story story, Soft soft, Instant now) {
        return deeds(plan(story, soft, now));
    }

    private static Story ordered() {
        return given(new Command.AnnounceLeader(n("n1"), 1), grouped("g", 5), order(rent("0.10"), "g"));
    }

    /// Since the start.
    private static Story found(Observed observed) {
        return ordered().and(sight(1, "77", observed));
    }

    private static Story joined() {
        return found(Observed.RUNNING).and(join("vast-77"));
    }

    static Rented as(Observed observed) {
        return row("77", LABEL, observed);
    }

    private static Command blame(String why) {
        return new Command.BlameMachine("vast", "m1", Scaling.DEFAULT.blameFor(), "i1: " + why);
    }

    // ---- looking

    @Test
    void whoNeverRentedAnythingAsksNobody() {
        assertThat(plan(given(join("n1")), leading(), START)).isEqualTo(Plan.NOTHING);
        Soft off = leading().withRenting(Renting.NOTHING.disabled());
        assertThat(plan(ordered(), off, START)).isEqualTo(Plan.NOTHING);
    }

    @Test
    void aProviderIsLookedAtSoonWhileSomethingMovesAndCalmlyOtherwise() {
        Action soon = new Action.Run(LOOK, "every 5s");
        Action calm = new Action.Run(LOOK, "every 30s");
        Soft soft = sees(START, as(Observed.PULLING));
        assertThat(plan(found(Observed.PULLING), soft, at(4)).actions()).doesNotContain(soon);
        assertThat(plan(found(Observed.PULLING), soft, at(5)).actions()).contains(soon);
        Soft runs = heard(sees(START, as(Observed.RUNNING)), "vast-77", at(28));
        assertThat(plan(joined(), runs, at(29)).actions()).isEmpty();
        assertThat(plan(joined(), runs, at(30)).actions()).containsExactly(calm);
        assertThat(plan(joined(), begun(runs, LOOK, at(30)), at(31)).actions()).isEmpty();
        assertThat(plan(given(grouped("g", 1)), leading(), START).actions())
                .as("a group's provider may list strays")
                .containsExactly(calm);
    }

    @Test
    void aProviderThatCannotBeAskedIsToldOfAndNothingIsConcluded() {
        Soft soft = failed(sees(START, as(Observed.RUNNING)), LOOK, at(1), "HTTP 500");
        soft = failed(soft, LOOK, at(60), "HTTP 502");
        soft = heard(soft, "vast-77", at(120));
        assertThat(plan(joined(), soft, at(121)).waits()).isEmpty();
        Plan blind = plan(joined(), heard(soft, "vast-77", at(122)), at(122));
        assertThat(deeds(blind)).isEmpty();
        assertThat(blind.waits())
                .containsExactly(new Wait(
                        "vast",
                        Wait.Reason.STUCK,
                        "cannot be asked for 2m1s: HTTP 502; what is known of its machines stays"));
        assertThat(deeds(joined(), heard(soft, "vast-77", at(90_000)), at(90_000)))
                .isEmpty();
    }

    /// The deadline has passed while nobody could be asked: it may be up for long.
    @ParameterizedTest
    @EnumSource(
            value = Observed.class,
            names = {"PROVISIONING", "PULLING", "STOPPED", "QUEUED", "HOST_LOST", "PREEMPTED"})
    void aDeadlineThatPassesWithoutAListingConcludesNothing(Observed observed) {
        Command end = end(1);
        Instant later = at(90_000);
        assertThat(deeds(found(observed), leading(), later)).as("none").doesNotContain(end);
        assertThat(deeds(found(observed), sees(at(5), as(observed)), later))
                .as("an old one")
                .doesNotContain(end);
        assertThat(deeds(found(observed), sees(later, as(Observed.RUNNING)), later))
                .as("one that says otherwise")
                .containsExactly(sight(1, "77", Observed.RUNNING));
        assertThat(deeds(found(observed), sees(later), later))
                .as("one without it")
                .doesNotContain(end);
        assertThat(deeds(found(observed), sees(later, as(observed)), later)).contains(end);
    }

    @Test
    void chargesAreAskedForAllAtOnceAndSoonerWhenALastBillIsAwaited() {
        Story story = joined();
        Soft soft = heard(sees(START, as(Observed.RUNNING)), "vast-77", at(600));
        assertThat(asks(story, soft, at(599))).isFalse();
        assertThat(asks(story, soft, at(600))).isTrue();
        assertThat(asks(ordered(), leading(), START)).as("found nothing yet").isFalse();
        story.after(Duration.ofMinutes(1)).and(new Command.FinishInstance(i(1), "ended"));
        Soft asked = done(leading(), CHARGES, at(60));
        assertThat(asks(story, asked, at(79))).isFalse();
        assertThat(asks(story, asked, at(80))).isTrue();
        assertThat(asks(story, asked, at(60).plus(Duration.ofDays(3)).minusSeconds(1)))
                .isTrue();
        assertThat(asks(story, asked, at(60).plus(Duration.ofDays(3)))).isFalse();
        story.and(charge(1, "0.01", at(60)));
        assertThat(asks(story, asked, at(120))).isFalse();
    }

    private static boolean asks(Story story, Soft soft, Instant now) {
        return plan(story, soft, now).actions().stream()
                .anyMatch(action -> action instanceof Action.Run(Errand errand, String why) && errand.equals(CHARGES));
    }

    // ---- ordered, and not seen yet

    @Test
    void whoWroteTheOrderDownPassesItOnOnce() {
        assertThat(deeds(ordered(), leading(), START)).containsExactly(new Errand.Create(i(1)));
        Soft begun = begun(leading(), new Errand.Create(i(1)), START);
        assertThat(deeds(ordered(), begun, at(10_000))).isEmpty();
        assertThat(plan(ordered(), begun, at(1)).waits())
                .containsExactly(new Wait("i1", Wait.Reason.INSTANCE, "is being ordered"));
        Soft done = begun.withRenting(begun.renting().done(new Errand.Create(i(1)), at(2)));
        assertThat(plan(ordered(), done, at(3)).waits())
                .as("its provider has said yes, and nobody doubts that")
                .containsExactly(new Wait("i1", Wait.Reason.INSTANCE, "is ordered, and not listed by vast yet"));
        assertThat(plan(ordered(), done, at(200)).waits().getFirst().message()).startsWith("may have been ordered");
        Soft failed = failed(begun, new Errand.Create(i(1)), at(60), "no answer");
        assertThat(plan(ordered(), failed, at(61)).waits().getFirst().message()).startsWith("may have been ordered");
        assertThat(deeds(ordered(), failed, at(10_000)))
                .as("never a second time")
                .isEmpty();
    }

    @Test
    void nobodyElsePassesItOn() {
        Story story = ordered().and(new Command.AnnounceLeader(n("n2"), 2));
        Plan plan = plan(story, Soft.leadingSince(at(10)), at(10));
        assertThat(deeds(plan)).isEmpty();
        assertThat(plan.waits())
                .containsExactly(new Wait(
                        "i1",
                        Wait.Reason.INSTANCE,
                        "may have been ordered; vast is looked through for its label until " + at(160)
                                + ", and if it is not there then, nothing was rented"));
    }

    @Test
    void anOrderOfAnotherLeaderIsGivenUpAfterTwoListingsLongAfterTheElection() {
        Story story = ordered().and(new Command.AnnounceLeader(n("n2"), 2));
        Soft soft = Soft.leadingSince(at(10));
        Command abandon = new Command.AbandonInstance(i(1), "it never came to be");
        Soft early = listed(listed(soft, at(160)), at(161));
        assertThat(deeds(story, early, at(170))).as("one of them is too old").isEmpty();
        assertThat(deeds(story, listed(soft, at(161)), at(170))).as("only one").isEmpty();
        assertThat(deeds(story, listed(listed(soft, at(161)), at(162)), at(170)))
                .containsExactly(abandon);
        Soft there = listed(listed(soft, at(161)), at(162), as(Observed.PULLING));
        assertThat(deeds(story, there, at(170))).containsExactly(sight(1, "77", Observed.PULLING));
        Soft was = listed(listed(soft, at(161), as(Observed.PULLING)), at(162));
        assertThat(deeds(story, was, at(170))).as("one has it").isEmpty();
    }

    /// Nor does who ends it meanwhile.
    @Test
    void leadersThatFollowEachOtherDoNotBeginAnew() {
        Story story = ordered().after(Duration.ofSeconds(10)).and(new Command.AnnounceLeader(n("n2"), 2));
        story.after(Duration.ofSeconds(110)).and(new Command.AnnounceLeader(n("n1"), 3), end(1));
        Command abandon = new Command.AbandonInstance(i(1), "it never came to be");
        Soft soft = Soft.leadingSince(at(120));
        Soft early = listed(listed(soft, at(190)), at(191));
        assertThat(deeds(story, early, at(195)))
                .as("other clocks, and a request under way")
                .isEmpty();
        assertThat(plan(story, early, at(189)).waits())
                .singleElement()
                .satisfies(wait -> assertThat(wait.message()).contains("until " + at(190)));
        assertThat(deeds(story, listed(listed(soft, at(191)), at(192)), at(195)))
                .containsExactly(abandon);
    }

    @Test
    void ourOwnOrderIsGivenUpAfterTwoListingsLongAfterItWasSent() {
        Errand create = new Errand.Create(i(1));
        Soft soft = failed(begun(leading(), create, at(30)), create, at(90), "no answer");
        assertThat(deeds(ordered(), listed(listed(soft, at(180)), at(181)), at(190)))
                .isEmpty();
        assertThat(deeds(ordered(), listed(listed(soft, at(181)), at(182)), at(190)))
                .containsExactly(new Command.AbandonInstance(i(1), "it never came to be"));
    }

    @Test
    void whatIsToEndBeforeItWasOrderedIsNeverOrdered() {
        assertThat(deeds(ordered().and(end(1)), leading(), START))
                .containsExactly(new Command.AbandonInstance(i(1), "ended before it was ordered"));
        Story other = ordered().and(end(1), new Command.AnnounceLeader(n("n2"), 2));
        assertThat(deeds(other, leading(), START)).as("it may have been").isEmpty();
    }

    // ---- seen

    @Test
    void whatChangesIsWrittenDownOnce() {
        Soft soft = heard(sees(START, as(Observed.RUNNING)), "vast-77", START);
        assertThat(deeds(joined(), soft, START)).isEmpty();
        assertThat(plan(found(Observed.PULLING), soft, START).actions())
                .containsExactly(new Action.Propose(sight(1, "77", Observed.RUNNING), "vast lists it as RUNNING"));
        Soft dearer = heard(sees(START, row("77", LABEL, Observed.RUNNING, "0.11")), "vast-77", START);
        assertThat(deeds(joined(), dearer, START)).containsExactly(sight(1, "77", Observed.RUNNING, "0.11"));
    }

    @Test
    void twoMachinesWithOneLabelAreOneMachineAndAStray() {
        Soft both = sees(START, as(Observed.RUNNING), row("78", LABEL, Observed.RUNNING));
        assertThat(deeds(ordered(), both, START)).containsExactly(sight(1, "77", Observed.RUNNING));
        assertThat(deeds(joined(), heard(both, "vast-77", START), START))
                .containsExactly(new Errand.DestroyStray("vast", "78", LABEL));
    }

    @Test
    void aMachineIsGoneWhenTwoListingsAfterItsLastChangeAreWithoutIt() {
        Soft soft = heard(leading(), "vast-77", at(10));
        assertThat(deeds(joined(), listed(listed(soft, START), at(5)), at(10)))
                .as("one is as old as what was seen")
                .isEmpty();
        assertThat(deeds(joined(), listed(soft, at(5)), at(10))).as("one alone").isEmpty();
        assertThat(deeds(joined(), listed(listed(soft, at(1)), at(5)), at(10)))
                .containsExactly(new Command.FinishInstance(i(1), "its provider no longer has it"));
        assertThat(deeds(joined(), listed(listed(soft, at(1), as(Observed.RUNNING)), at(5)), at(10)))
                .isEmpty();
        assertThat(deeds(joined().and(end(1)), listed(listed(soft, at(1)), at(5)), at(10)))
                .containsExactly(new Command.FinishInstance(i(1), "ended"));
    }

    /// Labels of machines that we did not order are not ours to count on.
    @Test
    void anAdoptedMachineIsGoneThoughAnotherHasItsLabel() {
        Story story =
                given(new Command.AdoptInstance("train", rent("0.10"), seen("77", Observed.RUNNING), Optional.empty()));
        Rented other = row("78", "train", Observed.RUNNING);
        Soft soft = listed(listed(leading(), at(1), other), at(5), other);
        assertThat(deeds(story, soft, at(10)))
                .containsExactly(new Command.FinishInstance(i(1), "its provider no longer has it"));
    }

    @ParameterizedTest
    @CsvSource({
        "PROVISIONING, 900, does not come up",
        "PULLING, 900, does not come up",
        "RUNNING, 600, does not join",
        "HOST_LOST, 600, cannot be reached by its provider"
    })
    void whatFailsItsDeadlineIsReplacedAndItsHostBlamed(Observed observed, long deadline, String why) {
        Soft before = done(sees(at(deadline - 1), as(observed)), new Errand.Install(i(1)), at(deadline - 1));
        assertThat(deeds(found(observed), before, at(deadline - 1))).isEmpty();
        Soft then = done(sees(at(deadline), as(observed)), new Errand.Install(i(1)), at(deadline));
        assertThat(deeds(found(observed), then, at(deadline))).containsExactly(blame(why), end(1));
    }

    @ParameterizedTest
    @CsvSource({"QUEUED, 600, STUCK", "STOPPING, 600, STUCK", "UNKNOWN, 600, STUCK"})
    void whatHasLostItsPlaceIsReplacedInAGroupAndLeftToItsPersonOtherwise(
            Observed observed, long deadline, Wait.Reason reason) {
        assertThat(deeds(found(observed), sees(at(deadline - 1), as(observed)), at(deadline - 1)))
                .isEmpty();
        assertThat(deeds(found(observed), sees(at(deadline), as(observed)), at(deadline)))
                .as("its host is not blamed")
                .containsExactly(end(1));
        Story own = given(order(rent("0.10")), sight(1, "77", observed));
        Plan left = plan(own, sees(at(deadline), as(observed)), at(deadline));
        assertThat(deeds(left)).isEmpty();
        assertThat(left.waits()).extracting(Wait::reason).containsExactly(reason);
    }

    /// What a person made there before is in no book of ours.
    @ParameterizedTest
    @CsvSource({
        "HOST_LOST, 600, cannot be reached by its provider",
        "RUNNING, 9000, does not stay up",
        "FAILED, 5, has failed",
        "STOPPED, 90000, is stopped for"
    })
    void anAdoptedMachineIsLeftToItsPersonWhateverBefallsIt(Observed observed, long time, String why) {
        Instant late = at(time);
        Story story = given(
                new Command.AnnounceLeader(n("n1"), 1),
                new Command.AdoptInstance("box", rent("0.10"), seen("77", observed), Optional.empty()));
        if (observed == Observed.STOPPED) story.and(stop(1));
        Plan plan = plan(story, sees(late, row("77", "box", observed)), late);
        assertThat(deeds(plan)).isEmpty();
        assertThat(plan.waits()).singleElement().satisfies(wait -> {
            assertThat(wait.reason()).isEqualTo(Wait.Reason.STUCK);
            assertThat(wait.message()).startsWith(why).contains("since it was adopted", "instance destroy i1");
        });
    }

    /// It was ordered here, and what is on it is known.
    @Test
    void whatIsLookedAfterAgainIsReplacedAsAnyOther() {
        Story story = given(new Command.AnnounceLeader(n("n1"), 1), order(rent("0.10")));
        story.and(new Command.AbandonInstance(i(1), "gone"));
        story.and(new Command.AdoptInstance(LABEL, rent("0.10"), seen("77", Observed.FAILED), Optional.empty()));
        assertThat(deeds(story, sees(at(5), as(Observed.FAILED)), at(5))).contains(end(2));
    }

    @Test
    void whatHasFailedIsReplacedAtOnceAndWhatIsGoneIsAwaited() {
        assertThat(deeds(found(Observed.FAILED), sees(START, as(Observed.FAILED)), START))
                .containsExactly(blame("has failed: "), end(1));
        assertThat(deeds(found(Observed.GONE), sees(at(90_000), as(Observed.GONE)), at(90_000)))
                .isEmpty();
    }

    @Test
    void nobodyIsBlamedWhereThePolicySaysForNoTime() {
        Story story =
                found(Observed.FAILED).and(new Command.SetScaling(scaling("UTC", Scaling.Strays.END, Duration.ZERO)));
        assertThat(deeds(story, sees(START, as(Observed.FAILED)), START)).containsExactly(end(1));
    }

    @Test
    void whatIsToRunIsStarted() {
        Errand start = new Errand.Start(i(1));
        Soft soft = sees(START, as(Observed.STOPPED));
        assertThat(deeds(found(Observed.STOPPED), soft, START)).containsExactly(start);
        assertThat(deeds(found(Observed.STOPPED), begun(soft, start, START), at(60)))
                .as("it is being started")
                .isEmpty();
        assertThat(deeds(found(Observed.STOPPED), failed(soft, start, START, "no GPU"), at(4)))
                .isEmpty();
        assertThat(deeds(found(Observed.STOPPED), failed(soft, start, START, "no GPU"), at(5)))
                .containsExactly(start);
    }

    /// How long it was stopped because that was wanted is no measure of how long it does not start.
    @Test
    void whatWasStoppedForLongHasItsTimeToStart() {
        Story story = joined().and(stop(1), release(1), sight(1, "77", Observed.STOPPED))
                .after(Duration.ofHours(3))
                .and(start(1));
        long now = Duration.ofHours(3).toSeconds();
        assertThat(deeds(story, sees(at(now), as(Observed.STOPPED)), at(now)))
                .containsExactly(fence("vast-77"), new Errand.Start(i(1)));
        Soft late = sees(at(now + 600), as(Observed.STOPPED));
        assertThat(deeds(story, late, at(now + 600))).contains(end(1));
    }

    // ---- running

    @Test
    void anAgentIsInstalledUntilItsNodeHasJoined() {
        Errand install = new Errand.Install(i(1));
        Soft soft = sees(START, as(Observed.RUNNING));
        assertThat(deeds(found(Observed.RUNNING), soft, START)).containsExactly(install);
        Soft refused = failed(soft, install, START, "SSH: refused");
        assertThat(deeds(found(Observed.RUNNING), refused, at(4))).isEmpty();
        Plan again = plan(found(Observed.RUNNING), refused, at(5));
        assertThat(deeds(again)).containsExactly(install);
        assertThat(again.waits())
                .containsExactly(
                        new Wait("i1", Wait.Reason.INSTANCE, "is joining (SSH: refused) for 5s, of at most 10m"));
        assertThat(deeds(joined(), heard(soft, "vast-77", START), START)).isEmpty();
    }

    @Test
    void aSilentAgentIsStartedAgainAndItsMachineReplacedOnceItIsFenced() {
        Errand install = new Errand.Install(i(1));
        Soft soft = sees(at(59), as(Observed.RUNNING));
        assertThat(deeds(joined(), soft, at(59))).isEmpty();
        assertThat(deeds(joined(), soft, at(60))).containsExactly(install);
        Soft late = sees(at(599), as(Observed.RUNNING));
        Story fenced = joined().and(fence("vast-77"));
        assertThat(deeds(fenced, late, at(599))).containsExactly(install);
        assertThat(deeds(fenced, late, at(600))).containsExactly(blame("is silent"), end(1));
    }

    /// Where the brake holds, the observer may be at fault: it must not end what it does not hear.
    @Test
    void aMachineThatTheBrakeKeepsInServiceIsNotReplacedForItsSilence() {
        Soft late = sees(at(3_600), as(Observed.RUNNING));
        assertThat(deeds(joined(), late, at(3_600))).containsExactly(new Errand.Install(i(1)));
    }

    @ParameterizedTest
    @EnumSource(
            value = Observed.class,
            names = {"STOPPED", "QUEUED", "PREEMPTED", "FAILED", "HOST_LOST", "GONE"})
    void aSilentNodeOnAMachineThatIsDownIsFencedAtOnce(Observed observed) {
        Story story = joined().and(sight(1, "77", observed));
        Soft soft = sees(at(60), as(observed));
        Soft spoke = heard(soft, "vast-77", at(51));
        assertThat(deeds(story, spoke, at(60))).as("it is heard").doesNotContain(fence("vast-77"));
        assertThat(deeds(story, spoke, at(61))).contains(fence("vast-77"));
        assertThat(deeds(story.and(fence("vast-77")), soft, at(61))).doesNotContain(fence("vast-77"));
    }

    @Test
    void aVotersMachineIsNotReplacedAndItsHostNotBlamed() {
        Story story = joined().voters("vast-77", "n2", "n3").and(sight(1, "77", Observed.FAILED));
        Plan plan = plan(story, heard(sees(START, as(Observed.FAILED)), "vast-77", START), START);
        assertThat(deeds(plan)).isEmpty();
        assertThat(plan.waits())
                .containsExactly(new Wait(
                        "i1",
                        Wait.Reason.STUCK,
                        "has failed: , and is not ended, since its node votes; `muster voter remove vast-77`"));
    }

    @ParameterizedTest
    @CsvSource({"0.12, false", "0.13, true"})
    void aMachineWhosePriceRisesTooFarIsReplaced(String price, boolean replaced) {
        Story story = ordered().and(sight(1, "77", Observed.RUNNING, price), join("vast-77"));
        Soft soft = heard(sees(START, row("77", LABEL, Observed.RUNNING, price)), "vast-77", START);
        assertThat(deeds(story, soft, START)).isEqualTo(replaced ? List.of(end(1)) : List.of());
        Story own = given(order(rent("0.10")), sight(1, "77", Observed.RUNNING, price), join("vast-77"));
        assertThat(deeds(own, soft, START)).as("a person's").isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"1501, false", "1500, true"})
    void aMachineWhoseContractEndsIsReplacedInTime(long ends, boolean replaced) {
        Sighting until = new Sighting("77", Observed.RUNNING, usd("0.10"), usd("0.10"), Optional.of(at(ends)), "");
        Story story = ordered().and(new Command.SightInstance(i(1), until), join("vast-77"));
        Soft soft = heard(leading(), "vast-77", START);
        assertThat(deeds(story, soft, START)).isEqualTo(replaced ? List.of(end(1)) : List.of());
    }

    // ---- stopped, ended

    @Test
    void aMachineIsStoppedOnceItIsReleasedAndNotBefore() {
        Story story = joined().and(stop(1));
        Soft soft = heard(sees(START, as(Observed.RUNNING)), "vast-77", START);
        assertThat(deeds(story, soft, START)).isEmpty();
        assertThat(deeds(story.and(release(1)), soft, START)).containsExactly(new Errand.Stop(i(1)));
        story.and(sight(1, "77", Observed.STOPPED));
        Soft stopped = heard(sees(START, as(Observed.STOPPED)), "vast-77", START);
        assertThat(deeds(story, stopped, START)).isEmpty();
    }

    @Test
    void whatWeStoppedWasNotTakenAway() {
        Story story = joined().and(stop(1), release(1));
        Soft taken = heard(sees(START, as(Observed.PREEMPTED)), "vast-77", START);
        assertThat(deeds(story, taken, START)).containsExactly(sight(1, "77", Observed.STOPPED));
    }

    @Test
    void aStoppedMachineIsEndedAfterItsTime() {
        Story story = joined().and(stop(1), release(1), sight(1, "77", Observed.STOPPED), fence("vast-77"));
        long day = Duration.ofHours(24).toSeconds();
        assertThat(deeds(story, sees(at(day - 1), as(Observed.STOPPED)), at(day - 1)))
                .isEmpty();
        assertThat(deeds(story, sees(at(day), as(Observed.STOPPED)), at(day))).containsExactly(end(1));
    }

    @Test
    void aMachineIsDestroyedOnceItIsReleasedAndNotBefore() {
        Errand destroy = new Errand.Destroy(i(1));
        Story story = joined().and(end(1));
        Soft soft = heard(sees(START, as(Observed.RUNNING)), "vast-77", START);
        assertThat(deeds(story, soft, at(90_000))).isEmpty();
        story.and(release(1));
        assertThat(deeds(story, soft, START)).containsExactly(destroy);
        Soft refused = failed(soft, destroy, START, "HTTP 500");
        assertThat(deeds(story, refused, at(5))).containsExactly(destroy);
        assertThat(plan(story, failed(soft, destroy, at(299), "HTTP 500"), at(300))
                        .waits())
                .containsExactly(new Wait(
                        "i1",
                        Wait.Reason.STUCK,
                        "is being ended for 5m (HTTP 500); it costs $0.10 per hour: look at vast for 77"));
    }

    @Test
    void aMachineThatEndsIsNeitherStartedNorReplacedNorInstalled() {
        for (Observed observed : Observed.values()) {
            Story story = joined().and(sight(1, "77", observed), fence("vast-77"), end(1));
            assertThat(deeds(story, sees(at(90_000), as(observed)), at(90_000)))
                    .as("%s", observed)
                    .isEmpty();
        }
    }
}
