package dev.muster.core.state;

import static dev.muster.core.Orders.a;
import static dev.muster.core.Orders.join;
import static dev.muster.core.Orders.n;
import static dev.muster.core.Orders.place;
import static dev.muster.core.Orders.submit;
import static dev.muster.core.Rents.LABEL;
import static dev.muster.core.Rents.bid;
import static dev.muster.core.Rents.budget;
import static dev.muster.core.Rents.charge;
import static dev.muster.core.Rents.end;
import static dev.muster.core.Rents.group;
import static dev.muster.core.Rents.grouped;
import static dev.muster.core.Rents.i;
import static dev.muster.core.Rents.order;
import static dev.muster.core.Rents.release;
import static dev.muster.core.Rents.rent;
import static dev.muster.core.Rents.scaling;
import static dev.muster.core.Rents.seen;
import static dev.muster.core.Rents.sight;
import static dev.muster.core.Rents.start;
import static dev.muster.core.Rents.stop;
import static dev.muster.core.Rents.today;
import static dev.muster.core.Rents.usd;
import static dev.muster.core.Story.ANN;
import static dev.muster.core.Story.LEADER;
import static dev.muster.core.Story.START;
import static dev.muster.core.Story.given;
import static dev.muster.core.Story.sha;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.core.Spec;
import dev.muster.core.Story;
import dev.muster.core.state.Outcome.Code;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RentOrdersTest {
    private static Story ordered() {
        return given(order(rent("0.10")));
    }

    private static Story running() {
        return ordered().and(sight(1, "77", Observed.RUNNING), join("vast-77"));
    }

    private static Instance first(Story story) {
        return story.state().rentals().instances().require(i(1));
    }

    private static Command abandon(long id) {
        return new Command.AbandonInstance(i(id), "never there");
    }

    private static Command finish(long id) {
        return new Command.FinishInstance(i(id), "ended");
    }

    private static Command adopt(String label, String rented) {
        return new Command.AdoptInstance(label, rent("0.10"), seen(rented, Observed.RUNNING), Optional.empty());
    }

    // ---- rented, found, given up

    @Test
    void eachMachineHasALabelOfItsOwn() {
        Story story = given().when(order(rent("0.10")));
        story.then(new Event.InstanceOrdered(i(1), LABEL, rent("0.10"), Optional.empty()))
                .created("i1");
        story.and(join("n1"), order(rent("0.20"))).created("i2");
        assertThat(story.state().rentals().instances().require(i(2)).label())
                .as("nodes that join later change nothing")
                .isEqualTo("muster-00000011-i2");
        assertThat(story.state().rentals().mark()).isEqualTo("muster-00000011");
        assertThat(story.state().rentals().ours("muster-00000011-i9")).isTrue();
        assertThat(story.state().rentals().ours("muster-000000112-i9")).isFalse();
    }

    @Test
    void aPlannerRentsEachMachineOnce() {
        Command.RentInstance next =
                new Command.RentInstance(Optional.of(i(1)), rent("0.10"), Optional.empty(), today(START));
        given(next).when(next).refused(Code.STALE, "expected the next machine to be i2, but found i1");
    }

    @Test
    void aRequestThatIsAskedTwiceRentsOnce() {
        Story story = given().when("r1", order(rent("0.10"))).when("r1", order(rent("0.10")));
        assertThat(story.state().rentals().open()).hasSize(1);
    }

    @Test
    void aGroupThatIsFullOrUnknownTakesNoMore() {
        given().when(order(rent("0.10"), "g")).refused(Code.NOT_FOUND, "there are none");
        Story story = given(grouped("g", 1));
        story.when(order(rent("0.10"), "h")).refused(Code.NOT_FOUND, "there are g");
        story.and(order(rent("0.10"), "g")).when(order(rent("0.10"), "g"));
        story.refused(Code.FULL, "expected fewer than 1 machines in g, but found 1");
        story.and(end(1), order(rent("0.10"), "g"));
    }

    @Test
    void aWindowMayGiveAGroupMoreRoom() {
        TimeWindow night = TimeWindowTest.window("night", "22:00", "06:00", Optional.of(2));
        Story story = given(grouped("g", 1), new Command.SetScaling(scaling("UTC", night)));
        story.and(order(rent("0.10"), "g"), order(rent("0.10"), "g"));
        story.when(order(rent("0.10"), "g")).refused(Code.FULL, "fewer than 2");
    }

    @Test
    void whatIsFoundIsOneMachineForLife() {
        Story story = ordered().when(sight(1, "77", Observed.PULLING));
        story.then(new Event.InstanceSeen(i(1), seen("77", Observed.PULLING), n("vast-77")));
        story.when(sight(1, "77", Observed.PULLING)).changesNothing();
        story.when(sight(1, "78", Observed.RUNNING))
                .refused(Code.CONFLICT, "expected i1 to be 77, but found 78 under its label, too");
        story.and(order(rent("0.10"))).when(sight(2, "77", Observed.RUNNING)).refused(Code.CONFLICT, "77 is i1");
        story.when(sight(9, "1", Observed.RUNNING)).refused(Code.NOT_FOUND, "no instance i9");
        assertThat(first(story).phase(false)).isEqualTo(Instance.Phase.STARTING);
    }

    @Test
    void aStateIsOldFromTheMomentItChanged() {
        Story story = ordered().and(sight(1, "77", Observed.PULLING)).after(Duration.ofMinutes(1));
        story.and(sight(1, "77", Observed.PULLING, "0.12"));
        assertThat(first(story).seenAt()).isEqualTo(START);
        story.and(sight(1, "77", Observed.RUNNING, "0.12"));
        assertThat(first(story).seenAt()).isEqualTo(START.plusSeconds(60));
    }

    @Test
    void onlyWhatWasNeverFoundIsAbandoned() {
        ordered()
                .when(abandon(1))
                .then(new Event.InstanceAbandoned(i(1), "never there"))
                .when(abandon(1))
                .changesNothing()
                .when(sight(1, "77", Observed.RUNNING))
                .refused(Code.CONFLICT, "i1 never came to be, and was given up at " + START + ": never there");
        running().when(abandon(1)).refused(Code.CONFLICT, "expected nobody to have found i1, but it is 77");
        given().when(abandon(1)).refused(Code.NOT_FOUND);
    }

    @Test
    void whatWasFoundIsFinishedAndItsNodeForgotten() {
        Story story = running().and(submit(Spec.job()), place("j1.0.1", "vast-77"));
        story.when(finish(1));
        assertThat(story.state().fleet().nodes().has(n("vast-77"))).isFalse();
        assertThat(story.state().work().attempts().require(a("j1.0.1")).status())
                .isEqualTo(Attempt.Status.LOST);
        assertThat(first(story).phase(false)).isEqualTo(Instance.Phase.ENDED);
        assertThat(first(story).committed()).isEqualTo(Money.ZERO);
        story.when(finish(1)).changesNothing();
        ordered().when(finish(1)).refused(Code.CONFLICT, "expected somebody to have found i1, but nobody has");
        given().when(finish(1)).refused(Code.NOT_FOUND);
    }

    @Test
    void aVoterThatVanishedStaysForAPersonToRemove() {
        Story story = running().voters("vast-77", "n2", "n3");
        story.and(finish(1));
        assertThat(story.state().fleet().nodes().has(n("vast-77"))).isTrue();
    }

    @Test
    void aMachineIsAdoptedOnce() {
        Story story = given(join("vast-5"))
                .when(adopt("", "5"))
                .then(new Event.InstanceAdopted(i(1), "", rent("0.10"), seen("5", Observed.RUNNING), n("vast-5")));
        story.when(adopt("", "5")).refused(Code.CONFLICT, "vast 5 is i1 already");
        story.and(adopt("box", "6")).when(adopt("box", "7")).refused(Code.CONFLICT, "box is the label of i2");
        Command same =
                new Command.AdoptInstance("", rent("0.10"), seen("8", Observed.RUNNING), Optional.of(n("vast-5")));
        story.when(same).refused(Code.CONFLICT, "vast-5 is the node of i1");
        story.and(finish(1), adopt("", "5")).created("i3");
    }

    /// A node that runs elsewhere would stand for the machine, and be removed with it.
    @Test
    void aMachineIsNotAdoptedByTheNameOfANodeThatRunsElsewhere() {
        Story story = given(join("v1"), join("n2"), join("n3"), join("w1")).voters("v1", "n2", "n3");
        Optional<NodeId> v1 = Optional.of(n("v1"));
        Optional<NodeId> w1 = Optional.of(n("w1"));
        Sighting seen = seen("8", Observed.RUNNING);
        story.when(new Command.AdoptInstance("", rent("0.10"), seen, v1, v1))
                .refused(Code.CONFLICT, "expected a name that is no voter's, but v1 votes");
        story.when(new Command.AdoptInstance("", rent("0.10"), seen, w1)).refused(Code.UNSAFE, "`--confirm w1`");
        story.when(new Command.AdoptInstance("", rent("0.10"), seen, w1, v1)).refused(Code.UNSAFE, "w1");
        story.when(new Command.AdoptInstance("", rent("0.10"), seen, w1, w1)).created("i1");
    }

    /// A voter outlives its machine's books.
    @Test
    void whatWasThoughtGoneComesBackByItsOwnName() {
        Story story = running().voters("vast-77", "n2", "n3");
        String label = story.state().rentals().instances().require(i(1)).label();
        story.and(finish(1))
                .when(new Command.AdoptInstance(
                        label, rent("0.10"), seen("77", Observed.RUNNING), Optional.of(n("vast-77"))))
                .created("i2");
    }

    @Test
    void aNameThatIsTooLongIsCutAndNotAnError() {
        Rent long_ =
                new Rent("p".repeat(63), "", "", "", 0, Optional.empty(), Money.ZERO, Money.ZERO, 0, "", Role.MIXED);
        Command adopt = new Command.AdoptInstance("", long_, seen("9".repeat(40), Observed.RUNNING), Optional.empty());
        Story story = given().when(adopt).created("i1");
        story.and(new Command.RentInstance(Optional.empty(), long_, Optional.empty(), today(START)))
                .and(sight(2, "8".repeat(40), Observed.RUNNING));
        assertThat(story.state()
                        .rentals()
                        .instances()
                        .require(i(2))
                        .node()
                        .orElseThrow()
                        .name())
                .isEqualTo("p".repeat(42) + "-i2");
    }

    // ---- wanted

    @Test
    void whatIsWantedChangesByOrdersOnly() {
        Story story = running().when(stop(1)).then(new Event.InstanceStopping(i(1)));
        story.when(stop(1)).changesNothing();
        assertThat(story.state().fleet().nodes().require(n("vast-77")).leaving())
                .isTrue();
        story.and(sight(1, "77", Observed.STOPPED));
        assertThat(first(story).will()).isEqualTo(Instance.Will.STOP);
        story.when(start(1)).then(new Event.InstanceStarting(i(1)));
        story.when(start(1)).changesNothing();
        assertThat(story.state().fleet().nodes().require(n("vast-77")).leaving())
                .isFalse();
        story.by(LEADER, "too dear").when(end(1)).then(new Event.InstanceEnding(i(1), false));
        story.when(end(1)).changesNothing();
        story.when(stop(1)).refused(Code.CONFLICT, "i1 is to end (too dear); `muster instance start i1` keeps it");
        story.and(release(1)).when(start(1));
        story.refused(Code.CONFLICT, "i1 is to end (too dear), and its provider is asked to already");
        story.and(finish(1));
        for (Command order : List.of(start(1), stop(1), end(1), release(1)))
            story.when(order).refused(Code.CONFLICT, "i1 has ended at " + START + ": too dear");
        for (Command order : List.of(start(2), stop(2), end(2), release(2)))
            story.when(order).refused(Code.NOT_FOUND, "no instance i2; `muster instance list`");
    }

    @Test
    void whatDrainsIsKeptAsLongAsItIsNotLetGo() {
        Story story = running().and(end(1)).when(start(1)).then(new Event.InstanceStarting(i(1)));
        assertThat(first(story).will()).isEqualTo(Instance.Will.RUN);
        assertThat(story.state().fleet().nodes().require(n("vast-77")).schedulable())
                .isTrue();
        story.when(release(1)).refused(Code.CONFLICT, "expected i1 to be stopped or ended, but it is to run");
    }

    @Test
    void noCapRefusesToKeepWhatIsPaidAlready() {
        Story story = running().and(stop(1), budget("", "0.01", "-", "-"));
        story.when(start(1)).then(new Event.InstanceStarting(i(1)));
        story.and(stop(1), sight(1, "77", Observed.STOPPED)).when(start(1));
        story.refused(Code.OVER_BUDGET, "expected $0.09 per hour to fit into the cap");
    }

    @Test
    void whyAMachineEndedIsKept() {
        Story story = running().by(LEADER, "is silent for 10m").and(end(1)).by(ANN, "");
        story.and(new Command.EndInstance(i(1), true)).by(LEADER, "").and(release(1), finish(1));
        assertThat(first(story).cause()).contains("is silent for 10m");
        Story person = running().by(ANN, "").and(end(1)).by(LEADER, "").and(release(1), finish(1));
        assertThat(first(person).cause()).contains("a person ordered it");
        Story vanished = running().and(sight(1, "77", Observed.HOST_LOST), finish(1));
        assertThat(first(vanished).cause()).contains("ended; last seen as HOST_LOST");
    }

    private static Again again(int left) {
        return new Again("num_gpus=1", usd("0.20"), Bytes.ZERO, Bytes.ZERO, left, Optional.empty());
    }

    private static Command retried(int left) {
        return new Command.RentInstance(
                Optional.empty(), rent("0.10"), Optional.empty(), today(START), Optional.of(again(left)));
    }

    @Test
    void onlyWhatNeverJoinedIsReplacedByWhatWasSaid() {
        Command replace = new Command.ReplaceInstance(i(1));
        Story story = given(retried(2)).and(sight(1, "77", Observed.PULLING));
        story.when(replace).then(new Event.InstanceReplaced(i(1))).when(replace).changesNothing();
        assertThat(first(story).will()).isEqualTo(Instance.Will.END);
        assertThat(first(story).wantsAnother()).as("it is there").isFalse();
        story.and(release(1), finish(1));
        assertThat(first(story).wantsAnother()).isTrue();
        given(retried(1), sight(1, "77", Observed.RUNNING), join("vast-77"))
                .when(replace)
                .refused(Code.CONFLICT, "expected i1 never to have joined");
        ordered().when(replace).refused(Code.CONFLICT, "expected another to be wanted in the place of i1");
        given(retried(0)).when(replace).refused(Code.CONFLICT, "expected another to be wanted");
        given(retried(1), stop(1)).when(replace).refused(Code.CONFLICT, "expected i1 to be to run");
    }

    @Test
    void whatAPersonEndsIsNotMissed() {
        Story ended = given(retried(2), sight(1, "77", Observed.PULLING), end(1), release(1), finish(1));
        assertThat(first(ended).wantsAnother()).isFalse();
        assertThat(first(given(retried(2), end(1), abandon(1))).wantsAnother()).isFalse();
        assertThat(first(given(retried(2), abandon(1))).wantsAnother())
                .as("its offer was gone")
                .isTrue();
        Story kept = given(retried(2), sight(1, "77", Observed.PULLING), new Command.ReplaceInstance(i(1)), start(1));
        assertThat(first(kept.and(end(1), release(1), finish(1))).wantsAnother())
                .isFalse();
    }

    @Test
    void aTroubleIsToldOnceADay() {
        Command tell = new Command.TellTrouble(Trouble.STRAY_FOUND, "vast 5", "costs");
        Story story = given(tell).when(tell).changesNothing();
        story.when(new Command.TellTrouble(Trouble.STRAY_FOUND, "vast 6", "costs"))
                .then(new Event.TroubleTold(Trouble.STRAY_FOUND, "vast 6", "costs"));
        assertThat(EventNames.of(new Event.TroubleTold(Trouble.STRAY_FOUND, "vast 6", "costs")))
                .isEqualTo("STRAY_FOUND");
        story.after(Duration.ofHours(24)).when(tell);
        story.then(new Event.TroubleTold(Trouble.STRAY_FOUND, "vast 5", "costs"));
    }

    @Test
    void aNodeThatJoinsAMachineThatGoesIsLeaving() {
        Story story = ordered().and(sight(1, "77", Observed.RUNNING), end(1), join("vast-77"));
        assertThat(story.state().fleet().nodes().require(n("vast-77")).leaving())
                .isTrue();
        story.when(new Command.AddVoter(n("vast-77"))).refused(Code.UNSAFE, "is on a rented machine that is to go");
    }

    @Test
    void aVotersMachineStays() {
        Story story = running().voters("vast-77");
        story.when(stop(1)).refused(Code.UNSAFE, "vast-77 is a voter");
        story.when(end(1)).refused(Code.UNSAFE, "vast-77 is a voter");
    }

    @Test
    void onlyAPersonAbandonsWhatAMachineHolds() {
        Command abandon = new Command.EndInstance(i(1), true);
        Story story = running().when(abandon).refused(Code.UNSAFE, "only a person may abandon what i1 holds");
        story.and(end(1)).by(ANN, "").when(abandon).then(new Event.InstanceEnding(i(1), true));
        story.when(abandon).changesNothing().when(end(1)).changesNothing();
        story.by(LEADER, "").when(release(1)).then(new Event.InstanceReleased(i(1)));
    }

    @Test
    void whatOnlyAMachineHoldsKeepsItFromBeingReleased() {
        Story story = running()
                .and(
                        join("n2"),
                        new Command.PutArtifact(
                                sha("a"), 5, "games.db", ArtifactKind.GAMES, Optional.empty(), n("vast-77")));
        story.when(release(1)).refused(Code.CONFLICT, "expected i1 to be stopped or ended, but it is to run");
        story.and(end(1)).when(release(1));
        story.refused(Code.UNSAFE, "expected nothing on i1 to be only there, but no other node in service holds");
        story.and(new Command.ConfirmReplica(sha("a"), n("n2"))).when(release(1));
        story.then(new Event.InstanceReleased(i(1))).when(release(1)).changesNothing();
    }

    /// Between the two, the other copy may be lost.
    @Test
    void aStoppedMachineIsLookedAtAgainBeforeItIsEnded() {
        Story story = running()
                .and(
                        join("n2"),
                        new Command.PutArtifact(
                                sha("a"), 5, "games.db", ArtifactKind.GAMES, Optional.empty(), n("vast-77")),
                        new Command.ConfirmReplica(sha("a"), n("n2")),
                        stop(1),
                        release(1),
                        sight(1, "77", Observed.STOPPED),
                        new Command.RemoveNode(n("n2")),
                        end(1));
        assertThat(first(story).released()).isEmpty();
        story.when(release(1)).refused(Code.UNSAFE, "no other node in service holds");
    }

    @Test
    void anAttemptIsEvictedFromALeavingNodeOnly() {
        Story story = running().and(submit(Spec.job()), place("j1.0.1", "vast-77"));
        Command evict = new Command.EvictAttempt(a("j1.0.1"), story.token("j1.0.1"));
        story.when(evict).refused(Code.CONFLICT, "expected vast-77 to be leaving, but it is not");
        story.and(end(1)).when(release(1)).refused(Code.UNSAFE, "vast-77 runs j1.0.1");
        story.when(new Command.EvictAttempt(a("j1.0.1"), 1)).refused(Code.STALE, "to run under 1, but it does not");
        story.when(evict).then(new Event.AttemptEvicting(a("j1.0.1"), "vast-77 is leaving"));
        story.when(evict).refused(Code.CONFLICT, "expected j1.0.1 to have until");
        story.when(release(1)).refused(Code.UNSAFE, "vast-77 runs j1.0.1");
        story.after(JobSpec.GRACE_DEFAULT.plus(Attempt.EVICTION_MAX))
                .and(evict)
                .when(evict)
                .refused(Code.STALE);
        assertThat(story.state().work().tasks().require(TaskId.parse("j1.0")).status())
                .isEqualTo(Task.Status.WAITING);
        story.and(release(1));
    }

    // ---- bids, charges, blame

    @Test
    void aBidIsOnlyRaised() {
        Command raise = new Command.RaiseBid(i(1), usd("0.15"), today(START));
        given().when(raise).refused(Code.NOT_FOUND);
        ordered().when(raise).refused(Code.CONFLICT, "expected i1 to be rented at a bid, but it is not");
        Story story = given(order(bid("0.10", "0.14"))).when(raise);
        story.then(new Event.InstanceBidRaised(i(1), bid("0.15", "0.19")));
        story.when(raise).refused(Code.STALE, "expected a bid above $0.15, but found $0.15");
        Command mad = new Command.RaiseBid(i(1), new Money(Long.MAX_VALUE), today(START));
        story.when(mad).refused(Code.INVALID, "a bid that somebody would pay");
        story.and(abandon(1)).when(raise).refused(Code.CONFLICT, "never came to be");
    }

    @Test
    void chargesAreOfATimeThatIsNotBookedAndNotToCome() {
        Story story = running().after(Duration.ofHours(1)).when(charge(1, "0.09", START.plusSeconds(3_600)));
        story.then(new Event.InstanceCharged(i(1), usd("0.09"), START.plusSeconds(3_600)));
        story.when(charge(1, "0.09", START.plusSeconds(3_600))).changesNothing();
        story.when(charge(1, "0.09", START.plusSeconds(60)))
                .refused(Code.STALE, "expected charges up to 2026-01-01T01:00");
        story.when(charge(1, "0.09", START.plusSeconds(3_661))).refused(Code.STALE);
        story.when(charge(1, "-0.01", START.plusSeconds(3_600))).refused(Code.INVALID, "expected charges of $0");
        Command mad = new Command.RecordCharge(i(1), new Money(Long.MAX_VALUE), START.plusSeconds(3_600));
        story.when(mad).refused(Code.INVALID);
        story.when(charge(2, "0.09", START)).refused(Code.NOT_FOUND);
    }

    /// The last charges may be the sum that was known already: that they are the last is news.
    @Test
    void aBillIsSettledByChargesUpToItsEndThoughTheSumIsKnown() {
        Story story = running().after(Duration.ofHours(1)).and(finish(1));
        Instant end = story.now();
        story.after(Duration.ofMinutes(1)).and(charge(1, "0.09", end.minusSeconds(1)));
        assertThat(first(story).settled()).isFalse();
        story.and(charge(1, "0.09", end.plusSeconds(30)));
        assertThat(first(story).settled()).isTrue();
        assertThat(first(story).bill().total(end)).isEqualTo(usd("0.09"));
        story.when(charge(1, "0.09", end.plusSeconds(40))).changesNothing();
    }

    @Test
    void eachFailureOfAMachineDoublesItsTimeAndTheSameOneDoesNot() {
        Duration hour = Duration.ofHours(1);
        Story story = given(new Command.BlameMachine("vast", "m1", hour, "one"));
        story.when(new Command.BlameMachine("vast", "m1", hour, "one")).changesNothing();
        assertThat(blamed(story, START.plus(hour).minusMillis(1))).isTrue();
        assertThat(blamed(story, START.plus(hour))).isFalse();
        story.and(new Command.BlameMachine("vast", "m1", hour, "two"));
        assertThat(blamed(story, START.plus(hour))).isTrue();
        assertThat(blamed(story, START.plus(hour.multipliedBy(2)))).isFalse();
        for (int more = 3; more < 9; more++) story.and(new Command.BlameMachine("vast", "m1", hour, "n" + more));
        assertThat(blamed(story, START.plus(hour.multipliedBy(16)))).isFalse();
        for (Duration wrong : List.of(Duration.ZERO, Duration.ofDays(31)))
            story.when(new Command.BlameMachine("vast", "m1", wrong, "x")).refused(Code.INVALID, "up to 720h");
        story.when(new Command.BlameMachine("vast", "", hour, "x")).refused(Code.INVALID, "expected a machine");
    }

    private static boolean blamed(Story story, Instant at) {
        return story.state().rentals().blamed("vast", "m1", at).isPresent();
    }

    // ---- groups and what is set

    @Test
    void aGroupIsSetAndDeletedOnce() {
        Story story =
                given().when(new Command.SetGroup(group("g", 0, 1, 2))).then(new Event.GroupSet(group("g", 0, 1, 2)));
        story.when(new Command.SetGroup(group("g", 0, 1, 2))).changesNothing();
        story.and(order(rent("0.10"), "g")).when(new Command.DeleteGroup("g"));
        story.refused(Code.CONFLICT, "expected g to have no machines, but it has [i1]");
        story.and(end(1)).when(new Command.DeleteGroup("g")).then(new Event.GroupDeleted("g"));
        story.when(new Command.DeleteGroup("g")).refused(Code.NOT_FOUND, "no group g");
        for (int k = 0; k < Rentals.GROUPS_MAX; k++) story.and(grouped("g" + k, 1));
        story.when(grouped("more", 1)).refused(Code.FULL, "fewer than 100 groups");
        story.and(grouped("g0", 2));
    }

    @Test
    void capsAreSetForAllOrForAGroup() {
        Caps caps = new Caps(Optional.of(usd("1")), Optional.empty(), Optional.empty());
        Story story = given(grouped("g", 1)).when(new Command.SetBudget("g", caps));
        story.then(new Event.BudgetSet("g", caps))
                .when(new Command.SetBudget("g", caps))
                .changesNothing();
        story.when(new Command.SetBudget("h", caps)).refused(Code.NOT_FOUND, "there are g");
        story.and(new Command.SetBudget("", caps), new Command.SetBudget("", Caps.NONE));
        assertThat(story.state().rentals().caps().keys()).containsExactly("g");
        story.and(new Command.DeleteGroup("g"));
        assertThat(story.state().rentals().caps().isEmpty()).isTrue();
        assertThatThrownBy(() -> new Caps(Optional.of(usd("-1")), Optional.empty(), Optional.empty()))
                .hasMessage("expected a cap per hour of $0 or more, but found -$1.00");
    }

    @Test
    void theSamePolicyAgainChangesNothing() {
        // Before somebody says so, nothing is rented by itself.
        given().when(new Command.SetScaling(Scaling.DEFAULT.withEnabled(false))).changesNothing();
        Story story = given().when(new Command.SetScaling(scaling("Europe/Berlin")));
        story.then(new Event.ScalingSet(scaling("Europe/Berlin")));
    }

    @Test
    void whatEndedAWeekAgoIsForgottenAndItsCostStays() {
        Story story = given(order(rent("0.10")), sight(1, "77", Observed.RUNNING))
                .after(Duration.ofHours(2))
                .and(end(1), release(1), new Command.FinishInstance(i(1), "ended"));
        story.after(Duration.ofDays(8)).and(order(rent("0.10")), abandon(2));
        assertThat(story.state().rentals().instances().keys()).containsExactly(i(2));
        assertThat(story.state().rentals().ledger().since(Story.START)).isEqualTo(usd("0.20"));
    }

    @Test
    void aGroupIsForgottenWhileItsMachinesEndAndTheyGoOnEnding() {
        Story story = given(grouped("g", 5), order(rent("0.10"), "g"), sight(1, "77", Observed.RUNNING), end(1));
        story.and(new Command.DeleteGroup("g"));
        assertThat(story.state().rentals().instances().require(i(1)).leaving()).isTrue();
        story.and(release(1), new Command.FinishInstance(i(1), "ended"));
        assertThat(story.state().rentals().open()).isEmpty();
    }

    @Test
    void soManyMachinesAtOnce() {
        Story story = given().unchecked();
        for (int k = 0; k < Rentals.OPEN_MAX; k++) story.and(order(rent("0.10")));
        story.when(order(rent("0.10"))).refused(Code.FULL, "expected fewer than 2000 machines, but found 2000");
        story.when(adopt("", "5")).refused(Code.FULL);
    }

    @Test
    void theOldestThatEndedMakeRoomAndTheirCostStays() {
        Story story =
                given(order(rent("0.10")), sight(1, "1", Observed.RUNNING)).unchecked();
        story.after(Duration.ofHours(1)).and(finish(1));
        for (int k = 2; k <= Rentals.ENDED_KEPT + 1; k++) story.and(order(rent("0.10")), abandon(k));
        assertThat(story.state().rentals().instances().has(i(1))).isFalse();
        assertThat(story.state().rentals().instances().size()).isEqualTo(Rentals.ENDED_KEPT);
        assertThat(story.state().rentals().ledger().since(START)).isEqualTo(usd("0.10"));
    }

    @Test
    void pricesBeyondBeliefAreNotTakenAndNeverCountedOn() {
        assertThatThrownBy(() -> rent("100001")).hasMessageContaining("at most $100000.00 per hour");
        assertThatThrownBy(() -> rent("-0.01")).hasMessageContaining("prices of $0 or more");
        Sighting mad = new Sighting(
                "1", Observed.RUNNING, usd("-5"), new Money(Long.MAX_VALUE), Optional.empty(), "m".repeat(999));
        assertThat(mad.perHourNow()).isEqualTo(Money.ZERO);
        assertThat(mad.perHourRunning()).isEqualTo(Money.ofDollars(100_000));
        assertThat(mad.message()).hasSize(Sighting.MESSAGE_MAX);
    }
}
