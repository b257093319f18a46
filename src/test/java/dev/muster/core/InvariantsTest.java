package dev.muster.core;

import static dev.muster.core.Orders.HEX;
import static dev.muster.core.Orders.a;
import static dev.muster.core.Orders.join;
import static dev.muster.core.Orders.n;
import static dev.muster.core.Orders.place;
import static dev.muster.core.Orders.submit;
import static dev.muster.core.Rents.LABEL;
import static dev.muster.core.Rents.bid;
import static dev.muster.core.Rents.budget;
import static dev.muster.core.Rents.end;
import static dev.muster.core.Rents.i;
import static dev.muster.core.Rents.order;
import static dev.muster.core.Rents.rent;
import static dev.muster.core.Rents.seen;
import static dev.muster.core.Rents.sight;
import static dev.muster.core.Rents.stop;
import static dev.muster.core.Story.ANN;
import static dev.muster.core.Story.LEADER;
import static dev.muster.core.Story.START;
import static dev.muster.core.Story.given;
import static dev.muster.core.Story.sha;
import static dev.muster.core.Story.success;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.state.ArtifactKind;
import dev.muster.core.state.Attempt;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Command;
import dev.muster.core.state.Event;
import dev.muster.core.state.Job;
import dev.muster.core.state.JobId;
import dev.muster.core.state.Observed;
import dev.muster.core.state.Task;
import dev.muster.core.state.TaskId;
import dev.muster.core.state.Transition;
import dev.muster.core.state.Work;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/// Facts that no handler would give, to see that each is noticed.
class InvariantsTest {
    private static final TaskId TASK = TaskId.parse("j1.0");

    private static Story running() {
        return given(join("n1"), join("n2"), submit(Spec.job()), place("j1.0.1", "n1"))
                .starts("j1.0.1");
    }

    private static Transition step(Event... events) {
        return new Transition(START, Optional.empty(), LEADER, "", "TEST", "", List.of(events));
    }

    private static List<String> after(Story story, Event... events) {
        ClusterState next = story.state().advance(step(events));
        return Invariants.check(next);
    }

    private static List<String> during(Story story, Event... events) {
        return Invariants.check(story.state(), step(events), story.state().advance(step(events)));
    }

    @Test
    void anEmptyStateIsSound() {
        assertThat(Invariants.check(ClusterState.EMPTY)).isEmpty();
    }

    @Test
    void anAttemptOnAFencedOrUnknownNodeIsNoticed() {
        assertThat(after(running(), new Event.NodeFenced(n("n1"))))
                .containsExactly("n1 is fenced or unknown, and holds [j1.0.1]");
        assertThat(after(running(), new Event.NodeRemoved(n("n1"))))
                .containsExactly("n1 is fenced or unknown, and holds [j1.0.1]");
    }

    @Test
    void aTaskThatRunsWithoutAnAttemptIsNoticed() {
        assertThat(after(running(), new Event.AttemptEnded(a("j1.0.1"), success())))
                .containsExactly("j1.0 is RUNNING with 0 active attempts");
        assertThat(after(running(), new Event.TaskRequeued(TASK, false, Optional.empty(), "")))
                .contains("j1.0 is WAITING with 1 active attempts");
    }

    @Test
    void wrongCountsAreNoticed() {
        ClusterState state = running().state();
        Work work = state.work();
        Job job = work.jobs().require(new JobId(1));
        Job wrong = new Job(
                job.id(),
                job.spec(),
                job.submitter(),
                job.submittedAt(),
                job.status(),
                2,
                0,
                Optional.empty(),
                Optional.empty());
        Work miscounted = Work.of(work.nextJob(), work.jobs().with(job.id(), wrong), work.tasks(), work.attempts());
        assertThat(Invariants.check(state.with(miscounted))).containsExactly("j1 is OPEN and counts 2 open tasks of 1");
    }

