package dev.muster.core.state;

import static dev.muster.core.Orders.HEX;
import static dev.muster.core.Orders.join;
import static dev.muster.core.Orders.n;
import static dev.muster.core.Story.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.core.Story;
import dev.muster.core.state.Outcome.Code;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DeltaOrdersTest {
    private static final DeltaOf OF = new DeltaOf(sha("a"), sha("b"));
    private static final MadeDelta MADE = made("d", "n1");

    private static MadeDelta made(String sha, String node) {
        return new MadeDelta(Optional.of(sha(sha)), 7, n(node));
    }

    private static Command put(String name, String node) {
        return new Command.PutArtifact(sha(name), 9, name, ArtifactKind.MODEL, Optional.of(HEX), n(node));
    }

    /// n1 and n2 hold both files.
    private static Story stored() {
        return given(join("n1"), join("n2"), join("n3"))
                .and(put("a", "n1"), put("b", "n1"), put("a", "n2"), put("b", "n2"));
    }

    @Test
    void aDeltaIsRecordedOnceAndTheFirstMakersStays() {
        stored().when(new Command.RecordDelta(OF, MADE))
                .then(new Event.DeltaMade(OF, MADE))
                .when(new Command.RecordDelta(OF, MADE))
                .changesNothing()
                .when(new Command.RecordDelta(OF, made("e", "n2")))
                .changesNothing()
                .when(new Command.RecordDelta(OF, MadeDelta.none(n("n2"))))
                .changesNothing();
    }

    @Test
    void itsMakerMayReplaceItAndAnotherNodeOnceTheMakerIsOutOfService() {
        stored().and(new Command.RecordDelta(OF, MADE))
                .when(new Command.RecordDelta(OF, made("e", "n1")))
                .then(new Event.DeltaMade(OF, made("e", "n1")));
        stored().and(new Command.RecordDelta(OF, MADE), new Command.FenceNode(n("n1")))
                .when(new Command.RecordDelta(OF, made("e", "n2")))
                .then(new Event.DeltaMade(OF, made("e", "n2")));
    }

    @Test
    void aDeltaOfUnknownFilesOrFromANodeWithoutThemIsRefused() {
        stored().when(new Command.RecordDelta(new DeltaOf(sha("x"), sha("b")), MADE))
                .refused(Code.NOT_FOUND, "no artifact")
                .when(new Command.RecordDelta(new DeltaOf(sha("a"), sha("x")), MADE))
                .refused(Code.NOT_FOUND, "no artifact")
                .when(new Command.RecordDelta(OF, made("d", "n9")))
                .refused(Code.NOT_FOUND, "no node n9")
                .when(new Command.RecordDelta(OF, made("d", "n3")))
                .refused(Code.UNSAFE, "n3")
                .when(new Command.RecordDelta(new DeltaOf(sha("a"), sha("a")), MADE))
                .refused(Code.INVALID);
    }

    @Test
    void aFileHasOnlySoManyDeltas() {
        Story story = stored();
        for (int i = 0; i < 8; i++)
            story = story.and(put("b" + i, "n1"))
                    .and(new Command.RecordDelta(new DeltaOf(sha("a"), sha("b" + i)), made("d" + i, "n1")));
        story.when(new Command.RecordDelta(OF, MADE)).refused(Code.INVALID, "at most 8");
    }

    @Test
    void aDeltaIsFoundByItsNameUntilItIsReplacedOrItsFileForgotten() {
        Story story = stored().and(new Command.RecordDelta(OF, MADE));
        assertThat(story.state().files().delta(sha("d"))).contains(MADE);
        story = story.and(new Command.RecordDelta(OF, made("e", "n1")));
        assertThat(story.state().files().delta(sha("d"))).isEmpty();
        assertThat(story.state().files().delta(sha("e"))).isPresent();
        story = story.and(new Command.ForgetArtifact(sha("a")));
        assertThat(story.state().files().delta(sha("e"))).isEmpty();
        assertThat(story.state().files().deltas().isEmpty()).isTrue();
    }

    @Test
    void aDeltaHasANameAndASizeOrNeither() {
        assertThatThrownBy(() -> new MadeDelta(Optional.empty(), 1, n("n1"))).hasMessageContaining("expected");
        assertThatThrownBy(() -> new MadeDelta(Optional.of(sha("d")), 0, n("n1")))
                .hasMessageContaining("expected");
    }

    /// Of a made-up file of this name.
    private static Sha256 sha(String name) {
        return new Sha256(String.format("%064x", name.hashCode()));
    }
}
