package dev.muster.core.state;

import static dev.muster.core.Launches.LESS;
import static dev.muster.core.Launches.does;
import static dev.muster.core.Launches.end;
import static dev.muster.core.Launches.finish;
import static dev.muster.core.Launches.gated;
import static dev.muster.core.Launches.job;
import static dev.muster.core.Launches.launch;
import static dev.muster.core.Launches.of;
import static dev.muster.core.Launches.r;
import static dev.muster.core.Launches.renting;
import static dev.muster.core.Launches.resume;
import static dev.muster.core.Launches.reused;
import static dev.muster.core.Launches.scores;
import static dev.muster.core.Launches.spec;
import static dev.muster.core.Launches.stage;
import static dev.muster.core.Launches.start;
import static dev.muster.core.Launches.startRented;
import static dev.muster.core.Launches.stop;
import static dev.muster.core.Launches.whole;
import static dev.muster.core.Orders.a;
import static dev.muster.core.Orders.join;
import static dev.muster.core.Orders.n;
import static dev.muster.core.Orders.place;
import static dev.muster.core.Rents.grouped;
import static dev.muster.core.Rents.i;
import static dev.muster.core.Rents.order;
import static dev.muster.core.Rents.rent;
import static dev.muster.core.Rents.sight;
import static dev.muster.core.Rents.usd;
import static dev.muster.core.Story.ANN;
import static dev.muster.core.Story.given;
import static dev.muster.core.Story.sha;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.Rents;
import dev.muster.core.Spec;
import dev.muster.core.Story;
import dev.muster.core.state.Outcome.Code;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class RunOrdersTest {
    private static final RunSpec TWO = spec(stage("train"), stage("eval"));
    private static final Attempt.Stored MODEL = new Attempt.Stored("model.pt", sha("a"), 5);
    private static final Attempt.Stored STEP = new Attempt.Stored("step.pt", sha("b"), 3);

    private static Story begun() {
        return given(join("n1"), launch("r1", TWO));
    }

    /// Its first stage has a machine on n1, and has saved something.
    private static Story working() {
        Story story = begun().and(start("r1", "train"), place("j1.0.1", "n1")).starts("j1.0.1");
        return story.and(new Command.SaveProgress(a("j1.0.1"), story.token("j1.0.1"), 1, List.of(STEP), List.of()));
    }

    private static Command fail(String run) {
        return new Command.FailRun(r(run), "no machine");
    }

    private static Command settle(String run, String cost) {
        return new Command.SettleRun(r(run), usd(cost));
    }

    @Test
    void aRunIsForgottenWithTheFilesThatOnlyItNeeds() {
        Story story = given(join("n1"), launch("r1", spec(stage("train"))));
        story.when(new Command.ForgetRun(r("r1"))).refused(Code.CONFLICT, "expected r1 to be over");
        story.when(new Command.ForgetRun(r("r9"))).refused(Code.NOT_FOUND, "no run r9");
        does(story, "r1", "train", 0.5, MODEL).and(end("r1"));
        story.and(launch("r2", spec(stage("train"))));
        does(story, "r2", "train", 0.5, MODEL).and(end("r2"));
        story.and(new Command.ForgetRun(r("r1")));
        assertThat(story.state().runs().runs().has(r("r1"))).isFalse();
        assertThat(story.state().files().artifacts().has(sha("a")))
                .as("r2 has it, too")
                .isTrue();
        story.and(new Command.ForgetRun(r("r2")));
        assertThat(story.state().files().artifacts().has(sha("a"))).isFalse();
    }

    /// Runs that begin alike save the same; whether they fail or go on to their end, they show it.
    @Test
    void whatOthersHaveSavedOrKeepAsEvidenceStaysWhenARunIsForgotten() {
        Attempt.Stored log = new Attempt.Stored("logs/j1.0.1.log", sha("e"), 9);
        Story story = given(join("n1"));
        for (int number = 1; number <= 3; number++) {
            story.and(launch("r" + number, spec(stage("train"))));
            saves(story, "r" + number, "j" + number + ".0.1", log, number < 3);
        }
        story.and(new Command.ForgetRun(r("r1")));
        assertThat(held(story, STEP, log)).as("r2 and r3 have them").isTrue();
        story.and(new Command.ForgetRun(r("r2")));
        assertThat(of(story, "r3", "train").saved()).isEmpty();
        assertThat(held(story, STEP, log)).as("r3's job has them").isTrue();
    }

    @Test
    void whatAPersonsJobHasMadeStaysWhenARunIsForgotten() {
        Story story = given(join("n1"), launch("r1", spec(stage("train"))));
        does(story, "r1", "train", 0.5, MODEL).and(end("r1")).by(ANN, "look at it");
        story.and(new Command.SubmitJob(job("mine")), place("j2.0.1", "n1"))
                .starts("j2.0.1")
                .succeeds("j2.0.1", MODEL);
        story.and(new Command.ForgetRun(r("r1")));
        assertThat(held(story, MODEL)).as("j2 made it, too").isTrue();
    }

    private static boolean held(Story story, Attempt.Stored... files) {
        return Stream.of(files).allMatch(file -> story.state().files().held(file.sha()));
    }

    private static void saves(Story story, String run, String attempt, Attempt.Stored log, boolean fails) {
        story.and(start(run, "train"), place(attempt, "n1")).starts(attempt);
        long token = story.token(attempt);
        Traces seen = new Traces(List.of(log), Table.empty(), Optional.empty());
        Attempt.Ending end =
                fails ? Story.ending(Attempt.Status.FAILED).forGood() : Story.ending(Attempt.Status.SUCCEEDED);
        story.and(new Command.SaveProgress(a(attempt), token, 1, List.of(STEP), List.of()))
                .and(new Command.FinishAttempt(a(attempt), token, end.with(seen)))
                .and(finish(run, "train"), end(run));
    }

    @Test
    void aRunIsLaunchedOnce() {
        given(join("n1"))
                .when(launch("r1", TWO))
                .then(new Event.RunLaunched(r("r1"), TWO, "leader:n1"))
                .created("r1")
                .when(launch("r1", TWO))
                .refused(Code.CONFLICT, "is there already");
    }

    @Test
    void aRunAndAGroupHaveNoNameInCommon() {
        begun().when(grouped("r1", 2))
                .refused(Code.CONFLICT, "no run's")
                .and(grouped("g", 2))
                .when(launch("g", TWO))
                .refused(Code.CONFLICT, "no group's");
    }

    /// What is in the books under a name would be the new run's cost; a deleted group's is kept under another.
    @Test
    void anIdUnderWhichSomethingWasRentedIsNotUsedAgain() {
        Story story = given(join("n1"))
                .and(launch("r1", renting("r1", stage("train"))))
                .and(order(rent("0.1"), "r1"), sight(1, "77", Observed.RUNNING))
                .after(Duration.ofHours(1))
                .and(stop("r1"), end("r1"), Rents.end(1), new Command.FinishInstance(i(1), "gone"));
        ClusterState forgotten = story.state()
                .advance(new Transition(
                        story.state().at(),
                        Optional.empty(),
                        new Actor(Actor.Kind.LEADER, "v1"),
                        "",
                        "FORGOTTEN",
                        "",
                        List.of(new Event.RunForgotten(r("r1")))));
        Outcome again =
                Handler.handle(forgotten, forgotten.at(), Envelope.of(Actor.person("ann"), "", launch("r1", TWO)));
        assertThat(again).asString().contains("CONFLICT").contains("in the books");

        given(join("n1"), grouped("g", 2), order(rent("0.1"), "g"), sight(1, "77", Observed.RUNNING), Rents.end(1))
                .and(new Command.DeleteGroup("g"))
                .and(launch("g", TWO));
    }

    @Test
    void machinesAreItsOwn() {
        Story story = given(join("n1")).when(launch("r1", renting("r2", stage("train"))));
        story.refused(Code.INVALID, "expected machines for r1, but found them for r2")
                .and(launch("r1", spec(stage("train"))), stop("r1"), end("r1"))
                .when(new Command.ResumeRun(r("r1"), renting("r2", stage("train")), Optional.empty()))
                .refused(Code.INVALID, "but found them for r2");
    }

    @Test
    void inputsThatNobodyHoldsAreToldAtOnce() {
        JobSpec lacks = Spec.job().input(sha("c"), "data").build();
        RunSpec lost = spec(new RunSpec.Stage("train", lacks, Optional.empty(), false), stage("eval"));
        given(join("n1"))
                .when(launch("r1", lost))
                .refused(Code.NOT_FOUND, "input data")
                .and(launch("r1", TWO), stop("r1"), end("r1"))
                .when(new Command.ResumeRun(r("r1"), lost, Optional.empty()))
                .refused(Code.NOT_FOUND, "input data");
        Story made = begun();
        does(made, "r1", "train", 0.5, MODEL).and(stop("r1"), end("r1"));
        made.and(new Command.ResumeRun(r("r1"), lost, Optional.empty()));
    }

    @Test
    void aStageIsStartedOnceAndInItsTurn() {
        begun().when(start("r1", "eval"))
                .refused(Code.STALE, "it is train, WAITING")
                .when(start("r2", "train"))
                .refused(Code.NOT_FOUND)
                .when(startRented("r1", "train"))
                .refused(Code.STALE, "expected a job for any node, but found one for r1")
                .when(start("r1", "train"))
                .then(
                        new Event.JobSubmitted(new JobId(1), job("train"), "leader:n1"),
                        new Event.RunStageStarted(r("r1"), "train", new JobId(1), "train"))
                .when(start("r1", "train"))
                .refused(Code.STALE, "it is train, RUNNING");
    }

    @Test
    void nothingFollowsAStageThatFailed() {
        begun().and(start("r1", "train"), new Command.StopJob(new JobId(1)), finish("r1", "train"))
                .when(start("r1", "eval"))
                .refused(Code.CONFLICT, "expected train of r1 to be made, but it has failed");
    }

    @Test
    void nobodyElseSubmitsTheJobOfARun() {
        begun().when(new Command.SubmitJob(job("x").onMachinesOf(r("r1"))))
                .refused(Code.INVALID, "expected a job of no run, but found one of r1");
    }

    @Test
    void aStageIsFinishedOnceAndAfterItsJob() {
        Story story = begun().when(finish("r1", "train"))
                .refused(Code.STALE, "does not")
                .and(start("r1", "train"))
                .when(finish("r1", "train"))
                .refused(Code.CONFLICT, "has not ended");
        scores(story, "n1", 0.5, MODEL)
                .when(finish("r1", "train"))
                .then(new Event.RunStageDone(
                        r("r1"),
                        "train",
                        List.of(MODEL),
                        Table.<String, Double>empty().with("loss", 0.5),
                        Optional.empty(),
                        Duration.ZERO,
                        "",
                        Traces.NOTHING))
                .when(finish("r1", "train"))
                .refused(Code.STALE);
        assertThat(of(story, "r1").current().orElseThrow().name()).isEqualTo("eval");
    }

    @Test
    void aRunEndsWhenAllIsDone() {
        Story story = begun().when(end("r1")).refused(Code.CONFLICT, "but train is not");
        does(story, "r1", "train", 0.5).and(start("r1", "eval")).when(end("r1")).refused(Code.CONFLICT, "but one does");
        scores(story, "n1", 0.5)
                .and(finish("r1", "eval"))
                .when(end("r1"))
                .then(new Event.RunEnded(r("r1"), Run.Status.SUCCEEDED, "", false))
                .when(end("r1"))
                .changesNothing();
    }

    @Test
    void whatItsJobHasSavedIsKeptWhenItFails() {
        Story story = working();
        story.and(new Command.FinishAttempt(
                a("j1.0.1"),
                story.token("j1.0.1"),
                Story.ending(Attempt.Status.FAILED).forGood().as("OUT_OF_MEMORY")));
        story.when(finish("r1", "train"))
                .then(new Event.RunStageFailed(
                        r("r1"), "train", List.of(STEP), Duration.ZERO, "OUT_OF_MEMORY", "exit 1", Traces.NOTHING))
                .when(end("r1"))
                .then(new Event.RunEnded(r("r1"), Run.Status.FAILED, "train: exit 1", false))
                .and(resume(story, "r1"));
        assertThat(of(story, "r1", "train").saved()).containsExactly(STEP);
        assertThat(of(story, "r1").status()).isEqualTo(Run.Status.OPEN);
        story.and(start("r1", "train"), new Command.StopJob(new JobId(2)), finish("r1", "train"));
        assertThat(of(story, "r1", "train").saved()).containsExactly(STEP);
    }

    @Test
    void whatWasSeenOfItsJobStaysWithItsStage() {
        Attempt.Stored log = new Attempt.Stored("logs/j1.0.1.log", sha("e"), 9);
        Traces.Warning flat = new Traces.Warning(false, "loss", "no change");
        Traces.Tracked page = new Traces.Tracked("1a2b", "https://wandb.ai/us/burgers/runs/1a2b");
        Traces seen =
                new Traces(List.of(log), Table.<String, Traces.Warning>empty().with("MEMORY", flat), Optional.empty());
        Story story = working();
        long token = story.token("j1.0.1");
        story.and(
                        new Command.WarnAttempt(a("j1.0.1"), token, "LOSS", flat),
                        new Command.LinkAttempt(a("j1.0.1"), token, page))
                .and(new Command.FinishAttempt(
                        a("j1.0.1"),
                        token,
                        Story.ending(Attempt.Status.FAILED).forGood().with(seen)))
                .and(finish("r1", "train"), end("r1"));
        Traces kept = of(story, "r1", "train").traces();
        assertThat(kept.evidence()).containsExactly(log);
        assertThat(kept.warnings().keys()).containsExactly("LOSS", "MEMORY");
        assertThat(kept.tracked()).contains(page);
        assertThat(story.state().files().held(log.sha())).isTrue();
        assertThat(References.of(story.state()).find(log.sha())).contains("run r1");
        assertThat(Custody.sole(story.state(), n("n1")))
                .extracting(Artifact::sha)
                .contains(log.sha());
    }

    @Test
    void itIsStoppedWhereverItStands() {
        Story waiting = begun().when(stop("r1"))
                .then(new Event.RunStopping(r("r1"), "enough"))
                .when(stop("r1"))
                .changesNothing()
                .when(start("r1", "train"))
                .refused(Code.CONFLICT, "over or stops")
                .when(end("r1"))
                .then(new Event.RunEnded(r("r1"), Run.Status.STOPPED, "enough", false))
                .when(stop("r1"))
                .changesNothing();
        assertThat(of(waiting, "r1", "train").phase()).isEqualTo(Run.Phase.WAITING);
        working()
                .when(stop("r1"))
                .then(new Event.RunStopping(r("r1"), "enough"), new Event.JobStopping(new JobId(1), "enough"))
                .when(end("r1"))
                .refused(Code.CONFLICT)
                .ends("j1.0.1", Attempt.Status.STOPPED)
                .when(finish("r1", "train"))
                .then(new Event.RunStageFailed(
                        r("r1"), "train", List.of(STEP), Duration.ZERO, "", "job stopped", Traces.NOTHING))
                .when(end("r1"))
                .then(new Event.RunEnded(r("r1"), Run.Status.STOPPED, "enough", false));
    }

    @Test
    void whoIsStoppedAfterAllIsDoneHasDoneIt() {
        Story story = given(join("n1"), launch("r1", spec(stage("train"))));
        does(story, "r1", "train", 0.5).and(stop("r1")).when(end("r1"));
        story.then(new Event.RunEnded(r("r1"), Run.Status.SUCCEEDED, "", false));
    }

    @Test
    void itFailsWithoutMachinesUnlessItsJobRunsOrHasEnded() {
        begun().and(start("r1", "train"), place("j1.0.1", "n1"))
                .when(fail("r1"))
                .refused(Code.CONFLICT, "expected j1 to wait, but it runs")
                .starts("j1.0.1")
                .when(fail("r1"))
                .refused(Code.CONFLICT, "but it runs")
                .succeeds("j1.0.1", MODEL)
                .when(fail("r1"))
                .refused(Code.CONFLICT, "but it has ended");
        begun().and(start("r1", "train"))
                .when(fail("r1"))
                .then(
                        new Event.JobStopping(new JobId(1), "no machine"),
                        new Event.TaskCancelled(TaskId.parse("j1.0")),
                        new Event.JobCancelled(new JobId(1)),
                        new Event.RunStageFailed(
                                r("r1"), "train", List.of(), Duration.ZERO, "MACHINES", "no machine", Traces.NOTHING),
                        new Event.RunEnded(r("r1"), Run.Status.FAILED, "no machine", false))
                .when(fail("r1"))
                .changesNothing();
    }

    @Test
    void aGateInTheMiddleEndsIt() {
        Story story = whole(given(join("n1")), "r1", 0.5);
        story.and(launch("r2", spec(gated("eval", LESS), stage("full"))));
        does(story, "r2", "eval", 0.6)
                .when(end("r2"))
                .then(new Event.RunEnded(
                        r("r2"),
                        Run.Status.REJECTED,
                        "eval was not good enough: loss 0.6 against 0.5 of r1, and 0.01 less is asked for",
                        false));
        assertThat(of(story, "r2", "full").phase()).isEqualTo(Run.Phase.SKIPPED);
        story.when(resume(story, "r2"))
                .refused(Code.CONFLICT, "eval of r2 was not good enough; --from eval")
                .when(resume(story, "r2", "full"))
                .refused(Code.CONFLICT)
                .and(resume(story, "r2", "eval"));
        assertThat(of(story, "r2", "full").phase()).isEqualTo(Run.Phase.WAITING);
    }

    @Test
    void itGoesOnOnlyWhenItIsOverAndSomethingIsLeft() {
        Story story = begun();
        story.when(resume(story, "r1")).refused(Code.CONFLICT, "but it is open");
        does(does(story, "r1", "train", 0.5, MODEL), "r1", "eval", 0.5).and(end("r1"));
        story.when(resume(story, "r1"))
                .refused(Code.CONFLICT, "--from STAGE")
                .when(resume(story, "r1", "test"))
                .refused(Code.NOT_FOUND, "no stage test in r1; it has [train, eval]")
                .when(new Command.ResumeRun(r("r1"), spec(stage("train")), Optional.empty()))
                .refused(Code.INVALID, "expected the stages of r1")
                .and(resume(story, "r1", "eval"));
        assertThat(of(story, "r1", "train").outputs()).containsExactly(MODEL);
        assertThat(of(story, "r1").current().orElseThrow().name()).isEqualTo("eval");
        RunSpec other = new RunSpec(
                "waves",
                TWO.stages(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                3,
                RunSpec.After.STOP,
                Optional.empty(),
                Optional.empty(),
                Table.empty());
        story.and(stop("r1"), end("r1"))
                .when(new Command.ResumeRun(r("r1"), other, Optional.empty()))
                .refused(Code.INVALID, "expected a run of burgers, but found one of waves");
    }

    @Test
    void whatAnotherMadeIsTakenWhileSomebodyHoldsIt() {
        Story story = begun();
        does(story, "r1", "train", 0.5, MODEL);
        Command take = new Command.ReuseRunStage(r("r2"), "train", r("r1"), "train");
        story.and(launch("r2", spec(reused("train", Optional.empty()), stage("eval"))))
                .when(new Command.ReuseRunStage(r("r2"), "train", r("r1"), "other"))
                .refused(Code.STALE, "of the same")
                .when(new Command.ReuseRunStage(r("r2"), "train", r("r9"), "train"))
                .refused(Code.STALE)
                .when(new Command.ReuseRunStage(r("r2"), "eval", r("r1"), "eval"))
                .refused(Code.STALE)
                .and(take);
        assertThat(of(story, "r2", "train").outputs()).containsExactly(MODEL);
        assertThat(of(story, "r2").before("eval")).containsExactly(MODEL);
        story.and(launch("r3", spec(reused("train", Optional.empty()))), new Command.DropReplica(sha("a"), n("n1")))
                .when(new Command.ReuseRunStage(r("r3"), "train", r("r1"), "train"))
                .refused(Code.NOT_FOUND, "no node holds it any more");
    }

    @Test
    void whatFailsAlikeIsNotLaunchedAFourthTime() {
        Story story = given(join("n1"));
        for (int number = 1; number <= 3; number++) {
            String id = "r" + number;
            story.and(launch(id, TWO), start(id, "train"), fail(id)).after(Duration.ofMinutes(1));
        }
        story.when(launch("r4", TWO))
                .refused(Code.UNSAFE, "the last 3 runs of burgers failed alike")
                .and(launch("r4", spec(stage("train"), stage("test"))))
                .and(new Command.LaunchRun(r("r5"), TWO, true));
    }

    // ---- machines

    private static Story rented() {
        return given(join("n1"), launch("r1", renting("r1", stage("train"))), order(rent("0.1"), "r1"))
                .and(sight(1, "77", Observed.RUNNING), join("vast-77"));
    }

    @Test
    void itHasAsManyMachinesAsItNeedsWhileItGoesOn() {
        rented().when(order(rent("0.1"), "r1"))
                .refused(Code.FULL, "fewer than 1 machines of r1, but found 1")
                .and(stop("r1"), Rents.end(1))
                .when(order(rent("0.1"), "r1"))
                .refused(Code.CONFLICT, "over or stops")
                .and(end("r1"))
                .when(order(rent("0.1"), "r1"))
                .refused(Code.CONFLICT);
    }

    @Test
    void itsTotalIsNotPassedByAnOrder() {
        RunSpec poor =
                spec(Optional.of(Rents.group("r1", 1, 1, 1)), Optional.of(usd("0.5")), RunSpec.After.END, stage("x"));
        given(join("n1"), launch("r1", poor), order(rent("0.4"), "r1"))
                .and(sight(1, "77", Observed.RUNNING, "0.4"))
                .after(Duration.ofMinutes(30))
                .and(Rents.end(1), Rents.release(1), new Command.FinishInstance(i(1), "gone"))
                .when(order(rent("0.4"), "r1"))
                .refused(Code.OVER_BUDGET, "of $0.50 is used")
                .and(order(rent("0.2"), "r1"));
    }

    @Test
    void itsNodesAreKeptForIt() {
        Story story = rented();
        assertThat(story.state().fleet().nodes().require(n("vast-77")).run()).contains(r("r1"));
        story.and(startRented("r1", "train"), new Command.SubmitJob(Spec.job().build()))
                .when(place("j1.0.1", "n1"))
                .refused(Code.CONFLICT, "n1 was not rented for r1")
                .when(place("j2.0.1", "vast-77"))
                .refused(Code.CONFLICT, "vast-77 was rented for r1")
                .and(place("j1.0.1", "vast-77"), place("j2.0.1", "n1"));
    }

    /// The leader decided while it was over, and a person had it go on meanwhile.
    @Test
    void onlyAPersonStopsTheMachineOfARunThatGoesOn() {
        rented().when(Rents.stop(1))
                .refused(Code.STALE, "it goes on")
                .by(ANN, "look at it")
                .when(Rents.stop(1))
                .then(new Event.InstanceStopping(i(1)));
        rented().and(stop("r1"), end("r1")).and(Rents.stop(1));
    }

    @Test
    void itsCostIsSettledOnceItsMachinesAreGoneAndAgainWhenMoreIsCharged() {
        Story story = rented().when(settle("r1", "1"))
                .refused(Code.CONFLICT, "to be over")
                .and(stop("r1"), end("r1"))
                .when(settle("r1", "1"))
                .refused(Code.CONFLICT, "no machine of r1 to be open")
                .and(Rents.end(1), Rents.release(1), new Command.FinishInstance(i(1), "gone"))
                .when(settle("r1", "1"))
                .then(new Event.RunSettled(r("r1"), usd("1")))
                .when(settle("r1", "1"))
                .changesNothing()
                .when(settle("r1", "1.5"))
                .then(new Event.RunSettled(r("r1"), usd("1.5")));
        assertThat(of(story, "r1").cost()).contains(usd("1.5"));
        story.and(resume(story, "r1"));
        assertThat(of(story, "r1").cost()).isEmpty();
    }

    /// Its bill still grows.
    @Test
    void aRunWhoseMachineIsBilledIsNotForgotten() {
        Story story = rented().and(stop("r1"), end("r1"), Rents.stop(1))
                .after(Duration.ofMinutes(1))
                .unchecked();
        for (int number = 1; number <= Runs.ENDED_MAX + 1; number++) {
            String id = "x" + number;
            story.and(launch(id, TWO), stop(id), end(id)).after(Duration.ofSeconds(1));
        }
        assertThat(story.state().runs().runs().has(r("x1"))).isFalse();
        assertThat(story.state().runs().runs().has(r("r1"))).isTrue();
    }
}
