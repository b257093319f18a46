package dev.muster.core;

import static dev.muster.core.Orders.HEX;
import static dev.muster.core.Orders.fence;
import static dev.muster.core.Orders.join;
import static dev.muster.core.Orders.loop;
import static dev.muster.core.Orders.n;
import static dev.muster.core.Orders.place;
import static dev.muster.core.Orders.submit;
import static dev.muster.core.Story.LEADER;
import static dev.muster.core.Story.START;
import static dev.muster.core.Story.given;
import static dev.muster.core.Story.sha;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.agent.AgentAction;
import dev.muster.core.agent.AgentPlanner;
import dev.muster.core.agent.LocalView;
import dev.muster.core.agent.Repairs;
import dev.muster.core.plan.Action;
import dev.muster.core.plan.Plan;
import dev.muster.core.plan.Policy;
import dev.muster.core.plan.Soft;
import dev.muster.core.state.Attempt;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Command;
import dev.muster.core.state.Envelope;
import dev.muster.core.state.Handler;
import dev.muster.core.state.Loop;
import dev.muster.core.state.Match;
import dev.muster.core.state.Outcome;
import dev.muster.core.state.Sha256;
import dev.muster.core.state.Table;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LeaderTest {
    private static final Soft HEARD = Soft.leadingSince(START);

    @Test
    void aPlanFencesFirstAndPlacesLast() {
        Story story = given(join("n1"), join("n2"), submit(Spec.job().config(HEX)), place("j1.0.1", "n1"))
                .succeeds("j1.0.1", new Attempt.Stored("model.bin", sha("a"), 5))
                .and(new Command.PromoteModel(HEX, sha("a"), Optional.empty(), 0))
                .and(submit(Spec.job()), new Command.StartLoop(loop(HEX)))
                .voters("n1")
                .and(new Command.AnnounceLeader(n("n1"), 1));
        Instant late = START.plusSeconds(70);
        Plan plan = Leader.decide(story.state(), HEARD, Policy.DEFAULT, late);
        assertThat(plan.actions())
                .extracting(
                        action -> ((Action.Propose) action).command().getClass().getSimpleName())
                .containsExactly("FenceNode", "StartStage", "CompleteDistribution", "PlaceTask");
        assertThat(plan.actions().getFirst()).isEqualTo(new Action.Propose(fence("n2"), "silent for 70s"));
    }

    /// The planners and the handlers alone, with agents that succeed at once, turn the loop: every proposal is
    /// accepted.
    @Test
    void theLoopTurnsByItself() {
        Cluster cluster = new Cluster(given(join("n1"), join("n2"), new Command.StartLoop(loop(HEX, Optional.of(3))))
                .state());
        for (int round = 0; round < 60; round++) cluster.round();
        Loop loop = cluster.state.loops().loops().require(HEX);
        assertThat(loop.running()).isFalse();
        assertThat(loop.generation()).isEqualTo(4);
        assertThat(cluster.state.models().models().require(HEX).history()).hasSize(3);
        assertThat(cluster.refused).isEmpty();
        assertThat(Leader.decide(cluster.state, HEARD, Policy.DEFAULT, START)).isEqualTo(Plan.NOTHING);
    }

    /// A leader and two agents without a network between them.
    private static final class Cluster {
        private final List<String> refused = new ArrayList<>();
        private final Set<String> stores = new HashSet<>();
        private ClusterState state;
        private int files;

        Cluster(ClusterState state) {
            this.state = state;
        }

        void round() {
            for (Action action :
                    Leader.decide(state, HEARD, Policy.DEFAULT, START).actions()) {
                Action.Propose propose = (Action.Propose) action;
                order(propose.command(), propose.why());
            }
            for (String node : List.of("n1", "n2")) {
                for (AgentAction action : AgentPlanner.decide(state, view(node), 4, START)) perform(node, action);
                for (AgentAction action : Repairs.decide(state, view(node), 2, Set.of())) perform(node, action);
            }
        }

        private LocalView view(String node) {
            List<Sha256> held = state.files().artifacts().keys().stream()
                    .filter(file -> stores.contains(node + file)
                            || state.files()
                                    .artifacts()
                                    .require(file)
                                    .receipts()
                                    .has(n(node)))
                    .toList();
            return new LocalView(n(node), Table.empty(), Set.copyOf(held), Set.of(), Table.empty());
        }

        private void perform(String node, AgentAction action) {
            switch (action) {
                case AgentAction.Begin begin -> succeed(begin);
                case AgentAction.Fetch fetch -> stores.add(node + fetch.artifact());
                case AgentAction.Report report -> order(report.command(), "");
                case AgentAction.Point point -> {}
                case AgentAction.ForgetSecrets forget -> {}
                case AgentAction.Stop stop -> throw new AssertionError(stop);
                case AgentAction.Discard discard -> throw new AssertionError(discard);
            }
        }

        private void succeed(AgentAction.Begin begin) {
            List<Attempt.Stored> outputs = begin.spec().outputs().stream()
                    .map(output -> new Attempt.Stored(output.path(), new Sha256(String.format("%064x", ++files)), 5))
                    .toList();
            List<Match> matches = begin.spec().matches().isPresent() ? List.of(won()) : List.of();
            Attempt.Ending ending =
                    new Attempt.Ending(Attempt.Status.SUCCEEDED, OptionalInt.of(0), outputs, matches, "exit 0");
            order(new Command.FinishAttempt(begin.attempt(), begin.token(), ending), "");
        }

        private Match won() {
            Loop loop = state.loops().loops().require(HEX);
            String candidate = state.loops()
                    .generations()
                    .require(loop.current())
                    .candidate()
                    .orElseThrow()
                    .sha()
                    .hex();
            String opponent = state.models()
                    .models()
                    .find(HEX)
                    .map(model -> model.current().sha().hex())
                    .orElse("random");
            return new Match(candidate, opponent, 80, 0, 20);
        }

        private void order(Command command, String why) {
            Handler.Step step = Handler.step(state, START, Envelope.of(LEADER, why, command));
            if (step.outcome() instanceof Outcome.Refused refusal) refused.add(command + ": " + refusal);
            state = step.state();
            assertThat(Invariants.check(state)).isEmpty();
        }
    }
}
