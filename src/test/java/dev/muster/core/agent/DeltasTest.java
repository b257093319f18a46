package dev.muster.core.agent;

import static dev.muster.core.Orders.HEX;
import static dev.muster.core.Orders.join;
import static dev.muster.core.Orders.n;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.state.Actor;
import dev.muster.core.state.ArtifactKind;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Command;
import dev.muster.core.state.DeltaOf;
import dev.muster.core.state.Envelope;
import dev.muster.core.state.Handler;
import dev.muster.core.state.MadeDelta;
import dev.muster.core.state.Outcome;
import dev.muster.core.state.Sha256;
import dev.muster.core.state.Table;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Who makes which delta, who uses it, and when it may go.
class DeltasTest {
    private static final long SIZE = 40 << 20;
    private static final Sha256 BASE = sha("base");
    private static final Sha256 NEXT = sha("next");
    private static final Sha256 DELTA = sha("delta");
    private static final DeltaOf OF = new DeltaOf(NEXT, BASE);

    private ClusterState state = ClusterState.EMPTY;
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");

    /// All hold the current model; n3 alone holds the next one.
    @BeforeEach
    void aCandidate() {
        for (String name : List.of("n1", "n2", "n3", "n4")) order(join(name));
        put(BASE, SIZE, ArtifactKind.MODEL, "n1", "n2", "n3", "n4");
        order(new Command.PromoteModel(HEX, BASE, Optional.empty(), 0));
        put(NEXT, SIZE, ArtifactKind.MODEL, "n3");
    }

    private void order(Command command) {
        now = now.plusSeconds(1);
        Handler.Step step = Handler.step(state, now, Envelope.of(Actor.person("ann"), "test", command));
        assertThat(step.outcome()).isInstanceOf(Outcome.Accepted.class);
        state = step.state();
    }

    private void put(Sha256 sha, long size, ArtifactKind kind, String... nodes) {
        for (String node : nodes) order(new Command.PutArtifact(sha, size, "f", kind, Optional.of(HEX), n(node)));
    }

    private void made(String node) {
        order(new Command.RecordDelta(OF, new MadeDelta(Optional.of(DELTA), SIZE / 2, n(node))));
    }

    private Deltas.Chores chores(String node, Sha256... held) {
        return Deltas.decide(state, new LocalView(n(node), Table.empty(), Set.of(held), Set.of(), Table.empty()));
    }

    private List<String> makers() {
        List<String> makers = new ArrayList<>();
        for (String node : List.of("n1", "n2", "n3", "n4")) {
            List<Sha256> held = new ArrayList<>(List.of(BASE));
            if (state.files().artifacts().require(NEXT).receipts().has(n(node))) held.add(NEXT);
            state.files()
                    .delta(DELTA)
                    .filter(delta -> delta.maker().equals(n(node)))
                    .ifPresent(delta -> held.add(DELTA));
            if (chores(node, held.toArray(Sha256[]::new)).make().equals(Optional.of(OF))) makers.add(node);
        }
        return makers;
    }

    @Test
    void whoHeldACandidateFirstMakesItsDeltaAlsoWhenOthersHaveItToo() {
        assertThat(makers()).containsExactly("n3");
        order(new Command.ConfirmReplica(NEXT, n("n1")));
        assertThat(makers()).containsExactly("n3");
        order(new Command.FenceNode(n("n3")));
        assertThat(makers()).containsExactly("n1");
    }

    @Test
    void nobodyMakesOneThatIsMadeOrIsNotWorthIt() {
        made("n3");
        assertThat(chores("n3", BASE, NEXT, DELTA).make()).isEmpty();
        assertThat(chores("n3", BASE, NEXT).make()).as("its disk lost it").contains(OF);
        order(new Command.RecordDelta(OF, MadeDelta.none(n("n3"))));
        assertThat(chores("n3", BASE, NEXT).make()).isEmpty();
        order(new Command.ConfirmReplica(NEXT, n("n1")));
        order(new Command.FenceNode(n("n3")));
        assertThat(makers()).isEmpty();
    }

    @Test
    void oneWhoseMakerIsGoneIsMadeAgainByTheNext() {
        made("n3");
        order(new Command.ConfirmReplica(NEXT, n("n1")));
        assertThat(makers()).isEmpty();
        order(new Command.FenceNode(n("n3")));
        assertThat(makers()).containsExactly("n1");
    }

