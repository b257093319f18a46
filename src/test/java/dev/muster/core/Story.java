package dev.muster.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.state.Actor;
import dev.muster.core.state.Attempt;
import dev.muster.core.state.AttemptId;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Command;
import dev.muster.core.state.Envelope;
import dev.muster.core.state.Event;
import dev.muster.core.state.Handler;
import dev.muster.core.state.Match;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Outcome;
import dev.muster.core.state.Sha256;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// A state told by the orders that led to it: `given(…).when(order).then(facts)` or `.refused(STALE)`. The
/// invariants are checked after each order.
public final class Story {
    public static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    public static final Actor ANN = Actor.person("ann");
    public static final Actor LEADER = Actor.leader(new NodeId("n1"));

    private ClusterState state = ClusterState.EMPTY;
    private Instant now = START;
    private Actor actor = LEADER;
    private String why = "because";
    private Outcome outcome = Outcome.accepted();
    private boolean checking = true;

    private Story() {}

    public static Story given(Command... orders) {
        return new Story().and(orders);
    }

    /// From here on without the invariants, which take time in proportion to the state: for thousands of orders.
    public Story unchecked() {
        checking = false;
        return this;
    }

    /// Orders that have to be accepted.
    public Story and(Command... orders) {
        for (Command order : orders) {
            when(order);
            assertThat(outcome).as("%s", order).isInstanceOf(Outcome.Accepted.class);
        }
        return this;
    }

    public Story voters(String... names) {
        List<NodeId> voters = Arrays.stream(names).map(NodeId::new).toList();
        state = Handler.votersChanged(state, voters, LEADER).state();
        return this;
    }

    public Story after(Duration time) {
        now = now.plus(time);
        return this;
    }

    public Story by(Actor who, String reason) {
        actor = who;
        why = reason;
        return this;
    }

    public Story when(Command order) {
        return step(new Envelope(Optional.empty(), actor, why, order));
    }

    public Story when(String request, Command order) {
        return step(new Envelope(Optional.of(request), actor, why, order));
    }

    private Story step(Envelope envelope) {
        ClusterState before = state;
        Handler.Step step = Handler.step(state, now, envelope);
        state = step.state();
        outcome = step.outcome();
        if (!checking) return this;
        assertThat(Invariants.check(state)).as("after %s", envelope).isEmpty();
        step.transition()
                .ifPresentOrElse(
                        moved -> assertThat(Invariants.check(before, moved, state))
                                .as("by %s", envelope)
                                .isEmpty(),
                        () -> assertThat(state).isSameAs(before));
        return this;
    }

    public Story then(Event... events) {
        assertThat(outcome).isInstanceOf(Outcome.Accepted.class);
        assertThat(((Outcome.Accepted) outcome).events()).containsExactly(events);
        return this;
    }

    /// Accepted, since it is so already.
    public Story changesNothing() {
        return then();
    }

    public Story refused(Outcome.Code code) {
        assertThat(outcome).isInstanceOf(Outcome.Refused.class);
        assertThat(((Outcome.Refused) outcome).code()).isEqualTo(code);
        return this;
    }

    public Story refused(Outcome.Code code, String part) {
        refused(code);
        assertThat(((Outcome.Refused) outcome).message()).contains(part);
        return this;
    }

    public Story created(String id) {
        assertThat(((Outcome.Accepted) outcome).created()).isEqualTo(id);
        return this;
    }

    public ClusterState state() {
        return state;
    }

    public Instant now() {
        return now;
    }

    public long token(String attempt) {
        return state.work().attempts().require(AttemptId.parse(attempt)).token();
    }

    /// The attempt's report, with the token the state has.
    public Story ends(String attempt, Attempt.Status how) {
        return and(new Command.FinishAttempt(AttemptId.parse(attempt), token(attempt), ending(how)));
    }

    public Story succeeds(String attempt, Attempt.Stored... outputs) {
        return and(new Command.FinishAttempt(AttemptId.parse(attempt), token(attempt), success(outputs)));
    }

    public Story succeedsWith(String attempt, Match... matches) {
        Attempt.Ending ending =
                new Attempt.Ending(Attempt.Status.SUCCEEDED, OptionalInt.of(0), List.of(), List.of(matches), "exit 0");
        return and(new Command.FinishAttempt(AttemptId.parse(attempt), token(attempt), ending));
    }

    public Story starts(String attempt) {
        return and(new Command.ReportStarted(AttemptId.parse(attempt), token(attempt), 4711));
    }

    public static Attempt.Ending ending(Attempt.Status how) {
        OptionalInt exit = how == Attempt.Status.SUCCEEDED ? OptionalInt.of(0) : OptionalInt.of(1);
        return new Attempt.Ending(how, exit, List.of(), List.of(), "exit " + exit.getAsInt());
    }

    public static Attempt.Ending success(Attempt.Stored... outputs) {
        return new Attempt.Ending(Attempt.Status.SUCCEEDED, OptionalInt.of(0), List.of(outputs), List.of(), "exit 0");
    }

    /// A SHA-256 of one digit, repeated.
    public static Sha256 sha(String digit) {
        return new Sha256(digit.repeat(64));
    }
}
