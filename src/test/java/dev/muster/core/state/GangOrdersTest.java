package dev.muster.core.state;

import static dev.muster.core.Orders.HEX;
import static dev.muster.core.Orders.a;
import static dev.muster.core.Orders.fence;
import static dev.muster.core.Orders.join;
import static dev.muster.core.Orders.n;
import static dev.muster.core.Orders.place;
import static dev.muster.core.Orders.submit;
import static dev.muster.core.Story.ending;
import static dev.muster.core.Story.given;
import static dev.muster.core.Story.sha;
import static dev.muster.core.Story.success;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.muster.core.Invariants;
import dev.muster.core.Rents;
import dev.muster.core.Spec;
import dev.muster.core.Story;
import dev.muster.core.agent.AgentAction;
import dev.muster.core.agent.AgentPlanner;
import dev.muster.core.agent.LocalView;
import dev.muster.core.state.Outcome.Code;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;

/// Tasks that run on several nodes at once.
class GangOrdersTest {
    private static final TaskId TASK = TaskId.parse("j1.0");

    private static Command gang(String attempt, String... nodes) {
        return new Command.PlaceGang(
                a(attempt), List.of(nodes).stream().map(NodeId::new).toList());
    }

    private static Story waiting(Spec spec) {
        return given(join("n1"), join("n2"), join("n3"), join("n4"), submit(spec));
    }

    private static Spec three() {
        return Spec.job().nodes(3).cpus(1);
    }

    /// A job of one task, on n1, n2 and n3; all run.
    private static Story running(Spec spec) {
        return waiting(spec)
                .and(gang("j1.0.1", "n1", "n2", "n3"))
                .starts("j1.0.1")
                .starts("j1.0.1.1")
                .starts("j1.0.1.2");
    }

    private static Task task(Story story) {
        return story.state().work().tasks().require(TASK);
    }

    private static Attempt attempt(Story story, String id) {
        return story.state().work().attempts().require(a(id));
    }

    private static Attempt.Ending exited(int code) {
        return new Attempt.Ending(
                Attempt.Status.FAILED, OptionalInt.of(code), List.of(), List.of(), "exited with " + code);
    }

    private static Command.FinishAttempt finish(Story story, String attempt, Attempt.Ending ending) {
        return new Command.FinishAttempt(a(attempt), story.token(attempt), ending);
    }

    // ---- placed

    @Test
    void membersArePlacedByOneEventUnderOneToken() {
        Story story = waiting(three())
                .when(gang("j1.0.1", "n2", "n1", "n3"))
                .then(new Event.GangPlaced(a("j1.0.1"), List.of(n("n2"), n("n1"), n("n3")), "n2.example", 29_500));
        assertThat(story.state().work().attempts().keys()).containsExactly(a("j1.0.1"), a("j1.0.1.1"), a("j1.0.1.2"));
        assertThat(attempt(story, "j1.0.1.2").node()).isEqualTo(n("n3"));
        assertThat(story.token("j1.0.1.2")).isEqualTo(story.state().revision()).isEqualTo(story.token("j1.0.1"));
        assertThat(story.state().work().heldOn(n("n3")).attempts()).isOne();
    }

    @Test
    void allOrNothing() {
        Story story = waiting(three());
        story.when(gang("j1.0.1", "n1", "n2")).refused(Code.INVALID, "expected 3 nodes for j1.0, but found 2");
        story.when(place("j1.0.1", "n1")).refused(Code.INVALID, "expected 3 nodes for j1.0, but found 1");
        story.when(gang("j1.0.1", "n1", "n2", "n2")).refused(Code.INVALID, "n2 twice");
        story.when(gang("j1.0.1", "n1", "n2", "n9")).refused(Code.NOT_FOUND, "n9");
        story.and(fence("n3")).when(gang("j1.0.1", "n1", "n2", "n3")).refused(Code.CONFLICT, "n3 is fenced");
        assertThat(story.state().work().derived().active().isEmpty()).isTrue();
        given(join("n1"), submit(Spec.job())).when(gang("j1.0.1", "n1")).refused(Code.INVALID, "j1.0 runs on one node");
    }

