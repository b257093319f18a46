package dev.muster.core.loop;

import static dev.muster.core.Orders.HEX;
import static dev.muster.core.Orders.fence;
import static dev.muster.core.Orders.join;
import static dev.muster.core.Orders.loop;
import static dev.muster.core.Orders.n;
import static dev.muster.core.Orders.place;
import static dev.muster.core.Story.START;
import static dev.muster.core.Story.given;
import static dev.muster.core.Story.sha;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.Spec;
import dev.muster.core.Story;
import dev.muster.core.Turn;
import dev.muster.core.plan.Action;
import dev.muster.core.plan.Plan;
import dev.muster.core.plan.Policy;
import dev.muster.core.plan.Soft;
import dev.muster.core.plan.Wait;
import dev.muster.core.state.Command;
import dev.muster.core.state.Distribution;
import dev.muster.core.state.GenerationId;
import dev.muster.core.state.JobId;
import dev.muster.core.state.JobKind;
import dev.muster.core.state.JobSpec;
import dev.muster.core.state.Lack;
import dev.muster.core.state.Loop.Stage;
import dev.muster.core.state.LoopSpec;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LoopPlannerTest {
    private static final GenerationId FIRST = new GenerationId(HEX, 1);

    private static Story begun() {
        return given(join("n1"), new Command.StartLoop(loop(HEX)));
    }

    private static Plan plan(Story story) {
        return plan(story, Soft.leadingSince(START));
    }

    private static Plan plan(Story story, Soft soft) {
        return LoopPlanner.decide(story.state(), soft, Policy.DEFAULT, story.now());
    }

    private static Plan proposing(Command command, String why) {
        return new Plan(List.of(new Action.Propose(command, why)), List.of());
    }

    private static Plan waiting(String generation, Wait.Reason reason, String message) {
        return new Plan(List.of(), List.of(new Wait(generation, reason, message)));
    }

    private static JobSpec started(Plan plan) {
        assertThat(plan.actions()).hasSize(1);
        return ((Command.StartStage) ((Action.Propose) plan.actions().getFirst()).command()).spec();
    }

    private static Map<String, String> env(String generation, String stage) {
        return Map.of("MUSTER_GENERATION", generation, "MUSTER_STAGE", stage, "MUSTER_CONFIG_KEY", "hex8_2p");
    }

    @Test
    void theFirstSelfplayPlaysWithoutAModel() {
        Plan plan = plan(begun());
        String seed = started(plan).command().getLast();
        JobSpec expected = Spec.job()
                .kind(JobKind.SELFPLAY)
                .config(HEX)
                .tasks(2)
                .output("games.db")
                .command("play", "--config", "hex8_2p", seed)
                .env(env("1", "selfplay"))
                .build();
        assertThat(plan)
                .isEqualTo(
                        proposing(new Command.StartStage(FIRST, Stage.SELFPLAY, expected), "selfplay of generation 1"));
        assertThat(seed).matches("--seed=[1-9][0-9]*");
    }

    @Test
    void theSeedIsTheSameForOneTryAndAnotherForTheNext() {
        assertThat(started(plan(begun()))).isEqualTo(started(plan(begun())));
        Set<String> seeds = new HashSet<>();
        Story story = begun();
        for (int i = 1; i <= 20; i++) {
            JobSpec spec = started(plan(story));
            seeds.add(spec.command().getLast());
            story.and(new Command.StartStage(FIRST, Stage.SELFPLAY, spec), new Command.StopJob(new JobId(i)))
                    .and(new Command.FinishStage(FIRST, Stage.SELFPLAY))
                    .after(Duration.ofHours(1));
        }
        assertThat(seeds).hasSize(20);
    }

    @Test
    void trainingReadsTheGamesOfItsWindow() {
        Story story = begun();
        Turn.whole(story, 1, "a", Optional.empty());
        Turn.whole(story, 2, "b", Optional.of(sha("a")));
        Turn.of(story, 3).played(sha("3"), sha("4"));
        JobSpec spec = started(plan(story));
        assertThat(spec.command()).containsExactly("train", "--generation", "3", "--games", "games");
        assertThat(spec.inputs())
                .containsExactly(
                        new JobSpec.Input(sha("2"), "games/2-0.db"),
                        new JobSpec.Input(sha("3"), "games/3-0.db"),
                        new JobSpec.Input(sha("4"), "games/3-1.db"));
        assertThat(spec.env()).isEqualTo(env("3", "training"));
    }

    @Test
    void gamesThatNobodyHoldsAreLeftOut() {
        Story story = begun();
        Turn.of(story, 1).played(sha("3"));
        story.and(new Command.DropReplica(sha("3"), n("n1")));
        JobSpec spec = started(plan(story));
        assertThat(spec.command()).containsExactly("train", "--generation", "1");
        assertThat(spec.inputs()).isEmpty();
    }

    @Test
    void evaluationPlaysTheCandidateAgainstTheCurrentModel() {
        Story story = begun();
        Turn.of(story, 1).played(sha("1")).trained(sha("a"));
        JobSpec first = started(plan(story));
        assertThat(first.command()).containsExactly("evaluate", "--task", "{task}", "--candidate", "candidate.model");
        assertThat(first.inputs()).containsExactly(new JobSpec.Input(sha("a"), "candidate.model"));
        Story later = begun();
        Turn.whole(later, 1, "a", Optional.empty());
        Turn.of(later, 2).played(sha("2")).trained(sha("b"));
        JobSpec second = started(plan(later));
        assertThat(second.command())
                .containsExactly(
                        "evaluate", "--task", "{task}", "--candidate", "candidate.model", "--against", "current.model");
        assertThat(second.inputs())
                .containsExactly(
                        new JobSpec.Input(sha("a"), "current.model"), new JobSpec.Input(sha("b"), "candidate.model"));
    }

    @Test
    void laterSelfplayPlaysWithTheCurrentModel() {
        Story story = Turn.whole(begun(), 1, "a", Optional.empty());
        JobSpec spec = started(plan(story));
        assertThat(spec.command()).endsWith("--model", "current.model");
        assertThat(spec.inputs()).containsExactly(new JobSpec.Input(sha("a"), "current.model"));
    }

    @Test
    void aModelThatNobodyHoldsIsWaitedFor() {
        Story story = Turn.whole(begun(), 1, "a", Optional.empty()).and(new Command.DropReplica(sha("a"), n("n1")));
        assertThat(plan(story))
                .isEqualTo(waiting("hex8_2p#2", Wait.Reason.REPLICAS, "no node holds current.model (aaaaaaaaaaaa)"));
    }

    @Test
    void aCandidateThatNobodyHoldsAnyMoreIsRejectedInsteadOfEvaluated() {
        Story story = begun();
        Turn.of(story, 1).played(sha("1")).trained(sha("a"));
        story.and(new Command.DropReplica(sha("a"), n("n1")));
        assertThat(plan(story))
                .isEqualTo(proposing(
                        new Command.RejectCandidate(FIRST), "no node holds the candidate aaaaaaaaaaaa any more"));
    }

    @Test
    void aCandidateThatOnlyAFencedNodeHoldsIsWaitedForAndGivenUpAfterHalfAnHourOfSilence() {
        Story story = begun();
        Turn.of(story, 1).played(sha("1")).trained(sha("a"));
        story.and(join("n2"), fence("n1")).after(LoopPlanner.AWAY_MAX.minusMillis(1));
        assertThat(plan(story))
                .isEqualTo(waiting(
                        "hex8_2p#1",
                        Wait.Reason.REPLICAS,
                        "only n1, fenced, holds the candidate aaaaaaaaaaaa; it is given up after 30m of silence"));
        Command drop = new Command.DropReplica(sha("a"), n("n1"));
        assertThat(plan(story.after(Duration.ofMillis(1))))
                .isEqualTo(proposing(drop, "n1 is fenced and silent for 30m"));
        assertThat(plan(story, Soft.leadingSince(story.now())).actions())
                .as("a new leader takes everybody as just heard")
                .isEmpty();
        assertThat(plan(story.and(drop)))
                .isEqualTo(proposing(
                        new Command.RejectCandidate(FIRST), "no node holds the candidate aaaaaaaaaaaa any more"));
        assertThat(plan(story.and(new Command.ConfirmReplica(sha("a"), n("n1")), new Command.ReadmitNode(n("n1"))))
                        .actions()
                        .getFirst()
                        .why())
                .isEqualTo("evaluation of generation 1");
    }

    @Test
    void gamesThatOnlyFencedNodesHoldAreLeftOutOnceTrainingHasFailed() {
        Story story = begun();
        Turn.of(story, 1).played(sha("1"));
        story.and(join("n2"), fence("n1"));
        assertThat(started(plan(story)).inputs()).hasSize(1);
        story.and(new Command.StartStage(FIRST, Stage.TRAINING, started(plan(story))))
                .and(new Command.StopJob(new JobId(2)), new Command.FinishStage(FIRST, Stage.TRAINING))
                .after(Duration.ofSeconds(10));
        assertThat(started(plan(story)).inputs()).isEmpty();
        assertThat(started(plan(story.and(new Command.ConfirmReplica(sha("1"), n("n2")))))
                        .inputs())
                .hasSize(1);
    }

    @Test
    void aCommandWithNothingLeftIsNotSubmitted() {
        LoopSpec good = loop(HEX);
        LoopSpec bad = new LoopSpec(
                HEX,
                new LoopSpec.StageSpec(good.selfplay().job(), List.of(List.of("play", "{current}"))),
                good.training(),
                good.evaluation(),
                good.gate(),
                1,
                Optional.empty());
        Plan plan = plan(given(new Command.StartLoop(bad)));
        assertThat(plan.actions()).isEmpty();
        assertThat(plan.waits().getFirst().message()).contains("expected the program in a group of its own");
    }

    @Test
    void anOpenJobIsWaitedForAndAnEndedOneFinishesItsStage() {
        Story story = begun();
        story.and(new Command.StartStage(FIRST, Stage.SELFPLAY, started(plan(story))));
        assertThat(plan(story))
                .isEqualTo(waiting("hex8_2p#1", Wait.Reason.STAGE, "selfplay runs j1: 2 of 2 tasks open"));
        story.and(place("j1.0.1", "n1"), place("j1.1.1", "n1"))
                .succeeds("j1.0.1")
                .succeeds("j1.1.1");
        assertThat(plan(story))
                .isEqualTo(proposing(new Command.FinishStage(FIRST, Stage.SELFPLAY), "job j1 SUCCEEDED"));
    }

    @Test
    void aFailedStageWaitsForItsTime() {
        Story story = begun();
        story.and(new Command.StartStage(FIRST, Stage.SELFPLAY, started(plan(story))))
                .and(new Command.StopJob(new JobId(1)), new Command.FinishStage(FIRST, Stage.SELFPLAY));
        assertThat(plan(story))
                .isEqualTo(waiting(
                        "hex8_2p#1", Wait.Reason.BACKOFF, "selfplay failed once; tried again at 2026-01-01T00:00:10Z"));
        Plan retry = plan(story.after(Duration.ofSeconds(10)));
        assertThat(retry.actions().getFirst().why()).isEqualTo("selfplay of generation 1, after it failed once");
    }

    @Test
    void aLoopStopsAfterItsLastGeneration() {
        Story story = given(join("n1"), new Command.StartLoop(loop(HEX, Optional.of(1))));
        assertThat(plan(story).actions()).hasSize(1);
        Turn.whole(story, 1, "a", Optional.empty());
        assertThat(plan(story))
                .isEqualTo(proposing(new Command.StopLoop(HEX), "generation 1 was the last one asked for"));
        assertThat(plan(story.and(new Command.StopLoop(HEX)))).isEqualTo(Plan.NOTHING);
    }

    @Test
    void aStoppedLoopOnlySeesItsJobToItsEnd() {
        Story story = begun();
        story.and(new Command.StartStage(FIRST, Stage.SELFPLAY, started(plan(story))), new Command.StopLoop(HEX));
        assertThat(plan(story)).isEqualTo(Plan.NOTHING);
        story.and(new Command.StopJob(new JobId(1)));
        assertThat(plan(story))
                .isEqualTo(proposing(new Command.FinishStage(FIRST, Stage.SELFPLAY), "job j1 CANCELLED"));
        assertThat(plan(story.and(new Command.FinishStage(FIRST, Stage.SELFPLAY))))
                .isEqualTo(Plan.NOTHING);
    }

    @Test
    void aDistributionThatStandsStillOrFailedIsNotWaitedFor() {
        for (Distribution.Standstill what :
                List.of(Distribution.Standstill.INCOMPLETE, Distribution.Standstill.FAILED)) {
            Story story = begun();
            Turn.of(story, 1).played(sha("1")).trained(sha("a")).evaluated();
            story.and(new Command.PromoteModel(HEX, sha("a"), Optional.empty(), 1));
            story.and(new Command.ReportStandstill(
                    HEX, sha("a"), what, 2, List.of(new Lack(n("n2"), "disk full")), Optional.empty()));
            Command leave = new Command.LeaveDistribution(FIRST);
            assertThat(plan(story))
                    .isEqualTo(proposing(leave, "the model is missing on 2 nodes; the loop goes on without"));
            story.and(leave);
            assertThat(started(plan(story)).env()).containsEntry("MUSTER_GENERATION", "2");
            story.and(new Command.StopLoop(HEX));
            assertThat(plan(story)).isEqualTo(Plan.NOTHING);
        }
    }

    @Test
    void verdictAndDistributionAreOthersWork() {
        Story story = begun();
        Turn.of(story, 1).played(sha("1")).trained(sha("a")).evaluated();
        assertThat(plan(story)).isEqualTo(Plan.NOTHING);
        story.and(new Command.PromoteModel(HEX, sha("a"), Optional.empty(), 1));
        assertThat(plan(story)).isEqualTo(Plan.NOTHING);
    }
}
