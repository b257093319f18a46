package dev.muster.core.state;

import static dev.muster.core.Orders.fence;
import static dev.muster.core.Orders.join;
import static dev.muster.core.Orders.n;
import static dev.muster.core.Orders.place;
import static dev.muster.core.Orders.submit;
import static dev.muster.core.Rents.end;
import static dev.muster.core.Rents.order;
import static dev.muster.core.Rents.rent;
import static dev.muster.core.Rents.sight;
import static dev.muster.core.Story.given;
import static dev.muster.core.Story.sha;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.Spec;
import dev.muster.core.Story;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CustodyTest {
    private static Command put(String digit, String node) {
        return new Command.PutArtifact(sha(digit), 1_024, "f" + digit, ArtifactKind.GAMES, Optional.empty(), n(node));
    }

    private static Command copy(String digit, String node) {
        return new Command.ConfirmReplica(sha(digit), n(node));
    }

    private static Optional<String> held(Story story) {
        return Custody.holds(story.state(), n("n1"), 2);
    }

    private static Story two() {
        return given(join("n1"), join("n2"), put("a", "n1"), copy("a", "n2"));
    }

    private static final String SOLE =
            "no other node in service holds " + sha("a").brief() + " (fa) of n1, 1KiB in all";

    @Test
    void aCopyOnAnotherNodeInServiceIsEnough() {
        assertThat(held(two())).isEmpty();
        assertThat(held(two().and(new Command.DrainNode(n("n2")))))
                .as("it still gives it")
                .isEmpty();
    }

    @Test
    void fencedRetiredRemovedAndLeavingNodesAreNoOthers() {
        assertThat(held(two().and(fence("n2")))).contains(SOLE);
        assertThat(held(two().and(new Command.RetireNode(n("n2"))))).contains(SOLE);
        assertThat(held(two().and(new Command.RemoveNode(n("n2"))))).contains(SOLE);
        Story leaving = given(
                join("n1"),
                join("vast-77"),
                put("a", "n1"),
                copy("a", "vast-77"),
                order(rent("0.10")),
                sight(1, "77", Observed.RUNNING));
        assertThat(held(leaving)).isEmpty();
        assertThat(held(leaving.and(end(1)))).contains(SOLE);
    }

    @Test
    void whatIsAskedOfANodeDoesNotDependOnItsOwnService() {
        assertThat(held(given(join("n1"), put("a", "n1"), fence("n1")))).contains(SOLE);
    }

    @Test
    void someFilesAreNamedAndTheOthersCounted() {
        Story story = given(join("n1"), put("a", "n1"), put("b", "n1"), put("c", "n1"));
        assertThat(held(story).orElseThrow())
                .contains("(fa), ")
                .contains("(fb) and 1 more of n1, 3KiB in all")
                .doesNotContain("(fc)");
        assertThat(Custody.sole(story.state(), n("n1"))).hasSize(3);
        assertThat(Custody.sole(story.state(), n("n2"))).isEmpty();
    }

    @Test
    void whatRunsThereIsHeldToo() {
        Story story = two().and(submit(Spec.job().tasks(2)), place("j1.0.1", "n1"));
        assertThat(held(story)).contains("n1 runs j1.0.1");
        assertThat(held(story.and(place("j1.1.1", "n1")))).contains("n1 runs j1.0.1 and 1 more");
        assertThat(held(story.ends("j1.0.1", Attempt.Status.FAILED).ends("j1.1.1", Attempt.Status.FAILED)))
                .isEmpty();
    }
}
