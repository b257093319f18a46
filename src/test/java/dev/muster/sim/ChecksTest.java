package dev.muster.sim;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.core.Invariants;
import dev.muster.core.plan.Policy;
import dev.muster.core.state.Actor;
import dev.muster.core.state.Attempt;
import dev.muster.core.state.AttemptId;
import dev.muster.core.state.Bytes;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Command;
import dev.muster.core.state.Endpoints;
import dev.muster.core.state.Envelope;
import dev.muster.core.state.Event;
import dev.muster.core.state.Handler;
import dev.muster.core.state.Hardware;
import dev.muster.core.state.JobKind;
import dev.muster.core.state.JobSpec;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Outcome;
import dev.muster.core.state.Role;
import dev.muster.core.state.Sha256;
import dev.muster.core.state.Transition;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/// A check that cannot fail proves nothing: each is shown a history that breaks its promise.
class ChecksTest {
    private static final NodeId N1 = new NodeId("n1");
    private static final NodeId N2 = new NodeId("n2");
    private static final NodeId N3 = new NodeId("n3");
    private static final AttemptId FIRST = AttemptId.parse("j1.0.1");
    private static final AttemptId SECOND = AttemptId.parse("j1.0.2");
    private static final Sha256 FILE = new Sha256("ab".repeat(32));
    private static final JobSpec SPEC = JobSpec.of("work", JobKind.OTHER, List.of("true"));

    private final Checks checks = new Checks(Policy.DEFAULT);
    private ClusterState state = ClusterState.EMPTY;
    private Instant now = Agenda.START;

    private static void violates(String invariant, ThrowingCallable what) {
        assertThatThrownBy(what).isInstanceOfSatisfying(Violation.class, broken -> {
            if (!broken.invariant().equals(invariant)) throw broken;
        });
    }

    /// Really handled, and then shown to the checks.
    private void order(Actor by, Command command) {
        step(new Logged(now, new Logged.Body.Order(Envelope.of(by, "", command))));
    }

    private void step(Logged logged) {
        Handler.Step step = logged.apply(state);
        checks.step(logged, state, step);
        state = step.state();
    }

    /// Never handled: facts that no handler would have made of this order.
    private void pretend(Envelope envelope, Event... events) {
        Transition made = new Transition(
                now, envelope.request(), envelope.actor(), envelope.why(), "PRETENDED", "", List.of(events));
        Handler.Step step = new Handler.Step(state, Outcome.accepted(events), Optional.of(made));
        checks.step(new Logged(now, new Logged.Body.Order(envelope)), state, step);
    }

    private void join(NodeId node) {
        Hardware hardware = Hardware.cpus(8, Bytes.gib(8));
        order(
                Actor.node(node),
                new Command.JoinNode(node, "id-" + node, Role.MIXED, hardware, 8, new Endpoints("host", 1, 2, 3)));
    }

    private void placedOnN1() {
        join(N1);
        join(N2);
        order(Actor.person("ann"), new Command.SubmitJob(SPEC));
        order(Actor.leader(N2), new Command.PlaceTask(FIRST, N1));
    }

    private static Envelope finish(AttemptId attempt) {
        return Envelope.of(Actor.node(N1), "", new Command.FinishAttempt(attempt, 1, success()));
    }

    private static Attempt.Ending success() {
        return new Attempt.Ending(Attempt.Status.SUCCEEDED, OptionalInt.of(0), List.of(), List.of(), "");
    }

    // ---- consensus

    @Test
    void aCommitWithoutAMajorityIsNoticed() {
        violates("no majority, no commit", () -> checks.committed(N1, 1, List.of(N1), List.of(N1, N2)));
    }

    @Test
    void twoLeadersOfOneTermAreNoticed() {
        checks.committed(N1, 7, List.of(N1, N2), List.of(N1, N2, N3));
        violates("one leader per term", () -> checks.committed(N2, 7, List.of(N2, N3), List.of(N1, N2, N3)));
    }

    @Test
    void aLostEntryIsNoticed() {
        violates("no committed order is lost", () -> checks.truncated(N1, 5, 5));
    }

    @Test
    void aForkIsNoticed() {
        Entry one = new Entry(1, new Logged(now, new Logged.Body.Voters(List.of(N1), Actor.leader(N1))));
        Entry other = new Entry(1, new Logged(now, new Logged.Body.Voters(List.of(N2), Actor.leader(N1))));
        violates("no forks", () -> checks.sameEntry(N1, 1, other, List.of(one)));
    }

