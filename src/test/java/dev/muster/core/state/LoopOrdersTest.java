package dev.muster.core.state;

import static dev.muster.core.Orders.HEX;
import static dev.muster.core.Orders.SQUARE;
import static dev.muster.core.Orders.join;
import static dev.muster.core.Orders.loop;
import static dev.muster.core.Orders.place;
import static dev.muster.core.Story.given;
import static dev.muster.core.Story.sha;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.Spec;
import dev.muster.core.Story;
import dev.muster.core.state.Loop.Stage;
import dev.muster.core.state.Outcome.Code;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LoopOrdersTest {
    private static final GenerationId FIRST = new GenerationId(HEX, 1);
    private static final Sha256 GAMES = sha("1");
    private static final Sha256 MODEL = sha("a");
    private static final Match WON = new Match(MODEL.hex(), "random", 80, 0, 20);

    private static Command start(Stage stage) {
        return new Command.StartStage(FIRST, stage, Spec.job().config(HEX).build());
    }

    private static Command finish(Stage stage) {
        return new Command.FinishStage(FIRST, stage);
    }

    private static Story begun() {
        return given(join("n1"), new Command.StartLoop(loop(HEX)));
    }

    private static Story played() {
        return begun().and(start(Stage.SELFPLAY), place("j1.0.1", "n1"))
                .succeeds("j1.0.1", new Attempt.Stored("games.db", GAMES, 9))
                .and(finish(Stage.SELFPLAY));
    }

    private static Story trained() {
        return played().and(start(Stage.TRAINING), place("j2.0.1", "n1"))
                .succeeds("j2.0.1", new Attempt.Stored("model.bin", MODEL, 5))
                .and(finish(Stage.TRAINING));
    }

    private static Story evaluated() {
        return trained()
                .and(start(Stage.EVALUATION), place("j3.0.1", "n1"))
                .succeedsWith("j3.0.1", WON)
                .and(finish(Stage.EVALUATION));
    }

    private static Loop now(Story story) {
        return story.state().loops().loops().require(HEX);
    }

    @Test
    void aLoopBeginsWithItsFirstSelfplay() {
        Loop loop = now(begun());
        assertThat(loop.current()).isEqualTo(FIRST);
        assertThat(loop.stage()).isEqualTo(Stage.SELFPLAY);
        assertThat(loop.running()).isTrue();
    }

    @Test
    void aStageIsStartedOnceAndOnlyWhereTheLoopIs() {
        begun().when(start(Stage.TRAINING))
                .refused(Code.STALE)
                .when(new Command.StartStage(
                        new GenerationId(HEX, 2),
                        Stage.SELFPLAY,
                        Spec.job().config(HEX).build()))
                .refused(Code.STALE)
                .when(new Command.StartStage(
                        new GenerationId(SQUARE, 1),
                        Stage.SELFPLAY,
                        Spec.job().config(SQUARE).build()))
                .refused(Code.NOT_FOUND)
                .when(new Command.StartStage(
                        FIRST, Stage.SELFPLAY, Spec.job().config(SQUARE).build()))
                .refused(Code.INVALID)
                .when(start(Stage.SELFPLAY))
                .then(
                        new Event.JobSubmitted(
                                new JobId(1), Spec.job().config(HEX).build(), "leader:n1"),
                        new Event.StageStarted(FIRST, Stage.SELFPLAY, new JobId(1)))
                .created("j1")
                .when(start(Stage.SELFPLAY))
                .refused(Code.STALE, "has its job: j1");
    }

    @Test
    void aStageIsFinishedOnceAndOnlyAfterItsJob() {
        begun().when(finish(Stage.SELFPLAY))
                .refused(Code.CONFLICT, "no job yet")
                .and(start(Stage.SELFPLAY), place("j1.0.1", "n1"))
                .when(finish(Stage.SELFPLAY))
                .refused(Code.CONFLICT, "has not ended")
                .succeeds("j1.0.1", new Attempt.Stored("games.db", GAMES, 9))
                .when(finish(Stage.SELFPLAY))
                .then(new Event.SelfplayComplete(FIRST, List.of(GAMES)))
                .when(finish(Stage.SELFPLAY))
                .refused(Code.STALE);
    }

    @Test
    void trainingGivesTheCandidateAndEvaluationTheMatches() {
        Generation generation = evaluated().state().loops().generations().require(FIRST);
        assertThat(generation.games()).containsExactly(GAMES);
        assertThat(generation.candidate().map(Attempt.Stored::sha)).contains(MODEL);
        assertThat(generation.matches()).containsExactly(WON);
        assertThat(generation.jobs().require(Stage.TRAINING)).isEqualTo(new JobId(2));
    }

    @Test
    void aFailedStageIsTriedAgainAfterGrowingPauses() {
        Story story = begun();
        for (int i = 1; i <= 3; i++) {
            story.and(start(Stage.SELFPLAY), new Command.StopJob(new JobId(i)))
                    .when(finish(Stage.SELFPLAY))
                    .then(new Event.StageFailed(
                            FIRST,
                            Stage.SELFPLAY,
                            new JobId(i),
                            story.now().plus(Duration.ofSeconds(10L << i - 1)),
                            "job j" + i + " CANCELLED"));
        }
        assertThat(now(story).failures()).isEqualTo(3);
        assertThat(now(story).job()).isEmpty();
    }

    @Test
    void aStageWithoutOutputFailed() {
        begun().and(start(Stage.SELFPLAY), place("j1.0.1", "n1"))
                .succeeds("j1.0.1")
                .when(finish(Stage.SELFPLAY))
                .then(new Event.StageFailed(
                        FIRST, Stage.SELFPLAY, new JobId(1), Story.START.plusSeconds(10), "job j1 stored no output"));
    }

    @Test
    void aPromotionOfTheLoopsCandidateMovesTheLoopToItsDistributionAndOn() {
        Story story = evaluated()
                .when(new Command.PromoteModel(HEX, MODEL, Optional.empty(), 1))
                .then(
                        new Event.PromotionCandidate(FIRST, MODEL),
                        new Event.ModelPromoted(HEX, MODEL, 5, 1, Optional.empty(), "leader:n1", "because"),
                        new Event.ModelDistributionStarted(HEX, MODEL));
        assertThat(now(story).stage()).isEqualTo(Stage.DISTRIBUTION);
        story.when(new Command.CompleteDistribution(HEX, MODEL))
                .then(
                        new Event.ModelDistributionComplete(
                                HEX, MODEL, List.of(new NodeId("n1")), Optional.of(new Event.Moved(0, 0, 0))),
                        new Event.GenerationEnded(FIRST));
        assertThat(now(story).current()).isEqualTo(new GenerationId(HEX, 2));
        assertThat(now(story).stage()).isEqualTo(Stage.SELFPLAY);
        assertThat(story.state().loops().generations().require(FIRST).verdict()).isEqualTo(Generation.Verdict.PROMOTED);
    }

    @Test
    void aDistributionThatStandsStillIsLeftOnceTheJournalHasSaidSoAndIsStillCompletedLater() {
        Command leave = new Command.LeaveDistribution(FIRST);
        Command complete = new Command.CompleteDistribution(HEX, MODEL);
        Story story = evaluated()
                .when(leave)
                .refused(Code.STALE, "to be at DISTRIBUTION")
                .and(new Command.PromoteModel(HEX, MODEL, Optional.empty(), 1))
                .when(leave)
                .refused(Code.CONFLICT, "to stand still, but nobody has said so")
                .and(new Command.ReportStandstill(
                        HEX,
                        MODEL,
                        Distribution.Standstill.INCOMPLETE,
                        1,
                        List.of(new Lack(new NodeId("n2"), "disk full")),
                        Optional.empty()))
                .when(leave)
                .then(new Event.GenerationEnded(FIRST));
        assertThat(now(story).current()).isEqualTo(new GenerationId(HEX, 2));
        assertThat(now(story).stage()).isEqualTo(Stage.SELFPLAY);
        assertThat(story.state().models().distributions().require(HEX).open()).isTrue();
        story.and(complete);
        assertThat(story.state().models().distributions().require(HEX).open()).isFalse();
        assertThat(now(story).current()).isEqualTo(new GenerationId(HEX, 2));
        story.when(leave).refused(Code.STALE);
    }

    @Test
    void aRejectionEndsTheGeneration() {
        Story story = evaluated()
                .when(new Command.RejectCandidate(FIRST))
                .then(new Event.PromotionRejected(FIRST, "because"), new Event.GenerationEnded(FIRST))
                .when(new Command.RejectCandidate(FIRST))
                .refused(Code.STALE);
        assertThat(now(story).generation()).isEqualTo(2);
        begun().when(new Command.RejectCandidate(FIRST)).refused(Code.STALE);
        begun().when(new Command.PromoteModel(HEX, MODEL, Optional.empty(), 1)).refused(Code.UNSAFE);
        trained()
                .when(new Command.PromoteModel(HEX, MODEL, Optional.empty(), 1))
                .refused(Code.STALE, "to be at VERDICT");
    }

    @Test
    void aCandidateIsRejectedBeforeItsEvaluationOnlyWhenNobodyHoldsIt() {
        trained()
                .when(new Command.RejectCandidate(FIRST))
                .refused(Code.STALE)
                .and(start(Stage.EVALUATION), new Command.DropReplica(MODEL, new NodeId("n1")))
                .when(new Command.RejectCandidate(FIRST))
                .refused(Code.STALE);
        Story lost = trained().and(new Command.DropReplica(MODEL, new NodeId("n1")));
        lost.when(new Command.RejectCandidate(FIRST))
                .then(new Event.PromotionRejected(FIRST, "because"), new Event.GenerationEnded(FIRST));
        assertThat(now(lost).current()).isEqualTo(new GenerationId(HEX, 2));
    }

    @Test
    void aStoppedLoopStartsNoStageButItsJobGoesOn() {
        Command stop = new Command.StopLoop(HEX);
        given().when(stop).refused(Code.NOT_FOUND);
        begun().when(stop)
                .then(new Event.LoopStopped(HEX, "because"))
                .when(stop)
                .changesNothing()
                .when(start(Stage.SELFPLAY))
                .refused(Code.CONFLICT, "is stopped")
                .and(new Command.StartLoop(loop(HEX)))
                .when(start(Stage.SELFPLAY))
                .created("j1");
    }

    @Test
    void aRestartedLoopGoesOnWhereItWas() {
        Loop before = now(trained());
        Loop after = now(trained().and(new Command.StopLoop(HEX), new Command.StartLoop(loop(HEX))));
        assertThat(after).isEqualTo(before);
    }

    @Test
    void theLoopsFilesAreNotForgotten() {
        Story story = trained();
        story.when(new Command.ForgetArtifact(GAMES)).refused(Code.UNSAFE, "loop hex8_2p");
        story.when(new Command.ForgetArtifact(MODEL)).refused(Code.UNSAFE, "loop hex8_2p");
    }
}
