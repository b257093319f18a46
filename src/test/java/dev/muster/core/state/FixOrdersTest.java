package dev.muster.core.state;

import static dev.muster.core.Orders.fence;
import static dev.muster.core.Orders.join;
import static dev.muster.core.Orders.n;
import static dev.muster.core.Story.given;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.Story;
import dev.muster.core.state.Outcome.Code;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class FixOrdersTest {
    private static Command.OrderFix fix(String node, FixKind kind) {
        return new Command.OrderFix(n(node), kind);
    }

    private static Command.FinishFix done(Story story, FixKind kind) {
        Fix last = story.state().fleet().fixes().values().stream()
                .filter(fix -> fix.kind() == kind && fix.open())
                .findFirst()
                .orElseThrow();
        return new Command.FinishFix(last.node(), last.token(), true, "it helped");
    }

    @Test
    void aFixIsOrderedAndEndsOnce() {
        Story story =
                given(join("n1")).when(fix("n1", FixKind.RELINK)).then(new Event.FixOrdered(n("n1"), FixKind.RELINK));
        Command.FinishFix done = done(story, FixKind.RELINK);
        story.when(done)
                .then(new Event.FixDone(n("n1"), done.token(), FixKind.RELINK, "it helped"))
                .when(done)
                .refused(Code.STALE);
    }

    @Test
    void theSameFixOfTheSameNodeHasToWait() {
        Story story = given(join("n1"), join("n2"), fix("n1", FixKind.COLLECT));
        story.when(fix("n1", FixKind.COLLECT)).refused(Code.CONFLICT, "is not done yet");
        story.and(fix("n2", FixKind.COLLECT), fix("n1", FixKind.RELINK), done(story, FixKind.COLLECT));
        story.after(Fix.AGAIN.minusSeconds(1))
                .when(fix("n1", FixKind.COLLECT))
                .refused(Code.CONFLICT, "and done; it may be ordered again");
        story.after(Duration.ofSeconds(1)).and(fix("n1", FixKind.COLLECT));
    }

    @Test
    void oneNodeGetsSoManyAnHour() {
        Story story = given(join("n1"));
        for (FixKind kind : FixKind.values()) story.and(fix("n1", kind)).and(done(story, kind));
        assertThat(FixKind.values()).hasSize(Fix.PER_NODE_MAX);
        story.after(Fix.AGAIN).when(fix("n1", FixKind.RELINK)).refused(Code.FULL, "look at the machine");
        story.after(Fix.WINDOW).and(fix("n1", FixKind.RELINK));
    }

    @Test
    void aWrongFixDoesNotReachEverybodyAtOnce() {
        Story story = given();
        for (int i = 1; i <= Fix.AT_ONCE_MAX + 1; i++) story.and(join("n" + i));
        for (int i = 1; i <= Fix.AT_ONCE_MAX; i++) story.and(fix("n" + i, FixKind.RELINK));
        String last = "n" + (Fix.AT_ONCE_MAX + 1);
        story.when(fix(last, FixKind.RELINK)).refused(Code.FULL, "at once in the cluster");
        story.and(done(story, FixKind.RELINK), fix(last, FixKind.RELINK));
    }

    @Test
    void nobodyIsPutRightWhoIsOutOfServiceOrUnknown() {
        given().when(fix("n1", FixKind.RELINK)).refused(Code.NOT_FOUND);
        given(join("n1"), fence("n1")).when(fix("n1", FixKind.RELINK)).refused(Code.CONFLICT, "fenced");
        given(join("n1"), new Command.RetireNode(n("n1")))
                .when(fix("n1", FixKind.RELINK))
                .refused(Code.CONFLICT, "retired");
    }

    @Test
    void aNodeOrdersNoFixes() {
        given(join("n1"))
                .by(Actor.node(n("n1")), "")
                .when(fix("n1", FixKind.RELINK))
                .refused(Code.INVALID);
    }

    @Test
    void aFenceEndsWhatIsOpenAndARemovedNodesFixesAreForgotten() {
        Story story = given(join("n1"), fix("n1", FixKind.RELINK));
        Command.FinishFix late = done(story, FixKind.RELINK);
        story.when(fence("n1"))
                .then(
                        new Event.NodeFenced(n("n1")),
                        new Event.FixFailed(n("n1"), late.token(), FixKind.RELINK, "n1 was fenced"))
                .when(late)
                .refused(Code.STALE);
        story.and(new Command.RemoveNode(n("n1")));
        assertThat(story.state().fleet().fixes().isEmpty()).isTrue();
    }

    @Test
    void endedFixesAreForgottenOnceTheyCountNoMore() {
        Story story = given(join("n1"));
        for (int i = 0; i < 150; i++) {
            story.after(Fix.WINDOW).and(fix("n1", FixKind.RELINK));
            story.and(done(story, FixKind.RELINK));
        }
        assertThat(story.state().fleet().fixes().size()).isBetween(2, 110);
    }

    @Test
    void aLongNoteIsCut() {
        assertThat(new Command.FinishFix(n("n1"), 1, true, "x".repeat(5_000)).note())
                .hasSize(Fix.NOTE_MAX);
    }
}
