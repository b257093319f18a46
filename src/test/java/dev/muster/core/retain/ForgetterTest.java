package dev.muster.core.retain;

import static dev.muster.core.Orders.HEX;
import static dev.muster.core.Orders.join;
import static dev.muster.core.Orders.loop;
import static dev.muster.core.Orders.n;
import static dev.muster.core.Orders.place;
import static dev.muster.core.Orders.submit;
import static dev.muster.core.Story.given;
import static dev.muster.core.Story.sha;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.Spec;
import dev.muster.core.Story;
import dev.muster.core.Turn;
import dev.muster.core.plan.Action;
import dev.muster.core.plan.Policy;
import dev.muster.core.state.ArtifactKind;
import dev.muster.core.state.Attempt;
import dev.muster.core.state.Command;
import dev.muster.core.state.Event;
import dev.muster.core.state.Outcome.Code;
import dev.muster.core.state.Sha256;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ForgetterTest {
    private static final Duration AGE = Duration.ofDays(14);
    private static final Policy POLICY = Policy.DEFAULT.withForgetAfter(AGE);

    private static Story nodes() {
        return given(join("n1"), join("n2"));
    }

    private static Command put(Sha256 sha, String node) {
        return new Command.PutArtifact(sha, 10, "old.db", ArtifactKind.GAMES, Optional.empty(), n(node));
    }

    private static List<Sha256> forgotten(Story story) {
        List<Sha256> files = new ArrayList<>();
        for (Action action : actions(story)) {
            Command command = ((Action.Propose) action).command();
            files.add(((Command.ForgetArtifact) command).artifact());
        }
        return files;
    }

    private static List<Action> actions(Story story) {
        return Forgetter.decide(story.state(), POLICY, story.now()).actions();
    }

    @Test
    void aFileThatNothingRefersToIsForgottenTwoWeeksAfterItsLastCopyWasMade() {
        Story story = nodes().and(put(sha("a"), "n1"))
                .after(Duration.ofDays(1))
                .and(put(sha("a"), "n2"))
                .after(AGE.minusMinutes(1));
        assertThat(actions(story)).isEmpty();
        Command forget = new Command.ForgetArtifact(sha("a"));
        assertThat(actions(story.after(Duration.ofMinutes(1))))
                .containsExactly(new Action.Propose(
                        forget, "nothing refers to old.db, and no copy was made for 14d; 10B on 2 nodes may go"));
        story.when(forget).then(new Event.ArtifactForgotten(sha("a")));
        assertThat(actions(story)).isEmpty();
    }

    @Test
    void nothingIsForgottenUnlessAPersonHasSaidWhen() {
        Story story = nodes().and(put(sha("a"), "n1")).after(Duration.ofDays(3650));
        assertThat(actions(story)).hasSize(1);
        assertThat(Forgetter.decide(story.state(), Policy.DEFAULT, story.now()).actions())
                .isEmpty();
    }

    @Test
    void itLooksForAMomentInEachMinute() {
        Story story = nodes().and(put(sha("a"), "n1")).after(AGE).after(Duration.ofSeconds(4));
        assertThat(actions(story)).isEmpty();
        assertThat(forgotten(story.after(Duration.ofSeconds(56)))).hasSize(1);
    }

    @Test
    void aPinnedFileStaysWhoeverOrders() {
        Story story = nodes().and(put(sha("a"), "n1"), new Command.PinArtifact(sha("a"), true))
                .after(AGE);
        assertThat(forgotten(story)).isEmpty();
        story.when(new Command.ForgetArtifact(sha("a"))).refused(Code.UNSAFE, "is pinned");
        assertThat(forgotten(story.and(new Command.PinArtifact(sha("a"), false))))
                .containsExactly(sha("a"));
    }

    @Test
    void whatAKeptJobReadAndMadeStays() {
        Story story = nodes().and(put(sha("a"), "n1"), put(sha("b"), "n1"))
                .and(submit(Spec.job().input(sha("a"), "in")), place("j1.0.1", "n1"))
                .succeeds("j1.0.1", new Attempt.Stored("out", sha("c"), 5))
                .after(AGE);
        assertThat(forgotten(story)).containsExactly(sha("b"));
    }

    @Test
    void everyVersionOfAModelStaysAndTheFilesOfALoopsWindow() {
        Story story = nodes().and(new Command.StartLoop(loop(HEX)));
        Turn.whole(story, 1, "a", Optional.empty());
        Turn.whole(story, 2, "b", Optional.of(sha("a")));
        story.and(put(sha("f"), "n1")).after(AGE);
        assertThat(forgotten(story)).containsExactly(sha("f"));
    }

    @Test
    void onePlanIsLimited() {
        Story story = nodes();
        for (int file = 0; file < Forgetter.ORDERS_MAX + 5; file++)
            story.and(put(new Sha256(String.format("%064x", file)), "n1"));
        assertThat(actions(story.after(AGE))).hasSize(Forgetter.ORDERS_MAX);
    }
}
