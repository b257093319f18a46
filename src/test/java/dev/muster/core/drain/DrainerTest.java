package dev.muster.core.drain;

import static dev.muster.core.Orders.a;
import static dev.muster.core.Orders.fence;
import static dev.muster.core.Orders.join;
import static dev.muster.core.Orders.n;
import static dev.muster.core.Orders.place;
import static dev.muster.core.Orders.submit;
import static dev.muster.core.Rents.end;
import static dev.muster.core.Rents.i;
import static dev.muster.core.Rents.order;
import static dev.muster.core.Rents.release;
import static dev.muster.core.Rents.rent;
import static dev.muster.core.Rents.sight;
import static dev.muster.core.Rents.stop;
import static dev.muster.core.Story.ANN;
import static dev.muster.core.Story.LEADER;
import static dev.muster.core.Story.START;
import static dev.muster.core.Story.given;
import static dev.muster.core.Story.sha;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.Spec;
import dev.muster.core.Story;
import dev.muster.core.plan.Action;
import dev.muster.core.plan.Plan;
import dev.muster.core.plan.Soft;
import dev.muster.core.plan.Wait;
import dev.muster.core.state.ArtifactKind;
import dev.muster.core.state.Attempt;
import dev.muster.core.state.Command;
import dev.muster.core.state.Observed;
import dev.muster.core.state.Sha256;
import dev.muster.core.state.Table;
import dev.muster.core.state.Trouble;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DrainerTest {
    private static final Duration DRAIN = Duration.ofMinutes(15);

    private static Story running() {
        return given(order(rent("0.10")), sight(1, "77", Observed.RUNNING), join("vast-77"), join("n2"));
    }

    private static Command games() {
        return new Command.PutArtifact(sha("a"), 5, "games.db", ArtifactKind.GAMES, Optional.empty(), n("vast-77"));
    }

    private static Plan plan(Story story, Instant now) {
        return Drainer.decide(story.state(), Soft.leadingSince(START), now);
    }

    private static Plan releasing(String why) {
        return new Plan(List.of(new Action.Propose(release(1), why)), List.of());
    }

    private static Plan waiting(Wait.Reason reason, String message) {
        return new Plan(List.of(), List.of(new Wait("i1", reason, message)));
    }

    @Test
    void whatIsToRunIsLeftAlone() {
        assertThat(plan(running().and(games()), START)).isEqualTo(Plan.NOTHING);
    }

    @Test
    void whatHoldsNothingIsReleasedOnce() {
        Story story = running().and(stop(1));
        assertThat(plan(story, START)).isEqualTo(releasing("nothing is only there"));
        assertThat(plan(story.and(release(1)), START)).isEqualTo(Plan.NOTHING);
    }

    @Test
    void whatWasNeverFoundIsTheKeepersToGiveUp() {
        assertThat(plan(given(order(rent("0.10")), end(1)), START)).isEqualTo(Plan.NOTHING);
    }

    @Test
    void aMachineWhoseNodeNeverJoinedHoldsNothing() {
        Story story = given(order(rent("0.10")), sight(1, "77", Observed.RUNNING), end(1));
        assertThat(plan(story, START)).isEqualTo(releasing("nothing is only there"));
    }

    @Test
    void whatRunsHasItsTimeAndIsThenEvicted() {
        Story story = running().and(submit(Spec.job()), place("j1.0.1", "vast-77"), end(1));
        assertThat(plan(story, START.plusSeconds(60)))
                .isEqualTo(waiting(Wait.Reason.INSTANCE, "1 attempt runs there and may end by itself for 14m"));
        assertThat(plan(story, START.plus(DRAIN).minusMillis(1)).actions()).isEmpty();
        Command evict = new Command.EvictAttempt(a("j1.0.1"), story.token("j1.0.1"));
        assertThat(plan(story, START.plus(DRAIN)))
                .isEqualTo(
                        new Plan(List.of(new Action.Propose(evict, "i1 is leaving, and had 15m to end")), List.of()));
        story.and(evict).ends("j1.0.1", Attempt.Status.LOST);
        assertThat(plan(story, START.plus(DRAIN))).isEqualTo(releasing("nothing is only there"));
    }

    @Test
    void whatOnlyItHoldsKeepsItUntilAnotherVerifiablyHoldsIt() {
        Story story = running().and(games(), stop(1));
        String held = "is not stopped: no other node in service holds " + sha("a").brief()
                + " (games.db) of vast-77, 5B in all";
        assertThat(plan(story, START)).isEqualTo(waiting(Wait.Reason.INSTANCE, held + "; others fetch it"));
        Instant stuck = START.plus(DRAIN).plus(Duration.ofMinutes(15));
        story.and(new Command.TellTrouble(Trouble.INSTANCE_HELD, "i1", "told"));
        assertThat(plan(story, stuck.minusMillis(1)))
                .isEqualTo(waiting(Wait.Reason.INSTANCE, held + "; others fetch it"));
        assertThat(plan(story, stuck))
                .isEqualTo(waiting(
                        Wait.Reason.STUCK,
                        held + "; others fetch it; `muster instance start i1` keeps it, and"
                                + " `muster instance destroy i1 --abandon-data` ends it all the same"));
        story.and(new Command.ConfirmReplica(sha("a"), n("n2")));
        assertThat(plan(story, stuck)).isEqualTo(releasing("nothing is only there"));
    }

    /// A machine that cannot go costs, and nobody looks at what a drain waits for by itself.
    @Test
    void aHeldMachineIsAmongTheEventsOnceADay() {
        Story alone = given(order(rent("0.10")), sight(1, "77", Observed.RUNNING), join("vast-77"));
        alone.and(games(), end(1));
        Instant soon = START.plus(Drainer.HINDERED_MAX);
        assertThat(plan(alone, soon.minusMillis(1)).actions()).isEmpty();
        assertThat(plan(alone, soon).actions())
                .singleElement()
                .isInstanceOfSatisfying(Action.Propose.class, propose -> {
                    assertThat(propose.command()).isInstanceOfSatisfying(Command.TellTrouble.class, tell -> {
                        assertThat(tell.kind()).isEqualTo(Trouble.INSTANCE_HELD);
                        assertThat(tell.subject()).isEqualTo("i1");
                        assertThat(tell.note()).startsWith("is not ended: ").contains("no other node in service");
                    });
                    alone.and(propose.command());
                });
        assertThat(plan(alone, soon.plusSeconds(60)).actions()).isEmpty();
        Story slow = running().and(games(), end(1));
        assertThat(plan(slow, START.plus(DRAIN).minusMillis(1)).actions())
                .as("copying has its time")
                .isEmpty();
        assertThat(plan(slow, START.plus(DRAIN)).actions()).hasSize(1);
    }

    @Test
    void whyNobodyCopiesItIsSaidAtOnceWithTheWaysPast() {
        String held = "is not ended: no other node in service holds " + sha("a").brief()
                + " (games.db) of vast-77, 5B in all; ";
        String ways = "; `muster instance start i1` keeps it, and `muster instance destroy i1 --abandon-data` ends it"
                + " all the same";
        Story alone = given(order(rent("0.10")), sight(1, "77", Observed.RUNNING), join("vast-77"));
        assertThat(plan(alone.and(games(), end(1)), START))
                .isEqualTo(waiting(
                        Wait.Reason.INSTANCE,
                        held + "there is no other node in service to copy it to: bring one, or rent one" + ways));
        Story full = running().and(games(), end(1));
        Soft.Heard heard = new Soft.Heard(
                START,
                1,
                Set.of(),
                Soft.Telemetry.UNKNOWN,
                Table.<Sha256, String>empty().with(sha("a"), "disk full"));
        Soft soft = Soft.leadingSince(START).withHeard(n("n2"), heard);
        assertThat(Drainer.decide(full.state(), soft, START))
                .isEqualTo(waiting(
                        Wait.Reason.INSTANCE,
                        held
                                + "no other node can take it (n2: disk full): make room there, or bring a node that has some"
                                + ways));
        assertThat(Drainer.hindrance(full.and(fence("vast-77")).state(), Optional.empty(), n("vast-77")))
                .contains("vast-77 is silent, and nobody can copy from it: have its agent run again");
    }

    @Test
    void theJobOfAFileIsNamed() {
        Story story = running().and(submit(Spec.job()), place("j1.0.1", "vast-77"));
        Command stored = new Command.FinishAttempt(
                a("j1.0.1"),
                story.token("j1.0.1"),
                new Attempt.Ending(
                        Attempt.Status.SUCCEEDED,
                        OptionalInt.of(0),
                        List.of(new Attempt.Stored("games.db", sha("b"), 9)),
                        List.of(),
                        "exit 0"));
        story.and(stored, end(1));
        assertThat(plan(story, START).waits().getFirst().message()).contains("(games.db of j1)");
    }

    /// A file that two rented machines hold, and n2 does not.
    private static Story onTwoRented() {
        return running()
                .and(
                        order(rent("0.10")),
                        sight(2, "78", Observed.RUNNING),
                        join("vast-78"),
                        games(),
                        new Command.ConfirmReplica(sha("a"), n("vast-78")),
                        end(1));
    }

    @Test
    void aCopyOnAnotherRentedMachineDoesNotDoWhileOneOfOnesOwnIsToHaveIt() {
        Story story = onTwoRented();
        assertThat(plan(story, START))
                .isEqualTo(waiting(
                        Wait.Reason.INSTANCE,
                        "is not ended: only rented machines hold " + sha("a").brief()
                                + " (games.db) of vast-77, and n2 is to; others fetch it"));
        assertThat(plan(story.and(new Command.ConfirmReplica(sha("a"), n("n2"))), START))
                .isEqualTo(releasing("nothing is only there"));
    }

    /// Else a machine could never go.
    @Test
    void aCopyOnAnotherRentedMachineDoesWhereNoNodeOfOnesOwnCanHaveIt() {
        Story full = onTwoRented();
        Soft.Heard heard = new Soft.Heard(
                START,
                1,
                Set.of(),
                Soft.Telemetry.UNKNOWN,
                Table.<Sha256, String>empty().with(sha("a"), "disk full"));
        Soft soft = Soft.leadingSince(START).withHeard(n("n2"), heard);
        Instant most = START.plus(Drainer.HINDERED_MAX);
        assertThat(Drainer.decide(full.state(), soft, most.minusMillis(1)).actions())
                .as("it may get room")
                .isEmpty();
        assertThat(Drainer.decide(full.state(), soft, most)).isEqualTo(releasing("nothing is only there"));
        assertThat(plan(full, most).actions()).isEmpty();
        assertThat(plan(onTwoRented().and(fence("n2")), START)).isEqualTo(releasing("nothing is only there"));
    }

    /// Of two that leave, neither counts on the other.
    @Test
    void twoThatLeaveAreNotEachOthersCopies() {
        Story story = onTwoRented().and(new Command.DrainNode(n("n2")));
        assertThat(plan(story, START)).isEqualTo(releasing("nothing is only there"));
        story.and(end(2));
        assertThat(plan(story, START).actions()).isEmpty();
        assertThat(plan(story, START).waits()).hasSize(2);
    }

    @Test
    void aPersonsWordLetsItGoWithAllThatItHolds() {
        Story story = running()
                .and(games(), submit(Spec.job()), place("j1.0.1", "vast-77"))
                .by(ANN, "")
                .and(new Command.EndInstance(i(1), true))
                .by(LEADER, "");
        assertThat(plan(story, START)).isEqualTo(releasing("a person said so"));
        story.and(release(1));
        assertThat(plan(story, START)).isEqualTo(Plan.NOTHING);
    }
}