    @Test
    void aNodeThatNobodyDialsIsNoMember() {
        Command.JoinNode join = join("n2");
        Endpoints at = join.endpoints();
        Endpoints hidden =
                new Endpoints(at.host(), at.apiPort(), at.artifactPort(), at.raftPort(), OptionalInt.empty(), true);
        given(
                        join("n1"),
                        new Command.JoinNode(
                                join.node(),
                                join.identity(),
                                join.role(),
                                join.hardware(),
                                join.maxParallelJobs(),
                                hidden),
                        submit(Spec.job().nodes(2)))
                .when(gang("j1.0.1", "n1", "n2"))
                .refused(Code.CONFLICT, "n2 cannot be dialled by others")
                .and(submit(Spec.job()))
                .and(place("j2.0.1", "n2"));
    }

    @Test
    void twoGangsOnOneNodeMeetAtDifferentPorts() {
        Story story = waiting(three().tasks(2)).and(submit(three()));
        story.and(gang("j1.0.1", "n1", "n2", "n3"), gang("j1.1.1", "n1", "n3", "n2"));
        story.and(gang("j2.0.1", "n1", "n2", "n4"));
        assertThat(story.state().work().tasks().values())
                .map(task -> task.gang().orElseThrow().port())
                .containsExactly(29_500, 29_501, 29_502);
    }

    @Test
    void aMemberKnowsItsRankAndWhereToMeet() {
        Story story = waiting(three().env(Map.of("SEED", "7", "RANK", "mine")).output("model.pt"))
                .and(gang("j1.0.1", "n1", "n2", "n3"));
        LocalView local = new LocalView(n("n2"), Table.empty(), Set.of(), Set.of(), Table.empty());
        List<AgentAction> actions = AgentPlanner.decide(story.state(), local, 4, story.now());
        assertThat(actions).singleElement().isInstanceOfSatisfying(AgentAction.Begin.class, begin -> {
            assertThat(begin.spec().env())
                    .containsExactlyInAnyOrderEntriesOf(Map.of(
                            "SEED", "7",
                            "RANK", "1",
                            "LOCAL_RANK", "0",
                            "WORLD_SIZE", "3",
                            "MASTER_ADDR", "n1.example",
                            "MASTER_PORT", "29500"));
            assertThat(begin.spec().outputs()).isEmpty();
        });
        assertThat(story.state().work().startOf(a("j1.0.1")).outputs()).hasSize(1);
        Story alone = given(join("n1"), submit(Spec.job()), place("j1.0.1", "n1"));
        assertThat(alone.state().work().startOf(a("j1.0.1")).env()).isEmpty();
    }

    // ---- ended

    @Test
    void itSucceedsWhenAllHave() {
        Story story = running(three().config(HEX).output("model.pt"));
        Match match = new Match("random", "greedy", 1, 2, 3);
        Attempt.Stored model = new Attempt.Stored("model.pt", sha("a"), 5);
        Attempt.Ending first = new Attempt.Ending(
                Attempt.Status.SUCCEEDED, OptionalInt.of(0), List.of(model), List.of(match), "exited with 0");
        story.when(finish(story, "j1.0.1", first))
                .then(
                        new Event.AttemptEnded(a("j1.0.1"), first),
                        new Event.ArtifactStored(
                                sha("a"), 5, "model.pt", Optional.of(HEX), Optional.of(a("j1.0.1")), n("n1")));
        assertThat(task(story).status()).isEqualTo(Task.Status.RUNNING);
        story.and(finish(story, "j1.0.1.2", success()))
                .when(finish(story, "j1.0.1.1", success()))
                .then(
                        new Event.AttemptEnded(a("j1.0.1.1"), success()),
                        new Event.MatchesRecorded(HEX, List.of(match)),
                        new Event.TaskSucceeded(TASK),
                        new Event.JobSucceeded(new JobId(1)));
        assertThat(story.state().work().succeeded(new JobId(1)))
                .map(Attempt::id)
                .containsExactly(a("j1.0.1"));
    }

