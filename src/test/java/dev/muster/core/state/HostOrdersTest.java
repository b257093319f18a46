package dev.muster.core.state;

import static dev.muster.core.Orders.fence;
import static dev.muster.core.Orders.join;
import static dev.muster.core.Orders.n;
import static dev.muster.core.Orders.place;
import static dev.muster.core.Orders.submit;
import static dev.muster.core.Story.ANN;
import static dev.muster.core.Story.LEADER;
import static dev.muster.core.Story.given;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.Spec;
import dev.muster.core.Story;
import dev.muster.core.state.Outcome.Code;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class HostOrdersTest {
    private static Declared host(String name, Desired desired) {
        return new Declared(n(name), desired, Optional.of(Role.SELFPLAY), "", false);
    }

    private static Command.HostChange change(String name, Desired from, Desired to) {
        return new Command.HostChange(host(name, to), Optional.of(from));
    }

    private static Command.ImportNodes imported(Command.HostChange... changes) {
        return new Command.ImportNodes(List.of(changes), ChangeLimit.DEFAULT, OptionalInt.empty());
    }

    private static Command.ImportNodes retiring(int overridden, String... names) {
        List<Command.HostChange> changes = Arrays.stream(names)
                .map(name -> change(name, Desired.READY, Desired.RETIRED))
                .toList();
        return new Command.ImportNodes(
                changes, ChangeLimit.DEFAULT, overridden == 0 ? OptionalInt.empty() : OptionalInt.of(overridden));
    }

    private static Story ten() {
        Story story = given().by(ANN, "");
        for (int i = 1; i <= 10; i++) story.and(join("n" + i));
        return story;
    }

    @Test
    void aDeclaredMachineStartsWithWhatIsWantedOfIt() {
        Story story = given(new Command.AddNode(host("n1", Desired.DRAINING)));
        assertThat(story.state().fleet().desired(n("n1"))).contains(Desired.DRAINING);
        assertThat(story.state().fleet().nodes().has(n("n1"))).isFalse();
        Node joined = story.and(join("n1")).state().fleet().nodes().require(n("n1"));
        assertThat(joined.desired()).isEqualTo(Desired.DRAINING);
    }

    @Test
    void aMachineIsDeclaredOnce() {
        given(new Command.AddNode(host("n1", Desired.READY)))
                .when(new Command.AddNode(host("n1", Desired.READY)))
                .changesNothing()
                .when(new Command.AddNode(host("n1", Desired.RETIRED)))
                .refused(Code.CONFLICT, "muster node remove n1");
        given(join("n1")).when(new Command.AddNode(host("n1", Desired.READY))).refused(Code.CONFLICT, "has joined");
    }

    @Test
    void aMachineThatHasNotJoinedIsRetiredReturnedAndForgottenLikeOthers() {
        Story story = given(new Command.AddNode(host("n1", Desired.READY)))
                .when(new Command.RetireNode(n("n1")))
                .then(new Event.NodeRetired(n("n1")))
                .when(new Command.DrainNode(n("n1")))
                .refused(Code.CONFLICT)
                .when(new Command.UnretireNode(n("n1")))
                .then(new Event.NodeReady(n("n1")))
                .when(new Command.DrainNode(n("n1")))
                .then(new Event.NodeDraining(n("n1")))
                .when(new Command.AddVoter(n("n1")))
                .refused(Code.CONFLICT, "only declared")
                .when(new Command.RemoveNode(n("n1")))
                .then(new Event.NodeRemoved(n("n1")));
        assertThat(story.state().fleet().known()).isEmpty();
        assertThat(story.state().fleet().leftAt().isEmpty()).isTrue();
    }

    @Test
    void anImportDeclaresAndChangesInOneOrder() {
        Declared fresh = host("n2", Desired.RETIRED);
        given(join("n1"))
                .when(imported(
                        change("n1", Desired.READY, Desired.DRAINING), new Command.HostChange(fresh, Optional.empty())))
                .then(
                        new Event.NodeDeclared(host("n1", Desired.READY)),
                        new Event.NodeDraining(n("n1")),
                        new Event.NodeDeclared(fresh))
                .when(imported(change("n1", Desired.DRAINING, Desired.DRAINING)))
                .changesNothing()
                .when(imported(change("n1", Desired.DRAINING, Desired.READY)))
                .then(new Event.NodeReady(n("n1")));
    }

    @Test
    void aPlanThatTheClusterHasOvertakenIsRefused() {
        given(join("n1"), new Command.DrainNode(n("n1")))
                .when(imported(change("n1", Desired.READY, Desired.RETIRED)))
                .refused(Code.STALE, "expected n1 to be READY as the plan found it, but it is DRAINING");
        given(join("n1"), submit(Spec.job()), place("j1.0.1", "n1"))
                .when(imported(change("n1", Desired.READY, Desired.RETIRED)))
                .refused(Code.STALE, "holds 1 attempts");
        given(join("n1")).voters("n1").when(retiring(0, "n1")).refused(Code.UNSAFE, "muster voter remove n1");
        given(join("n1"))
                .when(imported(change("n1", Desired.READY, Desired.READY), change("n1", Desired.READY, Desired.READY)))
                .refused(Code.INVALID, "n1 again");
    }

    @Test
    void aFifthMayGoOutOfServiceAndMoreOnlyByTheirNumber() {
        ten().when(retiring(0, "n1", "n2", "n3")).refused(Code.BRAKED, "3 of 10 nodes");
        ten().when(retiring(2, "n1", "n2", "n3")).refused(Code.BRAKED, "expected --override-brake 3, but found 2");
        ten().by(LEADER, "").when(retiring(3, "n1", "n2", "n3")).refused(Code.BRAKED, "3 of 10 nodes");
        assertThat(ten().and(retiring(3, "n1", "n2", "n3"))
                        .state()
                        .fleet()
                        .leftAt()
                        .size())
                .isEqualTo(3);
        ten().and(retiring(0, "n1", "n2"));
    }

    @Test
    void manySmallImportsAreALargeOneUntilTheWindowIsOver() {
        Story story = ten().and(retiring(0, "n1"), retiring(0, "n2"));
        story.when(retiring(0, "n3")).refused(Code.BRAKED, "1 of 10 nodes would go out of service after 2 others");
        story.after(ChangeLimit.DEFAULT.window().minus(Duration.ofSeconds(1)))
                .when(retiring(0, "n3"))
                .refused(Code.BRAKED);
        story.after(Duration.ofSeconds(2)).and(retiring(0, "n3"));
    }

    @Test
    void whoIsBackInServiceNoLongerCounts() {
        ten().and(retiring(0, "n1", "n2"), new Command.UnretireNode(n("n1"))).and(retiring(0, "n3"));
    }

    @Test
    void oneNodeMayAlwaysGo() {
        given(join("n1"), join("n2")).by(ANN, "").and(retiring(0, "n1"));
    }

    /// Two of three are the majority's end, however many other nodes there are.
    @Test
    void notTwoVotersAndNotTheSecondOneAfterAnother() {
        Command.ImportNodes two =
                imported(change("n1", Desired.READY, Desired.DRAINING), change("n2", Desired.READY, Desired.DRAINING));
        ten().voters("n1", "n2", "n3").when(two).refused(Code.BRAKED, "2 voters would be out of service (n1, n2)");
        Command.ImportNodes one = imported(change("n1", Desired.READY, Desired.DRAINING));
        ten().voters("n1", "n2", "n3").and(one);
        ten().voters("n1", "n2", "n3").and(fence("n3")).when(one).refused(Code.BRAKED, "(n1, n3)");
        ten().voters("n1", "n2", "n3")
                .and(new Command.DrainNode(n("n2")))
                .after(Duration.ofDays(30))
                .when(one)
                .refused(Code.BRAKED, "2 voters");
        ten().voters("n1", "n2", "n3")
                .and(new Command.ImportNodes(two.changes(), ChangeLimit.DEFAULT, OptionalInt.of(2)));
    }

    @Test
    void aSweepThatNobodyLooksAtIsBrakedNodeByNode() {
        Story story = ten().by(LEADER, "idle");
        story.and(new Command.DrainNode(n("n1")), new Command.RetireNode(n("n2")))
                .when(new Command.DrainNode(n("n3")))
                .refused(Code.BRAKED, "after 2 others")
                .when(new Command.RetireNode(n("n3")))
                .refused(Code.BRAKED);
        story.by(ANN, "I mean it").and(new Command.DrainNode(n("n3")));
    }
}
