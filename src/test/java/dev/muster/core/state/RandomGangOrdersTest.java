package dev.muster.core.state;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.Invariants;
import dev.muster.core.Orders;
import dev.muster.core.Rents;
import dev.muster.core.Spec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// Tasks on several nodes under reports, fences, evictions and stops in any order: the invariants hold after each, and once
/// all that runs has ended, every task waits or is over.
class RandomGangOrdersTest {
    private static final int SEEDS = 10;
    private static final int ORDERS = 1_000;
    private static final Actor ANN = Actor.person("ann");

    @Test
    void whateverBecomesOfOneMemberBecomesOfAll() {
        Map<String, Integer> events = new TreeMap<>();
        for (int seed = 1; seed <= SEEDS; seed++) new Run(seed, events).run();
        for (String kind : List.of("GangPlaced", "GangEnding", "TaskSucceeded", "TaskFailed", "TaskCancelled"))
            assertThat(events.getOrDefault(kind, 0))
                    .as("%s of %s", kind, events)
                    .isGreaterThan(20);
    }

    private static final class Run {
        private final Random random;
        private final String seed;
        private final Map<String, Integer> events;
        private ClusterState state = ClusterState.EMPTY;
        private ClusterState follower = ClusterState.EMPTY;
        private Instant now = Instant.parse("2026-01-01T00:00:00Z");

        Run(long seed, Map<String, Integer> events) {
            this.random = new Random(seed);
            this.seed = "seed " + seed;
            this.events = events;
        }

        void run() {
            for (int node = 1; node <= 6; node++) order(Orders.join("n" + node));
            for (int number = 0; number < ORDERS; number++) {
                now = now.plusMillis(random.nextInt(4_000));
                order(command());
            }
            for (AttemptId id = any(); id != null; id = any()) order(finish(id));
            for (Task task : state.work().tasks().values())
                assertThat(task.status().isActive()).as(seed).isFalse();
            assertThat(follower.work().derived()).isEqualTo(state.work().derived());
            assertThat(follower.work().tasks()).isEqualTo(state.work().tasks());
        }

        private void order(Command command) {
            ClusterState before = state;
            Handler.Step step = Handler.step(state, now, Envelope.of(ANN, "", command));
            state = step.state();
            String where = seed + ", " + command;
            assertThat(Invariants.check(state)).as(where).isEmpty();
            if (step.transition().isEmpty()) return;
            Transition moved = step.transition().get();
            assertThat(Invariants.check(before, moved, state)).as(where).isEmpty();
            for (Event event : moved.events()) events.merge(event.getClass().getSimpleName(), 1, Integer::sum);
            follower = follower.advance(moved);
        }

        private Command command() {
            AttemptId id = any();
            return switch (random.nextInt(20)) {
                case 0, 1, 2 -> new Command.SubmitJob(spec());
                case 3, 4, 5, 6, 7 -> place();
                case 8, 9 -> id == null ? place() : new Command.ReportStarted(id, token(id), 7);
                case 10, 11, 12, 13, 14 -> id == null ? place() : finish(id);
                case 15 -> new Command.FenceNode(node());
                case 16, 17 -> new Command.ReadmitNode(node());
                case 18 ->
                    new Command.StopJob(
                            new JobId(1 + random.nextLong(state.work().nextJob())));
                default -> id == null ? place() : leave(id);
            };
        }

        /// Its machine is known as rented, is to go, asks the attempt to end, is to stay again.
        private Command leave(AttemptId id) {
            NodeId node = state.work().attempts().require(id).node();
            Optional<Instance> machine = state.rentals().of(node);
            if (machine.isEmpty())
                return Rents.adopt(Rents.rent("0.1"), Rents.seen(node.name(), Observed.RUNNING), node);
            if (!machine.get().leaving()) return Rents.stop(machine.get().id().number());
            order(new Command.EvictAttempt(id, token(id)));
            if (random.nextBoolean()) {
                now = now.plus(Duration.ofMinutes(4));
                order(new Command.EvictAttempt(id, token(id)));
            }
            return Rents.start(machine.get().id().number());
        }

        private JobSpec spec() {
            Spec spec = Spec.job()
                    .nodes(1 + random.nextInt(4))
                    .tasks(1 + random.nextInt(2))
                    .maxAttempts(1 + random.nextInt(3));
            if (random.nextBoolean()) spec.config(Orders.HEX);
            return spec.build();
        }

        private Command place() {
            List<TaskId> waiting = new ArrayList<>();
            for (TaskId task : state.work().waiting()) waiting.add(task);
            if (waiting.isEmpty()) return new Command.SubmitJob(spec());
            Task task = state.work().tasks().require(waiting.get(random.nextInt(waiting.size())));
            AttemptId next = new AttemptId(task.id(), task.attempts() + 1);
            JobSpec spec = state.work().specOf(next);
            List<NodeId> nodes = new ArrayList<>();
            for (Node node : state.fleet().nodes().values())
                if (Fit.fits(spec, node, state.work().heldOn(node.id()))) nodes.add(node.id());
            if (nodes.size() < spec.nodes()) return new Command.StopJob(new JobId(1));
            Collections.shuffle(nodes, random);
            return spec.gang()
                    ? new Command.PlaceGang(next, nodes.subList(0, spec.nodes()))
                    : new Command.PlaceTask(next, nodes.getFirst());
        }

        private Command finish(AttemptId id) {
            Attempt.Status how = random.nextInt(4) > 0
                    ? Attempt.Status.SUCCEEDED
                    : List.of(Attempt.Status.FAILED, Attempt.Status.STOPPED, Attempt.Status.LOST)
                            .get(random.nextInt(3));
            List<Match> matches = id.rank() == 0 && how == Attempt.Status.SUCCEEDED
                    ? List.of(new Match("random", "greedy", 3, 2, 1))
                    : List.of();
            Attempt.Ending ending = new Attempt.Ending(how, OptionalInt.empty(), List.of(), matches, "note");
            boolean forGood = how == Attempt.Status.FAILED && random.nextInt(4) == 0;
            return new Command.FinishAttempt(id, token(id), forGood ? ending.forGood() : ending);
        }

        private long token(AttemptId id) {
            return state.work().attempts().find(id).map(Attempt::token).orElse(1L);
        }

        private NodeId node() {
            return new NodeId("n" + (1 + random.nextInt(6)));
        }

        /// Something that runs, or null.
        private AttemptId any() {
            List<AttemptId> active = new ArrayList<>();
            for (NodeId node : state.work().derived().active().keys())
                active.addAll(state.work().activeOn(node));
            return active.isEmpty() ? null : active.get(random.nextInt(active.size()));
        }
    }
}
