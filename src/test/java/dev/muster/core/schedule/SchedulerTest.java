package dev.muster.core.schedule;

import static dev.muster.core.Orders.HEX;
import static dev.muster.core.Orders.SQUARE;
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
import dev.muster.core.state.Actor;
import dev.muster.core.state.Attempt;
import dev.muster.core.state.Bytes;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Command;
import dev.muster.core.state.Hardware;
import dev.muster.core.state.JobKind;
import dev.muster.core.state.Role;
import dev.muster.core.state.TaskId;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SchedulerTest {
    /// Every node is just heard.
    private static final Soft HEARD = Soft.leadingSince(START);
    private static final Policy POLICY = Policy.DEFAULT;

    private static Plan plan(Story story) {
        return Scheduler.decide(story.state(), HEARD, POLICY, START);
    }

    private static Plan placing(Action... actions) {
        return new Plan(List.of(actions), List.of());
    }

    private static Plan waiting(Wait... waits) {
        return new Plan(List.of(), List.of(waits));
    }

    private static Action to(String attempt, String node, String why) {
        return new Action.Propose(place(attempt, node), why);
    }

    private static Wait never(String task, String why) {
        return new Wait(task, Wait.Reason.NEVER_FITS, why);
    }

    private static Wait noRoom(String task, String why) {
        return new Wait(task, Wait.Reason.NO_ROOM, why);
    }

    private static List<String> order(Plan plan) {
        return plan.actions().stream()
                .map(action -> ((Command.PlaceTask) ((Action.Propose) action).command())
                        .attempt()
                        .toString())
                .toList();
    }

    // ---- where

    @Test
    void nothingWaitsNothingIsPlanned() {
        assertThat(plan(given(join("n1")))).isEqualTo(Plan.NOTHING);
    }

    @Test
    void tasksWithGpusPackTheFullestNode() {
        assertThat(plan(given(
                        joinGpus("n1", 8),
                        joinGpus("n2", 4),
                        submit(Spec.job().gpus(2).tasks(3)))))
                .isEqualTo(placing(
                        to("j1.0.1", "n2", "best fit, leaves 2 gpus"),
                        to("j1.1.1", "n2", "best fit, leaves 0 gpus"),
                        to("j1.2.1", "n1", "best fit, leaves 6 gpus")));
    }

    @Test
    void amongEqualGpusTheLeastCpuIsLeft() {
        Story story = given(
                joinGpus("n1", 1), joinGpus("n2", 1), submit(Spec.job().cpus(2).on("n2")), place("j1.0.1", "n2"));
        assertThat(plan(story.and(submit(Spec.job().gpus(1)))))
                .isEqualTo(placing(to("j2.0.1", "n2", "best fit, leaves 0 gpus")));
    }

    @Test
    void tasksWithoutGpusSpreadOverEqualNodes() {
        assertThat(plan(given(join("n1"), join("n2"), submit(Spec.job().tasks(3)))))
                .isEqualTo(placing(
                        to("j1.0.1", "n1", "most room, leaves 3 cpus"),
                        to("j1.1.1", "n2", "most room, leaves 3 cpus"),
                        to("j1.2.1", "n1", "most room, leaves 2 cpus")));
    }

    @Test
    void tasksThatNeedNothingSpreadByNumber() {
        assertThat(order(plan(
                        given(join("n1"), join("n2"), submit(Spec.job().cpus(0).tasks(4))))))
                .hasSize(4);
        assertThat(plan(given(join("n1"), join("n2"), submit(Spec.job().cpus(0).tasks(2)))))
                .isEqualTo(placing(
                        to("j1.0.1", "n1", "most room, leaves 4 cpus"),
                        to("j1.1.1", "n2", "most room, leaves 4 cpus")));
    }

    @Test
    void tasksWithoutGpusKeepOffFreeGpus() {
        assertThat(plan(given(joinGpus("g1", 1), join("n1"), submit(Spec.job()))))
                .isEqualTo(placing(to("j1.0.1", "n1", "most room, leaves 3 cpus")));
    }

    @Test
    void aPlanCountsWhatItPlacedItself() {
        Plan plan = plan(given(join("n1"), submit(Spec.job().cpus(3).tasks(2))));
        assertThat(plan)
                .isEqualTo(new Plan(
                        List.of(to("j1.0.1", "n1", "most room, leaves 1 cpus")),
                        List.of(noRoom("j1.1", "1 node fits: n1 has 1 cpus free, needs 3"))));
    }

    @Test
    void theNextAttemptHasTheNextNumber() {
        Story story =
                given(join("n1"), submit(Spec.job()), place("j1.0.1", "n1")).ends("j1.0.1", Attempt.Status.LOST);
        assertThat(order(plan(story))).containsExactly("j1.0.2");
    }

    @Test
    void aSuspectNodeTakesNothing() {
        Story story = given(join("n1"), submit(Spec.job()));
        Plan plan = Scheduler.decide(story.state(), HEARD, POLICY, START.plusSeconds(12));
        assertThat(plan).isEqualTo(waiting(noRoom("j1.0", "1 node fits: n1 is suspect, silent for 12s")));
    }

    @Test
    void aNodeWhoseDiskIsFullTakesNothing() {
        Story story = given(join("n1"), join("n2"), submit(Spec.job()));
        Soft soft = HEARD.withHeard(n("n1"), disk(Bytes.mib(200))).withHeard(n("n2"), disk(Bytes.gib(1)));
        assertThat(Scheduler.decide(story.state(), soft, POLICY, START))
                .isEqualTo(placing(to("j1.0.1", "n2", "most room, leaves 3 cpus")));
        Plan none = Scheduler.decide(given(join("n1"), submit(Spec.job())).state(), soft, POLICY, START);
        assertThat(none).isEqualTo(waiting(noRoom("j1.0", "1 node fits: n1 has 200MiB of disk free, keeps 1GiB")));
    }

    private static Soft.Heard disk(Bytes free) {
        Soft.Telemetry telemetry =
                new Soft.Telemetry(Double.NaN, Double.NaN, Double.NaN, free.count(), Double.NaN, Double.NaN, 0);
        return new Soft.Heard(START, 1, Set.of(), telemetry);
    }

    // ---- in which order

    @Test
    void higherPriorityComesFirst() {
        Story story = given(
                join("n1"), submit(Spec.job().priority(10)), submit(Spec.job().priority(90)));
        assertThat(order(plan(story))).containsExactly("j2.0.1", "j1.0.1");
    }

    @Test
    void configKeysTakeTurns() {
        Story story = given(join("n1"), join("n2"))
                .and(
                        submit(Spec.job().config(HEX).tasks(3)),
                        submit(Spec.job().config(SQUARE).tasks(3)));
        assertThat(order(plan(story))).containsExactly("j1.0.1", "j2.0.1", "j1.1.1", "j2.1.1", "j1.2.1", "j2.2.1");
    }

    @Test
    void theConfigKeyWithTheFewestActiveAttemptsComesFirst() {
        Story story = given(join("n1"), join("n2"))
                .and(
                        submit(Spec.job().config(HEX).tasks(4)),
                        submit(Spec.job().config(SQUARE).tasks(2)))
                .and(place("j1.0.1", "n1"), place("j1.1.1", "n1"));
        assertThat(order(plan(story))).containsExactly("j2.0.1", "j2.1.1", "j1.2.1", "j1.3.1");
    }

    @Test
    void tasksWithoutAConfigKeyAreAShareOfTheirOwn() {
        Story story = given(join("n1"), join("n2"))
                .and(submit(Spec.job().config(HEX).tasks(2)), submit(Spec.job().tasks(2)));
        assertThat(order(plan(story))).containsExactly("j1.0.1", "j2.0.1", "j1.1.1", "j2.1.1");
        story.and(place("j2.0.1", "n1"));
        assertThat(order(plan(story))).containsExactly("j1.0.1", "j1.1.1", "j2.1.1");
    }

    @Test
    void theShareWithoutAConfigKeyCountsItsOwnAttemptsOnly() {
        Story story = given(join("n1"), join("n2"))
                .and(submit(Spec.job().config(HEX).tasks(2)), submit(Spec.job()))
                .and(place("j1.0.1", "n1"));
        assertThat(order(plan(story))).containsExactly("j2.0.1", "j1.1.1");
    }

    @Test
    void aSmallTaskPassesALargeOne() {
        Story story = given(joinGpus("n1", 4))
                .and(submit(Spec.job().gpus(2)), place("j1.0.1", "n1"))
                .and(submit(Spec.job().gpus(4)), submit(Spec.job().gpus(1)));
        assertThat(plan(story))
                .isEqualTo(new Plan(
                        List.of(to("j3.0.1", "n1", "best fit, leaves 1 gpus")),
                        List.of(noRoom("j2.0", "1 node fits: n1 has 2 gpus free, needs 4"))));
    }

    @Test
    void onePlanIsLimitedAndTheNextGoesOn() {
        Policy small = new Policy(
                POLICY.heartbeat(),
                POLICY.suspectAfter(),
                POLICY.fenceAfter(),
                0.25,
                POLICY.fenceWindow(),
                2,
                0,
                POLICY.distributionPatience(),
                POLICY.forgetAfter());
        Story story = given(join("n1"), submit(Spec.job().tasks(3)));
        Plan plan = Scheduler.decide(story.state(), HEARD, small, START);
        assertThat(order(plan)).containsExactly("j1.0.1", "j1.1.1");
        assertThat(plan.waits())
                .containsExactly(
                        noRoom("j1.2", "there is room, but one plan places at most 2 tasks; the next goes on"));
    }

    // ---- why not

    @Test
    void aFailedTaskWaitsForItsTime() {
        Story story =
                given(join("n1"), submit(Spec.job()), place("j1.0.1", "n1")).ends("j1.0.1", Attempt.Status.FAILED);
        assertThat(plan(story))
                .isEqualTo(waiting(new Wait(
                        "j1.0", Wait.Reason.BACKOFF, "failed once (exit 1); not before 2026-01-01T00:00:02Z")));
        assertThat(order(Scheduler.decide(story.state(), HEARD, POLICY, START.plusSeconds(2))))
                .containsExactly("j1.0.2");
    }

    @Test
    void aTaskThatFitsNowhereSaysWhatIsMissing() {
        Command.JoinNode player = join("n1", Role.SELFPLAY, Hardware.cpus(4, Bytes.gib(8)), 4);
        assertThat(plan(given(submit(Spec.job())))).isEqualTo(waiting(noRoom("j1.0", "there is no node yet")));
        assertNever("no node has role TRAINING or MIXED", Spec.job().kind(JobKind.TRAINING), player);
        assertNever(
                "needs 8 gpus; the most on one node is 2 (n4)",
                Spec.job().gpus(8),
                join("n1"),
                joinGpus("n4", 2),
                joinGpus("n5", 2));
        assertNever(
                "needs 40GiB per gpu; the most on one node is 24GiB (n4)",
                Spec.job().gpus(1).gpuMemory(Bytes.gib(40)),
                join("n1"),
                joinGpus("n4", 2));
        assertNever("needs 8 cpus; the most on one node is 4 (n1)", Spec.job().cpus(8), join("n1"));
        assertNever(
                "needs 8 cpus; the most on one node is 4 (n1)",
                Spec.job().cpus(8).gpuMemory(Bytes.gib(40)),
                join("n1"));
        assertNever(
                "needs 9GiB memory; the most on one node is 8GiB (n1)",
                Spec.job().memory(Bytes.gib(9)),
                join("n1"));
        assertNever("is to run on n9, which is not in the cluster", Spec.job().on("n9"), join("n1"));
        assertNever(
                "is to run on n1, but n1 has 4 cpus, needs 5",
                Spec.job().on("n1").cpus(5),
                join("n1"));
        assertNever(
                "every node that would fit has max_parallel_jobs 0",
                Spec.job(),
                join("n1", Role.MIXED, Hardware.cpus(4, Bytes.gib(8)), 0));
    }

    private static void assertNever(String why, Spec spec, Command... nodes) {
        assertThat(plan(given(nodes).and(submit(spec)))).isEqualTo(waiting(never("j1.0", why)));
    }

    @Test
    void aTaskWithoutRoomNamesWhatBlocks() {
        Story story = given(
                        join("n1", Role.MIXED, Hardware.cpus(4, Bytes.gib(8)), 1), join("n2"), join("n3"), join("n4"))
                .and(joinGpus("s1", 0))
                .by(Actor.person("ann"), "she may take out of service what no program may at once")
                .and(new Command.RetireNode(n("s1")))
                .and(submit(Spec.job().tasks(2)), place("j1.0.1", "n1"))
                .and(new Command.DrainNode(n("n3")), fence("n4"));
        Soft soft = HEARD.withHeard(n("n1"), new Soft.Heard(START.plusSeconds(9), 1, Set.of(), Soft.Telemetry.UNKNOWN));
        assertThat(Scheduler.decide(story.state(), soft, POLICY, START.plusSeconds(12)))
                .isEqualTo(waiting(noRoom(
                        "j1.1",
                        "5 nodes fit: n1 runs 1 of at most 1 jobs; n2 is suspect, silent for 12s; n3 is DRAINING;"
                                + " n4 is fenced; s1 is RETIRED")));
    }

    @Test
    void manyNodesAndManyTasksAreCountedNotListed() {
        Story story = given().unchecked();
        for (int i = 1; i <= 7; i++) story.and(join("n" + i), fence("n" + i));
        Plan plan = plan(story.and(submit(Spec.job().tasks(1_500))));
        assertThat(plan.waits()).hasSize(1_001);
        assertThat(plan.waits().getFirst().message())
                .isEqualTo(
                        "7 nodes fit: n1 is fenced; n2 is fenced; n3 is fenced; n4 is fenced; n5 is fenced; and 2 more");
        assertThat(plan.waits().getLast()).isEqualTo(noRoom("tasks", "and 500 more tasks wait"));
    }

    @Test
    void explainSaysItForEachNode() {
        Story story = given(
                        join("n1"),
                        join("n2"),
                        joinGpus("n3", 2),
                        submit(Spec.job().cpus(4).tasks(2)))
                .and(place("j1.0.1", "n1"), new Command.DrainNode(n("n2")));
        assertThat(explain(story.state(), "j1.1"))
                .containsExactly("n1 has 0 cpus free, needs 4", "n2 is DRAINING", "n3 fits: most room, leaves 12 cpus");
        assertThat(explain(story.state(), "j1.0")).containsExactly("j1.0 is PLACED on n1 as j1.0.1");
        assertThat(explain(story.state(), "j7.0"))
                .containsExactly("no task j7.0; `muster job list` shows the jobs there are");
        story.ends("j1.0.1", Attempt.Status.FAILED);
        assertThat(explain(story.state(), "j1.0"))
                .startsWith(
                        "failed once (exit 1); not before 2026-01-01T00:00:02Z", "n1 fits: most room, leaves 0 cpus");
    }

    private static List<String> explain(ClusterState state, String task) {
        return Scheduler.explain(state, HEARD, POLICY, START, TaskId.parse(task));
    }
}
