package dev.muster.core.agent;

import static dev.muster.core.Orders.HEX;
import static dev.muster.core.Orders.SQUARE;
import static dev.muster.core.Orders.a;
import static dev.muster.core.Orders.fence;
import static dev.muster.core.Orders.join;
import static dev.muster.core.Orders.loop;
import static dev.muster.core.Orders.n;
import static dev.muster.core.Orders.place;
import static dev.muster.core.Orders.submit;
import static dev.muster.core.Story.START;
import static dev.muster.core.Story.ending;
import static dev.muster.core.Story.given;
import static dev.muster.core.Story.sha;
import static dev.muster.core.Story.success;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.Launches;
import dev.muster.core.Orders;
import dev.muster.core.Rents;
import dev.muster.core.Spec;
import dev.muster.core.Story;
import dev.muster.core.Turn;
import dev.muster.core.agent.LocalAttempt.Phase;
import dev.muster.core.state.Attempt;
import dev.muster.core.state.AttemptId;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Command;
import dev.muster.core.state.ConfigKey;
import dev.muster.core.state.Event;
import dev.muster.core.state.JobId;
import dev.muster.core.state.JobSpec;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Observed;
import dev.muster.core.state.RunSpec;
import dev.muster.core.state.Sha256;
import dev.muster.core.state.Table;
import dev.muster.core.state.Transfer;
import dev.muster.core.state.Transition;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class AgentPlannerTest {
    private static final int ATTEMPTS_MAX = 2;
    private static final JobSpec WORK = Spec.job().build();

    // ---- what the node knows

    private static LocalView view(LocalAttempt... records) {
        return view("n1", records);
    }

    private static LocalView view(String self, LocalAttempt... records) {
        Table<AttemptId, LocalAttempt> attempts = Table.empty();
        for (LocalAttempt record : records) attempts = attempts.with(record.id(), record);
        return new LocalView(n(self), attempts, Set.of(), Set.of(), Table.empty());
    }

    private static LocalView holding(String self, Sha256... files) {
        return new LocalView(n(self), Table.empty(), Set.of(files), Set.of(), Table.empty());
    }

    private static LocalView pointing(LocalView view, ConfigKey config, Sha256 file) {
        return new LocalView(
                view.self(),
                view.attempts(),
                view.held(),
                view.fetching(),
                view.pointers().with(config, file));
    }

    private static LocalAttempt record(String id, long token, Phase phase) {
        return record(id, token, phase, WORK);
    }

    private static LocalAttempt record(String id, long token, Phase phase, JobSpec spec) {
        boolean started = phase != Phase.PREPARING;
        return new LocalAttempt(
                a(id),
                token,
                spec,
                phase,
                START,
                started ? OptionalLong.of(4711) : OptionalLong.empty(),
                phase == Phase.STOPPING ? Optional.of("asked for") : Optional.empty(),
                phase == Phase.ENDED ? Optional.of(success()) : Optional.empty());
    }

    private static List<AgentAction> decide(Story story, LocalView local) {
        return AgentPlanner.decide(story.state(), local, ATTEMPTS_MAX, START);
    }

    /// One job of one task, placed on n1.
    private static Story placed() {
        return given(join("n1"), join("n2"), submit(Spec.job()), place("j1.0.1", "n1"));
    }

    private static AgentAction finish(String id, long token, Attempt.Status how, String why) {
        return new AgentAction.Report(new Command.FinishAttempt(
                a(id), token, new Attempt.Ending(how, OptionalInt.empty(), List.of(), List.of(), why)));
    }

    private static AgentAction stop(String id, String why) {
        return new AgentAction.Stop(a(id), why);
    }

    // ---- attempts

    @Test
    void whileNothingIsKnownNothingIsDone() {
        LocalView local = view(record("j1.0.1", 1, Phase.RUNNING));
        assertThat(AgentPlanner.decide(ClusterState.EMPTY, local, ATTEMPTS_MAX, START))
                .isEmpty();
    }

    @Test
    void aPlacedAttemptBegins() {
        Story story = placed();
        assertThat(decide(story, view()))
                .containsExactly(new AgentAction.Begin(a("j1.0.1"), story.token("j1.0.1"), WORK));
        assertThat(decide(story, view("n2"))).isEmpty();
    }

    @Test
    void noMoreAttemptsBeginThanTheNodeAllows() {
        Story story = given(join("n1"), submit(Spec.job().tasks(4)));
        for (int i = 0; i < 4; i++) story.and(place("j1." + i + ".1", "n1"));
        LocalAttempt running = record("j1.0.1", story.token("j1.0.1"), Phase.RUNNING);
        LocalAttempt ended = record("j1.1.1", story.token("j1.1.1"), Phase.ENDED);
        assertThat(decide(story, view(running, ended)))
                .filteredOn(action -> action instanceof AgentAction.Begin)
                .containsExactly(new AgentAction.Begin(
                        a("j1.2.1"), story.token("j1.2.1"), story.state().work().specOf(a("j1.2.1"))));
    }

    @Test
    void aPreparedAttemptIsLeftToItself() {
        Story story = placed();
        assertThat(decide(story, view(record("j1.0.1", story.token("j1.0.1"), Phase.PREPARING))))
                .isEmpty();
    }

    @Test
    void aStartIsReportedUntilTheStateShowsIt() {
        Story story = placed();
        long token = story.token("j1.0.1");
        AgentAction started = new AgentAction.Report(new Command.ReportStarted(a("j1.0.1"), token, 4711));
        assertThat(decide(story, view(record("j1.0.1", token, Phase.RUNNING)))).containsExactly(started);
        assertThat(decide(story, view(record("j1.0.1", token, Phase.STOPPING)))).containsExactly(started);
        assertThat(decide(story.starts("j1.0.1"), view(record("j1.0.1", token, Phase.RUNNING))))
                .isEmpty();
    }

    @Test
    void anEndIsReportedUntilTheStateShowsItAndThenDiscarded() {
        Story story = placed();
        long token = story.token("j1.0.1");
        LocalView local = view(record("j1.0.1", token, Phase.ENDED));
        assertThat(decide(story, local))
                .containsExactly(new AgentAction.Report(new Command.FinishAttempt(a("j1.0.1"), token, success())));
        assertThat(decide(story.succeeds("j1.0.1"), local)).containsExactly(new AgentAction.Discard(a("j1.0.1")));
    }

    @Test
    void aRunningAttemptWithoutARecordIsLost() {
        Story story = placed().starts("j1.0.1");
        assertThat(decide(story, view()))
                .containsExactly(finish(
                        "j1.0.1",
                        story.token("j1.0.1"),
                        Attempt.Status.LOST,
                        "this node has no record of the attempt"));
    }

    @Test
    void aStoppedJobsAttemptsAreStopped() {
        Story story = placed();
        long token = story.token("j1.0.1");
        story.and(new Command.StopJob(new JobId(1)));
        assertThat(decide(story, view(record("j1.0.1", token, Phase.PREPARING))))
                .containsExactly(stop("j1.0.1", "job stopped: because"));
        assertThat(decide(story, view(record("j1.0.1", token, Phase.RUNNING))))
                .contains(stop("j1.0.1", "job stopped: because"));
        assertThat(decide(story, view(record("j1.0.1", token, Phase.STOPPING))))
                .noneMatch(action -> action instanceof AgentAction.Stop);
        assertThat(decide(story, view()))
                .containsExactly(finish("j1.0.1", token, Attempt.Status.STOPPED, "stopped before it began: because"));
    }

    @Test
    void anAttemptThatRunsTooLongIsStopped() {
        Story story =
                given(join("n1"), submit(Spec.job()), place("j1.0.1", "n1")).starts("j1.0.1");
        JobSpec spec = Spec.job().timeout(Duration.ofHours(2)).build();
        LocalView local = view(record("j1.0.1", story.token("j1.0.1"), Phase.RUNNING, spec));
        Instant due = START.plus(Duration.ofHours(2));
        assertThat(AgentPlanner.decide(story.state(), local, ATTEMPTS_MAX, due)).isEmpty();
        assertThat(AgentPlanner.decide(story.state(), local, ATTEMPTS_MAX, due.plusMillis(1)))
                .containsExactly(stop("j1.0.1", "ran longer than its timeout of 2h"));
    }

    @Test
    void aReplacedAttemptIsStoppedAndThenDiscarded() {
        Story story = placed();
        long token = story.token("j1.0.1");
        story.and(fence("n1"));
        assertThat(decide(story, view(record("j1.0.1", token, Phase.RUNNING))))
                .containsExactly(stop("j1.0.1", "replaced: n1 was fenced: because"));
        assertThat(decide(story, view(record("j1.0.1", token, Phase.STOPPING)))).isEmpty();
        assertThat(decide(story, view(record("j1.0.1", token, Phase.ENDED))))
                .containsExactly(new AgentAction.Discard(a("j1.0.1")));
    }

    @Test
    void anAttemptTheClusterHasAsEndedOrForgottenIsStopped() {
        Story story = placed();
        LocalView local = view(record("j1.0.1", story.token("j1.0.1"), Phase.RUNNING));
        assertThat(decide(story.ends("j1.0.1", Attempt.Status.FAILED), local))
                .containsExactly(stop("j1.0.1", "the cluster has it as FAILED"));
        assertThat(decide(story, view(record("j9.0.1", 1, Phase.RUNNING))))
                .containsExactly(stop("j9.0.1", "its job was forgotten"));
    }

    @Test
    void aStateOlderThanTheAttemptDecidesNothing() {
        Story story = given(join("n1"));
        long token = story.state().revision() + 1;
        for (Phase phase : Phase.values()) {
            assertThat(decide(story, view(record("j1.0.1", token, phase)))).isEmpty();
        }
        assertThat(decide(story.and(join("n2")), view(record("j1.0.1", token, Phase.ENDED))))
                .containsExactly(new AgentAction.Discard(a("j1.0.1")));
    }

    @Test
    void anAttemptOfAnotherTokenIsNotTheLeasedOne() {
        Story story = placed();
        assertThat(decide(story, view(record("j1.0.1", 1, Phase.RUNNING))))
                .containsExactly(stop("j1.0.1", "replaced: the cluster knows j1.0.1 as another attempt"));
    }

    @Test
    void theNextAttemptBeginsBesideTheReplacedOne() {
        Story story = placed();
        long token = story.token("j1.0.1");
        story.ends("j1.0.1", Attempt.Status.LOST).and(place("j1.0.2", "n1"));
        assertThat(decide(story, view(record("j1.0.1", token, Phase.RUNNING))))
                .containsExactly(
                        stop(
                                "j1.0.1",
                                "replaced: " + ending(Attempt.Status.LOST).note()),
                        new AgentAction.Begin(a("j1.0.2"), story.token("j1.0.2"), WORK));
    }

    /// No handler leads there: the node's own second look.
    @Test
    void aFencedNodeBeginsNothing() {
        Story story = placed();
        Transition fenced = new Transition(
                START, Optional.empty(), Story.LEADER, "", "TEST", "", List.of(new Event.NodeFenced(n("n1"))));
        assertThat(AgentPlanner.decide(story.state().advance(fenced), view(), ATTEMPTS_MAX, START))
                .isEmpty();
    }

    // ---- files

    /// Model A is on n1 and current; n2 to n5 are there.
    private static Story promoted() {
        return given(join("n1"), join("n2"), join("n3"), join("n4"), join("n5"))
                .and(submit(Spec.job().config(HEX)), place("j1.0.1", "n1"))
                .succeeds("j1.0.1", new Attempt.Stored("model.bin", sha("a"), 5))
                .and(new Command.PromoteModel(HEX, sha("a"), Optional.empty(), 0));
    }

    private static Command holds(String node, String digit) {
        return new Command.ConfirmReplica(sha(digit), n(node));
    }

    private static AgentAction fetch(String digit, String... holders) {
        List<NodeId> from = Arrays.stream(holders).map(Orders::n).toList();
        return new AgentAction.Fetch(sha(digit), 5, from);
    }

    @Test
    void theCurrentModelIsFetchedOnceConfirmedAndPointedAt() {
        Story story = promoted();
        assertThat(decide(story, view("n2"))).containsExactly(fetch("a", "n1"));
        LocalView fetching = new LocalView(n("n2"), Table.empty(), Set.of(), Set.of(sha("a")), Table.empty());
        assertThat(decide(story, fetching)).isEmpty();
        AgentAction confirm = new AgentAction.Report(holds("n2", "a"));
        AgentAction point = new AgentAction.Point(HEX, sha("a"));
        assertThat(decide(story, holding("n2", sha("a")))).containsExactly(point, confirm);
        assertThat(decide(story.and(holds("n2", "a")), holding("n2", sha("a")))).containsExactly(point);
        assertThat(decide(story, pointing(holding("n2", sha("a")), HEX, sha("a"))))
                .isEmpty();
        assertThat(decide(story, pointing(holding("n2", sha("a")), HEX, sha("b"))))
                .containsExactly(point);
        assertThat(decide(story, pointing(holding("n2", sha("a")), SQUARE, sha("b"))))
                .containsExactly(point);
    }

    @Test
    void theReceiptTellsHowTheFileCameOnceTheFetchingHasEnded() {
        Story story = promoted();
        Transfer how = new Transfer(5, 120, "swarm", 1);
        LocalView arriving = new LocalView(n("n2"), Table.empty(), Set.of(sha("a")), Set.of(sha("a")), Table.empty());
        assertThat(decide(story, arriving)).containsExactly(new AgentAction.Point(HEX, sha("a")));
        LocalView here = new LocalView(
                n("n2"),
                Table.empty(),
                Set.of(sha("a")),
                Set.of(),
                Table.<ConfigKey, Sha256>empty().with(HEX, sha("a")),
                Table.<Sha256, Transfer>empty().with(sha("a"), how));
        assertThat(decide(story, here))
                .containsExactly(
                        new AgentAction.Report(new Command.ConfirmReplica(sha("a"), n("n2"), Optional.of(how))));
    }

    @Test
    void holdersAreRotatedAndLeaveOutSelfAndTheFenced() {
        Story story = promoted().and(holds("n2", "a"), holds("n3", "a"), holds("n4", "a"), fence("n4"));
        assertThat(decide(story, view("n5"))).containsExactly(fetch("a", "n2", "n3", "n1"));
        assertThat(decide(story.and(join("n6")), view("n6"))).containsExactly(fetch("a", "n3", "n1", "n2"));
        assertThat(decide(story, view("n3")))
                .as("n3 lost its own copy")
                .contains(fetch("a", "n2", "n1"), new AgentAction.Report(new Command.DropReplica(sha("a"), n("n3"))));
    }

    @Test
    void aFencedNodeFetchesAndConfirmsAndARetiredOneOnlyConfirms() {
        Story story = promoted().and(fence("n2"), new Command.RetireNode(n("n3")));
        assertThat(decide(story, view("n2"))).containsExactly(fetch("a", "n1"));
        assertThat(decide(story, view("n3"))).isEmpty();
        assertThat(decide(story, holding("n3", sha("a")))).contains(new AgentAction.Report(holds("n3", "a")));
    }

    @Test
    void aNodeThatHasNotJoinedReportsNoFiles() {
        assertThat(decide(promoted(), holding("n9", sha("a")))).isEmpty();
    }

    @Test
    void aFileTheClusterDoesNotKnowIsNotReported() {
        assertThat(decide(given(join("n1")), holding("n1", sha("f")))).isEmpty();
    }

    @Test
    void anInputOfItsOwnAttemptThatIsGoneIsReported() {
        Story story = given(join("n1"), submit(Spec.job()), place("j1.0.1", "n1"))
                .succeeds("j1.0.1", new Attempt.Stored("out", sha("a"), 5));
        assertThat(decide(story, view())).as("nobody waits for it").isEmpty();
        story.and(submit(Spec.job().input(sha("a"), "in")), place("j2.0.1", "n1"));
        assertThat(decide(story, view())).contains(new AgentAction.Report(new Command.DropReplica(sha("a"), n("n1"))));
    }

    @Test
    void aRunningLoopsFilesThatAreGoneAreReported() {
        Story story = given(join("n1"), new Command.StartLoop(loop(HEX)));
        Turn.of(story, 1).played(sha("1")).trained(sha("a"));
        assertThat(decide(story, view()))
                .containsExactly(
                        new AgentAction.Report(new Command.DropReplica(sha("1"), n("n1"))),
                        new AgentAction.Report(new Command.DropReplica(sha("a"), n("n1"))));
        assertThat(decide(story, holding("n1", sha("1"), sha("a")))).isEmpty();
        assertThat(decide(story.and(new Command.StopLoop(HEX)), view()))
                .as("nobody waits for them")
                .isEmpty();
    }

    @Test
    void receiptsAreReportedInPortions() {
        Story story = given(join("n1"), join("n2"), submit(Spec.job()), place("j1.0.1", "n1"))
                .unchecked();
        Sha256[] files = new Sha256[250];
        Attempt.Stored[] stored = new Attempt.Stored[250];
        for (int i = 0; i < files.length; i++) {
            files[i] = new Sha256(String.format("%064x", i));
            stored[i] = new Attempt.Stored("out" + i, files[i], 5);
        }
        story.succeeds("j1.0.1", stored);
        assertThat(decide(story, holding("n2", files))).hasSize(200);
    }

    // ---- machines of runs

    @Test
    void aMachineThatIsLetGoKeepsNoSecretOfItsRun() {
        RunSpec.Stage train = new RunSpec.Stage(
                "train",
                Launches.job("train").with(List.of("train"), Map.of("KEY", "{secret:WANDB}"), List.of()),
                Optional.empty(),
                false);
        Story story = given(
                Launches.launch("r1", Launches.renting("r1", train)),
                Launches.startRented("r1", "train"),
                Rents.order(Rents.rent("0.1"), "r1"),
                Rents.sight(1, "77", Observed.RUNNING),
                join("vast-77"),
                place("j1.0.1", "vast-77"));
        AgentAction forget = new AgentAction.ForgetSecrets(new TreeSet<>(Set.of("WANDB")));
        assertThat(decide(story, view("vast-77"))).doesNotContain(forget);
        story.and(Launches.stop("r1")).ends("j1.0.1", Attempt.Status.STOPPED);
        story.and(Launches.finish("r1", "train"), Launches.end("r1"), Rents.stop(1));
        assertThat(decide(story, view("vast-77"))).as("it may be taken back").doesNotContain(forget);
        story.and(Rents.release(1));
        LocalAttempt telling = record("j1.0.1", 1, Phase.ENDED);
        assertThat(decide(story, view("vast-77", telling)))
                .as("what is told of it is redacted")
                .doesNotContain(forget);
        assertThat(decide(story, view("vast-77"))).containsExactly(forget);
        assertThat(decide(story, view("n1"))).as("another's").isEmpty();
    }
}
