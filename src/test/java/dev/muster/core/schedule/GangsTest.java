package dev.muster.core.schedule;

import static dev.muster.core.Orders.a;
import static dev.muster.core.Orders.fence;
import static dev.muster.core.Orders.join;
import static dev.muster.core.Orders.joinGpus;
import static dev.muster.core.Orders.n;
import static dev.muster.core.Orders.place;
import static dev.muster.core.Orders.submit;
import static dev.muster.core.Story.START;
import static dev.muster.core.Story.given;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.Spec;
import dev.muster.core.Story;
import dev.muster.core.plan.Action;
import dev.muster.core.plan.Plan;
import dev.muster.core.plan.Policy;
import dev.muster.core.plan.Soft;
import dev.muster.core.plan.Wait;
import dev.muster.core.state.Attempt;
import dev.muster.core.state.Command;
import dev.muster.core.state.JobSpec;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.TaskId;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// Where tasks go that run on several nodes at once, and why not.
class GangsTest {
    private static final Soft HEARD = Soft.leadingSince(START);

    private static Plan plan(Story story) {
        return Scheduler.decide(story.state(), HEARD, Policy.DEFAULT, START);
    }

    private static Action to(String attempt, String why, String... nodes) {
        List<NodeId> members = List.of(nodes).stream().map(NodeId::new).toList();
        return new Action.Propose(new Command.PlaceGang(a(attempt), members), why);
    }

    private static Wait wait(String task, Wait.Reason reason, String why) {
        return new Wait(task, reason, why);
    }

    @Test
    void membersGoToTheBestDifferentNodes() {
        Story story = given(joinGpus("n1", 8), joinGpus("n2", 2), joinGpus("n3", 4));
        Plan plan = plan(story.and(submit(Spec.job().nodes(2).gpus(2))));
        assertThat(plan)
                .isEqualTo(new Plan(List.of(to("j1.0.1", "2 nodes: best fit, leaves 0 gpus", "n2", "n3")), List.of()));
    }

    @Test
    void tasksOfOnePlanTakeRoomFromOneAnother() {
        Story story = given(joinGpus("n1", 1), joinGpus("n2", 1), joinGpus("n3", 1));
        Plan plan = plan(story.and(submit(Spec.job().nodes(2).gpus(1).tasks(2))));
        assertThat(plan.actions()).containsExactly(to("j1.0.1", "2 nodes: best fit, leaves 0 gpus", "n1", "n2"));
        assertThat(plan.waits())
                .containsExactly(wait(
                        "j1.1",
                        Wait.Reason.NO_ROOM,
                        "needs 2 nodes with 1 gpu at once; 1 has room; 3 nodes fit: n1 has 0 gpus free, needs 1;"
                                + " n2 has 0 gpus free, needs 1"));
    }

    @Test
    void halfAGangTakesNoRoomFromOthers() {
        Story story = given(
                        joinGpus("n1", 1), joinGpus("n2", 1), submit(Spec.job().gpus(1)))
                .and(place("j1.0.1", "n1"))
                .and(submit(Spec.job().nodes(2).gpus(1)), submit(Spec.job().gpus(1)));
        Plan plan = plan(story);
        assertThat(plan.actions())
                .containsExactly(new Action.Propose(place("j3.0.1", "n2"), "best fit, leaves 0 gpus"));
        assertThat(plan.waits())
                .containsExactly(wait(
                        "j2.0",
                        Wait.Reason.NO_ROOM,
                        "needs 2 nodes with 1 gpu at once; 1 has room; 2 nodes fit: n1 has 0 gpus free, needs 1"));
    }

    @Test
    void aGangOfHigherPriorityComesFirst() {
        Story story = given(
                        joinGpus("n1", 1), joinGpus("n2", 1), submit(Spec.job().gpus(1)))
                .and(submit(Spec.job().nodes(2).gpus(1).priority(60)));
        assertThat(plan(story).actions()).containsExactly(to("j2.0.1", "2 nodes: best fit, leaves 0 gpus", "n1", "n2"));
    }

    @Test
    void tooFewNodesNeverFit() {
        Story story =
                given(joinGpus("n1", 1), join("n2"), submit(Spec.job().nodes(2).gpus(1)));
        assertThat(plan(story).waits())
                .containsExactly(wait(
                        "j1.0", Wait.Reason.NEVER_FITS, "needs 2 nodes with 1 gpu at once; 1 has room; 1 node fits"));
    }

    @Test
    void aSilentOrFencedNodeIsNoMember() {
        Story story =
                given(join("n1"), join("n2"), join("n3"), submit(Spec.job().nodes(3)), fence("n2"));
        assertThat(plan(story).waits())
                .containsExactly(wait(
                        "j1.0",
                        Wait.Reason.NO_ROOM,
                        "needs 3 nodes with 1 cpus at once; 2 have room; 3 nodes fit: n2 is fenced"));
    }

    @Test
    void explainTellsHowManyAreMissing() {
        Story story = given(join("n1"), join("n2"), submit(Spec.job().nodes(3)));
        assertThat(Scheduler.explain(story.state(), HEARD, Policy.DEFAULT, START, TaskId.parse("j1.0")))
                .containsExactly(
                        "needs 3 nodes with 1 cpus at once; 2 have room",
                        "n1 fits: most room, leaves 3 cpus",
                        "n2 fits: most room, leaves 3 cpus");
        story.and(join("n3"), new Command.PlaceGang(a("j1.0.1"), List.of(n("n1"), n("n2"), n("n3"))));
        assertThat(Scheduler.explain(story.state(), HEARD, Policy.DEFAULT, START, TaskId.parse("j1.0")))
                .containsExactly(
                        "j1.0 is PLACED on n1 as j1.0.1",
                        "j1.0 is PLACED on n2 as j1.0.1.1",
                        "j1.0 is PLACED on n3 as j1.0.1.2");
    }

    @Test
    void aGangGetsItsRoomOnceEnoughHasEnded() {
        Story story = given(
                        joinGpus("n1", 1), joinGpus("n2", 1), submit(Spec.job().gpus(1)))
                .and(place("j1.0.1", "n1"), submit(Spec.job().nodes(2).gpus(1)));
        assertThat(plan(story).actions()).isEmpty();
        story.ends("j1.0.1", Attempt.Status.SUCCEEDED);
        assertThat(plan(story).actions()).hasSize(1);
    }

    /// Of jobs that differ in nothing but the card, each is looked at by itself.
    @Test
    void needsThatDifferInTheCardAreDifferent() {
        JobSpec any = Spec.job().gpus(1).build();
        JobSpec other = new JobSpec(
                any.name(),
                any.kind(),
                any.config(),
                any.tasks(),
                any.command(),
                any.env(),
                any.resources(),
                any.inputs(),
                any.outputs(),
                any.matches(),
                any.priority(),
                any.maxAttempts(),
                any.grace(),
                any.timeout(),
                any.node(),
                any.sync(),
                any.results(),
                Optional.of("A100"),
                any.run(),
                any.watch(),
                any.nodes());
        Story story = given(joinGpus("n1", 2), new Command.SubmitJob(other), new Command.SubmitJob(any));
        assertThat(plan(story).actions())
                .containsExactly(new Action.Propose(place("j2.0.1", "n1"), "best fit, leaves 1 gpus"));
    }
}