    @Test
    void aTokenThatDoesNotGrowIsNoticed() {
        Story story = running().ends("j1.0.1", Attempt.Status.LOST).and(place("j1.0.2", "n2"));
        ClusterState state = story.state();
        Work work = state.work();
        Attempt second = work.attempts().require(a("j1.0.2"));
        Attempt old = new Attempt(
                second.id(),
                second.node(),
                1,
                second.status(),
                second.placedAt(),
                second.startedAt(),
                second.endedAt(),
                second.pid(),
                second.exitCode(),
                second.outputs(),
                second.matches(),
                second.note());
        Work stale = Work.of(
                work.nextJob(), work.jobs(), work.tasks(), work.attempts().with(old.id(), old));
        assertThat(Invariants.check(state.with(stale))).containsExactly("j1.0.2 has token 1 after 4");
    }

    @Test
    void aModelWhoseFileIsForgottenIsNoticed() {
        Story story = given(join("n1"), submit(Spec.job().config(HEX)), place("j1.0.1", "n1"))
                .succeeds("j1.0.1", new Attempt.Stored("model.bin", sha("a"), 5))
                .and(new Command.PromoteModel(HEX, sha("a"), Optional.empty(), 0));
        assertThat(after(story, new Event.ArtifactForgotten(sha("a"))))
                .containsExactly("hex8_2p points at " + sha("a") + ", which is not known");
    }

    @Test
    void aLostAttemptThatSucceedsIsNoticed() {
        Story story = running().ends("j1.0.1", Attempt.Status.LOST);
        ClusterState before = story.state();
        Attempt.Ending success = success();
        Work work = before.work();
        Attempt lost = work.attempts().require(a("j1.0.1"));
        Attempt won = new Attempt(
                lost.id(),
                lost.node(),
                lost.token(),
                Attempt.Status.SUCCEEDED,
                lost.placedAt(),
                lost.startedAt(),
                lost.endedAt(),
                lost.pid(),
                OptionalInt.of(0),
                success.outputs(),
                success.matches(),
                success.note());
        ClusterState after = before.with(Work.of(
                work.nextJob(), work.jobs(), work.tasks(), work.attempts().with(won.id(), won)));
        assertThat(Invariants.check(before, step(), after))
                .containsExactly("j1.0.1 had ended as LOST, and is SUCCEEDED");
    }

    @Test
    void aPlacementBesideARunningAttemptIsNoticed() {
        assertThat(during(running(), new Event.TaskPlaced(a("j1.0.2"), n("n2"))))
                .containsExactly("j1.0.2 was placed before j1.0.1 had ended");
        assertThat(after(running(), new Event.TaskPlaced(a("j1.0.2"), n("n2"))))
                .containsExactly("j1.0 is PLACED with 2 active attempts");
    }

    @Test
    void aPlacementWithoutRoomIsNoticed() {
        Story story = given(join("n1"), submit(Spec.job().cpus(3).tasks(2)), place("j1.0.1", "n1"));
        assertThat(during(story, new Event.TaskPlaced(a("j1.1.1"), n("n1"))))
                .hasSize(1)
                .allMatch(line -> line.contains("was given more than it has"));
    }

    @Test
    void timeAndTermsThatGoBackAreNoticed() {
        Story story = given(join("n1"), new Command.AnnounceLeader(n("n1"), 3));
        assertThat(during(story, new Event.LeaderElected(n("n1"), 2)))
                .containsExactly("the term went back from 3 to 2");
        ClusterState later = story.state();
        ClusterState earlier = new ClusterState(
                later.format(),
                later.revision(),
                Instant.EPOCH,
                later.fleet(),
                later.work(),
                later.files(),
                later.models(),
                later.ratings(),
                later.loops(),
                later.rentals(),
                later.runs(),
                later.alerts(),
                later.journal());
        assertThat(Invariants.check(later, step(), earlier))
                .hasSize(1)
                .allMatch(line -> line.startsWith("time went back"));
        assertThat(Invariants.check(later, step(new Event.NodeReady(n("n1"))), later))
                .hasSize(1)
                .allMatch(line -> line.startsWith("expected revision 3"));
    }