    @Test
    void oneFailureEndsAllAndCountsOnce() {
        Story story = running(three().maxAttempts(2));
        Attempt.Ending whole = exited(3).noted("rank 1 on n2: exited with 3");
        story.when(finish(story, "j1.0.1.1", exited(3)))
                .then(new Event.AttemptEnded(a("j1.0.1.1"), exited(3)), new Event.GangEnding(a("j1.0.1.1"), whole));
        assertThat(attempt(story, "j1.0.1").evicting()).isPresent();
        assertThat(task(story).status()).isEqualTo(Task.Status.RUNNING);
        // The others notice it, and end in their own ways.
        story.and(finish(story, "j1.0.1", exited(1)))
                .when(finish(story, "j1.0.1.2", ending(Attempt.Status.LOST)))
                .then(
                        new Event.AttemptEnded(a("j1.0.1.2"), ending(Attempt.Status.LOST)),
                        new Event.TaskRequeued(
                                TASK,
                                true,
                                Optional.of(story.now().plus(JobOrders.RETRY_FIRST)),
                                "rank 1 on n2: exited with 3"));
        assertThat(task(story).failures()).isOne();
        story.after(Duration.ofMinutes(1))
                .when(gang("j1.0.2", "n2", "n3", "n4"))
                .then(new Event.GangPlaced(a("j1.0.2"), List.of(n("n2"), n("n3"), n("n4")), "n2.example", 29_501));
        story.and(finish(story, "j1.0.2", exited(4).as("OUT_OF_MEMORY")), finish(story, "j1.0.2.1", exited(1)))
                .and(finish(story, "j1.0.2.2", success()));
        assertThat(task(story).status()).isEqualTo(Task.Status.FAILED);
        assertThat(task(story).note()).isEqualTo("rank 0 on n2: exited with 4");
        assertThat(task(story).gang().flatMap(Gang::ends).map(Attempt.Ending::failure))
                .contains("OUT_OF_MEMORY");
    }

    @Test
    void aPermanentFailureOfOneEndsTheTask() {
        Story story = running(three());
        story.and(
                finish(story, "j1.0.1.2", exited(127).forGood()),
                finish(story, "j1.0.1", ending(Attempt.Status.LOST)),
                finish(story, "j1.0.1.1", success()));
        assertThat(task(story).status()).isEqualTo(Task.Status.FAILED);
    }

    @Test
    void aLostMemberCountsAgainstNobody() {
        Story story = running(three().maxAttempts(1)).and(fence("n3"));
        assertThat(attempt(story, "j1.0.1.2").status()).isEqualTo(Attempt.Status.LOST);
        story.when(gang("j1.0.2", "n1", "n2", "n4")).refused(Code.STALE);
        story.and(
                finish(story, "j1.0.1", ending(Attempt.Status.LOST)),
                finish(story, "j1.0.1.1", ending(Attempt.Status.LOST)));
        assertThat(task(story)).satisfies(task -> {
            assertThat(task.status()).isEqualTo(Task.Status.WAITING);
            assertThat(task.failures()).isZero();
            assertThat(task.note()).contains("rank 2 on n3");
        });
        story.and(gang("j1.0.2", "n1", "n2", "n4"));
    }

    @Test
    void thatOthersFailBesideALostNodeIsNoFault() {
        Story story = running(three().maxAttempts(1));
        story.and(finish(story, "j1.0.1", exited(1)), finish(story, "j1.0.1.1", exited(1)));
        story.and(fence("n3"));
        assertThat(task(story)).satisfies(task -> {
            assertThat(task.status()).isEqualTo(Task.Status.WAITING);
            assertThat(task.failures()).isZero();
            assertThat(task.note()).contains("rank 2 on n3");
        });
    }

    @Test
    void whatOneMemberMadeBeforeTheOthersFailedDoesNotCount() {
        Story story = running(three().output("model.pt").config(HEX));
        Attempt.Stored model = new Attempt.Stored("model.pt", sha("a"), 5);
        story.succeeds("j1.0.1", model).and(finish(story, "j1.0.1.1", exited(1)), finish(story, "j1.0.1.2", exited(1)));
        assertThat(task(story).status()).isEqualTo(Task.Status.WAITING);
        assertThat(story.state().work().succeeded(new JobId(1))).isEmpty();
        assertThat(JobOrders.outputs(story.state(), new JobId(1))).isEmpty();
    }

    @Test
    void aStoppedJobIsCancelledWhenTheLastMemberHasEnded() {
        Story story = running(three()).and(new Command.StopJob(new JobId(1)));
        story.and(finish(story, "j1.0.1", ending(Attempt.Status.STOPPED)), finish(story, "j1.0.1.2", success()));
        assertThat(task(story).status()).isEqualTo(Task.Status.RUNNING);
        story.and(finish(story, "j1.0.1.1", ending(Attempt.Status.STOPPED)));
        assertThat(task(story).status()).isEqualTo(Task.Status.CANCELLED);
    }

