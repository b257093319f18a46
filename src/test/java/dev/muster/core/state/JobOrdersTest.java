package dev.muster.core.state;

import static dev.muster.core.Orders.HEX;
import static dev.muster.core.Orders.a;
import static dev.muster.core.Orders.fence;
import static dev.muster.core.Orders.join;
import static dev.muster.core.Orders.n;
import static dev.muster.core.Orders.place;
import static dev.muster.core.Orders.submit;
import static dev.muster.core.Story.START;
import static dev.muster.core.Story.ending;
import static dev.muster.core.Story.given;
import static dev.muster.core.Story.sha;
import static dev.muster.core.Story.success;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.muster.core.Spec;
import dev.muster.core.Story;
import dev.muster.core.state.Outcome.Code;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class JobOrdersTest {
    private static final TaskId TASK = TaskId.parse("j1.0");
    private static final JobId JOB = new JobId(1);

    /// A job of one task, placed on n1.
    private static Story placed() {
        return given(join("n1"), join("n2"), submit(Spec.job()), place("j1.0.1", "n1"));
    }

    private static Command.FinishAttempt finish(Story story, String attempt, Attempt.Ending ending) {
        return new Command.FinishAttempt(a(attempt), story.token(attempt), ending);
    }

    @Test
    void aSubmittedJobGetsTheNextNumber() {
        given().when(submit(Spec.job()))
                .then(new Event.JobSubmitted(JOB, Spec.job().build(), "leader:n1"))
                .created("j1")
                .when(submit(Spec.job()))
                .created("j2");
    }

    @Test
    void aFullQueueRefuses() {
        Command many = submit(Spec.job().tasks(10_000));
        given().unchecked()
                .and(many, many, many, many, many)
                .when(submit(Spec.job()))
                .refused(Code.FULL, "50000");
    }

    @Test
    void anInputThatNobodyHoldsIsRefused() {
        Spec spec = Spec.job().input(sha("a"), "model.bin");
        given().when(submit(spec)).refused(Code.NOT_FOUND, "model.bin");
        given(join("n1"), submit(Spec.job()), place("j1.0.1", "n1"))
                .succeeds("j1.0.1", new Attempt.Stored("out", sha("a"), 5))
                .when(submit(spec))
                .created("j2");
    }

    @Test
    void endedJobsMakeRoomOldestFirst() {
        Story story = given().unchecked();
        for (int i = 1; i <= JobOrders.ENDED_MAX; i++) {
            story.and(submit(Spec.job()), new Command.StopJob(new JobId(i)));
        }
        JobId next = new JobId(JobOrders.ENDED_MAX + 1);
        story.when(submit(Spec.job()))
                .then(
                        new Event.JobForgotten(JOB),
                        new Event.JobSubmitted(next, Spec.job().build(), "leader:n1"));
        assertThat(story.state().work().tasks().has(TASK)).isFalse();
    }

    @Test
    void aPlacementsTokenIsItsRevision() {
        Story story = given(join("n1"), submit(Spec.job()))
                .when(place("j1.0.1", "n1"))
                .then(new Event.TaskPlaced(a("j1.0.1"), n("n1")));
        assertThat(story.token("j1.0.1")).isEqualTo(story.state().revision());
    }

    @Test
    void aPlacementIsRefusedWhenOvertaken() {
        placed().when(place("j1.0.1", "n1"))
                .refused(Code.STALE)
                .when(place("j1.0.2", "n1"))
                .refused(Code.STALE);
        given(join("n1"), submit(Spec.job()))
                .when(place("j1.0.2", "n1"))
                .refused(Code.STALE)
                .when(place("j9.0.1", "n1"))
                .refused(Code.NOT_FOUND)
                .when(place("j1.0.1", "n9"))
                .refused(Code.NOT_FOUND);
    }

    @Test
    void aPlacementIsRefusedWhereThereIsNoRoom() {
        given(join("n1"), submit(Spec.job().cpus(3)), submit(Spec.job().cpus(2)), place("j1.0.1", "n1"))
                .when(place("j2.0.1", "n1"))
                .refused(Code.CONFLICT, "n1 has 1 cpus free, needs 2");
        given(join("n1"), submit(Spec.job()), fence("n1"))
                .when(place("j1.0.1", "n1"))
                .refused(Code.CONFLICT, "n1 is fenced");
    }

    @Test
    void aPermanentFailureEndsTheTaskAtOnce() {
        Story story = placed();
        Attempt.Ending gone = new Attempt.Ending(
                        Attempt.Status.FAILED, OptionalInt.of(127), List.of(), List.of(), "command not found")
                .forGood();
        story.when(finish(story, "j1.0.1", gone))
                .then(
                        new Event.AttemptEnded(a("j1.0.1"), gone),
                        new Event.TaskFailed(TASK, "command not found"),
                        new Event.JobFailed(JOB, "1 of 1 tasks failed"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Attempt.Ending(Attempt.Status.LOST, OptionalInt.empty(), List.of(), List.of(), "")
                        .forGood());
    }

    @Test
    void aFailedTaskIsNotPlacedBeforeItsTime() {
        Story story = placed().ends("j1.0.1", Attempt.Status.FAILED);
        story.after(Duration.ofMillis(1999))
                .when(place("j1.0.2", "n1"))
                .refused(Code.CONFLICT, "not to be placed before")
                .after(Duration.ofMillis(1))
                .when(place("j1.0.2", "n1"))
                .then(new Event.TaskPlaced(a("j1.0.2"), n("n1")));
    }

    @Test
    void aStartIsReportedOnceAndOnlyWithTheToken() {
        Story story = placed();
        long token = story.token("j1.0.1");
        story.when(new Command.ReportStarted(a("j1.0.1"), token + 1, 7))
                .refused(Code.STALE)
                .when(new Command.ReportStarted(a("j1.0.2"), token, 7))
                .refused(Code.NOT_FOUND)
                .when(new Command.ReportStarted(a("j1.0.1"), token, 7))
                .then(new Event.TaskStarted(a("j1.0.1"), 7))
                .when(new Command.ReportStarted(a("j1.0.1"), token, 7))
                .changesNothing();
    }

    @Test
    void aSuccessStoresOutputsAndEndsTheJob() {
        Story story = placed();
        story.when(finish(story, "j1.0.1", success(new Attempt.Stored("out.bin", sha("a"), 5))))
                .then(
                        new Event.AttemptEnded(a("j1.0.1"), success(new Attempt.Stored("out.bin", sha("a"), 5))),
                        new Event.ArtifactStored(
                                sha("a"), 5, "out.bin", Optional.empty(), Optional.of(a("j1.0.1")), n("n1")),
                        new Event.TaskSucceeded(TASK),
                        new Event.JobSucceeded(JOB))
                .when(finish(story, "j1.0.1", success()))
                .changesNothing();
        assertThat(story.state().files().held(sha("a"))).isTrue();
    }

    @Test
    void aSuccessCountsItsMatchesForItsConfigKey() {
        Match match = new Match(sha("a").hex(), "random", 7, 1, 2);
        Story story = given(join("n1"), submit(Spec.job().config(HEX)), place("j1.0.1", "n1"))
                .succeedsWith("j1.0.1", match);
        assertThat(story.state().ratings().of(HEX)).hasSize(1);
        assertThat(story.state().ratings().of(HEX).getFirst().getValue()).isEqualTo(new Ratings.Tally(7, 1, 2));
    }

    @Test
    void aFailureIsTriedAgainWithGrowingPausesUntilItsLastAttempt() {
        Story story = given(join("n1"), submit(Spec.job().maxAttempts(3)));
        Duration[] pauses = {Duration.ofSeconds(2), Duration.ofSeconds(4)};
        for (int i = 0; i < pauses.length; i++) {
            String id = "j1.0." + (i + 1);
            story.and(place(id, "n1"));
            Instant earliest = story.now().plus(pauses[i]);
            story.when(finish(story, id, ending(Attempt.Status.FAILED)))
                    .then(
                            new Event.AttemptEnded(a(id), ending(Attempt.Status.FAILED)),
                            new Event.TaskRequeued(TASK, true, Optional.of(earliest), "exit 1"))
                    .after(pauses[i]);
        }
        story.and(place("j1.0.3", "n1"))
                .when(finish(story, "j1.0.3", ending(Attempt.Status.FAILED)))
                .then(
                        new Event.AttemptEnded(a("j1.0.3"), ending(Attempt.Status.FAILED)),
                        new Event.TaskFailed(TASK, "exit 1"),
                        new Event.JobFailed(JOB, "1 of 1 tasks failed"));
    }

    @Test
    void theLongestPauseIsFiveMinutes() {
        Story story = given(join("n1"), submit(Spec.job().maxAttempts(100)));
        for (int i = 1; i <= 30; i++) {
            story.and(place("j1.0." + i, "n1"))
                    .ends("j1.0." + i, Attempt.Status.FAILED)
                    .after(Duration.ofMinutes(5));
        }
        Task task = story.state().work().tasks().require(TASK);
        assertThat(task.notBefore()).contains(story.now());
        assertThat(task.failures()).isEqualTo(30);
    }

    @Test
    void anAttemptThatItsNodeLostIsPlacedAgainAtOnce() {
        Story story = placed();
        story.when(finish(story, "j1.0.1", ending(Attempt.Status.LOST)))
                .then(
                        new Event.AttemptEnded(a("j1.0.1"), ending(Attempt.Status.LOST)),
                        new Event.TaskRequeued(TASK, false, Optional.empty(), "exit 1"))
                .and(place("j1.0.2", "n2"));
    }

    @Test
    void aLateResultOfAFencedAttemptIsRefused() {
        Story story = placed();
        Command late = finish(story, "j1.0.1", success(new Attempt.Stored("out", sha("a"), 5)));
        Command started = new Command.ReportStarted(a("j1.0.1"), story.token("j1.0.1"), 7);
        story.and(fence("n1"))
                .when(late)
                .refused(Code.STALE, "was replaced: n1 was fenced")
                .when(started)
                .refused(Code.STALE)
                .and(place("j1.0.2", "n2"))
                .when(late)
                .refused(Code.STALE)
                .when(new Command.FinishAttempt(a("j1.0.2"), 1, success()))
                .refused(Code.STALE, "expected token");
        assertThat(story.state().files().held(sha("a"))).isFalse();
    }

    @Test
    void aStopCancelsWaitingTasksAndWaitsForRunningOnes() {
        Story story = given(join("n1"), submit(Spec.job().tasks(2)), place("j1.0.1", "n1"));
        Command stop = new Command.StopJob(JOB);
        story.when(stop)
                .then(new Event.JobStopping(JOB, "because"), new Event.TaskCancelled(TaskId.parse("j1.1")))
                .when(stop)
                .changesNothing()
                .when(finish(story, "j1.0.1", ending(Attempt.Status.STOPPED)))
                .then(
                        new Event.AttemptEnded(a("j1.0.1"), ending(Attempt.Status.STOPPED)),
                        new Event.TaskCancelled(TASK),
                        new Event.JobCancelled(JOB))
                .when(stop)
                .changesNothing();
    }

    @Test
    void aStopOfAJobThatOnlyWaitsCancelsItAtOnce() {
        given(submit(Spec.job()))
                .when(new Command.StopJob(JOB))
                .then(
                        new Event.JobStopping(JOB, "because"),
                        new Event.TaskCancelled(TASK),
                        new Event.JobCancelled(JOB));
        given().when(new Command.StopJob(JOB)).refused(Code.NOT_FOUND);
    }

    @Test
    void aJobFailsWhenOneOfItsTasksDid() {
        Story story = given(join("n1"), submit(Spec.job().tasks(2).maxAttempts(1)))
                .and(place("j1.0.1", "n1"), place("j1.1.1", "n1"))
                .ends("j1.0.1", Attempt.Status.FAILED);
        story.when(finish(story, "j1.1.1", success()))
                .then(
                        new Event.AttemptEnded(a("j1.1.1"), success()),
                        new Event.TaskSucceeded(TaskId.parse("j1.1")),
                        new Event.JobFailed(JOB, "1 of 2 tasks failed"));
    }

    @Test
    void countsFollowFromTheTables() {
        Story story = given(
                        join("n1"),
                        submit(Spec.job().config(HEX).kind(JobKind.SELFPLAY).tasks(3)))
                .and(place("j1.0.1", "n1"), place("j1.1.1", "n1"));
        Work work = story.state().work();
        assertThat(work.waiting()).containsExactly(TaskId.parse("j1.2"));
        assertThat(work.activeOn(n("n1"))).containsExactly(a("j1.0.1"), a("j1.1.1"));
        assertThat(work.heldOn(n("n1")).resources().cpuMillis()).isEqualTo(2000);
        assertThat(work.activeOf(JobKind.SELFPLAY)).isEqualTo(2);
        assertThat(work.derived().byConfig().require(HEX)).isEqualTo(2);
        assertThat(work.jobs().require(JOB).submittedAt()).isEqualTo(START);
    }

    @Test
    void anEndingIsAnEnd() {
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        new Attempt.Ending(Attempt.Status.RUNNING, OptionalInt.empty(), List.of(), List.of(), ""));
    }
}