    @Test
    void aPointerMovedTwiceOrToNothingIsNoticed() {
        Event promoted = new Event.ModelPromoted(HEX, sha("a"), 5, 0, Optional.empty(), "ann", "");
        assertThat(during(given(join("n1")), promoted))
                .containsExactly("hex8_2p was pointed at " + sha("a") + ", which nobody holds");
        assertThat(during(given(join("n1")), promoted, promoted)).contains("hex8_2p moved by 2 events of TEST");
    }

    @Test
    void aTaskCountsItsAttempts() {
        Task task = running().state().work().tasks().require(TASK);
        assertThat(task.newestAttempt()).isEqualTo(a("j1.0.1"));
    }

    // ---- rented machines

    private static Story rented() {
        return given(order(rent("0.10")), sight(1, "77", Observed.RUNNING), join("vast-77"), join("n2"));
    }

    @Test
    void twoMachinesWithOneLabelOrOneIdAreNoticed() {
        Event label = new Event.InstanceOrdered(i(2), LABEL, rent("0.10"), Optional.empty());
        assertThat(after(rented(), label)).containsExactly("i2 has the label of another: " + LABEL);
        Event id = new Event.InstanceAdopted(i(2), "", rent("0.10"), seen("77", Observed.RUNNING), n("n2"));
        assertThat(after(rented(), id)).containsExactly("i2 is the machine of another: vast 77");
    }

    @Test
    void aMachineOfANumberToComeIsNoticed() {
        Story story = rented().and(order(rent("0.10")));
        Event again = new Event.InstanceOrdered(i(1), "muster-00000011-i9", rent("0.10"), Optional.empty());
        assertThat(after(story, again)).containsExactly("i2 has the number of a machine that is still to be rented");
    }

    @Test
    void aMachineThatIsLetGoAndIsToRunIsNoticed() {
        assertThat(after(rented(), new Event.InstanceReleased(i(1)))).containsExactly("i1 is let go, and is to run");
    }

    @Test
    void aNodeThatStaysOnAMachineThatGoesIsNoticed() {
        Event other = new Event.InstanceAdopted(i(2), "", rent("0.10"), seen("78", Observed.RUNNING), n("vast-77"));
        assertThat(after(rented().and(stop(1)), other))
                .as("the second of one node has it stay")
                .containsExactly("i1 is to STOP, and its node is staying");
        assertThat(after(rented(), other, new Event.InstanceEnding(i(2), false)))
                .containsExactly("i1 is to RUN, and its node is leaving");
    }

    @Test
    void aMachineThatIsLetGoWithWhatOnlyItHoldsIsNoticed() {
        Story story = rented().and(
                        new Command.PutArtifact(
                                sha("a"), 5, "games.db", ArtifactKind.GAMES, Optional.empty(), n("vast-77")),
                        end(1));
        assertThat(during(story, new Event.InstanceReleased(i(1))))
                .containsExactly("i1 was let go, and no other node in service holds " + sha("a").brief()
                        + " (games.db) of vast-77, 5B in all");
        assertThat(during(story, new Event.InstanceEnding(i(1), true)))
                .containsExactly("leader:n1 abandons what i1 holds");
        Story abandoned = story.by(ANN, "").and(new Command.EndInstance(i(1), true));
        assertThat(during(abandoned, new Event.InstanceReleased(i(1)))).isEmpty();
    }

    @Test
    void moneyBeyondACapIsNoticed() {
        Story story = rented().and(budget("", "0.15", "-", "-"));
        Event ordered = new Event.InstanceOrdered(i(2), "muster-00000011-i2", rent("0.10"), Optional.empty());
        assertThat(during(story, ordered)).containsExactly("TEST commits to $0.20 per hour of $0.15");
        Story bids =
                given(order(bid("0.10", "0.14")), sight(1, "77", Observed.PREEMPTED), budget("", "0.15", "-", "-"));
        assertThat(during(bids, new Event.InstanceBidRaised(i(1), bid("0.20", "0.24"))))
                .containsExactly("TEST commits to $0.24 per hour of $0.15");
    }
}
