package dev.muster.core.state;

import static dev.muster.core.Orders.a;
import static dev.muster.core.Orders.fence;
import static dev.muster.core.Orders.join;
import static dev.muster.core.Orders.joined;
import static dev.muster.core.Orders.n;
import static dev.muster.core.Orders.place;
import static dev.muster.core.Orders.submit;
import static dev.muster.core.Story.given;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.Spec;
import dev.muster.core.Story;
import dev.muster.core.state.Outcome.Code;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class NodeOrdersTest {
    private static final Command.DrainNode DRAIN = new Command.DrainNode(n("n1"));
    private static final Command.UndrainNode UNDRAIN = new Command.UndrainNode(n("n1"));
    private static final Command.RetireNode RETIRE = new Command.RetireNode(n("n1"));
    private static final Command.UnretireNode UNRETIRE = new Command.UnretireNode(n("n1"));
    private static final Command.RemoveNode REMOVE = new Command.RemoveNode(n("n1"));
    private static final Command.ReadmitNode READMIT = new Command.ReadmitNode(n("n1"));
    private static final Command.AddVoter ADD_VOTER = new Command.AddVoter(n("n1"));
    private static final Command.RemoveVoter REMOVE_VOTER = new Command.RemoveVoter(n("n1"));

    @Test
    void aNodeJoinsOnceAndTellsItsNewHardwareAgain() {
        Command.JoinNode larger = join("n1", Role.MIXED, Hardware.cpus(8, Bytes.gib(16)), 4);
        given().when(join("n1"))
                .then(joined(join("n1")))
                .when(join("n1"))
                .changesNothing()
                .when(larger)
                .then(joined(larger));
    }

    @Test
    void anotherMachineUnderTheSameNameIsRefused() {
        Command.JoinNode first = join("n1");
        Command.JoinNode other = new Command.JoinNode(
                first.node(), "id-other", first.role(), first.hardware(), first.maxParallelJobs(), first.endpoints());
        given(first).when(other).refused(Code.CONFLICT, "muster node remove n1");
    }

    @Test
    void aJoiningNodeStaysDrainedAndFenced() {
        Story story = given(join("n1"), DRAIN, fence("n1"), join("n1", Role.MIXED, Hardware.cpus(1, Bytes.gib(1)), 1));
        Node node = story.state().fleet().nodes().require(n("n1"));
        assertThat(node.desired()).isEqualTo(Desired.DRAINING);
        assertThat(node.fenced()).isTrue();
    }

    @Test
    void drainAndUndrain() {
        given().when(DRAIN).refused(Code.NOT_FOUND).when(UNDRAIN).refused(Code.NOT_FOUND);
        given(join("n1"))
                .when(DRAIN)
                .then(new Event.NodeDraining(n("n1")))
                .when(DRAIN)
                .changesNothing()
                .when(UNDRAIN)
                .then(new Event.NodeReady(n("n1")))
                .when(UNDRAIN)
                .changesNothing();
        given(join("n1"), RETIRE)
                .when(DRAIN)
                .refused(Code.CONFLICT)
                .when(UNDRAIN)
                .refused(Code.CONFLICT);
    }

    @Test
    void retireAndUnretire() {
        given().when(RETIRE).refused(Code.NOT_FOUND).when(UNRETIRE).refused(Code.NOT_FOUND);
        given(join("n1"))
                .when(UNRETIRE)
                .refused(Code.CONFLICT)
                .when(RETIRE)
                .then(new Event.NodeRetired(n("n1")))
                .when(RETIRE)
                .changesNothing()
                .when(UNRETIRE)
                .then(new Event.NodeReady(n("n1")));
    }

    @Test
    void aVoterOrABusyNodeIsNotRetired() {
        given(join("n1")).voters("n1").when(RETIRE).refused(Code.UNSAFE, "muster voter remove n1");
        given(join("n1"), submit(Spec.job()), place("j1.0.1", "n1"))
                .when(RETIRE)
                .refused(Code.CONFLICT, "muster node drain n1");
    }

    @Test
    void whatARemovedNodeRanWaitsAgain() {
        given(join("n1"), submit(Spec.job()), place("j1.0.1", "n1"))
                .when(REMOVE)
                .then(
                        new Event.AttemptEnded(a("j1.0.1"), lost("n1 was removed")),
                        new Event.TaskRequeued(TaskId.parse("j1.0"), false, Optional.empty(), "n1 was removed"),
                        new Event.NodeRemoved(n("n1")))
                .when(REMOVE)
                .refused(Code.NOT_FOUND);
        given(join("n1")).voters("n1").when(REMOVE).refused(Code.UNSAFE);
        given(join("n1"), ADD_VOTER).when(REMOVE).refused(Code.UNSAFE);
    }

    @Test
    void aRemovedNodesReceiptsGoWithIt() {
        Sha256 file = Story.sha("a");
        Story story = given(join("n1"), submit(Spec.job()), place("j1.0.1", "n1"))
                .succeeds("j1.0.1", new Attempt.Stored("out", file, 5))
                .and(REMOVE);
        assertThat(story.state().files().held(file)).isFalse();
    }

    @Test
    void aFenceEndsLeasesAndCountsNoFailure() {
        given().when(fence("n1")).refused(Code.NOT_FOUND);
        Story story = given(join("n1"), join("n2"), submit(Spec.job().tasks(2)))
                .and(place("j1.0.1", "n1"), place("j1.1.1", "n2"))
                .when(fence("n1"))
                .then(
                        new Event.NodeFenced(n("n1")),
                        new Event.AttemptEnded(a("j1.0.1"), lost("n1 was fenced: because")),
                        new Event.TaskRequeued(TaskId.parse("j1.0"), false, Optional.empty(), "n1 was fenced: because"))
                .when(fence("n1"))
                .changesNothing();
        assertThat(story.state().work().tasks().require(TaskId.parse("j1.0")).failures())
                .isZero();
        assertThat(story.state().work().activeOn(n("n2"))).containsExactly(a("j1.1.1"));
    }

    @Test
    void aFenceOfTheLastTwoTasksOfAStoppingJobCancelsItOnce() {
        given(join("n1"), submit(Spec.job().tasks(2)), place("j1.0.1", "n1"), place("j1.1.1", "n1"))
                .and(new Command.StopJob(new JobId(1)))
                .when(fence("n1"))
                .then(
                        new Event.NodeFenced(n("n1")),
                        new Event.AttemptEnded(a("j1.0.1"), lost("n1 was fenced: because")),
                        new Event.TaskCancelled(TaskId.parse("j1.0")),
                        new Event.AttemptEnded(a("j1.1.1"), lost("n1 was fenced: because")),
                        new Event.TaskCancelled(TaskId.parse("j1.1")),
                        new Event.JobCancelled(new JobId(1)));
    }

    @Test
    void onlyAFencedNodeIsReadmitted() {
        given().when(READMIT).refused(Code.NOT_FOUND);
        given(join("n1"))
                .when(READMIT)
                .refused(Code.CONFLICT)
                .and(fence("n1"))
                .when(READMIT)
                .then(new Event.NodeReadmitted(n("n1")));
    }

    @Test
    void votersAreAddedAndRemovedButTheLastStays() {
        given().when(ADD_VOTER).refused(Code.NOT_FOUND);
        given(join("n1"), join("n2"))
                .voters("n2")
                .when(ADD_VOTER)
                .then(new Event.VoterWanted(n("n1")))
                .when(ADD_VOTER)
                .changesNothing()
                .when(REMOVE_VOTER)
                .then(new Event.VoterUnwanted(n("n1")))
                .when(REMOVE_VOTER)
                .refused(Code.NOT_FOUND)
                .when(new Command.RemoveVoter(n("n2")))
                .refused(Code.UNSAFE, "last voter");
    }

    @Test
    void aFencedOrRetiredNodeIsNoNewVoter() {
        given(join("n1"), fence("n1")).when(ADD_VOTER).refused(Code.UNSAFE, "fenced");
        given(join("n1"), RETIRE).when(ADD_VOTER).refused(Code.UNSAFE, "retired");
    }

    @Test
    void anOlderTermIsRefused() {
        given(join("n1"), new Command.AnnounceLeader(n("n1"), 3))
                .when(new Command.AnnounceLeader(n("n1"), 3))
                .changesNothing()
                .when(new Command.AnnounceLeader(n("n1"), 2))
                .refused(Code.STALE)
                .when(new Command.AnnounceLeader(n("n2"), 4))
                .then(new Event.LeaderElected(n("n2"), 4));
    }

    @Test
    void raftsConfigurationIsKeptSortedAndTheFirstIsWanted() {
        Story story = given(join("n1"), join("n2"), join("n3")).voters("n3", "n1", "n2");
        assertThat(story.state().fleet().voters()).containsExactly(n("n1"), n("n2"), n("n3"));
        assertThat(story.state().fleet().wanted())
                .isEqualTo(story.state().fleet().voters());
        assertThat(story.voters("n1", "n2").state().fleet().wanted()).hasSize(3);
        assertThat(story.state().fleet().quorum()).isEqualTo(2);
    }

    private static Attempt.Ending lost(String why) {
        return new Attempt.Ending(Attempt.Status.LOST, OptionalInt.empty(), List.of(), List.of(), why);
    }
}