    @Test
    void aMemberWhoseMachineGoesTakesAllWithIt() {
        Story story = running(three()).by(Story.ANN, "");
        story.and(Rents.adopt(Rents.rent("0.1"), Rents.seen("77", Observed.RUNNING), n("n2")), Rents.end(1));
        story.and(new Command.EvictAttempt(a("j1.0.1.1"), story.token("j1.0.1.1")));
        assertThat(attempt(story, "j1.0.1").evicting()).isPresent();
        assertThat(attempt(story, "j1.0.1.1").evicting()).isPresent();
        // Its peers fail because it ends: that is not what ended the try.
        story.and(
                finish(story, "j1.0.1.2", exited(1)),
                finish(story, "j1.0.1", exited(1)),
                finish(story, "j1.0.1.1", ending(Attempt.Status.LOST)));
        assertThat(task(story).failures()).isZero();
        assertThat(task(story).note()).isEqualTo("rank 1 on n2: n2 is leaving");
    }

    // ---- files

    @Test
    void onlyRankZeroSavesAndAllGoOnWithIt() {
        JobSpec saving = three().build().saving(new Sync(List.of("*.pt"), Sync.EVERY_DEFAULT));
        Story story = given(join("n1"), join("n2"), join("n3"), join("n4"), new Command.SubmitJob(saving))
                .and(gang("j1.0.1", "n1", "n2", "n3"));
        Attempt.Stored step = new Attempt.Stored("step.pt", sha("b"), 5);
        story.when(new Command.SaveProgress(a("j1.0.1.1"), story.token("j1.0.1.1"), 1, List.of(step), List.of()))
                .refused(Code.INVALID);
        story.and(new Command.SaveProgress(a("j1.0.1"), story.token("j1.0.1"), 1, List.of(step), List.of()))
                .and(
                        finish(story, "j1.0.1.2", exited(1)),
                        finish(story, "j1.0.1.1", exited(1)),
                        finish(story, "j1.0.1", exited(1)))
                .after(Duration.ofMinutes(1))
                .and(gang("j1.0.2", "n4", "n1", "n2"));
        for (String member : Set.of("j1.0.2", "j1.0.2.1", "j1.0.2.2"))
            assertThat(attempt(story, member).saved().files().values()).containsExactly(step);
    }

    // ---- what must never be

    @Test
    void halfAGangIsNoticed() {
        Story story = running(three());
        Event failed = new Event.AttemptEnded(a("j1.0.1.1"), exited(3));
        assertThat(Invariants.check(after(story, failed)))
                .singleElement(InstanceOfAssertFactories.STRING)
                .startsWith("j1.0.1.1 is FAILED while");
        Event fewer = new Event.GangPlaced(a("j1.0.1"), List.of(n("n1"), n("n2")), "n1.example", 29_500);
        assertThat(Invariants.check(after(waiting(three()), fewer)))
                .singleElement(InstanceOfAssertFactories.STRING)
                .startsWith("j1.0 runs on 3 nodes, and has [");
        Event again = new Event.GangPlaced(a("j1.0.2"), List.of(n("n1"), n("n2"), n("n3")), "n1.example", 29_500);
        assertThat(Invariants.check(after(story, again))).contains("j1.0 is PLACED with 6 active attempts");
    }

    private static ClusterState after(Story story, Event event) {
        Transition wrong = new Transition(story.now(), Optional.empty(), Story.LEADER, "", "", "", List.of(event));
        return story.state().advance(wrong);
    }

    // ---- asked for

    @Test
    void aSpecThatCannotBeIsToldSo() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Spec.job().nodes(65).build())
                .withMessageContaining("expected 1 to 64 nodes, but found \"65\"");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Spec.job().nodes(-1).build())
                .withMessageContaining("1 to 64 nodes");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Spec.job().on("n1").nodes(2).build())
                .withMessageContaining("expected no node to run on where a task has 2, but found \"n1\"");
    }

    @Test
    void idsOfMembersAreReadAsTheyAreWritten() {
        for (String id : List.of("j1.0.1", "j17.3.2.5")) assertThat(a(id)).hasToString(id);
        assertThat(a("j1.0.1.2").member(0)).isEqualTo(a("j1.0.1"));
        assertThatIllegalArgumentException().isThrownBy(() -> a("j1.0.1.2.3"));
        assertThatIllegalArgumentException().isThrownBy(() -> a("j1.0"));
    }
}
