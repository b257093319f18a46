package dev.muster.edge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.state.Attempt;
import dev.muster.core.state.AttemptId;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Sha256;
import dev.muster.edge.node.Shelf;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/// Promotions and rollbacks from the command line.
class CliModelTest extends CliHarness {
    private static final Sha256 THIRD = new Sha256("ef".repeat(32));

    private void storeModels() {
        run("job", "run", "--config", "hex8_2p", "--", "x");
        AttemptId attempt = member.place("j1", 0, "n2");
        member.start(attempt);
        member.finish(
                attempt,
                new Attempt.Ending(
                        Attempt.Status.SUCCEEDED,
                        OptionalInt.of(0),
                        List.of(
                                new Attempt.Stored("a.bin", MODEL, 10),
                                new Attempt.Stored("b.bin", OTHER, 20),
                                new Attempt.Stored("c.bin", THIRD, 30)),
                        List.of(),
                        ""));
    }

    @Test
    void aRepeatedRollbackDoesNotGoForthAgainAndSaysWhatThereIsToChoose() {
        storeModels();
        run("model", "promote", "hex8_2p", MODEL.hex(), "-y");
        run("model", "promote", "hex8_2p", OTHER.hex(), "-y");
        assertThat(run("model", "rollback", "hex8_2p", "-y").exit()).isZero();
        Result again = run("model", "rollback", "hex8_2p", "-y");
        assertThat(again.exit()).isEqualTo(Exit.NOT_FOUND);
        assertThat(again.err())
                .contains("hex8_2p has no earlier model than abababababab; it also pointed at cdcdcdcdcdcd");
        assertThat(run("model", "rollback", "hex8_2p", "-y", "--to", "cdcdcdcd").out())
                .isEqualTo("hex8_2p is rolled back to cdcdcdcdcdcd\n");
    }

    @Test
    void whatAPersonAgreedToIsRefusedWhenThePointerHasMovedMeanwhile() {
        storeModels();
        run("model", "promote", "hex8_2p", MODEL.hex(), "-y");
        run("model", "promote", "hex8_2p", OTHER.hex(), "-y");
        terminal = true;
        stdin = "y\n";
        whileAsked = () -> run("model", "promote", "hex8_2p", THIRD.hex(), "-y");
        Result late = run("model", "rollback", "hex8_2p");
        assertThat(late.exit()).isEqualTo(Exit.ERROR);
        assertThat(late.err())
                .contains("Roll hex8_2p back from cdcdcdcdcdcd to abababababab")
                .contains("expected hex8_2p to point at cdcdcdcdcdcd, but it points at efefefefefef");
        whileAsked = () -> run("model", "rollback", "hex8_2p", "-y");
        assertThat(run("model", "promote", "hex8_2p", MODEL.hex()).err())
                .contains("Promote abababababab instead of efefefefefef")
                .contains("expected hex8_2p to point at efefefefefef, but it points at cdcdcdcdcdcd");
        whileAsked = () -> run("model", "rollback", "hex8_2p", "-y");
        assertThat(run("model", "rollback", "hex8_2p").out()).isEqualTo("hex8_2p is rolled back to abababababab\n");
    }

    @Test
    void aDryPromotionLooksAtAllThatAPromotionLooksAt() {
        storeModels();
        assertThat(run("model", "promote", "hex8_2p", MODEL.hex(), "--dry-run").out())
                .isEqualTo("Promote abababababab: every node of hex8_2p switches to it once it holds the file;"
                        + " 1 of 4 nodes hold it.\n");
        assertThat(run("model", "show", "hex8_2p").exit()).isEqualTo(Exit.NOT_FOUND);
        run("model", "promote", "hex8_2p", MODEL.hex(), "-y");
        assertThat(run("model", "promote", "hex8_2p", MODEL.hex(), "--dry-run").out())
                .isEqualTo("hex8_2p points at abababababab already.\n");
        Result unknown = run("model", "promote", "hex8_2p", "0".repeat(64), "--dry-run");
        assertThat(unknown.exit()).isEqualTo(Exit.REFUSED);
        assertThat(unknown.err()).contains("nobody holds");
        Result foreign = run("model", "promote", "square8_2p", MODEL.hex(), "--dry-run");
        assertThat(foreign.exit()).isEqualTo(Exit.USAGE);
        assertThat(foreign.err()).contains("expected a model of square8_2p, but abababababab was made for hex8_2p");
        NodeId here = new NodeId("n2");
        member.shelf.copies.put(here, Shelf.Copy.of(here, OTHER, Shelf.State.BROKEN, 0, "cut off"));
        assertThat(run("model", "promote", "hex8_2p", OTHER.hex(), "--dry-run").err())
                .contains("expected a whole model, but cdcdcdcdcdcd on n2 is none: cut off");
        assertThat(run("model", "history", "hex8_2p", "-o", "name").out()).isEqualTo(MODEL.hex() + "\n");
    }

    @Test
    void aRollbackWhoseAnswerWasLostIsFoundOutByItsRequestId() {
        storeModels();
        run("model", "promote", "hex8_2p", MODEL.hex(), "-y");
        run("model", "promote", "hex8_2p", OTHER.hex(), "-y");
        for (int times = 0; times < 2; times++) {
            Result result = run("model", "rollback", "hex8_2p", "-y", "--request-id", "lost");
            assertThat(result.exit()).as(result.err()).isZero();
            assertThat(run("model", "list").out()).contains("hex8_2p  abababababab");
        }
    }

    @Test
    void modelsArePromotedAndRolledBack() {
        storeModels();
        assertThat(run("model", "promote", "hex8_2p", "abababab").exit()).isEqualTo(Exit.USAGE);
        assertThat(run("model", "promote", "hex8_2p", "abababab", "--yes").exit())
                .isEqualTo(Exit.DONE);
        assertThat(run("model", "promote", "hex8_2p", OTHER.hex(), "--yes", "--why", "better")
                        .exit())
                .isEqualTo(Exit.DONE);
        assertThat(run("model", "list").out()).contains("hex8_2p  cdcdcdcdcdcd");
        assertThat(run("model", "show", "hex8_2p").out()).contains("Missing on   gpu1, n1, n3");
        assertThat(run("model", "rollback", "hex8_2p", "--dry-run").out())
                .isEqualTo("Roll hex8_2p back from cdcdcdcdcdcd to abababababab; 1 of 4 nodes hold it.\n");
        assertThat(run("model", "rollback", "hex8_2p", "-y").out())
                .isEqualTo("hex8_2p is rolled back to abababababab\n");
        assertThat(run("model", "history", "hex8_2p").out())
                .contains("abababababab *")
                .contains("rollback")
                .contains("better");
        assertThat(run("model", "promote", "hex8_2p", "0".repeat(64), "-y").exit())
                .isEqualTo(Exit.REFUSED);
        assertThat(run("model", "show", "none").exit()).isEqualTo(Exit.NOT_FOUND);
    }
}