    @Test
    void thereIsNoneForASmallFileAnotherKindAnOldFileOrWhereAllHaveIt() {
        put(sha("small"), 1000, ArtifactKind.MODEL, "n3");
        put(sha("games"), SIZE, ArtifactKind.GAMES, "n3");
        assertThat(chores("n3", BASE, sha("small"), sha("games")).make()).isEmpty();
        put(NEXT, SIZE, ArtifactKind.MODEL, "n1", "n2", "n4");
        assertThat(makers()).isEmpty();
        order(new Command.PromoteModel(HEX, NEXT, Optional.of(BASE), 0));
        order(new Command.RollbackModel(HEX, Optional.empty()));
        order(new Command.DropReplica(NEXT, n("n1")));
        assertThat(makers()).as("it was taken back").isEmpty();
    }

    @Test
    void aReceiverThatHoldsTheBaseGetsTheDeltaWhileItsMakerIsInService() {
        assertThat(Deltas.way(state, n("n1"), Set.of(BASE), NEXT)).isEmpty();
        made("n3");
        assertThat(Deltas.way(state, n("n1"), Set.of(BASE), NEXT))
                .contains(new Deltas.Way(BASE, DELTA, SIZE / 2, n("n3")));
        assertThat(Deltas.way(state, n("n1"), Set.of(), NEXT)).isEmpty();
        order(new Command.PromoteModel(HEX, NEXT, Optional.of(BASE), 0));
        assertThat(Deltas.way(state, n("n1"), Set.of(BASE), NEXT)).isPresent();
        order(new Command.FenceNode(n("n3")));
        assertThat(Deltas.way(state, n("n1"), Set.of(BASE), NEXT)).isEmpty();
        assertThat(Deltas.way(state, n("n1"), Set.of(BASE, DELTA), NEXT))
                .as("it is here")
                .isPresent();
    }

    @Test
    void aCopyOfACandidateWaitsSomeSecondsForItsDeltaAndACurrentModelDoesNot() {
        assertThat(Deltas.patience(state, n("n1"), Set.of(BASE), NEXT))
                .isBetween(Duration.ofSeconds(1), Duration.ofSeconds(6));
        assertThat(Deltas.patience(state, n("n1"), Set.of(), NEXT)).isZero();
        put(sha("light"), 2 << 20, ArtifactKind.MODEL, "n3");
        assertThat(Deltas.patience(state, n("n1"), Set.of(BASE), sha("light"))).isZero();
        ClusterState before = state;
        order(new Command.RecordDelta(OF, MadeDelta.none(n("n3"))));
        assertThat(Deltas.patience(state, n("n1"), Set.of(BASE), NEXT)).isZero();
        state = before;
        order(new Command.PromoteModel(HEX, NEXT, Optional.of(BASE), 0));
        assertThat(Deltas.patience(state, n("n1"), Set.of(BASE), NEXT)).isZero();
    }

    @Test
    void aDeltaGoesWhenAllThatCouldAskForItHaveTheFileOrTheModelMovedOn() {
        made("n3");
        assertThat(chores("n3", BASE, NEXT, DELTA).spent()).isEmpty();
        order(new Command.PromoteModel(HEX, NEXT, Optional.of(BASE), 0));
        for (String node : List.of("n1", "n2")) order(new Command.ConfirmReplica(NEXT, n(node)));
        order(new Command.FenceNode(n("n4")));
        assertThat(chores("n3", BASE, NEXT, DELTA).spent())
                .as("n4 may come back")
                .isEmpty();
        ClusterState waiting = state;
        order(new Command.RemoveNode(n("n4")));
        assertThat(chores("n3", BASE, NEXT, DELTA).spent()).containsExactly(DELTA);
        assertThat(chores("n3", BASE, NEXT).spent()).isEmpty();
        state = waiting;
        order(new Command.RollbackModel(HEX, Optional.empty()));
        assertThat(chores("n1", BASE, NEXT, DELTA).spent()).containsExactly(DELTA);
    }

    @Test
    void onlyTheNewestCandidatesHaveDeltas() {
        for (int i = 0; i < 5; i++) put(sha("later" + i), SIZE, ArtifactKind.MODEL, "n2");
        assertThat(makers()).isEmpty();
        assertThat(chores("n2", BASE, sha("later4")).make()).contains(new DeltaOf(sha("later4"), BASE));
    }

    /// Of a made-up file of this name.
    private static Sha256 sha(String name) {
        return new Sha256(String.format("%064x", name.hashCode()));
    }
}
