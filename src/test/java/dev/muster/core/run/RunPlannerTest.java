package dev.muster.core.run;

import static dev.muster.core.Launches.does;
import static dev.muster.core.Launches.end;
import static dev.muster.core.Launches.finish;
import static dev.muster.core.Launches.job;
import static dev.muster.core.Launches.launch;
import static dev.muster.core.Launches.of;
import static dev.muster.core.Launches.r;
import static dev.muster.core.Launches.resume;
import static dev.muster.core.Launches.reused;
import static dev.muster.core.Launches.scores;
import static dev.muster.core.Launches.spec;
import static dev.muster.core.Launches.stage;
import static dev.muster.core.Launches.start;
import static dev.muster.core.Launches.stop;
import static dev.muster.core.Orders.a;
import static dev.muster.core.Orders.join;
import static dev.muster.core.Orders.n;
import static dev.muster.core.Orders.place;
import static dev.muster.core.Story.START;
import static dev.muster.core.Story.given;
import static dev.muster.core.Story.sha;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.Launches;
import dev.muster.core.Story;
import dev.muster.core.plan.Action;
import dev.muster.core.plan.Plan;
import dev.muster.core.plan.Policy;
import dev.muster.core.plan.Soft;
import dev.muster.core.plan.Wait;
import dev.muster.core.state.Attempt;
import dev.muster.core.state.Command;
import dev.muster.core.state.JobId;
import dev.muster.core.state.RunSpec;
import dev.muster.core.state.Table;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RunPlannerTest {
    private static final RunSpec TWO = spec(stage("train"), stage("eval"));
    private static final Attempt.Stored MODEL = new Attempt.Stored("model.pt", sha("a"), 5);

    private static Story begun() {
        return given(join("n1"), launch("r1", TWO));
    }

    private static Plan plan(Story story) {
        return RunPlanner.decide(story.state(), Soft.leadingSince(START), Policy.DEFAULT, story.now());
    }

    private static Plan proposing(Command command, String why) {
        return new Plan(List.of(new Action.Propose(command, why)), List.of());
    }

    private static Plan waiting(String message) {
        return new Plan(List.of(), List.of(new Wait("r1", Wait.Reason.STAGE, message)));
    }

    private static Command.StartRunStage started(Plan plan) {
        assertThat(plan.actions()).hasSize(1);
        return (Command.StartRunStage) ((Action.Propose) plan.actions().getFirst()).command();
    }

    @Test
    void nothingIsDecidedWithoutRuns() {
        assertThat(plan(given(join("n1")))).isEqualTo(Plan.NOTHING);
    }

    @Test
    void aStageIsStartedAndWaitedForAndFinished() {
        Story story = begun();
        Plan first = plan(story);
        Command.StartRunStage start = started(first);
        assertThat(start.stage()).isEqualTo("train");
        assertThat(start.spec().command()).isEqualTo(job("train").command());
        assertThat(start.spec().env()).isEqualTo(Map.of("MUSTER_RUN", "r1", "MUSTER_STAGE", "train"));
        assertThat(first).isEqualTo(proposing(start, "stage 1 of 2"));
        assertThat(plan(story.and(start))).isEqualTo(waiting("train runs j1"));
        scores(story, "n1", 0.5, MODEL);
        assertThat(plan(story)).isEqualTo(proposing(finish("r1", "train"), "job j1 SUCCEEDED"));
        Command.StartRunStage next = started(plan(story.and(finish("r1", "train"))));
        assertThat(next.stage()).isEqualTo("eval");
        assertThat(next.spec().inputs()).hasSize(1);
    }

    @Test
    void itEndsWhenNothingIsLeft() {
        Story story = begun();
        does(does(story, "r1", "train", 0.5, MODEL), "r1", "eval", 0.5);
        assertThat(plan(story)).isEqualTo(proposing(end("r1"), "nothing is left to be done"));
        assertThat(plan(story.and(end("r1")))).isEqualTo(Plan.NOTHING);
        Story failed = begun().and(start("r1", "train"), new Command.StopJob(new JobId(1)));
        assertThat(plan(failed)).isEqualTo(proposing(finish("r1", "train"), "job j1 CANCELLED"));
        assertThat(plan(failed.and(finish("r1", "train"))))
                .isEqualTo(proposing(end("r1"), "nothing is left to be done"));
    }

    @Test
    void itIsStoppedWhereItStands() {
        assertThat(plan(begun().and(stop("r1")))).isEqualTo(proposing(end("r1"), "nothing is left to be done"));
        Story working = begun().and(start("r1", "train"), place("j1.0.1", "n1"), stop("r1"));
        assertThat(plan(working)).isEqualTo(waiting("train is being stopped: j1"));
    }

    @Test
    void itsTimeIsCountedFromWhenItLastWentOn() {
        RunSpec hour = new RunSpec(
                "burgers",
                List.of(stage("train")),
                Optional.empty(),
                Optional.empty(),
                Optional.of(Duration.ofHours(1)),
                3,
                RunSpec.After.STOP,
                Optional.empty(),
                Optional.empty(),
                Table.empty());
        Story story = given(join("n1"), launch("r1", hour)).after(Duration.ofMinutes(59));
        assertThat(started(plan(story)).stage()).isEqualTo("train");
        story.after(Duration.ofMinutes(1));
        assertThat(plan(story)).isEqualTo(proposing(new Command.StopRun(r("r1"), "its time is over: 1h"), ""));
        story.and(new Command.StopRun(r("r1"), "its time is over: 1h"), end("r1"));
        story.and(resume(story, "r1"));
        assertThat(started(plan(story)).stage()).isEqualTo("train");
        does(story, "r1", "train", 0.5).after(Duration.ofHours(2));
        assertThat(plan(story)).as("done in time").isEqualTo(proposing(end("r1"), "nothing is left to be done"));
    }

    @Test
    void whatAnotherRunMadeIsTakenOrTheRunFails() {
        Story story = begun();
        story.and(started(plan(story)));
        scores(story, "n1", 0.5, MODEL)
                .and(finish("r1", "train"), launch("r2", spec(reused("train", Optional.empty()))));
        String key = of(story, "r1", "train").key();
        Action take = new Action.Propose(
                new Command.ReuseRunStage(r("r2"), "train", r("r1"), key), "made of the same: " + key.substring(0, 12));
        assertThat(plan(story).actions()).contains(take);
        story.and(stop("r1"), end("r1"), new Command.DropReplica(sha("a"), n("n1")));
        assertThat(plan(story))
                .isEqualTo(proposing(
                        new Command.FailRun(r("r2"), "no node in reach holds what r1 has left of train"), ""));
        Story none = given(join("n1"), launch("r2", spec(reused("train", Optional.empty()))));
        assertThat(plan(none))
                .isEqualTo(proposing(
                        new Command.FailRun(
                                r("r2"),
                                "no earlier run of burgers has done train with the same command, environment, code and inputs, so there is nothing to"
                                        + " be taken instead"),
                        ""));
    }

    @Test
    void whatCannotBeTakenIsKnownWhenItIsLaunched() {
        Story story = begun();
        story.and(started(plan(story)));
        scores(story, "n1", 0.5, MODEL).and(finish("r1", "train"));
        story.and(started(plan(story)));
        scores(story, "n1", 0.4).and(finish("r1", "eval"), end("r1"));
        story.and(
                launch("r2", spec(reused("train", Optional.empty()), reused("eval", Optional.empty()))),
                launch("r3", spec(stage("train"), reused("eval", Optional.empty()))),
                launch("r4", spec(stage("train"), reused("prune", Optional.empty()))),
                launch(
                        "r5",
                        spec(
                                reused("train", Optional.empty()),
                                new RunSpec.Stage("eval", Launches.job("other"), Optional.empty(), true))));
        assertThat(lacks(story, "r2")).isEmpty();
        assertThat(lacks(story, "r3"))
                .as("what the new training leaves may be the same")
                .isEmpty();
        assertThat(lacks(story, "r4"))
                .contains("no earlier run of burgers has done prune, so there is nothing to be taken instead");
        assertThat(lacks(story, "r5").orElseThrow()).contains("has done eval with the same command");
    }

    private static Optional<String> lacks(Story story, String run) {
        return RunPlanner.lacks(story.state(), of(story, run));
    }

    @Test
    void whatAnEarlierStageLeftIsNeeded() {
        Story story = begun();
        does(story, "r1", "train", 0.5, MODEL).and(new Command.DropReplica(sha("a"), n("n1")));
        assertThat(plan(story))
                .isEqualTo(proposing(
                        new Command.FailRun(
                                r("r1"), "eval: no node holds model.pt any more (" + sha("a").brief() + ")"),
                        ""));
    }

    /// It would fail again and again otherwise, however often it is resumed.
    @Test
    void aStageWhoseSavesAreLostBeginsAnew() {
        Story story = begun().and(start("r1", "train"), place("j1.0.1", "n1")).starts("j1.0.1");
        Attempt.Stored step = new Attempt.Stored("step.pt", sha("b"), 3);
        story.and(new Command.SaveProgress(a("j1.0.1"), story.token("j1.0.1"), 1, List.of(step), List.of()))
                .and(stop("r1"))
                .ends("j1.0.1", Attempt.Status.STOPPED)
                .and(finish("r1", "train"), end("r1"));
        story.and(resume(story, "r1"));
        assertThat(started(plan(story)).spec().inputs()).hasSize(1);
        story.and(new Command.DropReplica(sha("b"), n("n1")));
        assertThat(started(plan(story)).spec().inputs()).isEmpty();
        assertThat(plan(story))
                .isEqualTo(
                        proposing(started(plan(story)), "stage 1 of 2, from its beginning: what it had saved is lost"));
    }
}