    @Test
    void aVoterInAnotherStateIsNoticed() {
        join(N1);
        violates("same log, same state", () -> checks.sameState(N1, ClusterState.EMPTY, state));
    }

    // ---- processes

    @Test
    void aProcessThatIsStartedTwiceIsNoticed() {
        checks.processStarted(FIRST, N1);
        checks.processEnded(FIRST);
        violates("a process is started once", () -> checks.processStarted(FIRST, N1));
    }

    @Test
    void aProcessThatIsStoppedWithoutAReasonInTheLogIsNoticed() {
        placedOnN1();
        violates(
                "only the log stops a process", () -> checks.stopped(FIRST, "bored", SPEC, Duration.ofHours(1), state));
        order(Actor.person("ann"), new Command.StopJob(FIRST.task().job()));
        checks.stopped(FIRST, "job stopped", SPEC, Duration.ofHours(1), state);
    }

    @Test
    void aForgottenProcessIsNoticed() {
        checks.processStarted(FIRST, N1);
        violates("no process is forgotten", () -> checks.discarded(FIRST, state));
    }

    @Test
    void aForgottenResultIsNoticed() {
        placedOnN1();
        violates("no result is lost", () -> checks.discarded(FIRST, state));
    }

    @Test
    void aReportOfAProcessThatStillRunsIsNoticed() {
        placedOnN1();
        checks.processStarted(FIRST, N1);
        violates("unreachable is not failed", () -> pretend(finish(FIRST), new Event.AttemptEnded(FIRST, success())));
    }

    // ---- attempts

    @Test
    void aResultOfAFencedAttemptIsNoticed() {
        placedOnN1();
        order(Actor.leader(N2), new Command.FenceNode(N1));
        violates(
                "a fenced attempt's result is refused",
                () -> pretend(finish(FIRST), new Event.AttemptEnded(FIRST, success())));
    }

    @Test
    void twoSuccessesOfOneTaskAreNoticed() {
        pretend(finish(FIRST), new Event.AttemptEnded(FIRST, success()));
        violates("one success per task", () -> pretend(finish(SECOND), new Event.AttemptEnded(SECOND, success())));
    }

    // ---- orders

    @Test
    void anOrderThatIsAppliedTwiceIsNoticed() {
        Envelope drain = new Envelope(Optional.of("r1"), Actor.person("ann"), "", new Command.DrainNode(N1));
        pretend(drain, new Event.NodeDraining(N1));
        violates("an order is applied once", () -> pretend(drain, new Event.NodeDraining(N1)));
    }

    @Test
    void aYesThatIsNotInTheLogIsNoticed() {
        violates("no committed order is lost", () -> checks.answered("r1", Outcome.accepted()));
    }

    @Test
    void aDesiredStateThatNoPersonWantedIsNoticed() {
        join(N1);
        violates("only people change what is desired", () -> order(Actor.leader(N1), new Command.DrainNode(N1)));
    }

    @Test
    void aMassFenceIsNoticed() {
        for (int node = 1; node <= 8; node++) join(new NodeId("n" + node));
        order(Actor.leader(N1), new Command.FenceNode(N2));
        order(Actor.leader(N1), new Command.FenceNode(N3));
        violates("a mass change is braked", () -> order(Actor.leader(N1), new Command.FenceNode(new NodeId("n4"))));
    }

    @Test
    void fencesOfAnEarlierWindowDoNotCount() {
        for (int node = 1; node <= 8; node++) join(new NodeId("n" + node));
        for (int node = 2; node <= 5; node++) {
            order(Actor.leader(N1), new Command.FenceNode(new NodeId("n" + node)));
            now = now.plus(Duration.ofMinutes(11));
        }
    }

    // ---- files

    @Test
    void aPointerToAFileThatIsNotThereIsNoticed() {
        violates("a name points at a verified file", () -> checks.pointed(N1, FILE, false));
        violates("a name points at a verified file", () -> checks.promoted(FILE, List.of()));
    }

    // ---- state

    @Test
    void whatCoreFindsWrongEndsTheRun() {
        join(N1);
        Transition step = new Transition(
                now, Optional.empty(), Actor.leader(N1), "", "PRETENDED", "", List.of(new Event.NodeDraining(N1)));
        violates("state", () -> checks.broken(Invariants.check(state, step, ClusterState.EMPTY)));
    }
}
