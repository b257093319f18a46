package dev.muster.core.state;

import static dev.muster.core.Orders.HEX;
import static dev.muster.core.Orders.SQUARE;
import static dev.muster.core.Orders.a;
import static dev.muster.core.Orders.join;
import static dev.muster.core.Orders.n;
import static dev.muster.core.Orders.place;
import static dev.muster.core.Orders.submit;
import static dev.muster.core.Story.ANN;
import static dev.muster.core.Story.given;
import static dev.muster.core.Story.sha;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.Spec;
import dev.muster.core.Story;
import dev.muster.core.state.Outcome.Code;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ModelOrdersTest {
    private static final Sha256 A = sha("a");
    private static final Sha256 B = sha("b");

    /// n1 holds models A and B, made for HEX; n2 holds nothing.
    private static Story stored() {
        return given(join("n1"), join("n2"))
                .and(submit(Spec.job().config(HEX).tasks(2)), place("j1.0.1", "n1"), place("j1.1.1", "n1"))
                .succeeds("j1.0.1", new Attempt.Stored("model.bin", A, 5))
                .succeeds("j1.1.1", new Attempt.Stored("model.bin", B, 6))
                .by(ANN, "looks good");
    }

    private static Command promote(Sha256 sha, Sha256... expected) {
        return new Command.PromoteModel(HEX, sha, List.of(expected).stream().findFirst(), 0);
    }

    @Test
    void aReplicaIsConfirmedOnce() {
        stored().when(new Command.ConfirmReplica(A, n("n2")))
                .then(new Event.ReplicaConfirmed(A, n("n2")))
                .when(new Command.ConfirmReplica(A, n("n2")))
                .changesNothing()
                .when(new Command.ConfirmReplica(A, n("n9")))
                .refused(Code.NOT_FOUND)
                .when(new Command.ConfirmReplica(sha("c"), n("n1")))
                .refused(Code.NOT_FOUND);
    }

    @Test
    void aReplicaIsDroppedOnce() {
        stored().when(new Command.DropReplica(A, n("n1")))
                .then(new Event.ReplicaDropped(A, n("n1")))
                .when(new Command.DropReplica(A, n("n1")))
                .changesNothing()
                .when(new Command.DropReplica(sha("c"), n("n1")))
                .changesNothing();
    }

    @Test
    void anArtifactInUseIsNotForgotten() {
        stored().and(promote(A))
                .when(new Command.ForgetArtifact(A))
                .refused(Code.UNSAFE, "model hex8_2p")
                .when(new Command.ForgetArtifact(B))
                .then(new Event.ArtifactForgotten(B))
                .when(new Command.ForgetArtifact(B))
                .changesNothing();
        stored().and(submit(Spec.job().input(A, "in")))
                .when(new Command.ForgetArtifact(A))
                .refused(Code.UNSAFE, "open job j2");
    }

    @Test
    void aPromotionMovesThePointerAndStartsTheDistribution() {
        Story story = stored();
        story.when(promote(A))
                .then(
                        new Event.ModelPromoted(HEX, A, 5, 0, Optional.empty(), "person:ann", "looks good"),
                        new Event.ModelDistributionStarted(HEX, A))
                .when(promote(A))
                .changesNothing()
                .when(promote(B, A))
                .then(
                        new Event.ModelPromoted(HEX, B, 6, 0, Optional.of(A), "person:ann", "looks good"),
                        new Event.ModelDistributionStarted(HEX, B));
        Model model = story.state().models().models().require(HEX);
        assertThat(model.current().sha()).isEqualTo(B);
        assertThat(model.previous().map(Model.Version::sha)).contains(A);
    }

    @Test
    void anUnverifiedFileIsNotPromoted() {
        stored().when(promote(sha("c"))).refused(Code.UNSAFE, "nobody holds");
        stored().and(new Command.DropReplica(A, n("n1"))).when(promote(A)).refused(Code.UNSAFE, "nobody holds");
    }

    @Test
    void aPromotionIsRefusedWhenThePointerMovedMeanwhile() {
        stored().when(promote(A, B)).refused(Code.STALE, "points at nothing");
        stored().and(promote(A)).when(promote(B)).refused(Code.STALE, "it points at " + A.brief());
    }

    @Test
    void aModelOfAnotherConfigKeyIsNotPromoted() {
        stored().when(new Command.PromoteModel(SQUARE, A, Optional.empty(), 0)).refused(Code.INVALID, "hex8_2p");
    }

    @Test
    void aRollbackGoesToTheNewestEarlierFileOrToANamedOne() {
        Story story = stored().and(promote(A));
        Model.Version first = story.state().models().models().require(HEX).current();
        story.and(promote(B, A))
                .when(new Command.RollbackModel(HEX, Optional.empty()))
                .then(
                        new Event.PromotionRolledBack(HEX, B, first, "person:ann", "looks good"),
                        new Event.ModelDistributionStarted(HEX, A));
        Model model = story.state().models().models().require(HEX);
        assertThat(model.current().sha()).isEqualTo(A);
        assertThat(model.current().rollback()).isTrue();
        story.when(new Command.RollbackModel(HEX, Optional.of(A))).changesNothing();
        story.and(new Command.RollbackModel(HEX, Optional.of(B)));
        assertThat(story.state().models().models().require(HEX).current().sha()).isEqualTo(B);
    }

    private static Command back(Sha256 expected) {
        return new Command.RollbackModel(HEX, Optional.empty(), Optional.of(expected));
    }

    @Test
    void theSecondOfTwoRollbacksFromTheSameModelIsRefused() {
        Story story = stored().and(promote(A), promote(B, A), back(B));
        story.when(back(B)).refused(Code.STALE, "expected hex8_2p to point at " + B.brief() + ", but it points at");
        story.when(new Command.RollbackModel(HEX, Optional.of(A), Optional.of(B)))
                .changesNothing();
        story.when(new Command.RollbackModel(HEX, Optional.of(B), Optional.of(B)))
                .refused(Code.STALE);
    }

    @Test
    void rollbacksInARowGoBackStepByStepAndNeverForth() {
        Story story =
                stored().and(promote(A), promote(B, A), promote(A, B), new Command.RollbackModel(HEX, Optional.of(B)));
        story.and(back(B));
        Model model = story.state().models().models().require(HEX);
        assertThat(model.history())
                .extracting(version -> version.sha().brief())
                .containsExactly(A.brief(), B.brief(), A.brief(), B.brief(), A.brief());
        story.when(back(A)).refused(Code.NOT_FOUND, "it also pointed at " + B.brief() + ": name one to go there");
        story.and(promote(B, A), back(B)).when(back(A)).refused(Code.NOT_FOUND, "no earlier model");
        story.and(new Command.RollbackModel(HEX, Optional.of(B), Optional.of(A)), back(B));
        assertThat(story.state().models().models().require(HEX).current().sha()).isEqualTo(A);
    }

    @Test
    void anOrderOfAnEarlierBuildRollsBackAsItDidThen() {
        Command back = new Command.RollbackModel(HEX, Optional.empty());
        Story story = stored().and(promote(A), promote(B, A), back, back);
        assertThat(story.state().models().models().require(HEX).current().sha()).isEqualTo(B);
    }

    @Test
    void aRollbackIsRefusedToWhereThePointerNeverWasOrNobodyHolds() {
        Command back = new Command.RollbackModel(HEX, Optional.empty());
        stored().when(back)
                .refused(Code.NOT_FOUND)
                .and(promote(A))
                .when(back)
                .refused(Code.NOT_FOUND, "no earlier model")
                .when(new Command.RollbackModel(HEX, Optional.of(B)))
                .refused(Code.NOT_FOUND, "never pointed at")
                .and(promote(B, A), new Command.DropReplica(A, n("n1")))
                .when(back)
                .refused(Code.UNSAFE, "nobody verifiably does");
    }

    @Test
    void aDistributionCompletesOnceAndOnlyTheCurrentOne() {
        stored().when(new Command.CompleteDistribution(HEX, A))
                .refused(Code.STALE)
                .and(promote(A), new Command.ConfirmReplica(A, n("n2")))
                .when(new Command.CompleteDistribution(HEX, A))
                .then(new Event.ModelDistributionComplete(
                        HEX, A, List.of(n("n1"), n("n2")), Optional.of(new Event.Moved(0, 0, 0))))
                .when(new Command.CompleteDistribution(HEX, A))
                .changesNothing()
                .and(promote(B, A))
                .when(new Command.CompleteDistribution(HEX, A))
                .refused(Code.STALE);
    }

    @Test
    void matchesAreCountedPerPairFromEitherSide() {
        Story story = given().when(new Command.RecordMatches(HEX, List.of())).refused(Code.INVALID);
        story.and(new Command.RecordMatches(
                HEX, List.of(new Match("random", "greedy", 1, 2, 3), new Match("greedy", "random", 10, 0, 0))));
        assertThat(story.state().ratings().of(HEX))
                .containsExactly(Map.entry(new Ratings.Pair(HEX, "greedy", "random"), new Ratings.Tally(13, 2, 1)));
        assertThat(story.state().ratings().of(SQUARE)).isEmpty();
    }

    private static Command put(Sha256 sha, ConfigKey... config) {
        return new Command.PutArtifact(
                sha, 5, "m.pth", ArtifactKind.MODEL, List.of(config).stream().findFirst(), n("n1"));
    }

    @Test
    void theConfigKeyOfAKnownFileIsRecordedOnceItIsToldAndIsNeverAnotherOne() {
        Sha256 file = sha("f");
        Story story = stored().and(put(file), put(file, SQUARE));
        assertThat(story.state().files().artifacts().require(file).config()).contains(SQUARE);
        story.when(put(file, SQUARE)).changesNothing();
        story.when(put(file)).changesNothing();
        story.when(put(file, HEX)).refused(Code.CONFLICT, "expected a file for square8_2p");
        story.when(put(A, SQUARE)).refused(Code.CONFLICT, "but found square8_2p");
    }

    @Test
    void aStoredFileBelongsToTheAttemptThatMadeItFirst() {
        Story story = stored().and(submit(Spec.job().config(SQUARE)), place("j2.0.1", "n2"))
                .succeeds("j2.0.1", new Attempt.Stored("copy.bin", A, 5));
        Artifact artifact = story.state().files().artifacts().require(A);
        assertThat(artifact.producer()).contains(a("j1.0.1"));
        assertThat(artifact.config()).contains(HEX);
        assertThat(artifact.receipts().keys()).containsExactly(n("n1"), n("n2"));
    }
}
