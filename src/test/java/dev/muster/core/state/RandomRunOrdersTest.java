package dev.muster.core.state;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.Invariants;
import dev.muster.core.Launches;
import dev.muster.core.Orders;
import dev.muster.core.Rents;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// As [RandomOrdersTest], about training runs: orders of whoever, in an order nobody would think of.
class RandomRunOrdersTest {
    private static final int SEEDS = 5;
    private static final int ORDERS = 3_000;

    @Test
    void whateverIsOrderedTheInvariantsHold() {
        Map<String, Integer> accepted = new TreeMap<>();
        for (int seed = 1; seed <= SEEDS; seed++) new Chaos(seed, accepted).run();
        List<String> names = Stream.of(Command.OfRuns.class.getPermittedSubclasses())
                .map(Class::getSimpleName)
                .toList();
        assertThat(accepted.keySet()).containsAll(names);
    }

    private static final class Chaos {
        private final Random random;
        private final Map<String, Integer> accepted;
        private ClusterState state = ClusterState.EMPTY;
        private ClusterState follower = ClusterState.EMPTY;
        private Instant now = Instant.parse("2026-01-01T00:00:00Z");

        Chaos(long seed, Map<String, Integer> accepted) {
            this.random = new Random(seed);
            this.accepted = accepted;
        }

        void run() {
            for (int number = 0; number < ORDERS; number++) {
                now = now.plusMillis(random.nextInt(30_000));
                order(command());
            }
            assertThat(follower.runs()).isEqualTo(state.runs());
            assertThat(follower.fleet()).isEqualTo(state.fleet());
            assertThat(follower.work().derived()).isEqualTo(state.work().derived());
        }

        private void order(Command command) {
            Actor actor = random.nextBoolean() ? Actor.person("ann") : Actor.leader(new NodeId("n1"));
            Handler.Step step = Handler.step(state, now, new Envelope(Optional.empty(), actor, "why", command));
            ClusterState before = state;
            state = step.state();
            assertThat(Invariants.check(state)).as("%s", command).isEmpty();
            if (step.transition().isEmpty()) return;
            if (!step.transition().get().events().isEmpty())
                accepted.merge(command.getClass().getSimpleName(), 1, Integer::sum);
            assertThat(Invariants.check(before, step.transition().get(), state))
                    .as("%s", command)
                    .isEmpty();
            follower = follower.advance(step.transition().get());
        }

        private <T> T pick(List<T> from) {
            return from.get(random.nextInt(from.size()));
        }

        private RunId id() {
            return new RunId("r" + random.nextInt(6));
        }

        private RunSpec spec(RunId id) {
            Gate gate = Launches.gate(random.nextBoolean(), random.nextInt(2) / 10.0);
            RunSpec.Stage first = random.nextInt(4) == 0 ? Launches.gated("train", gate) : Launches.stage("train");
            Optional<Group> machines = random.nextBoolean()
                    ? Optional.empty()
                    : Optional.of(Rents.group(random.nextInt(20) == 0 ? "r9" : id.name(), 1, 1, 1));
            return Launches.spec(machines, Optional.empty(), RunSpec.After.STOP, first, Launches.gated("eval", gate));
        }

        private Command command() {
            RunId id = id();
            Run run = state.runs().runs().find(id).orElse(null);
            return switch (random.nextInt(25)) {
                case 0 -> new Command.LaunchRun(id, spec(id), random.nextBoolean());
                case 1 -> new Command.StopRun(id, "enough");
                case 2 -> new Command.FailRun(id, "no machine");
                case 3, 4 -> new Command.EndRun(id);
                case 5 -> new Command.ResumeRun(id, resumed(run, id), from());
                case 6 -> new Command.ReuseRunStage(id, stage(run), id(), stage(run));
                case 7 ->
                    random.nextInt(4) == 0
                            ? new Command.ForgetRun(id)
                            : new Command.SettleRun(id, new Money(random.nextInt(9)));
                case 8, 9, 10 -> begins(id, run);
                case 11, 12 -> new Command.FinishRunStage(id, stage(run));
                case 13, 14 -> place();
                case 15, 16, 17 -> ends();
                case 18 -> Orders.join(pick(List.of("n1", "n2", "vast-1", "vast-2", "vast-3")));
                case 20 -> new Command.WarnRun(id, "COST", new Traces.Warning(random.nextBoolean(), "", "much"));
                case 19 -> pick(List.of(new Command.FenceNode(node()), new Command.ReadmitNode(node())));
                default -> rents(id);
            };
        }

        private RunSpec resumed(@Nullable Run run, RunId id) {
            return run == null || random.nextInt(4) == 0 ? spec(id) : run.spec();
        }

        private Optional<String> from() {
            return random.nextBoolean() ? Optional.empty() : Optional.of(pick(List.of("train", "eval")));
        }

        private String stage(@Nullable Run run) {
            return run == null || random.nextInt(8) == 0
                    ? pick(List.of("train", "eval"))
                    : run.current().map(Run.Stage::name).orElse("eval");
        }

        private Command begins(RunId id, @Nullable Run run) {
            String stage = stage(run);
            boolean own = run != null && run.spec().machines().isPresent() != (random.nextInt(20) == 0);
            JobSpec job = own ? Launches.job(stage).onMachinesOf(id) : Launches.job(stage);
            return new Command.StartRunStage(id, stage, job, stage);
        }

        private NodeId node() {
            return state.fleet().nodes().isEmpty()
                    ? new NodeId("n1")
                    : pick(List.copyOf(state.fleet().nodes().keys()));
        }

        private Command place() {
            for (TaskId task : state.work().waiting()) {
                Task waits = state.work().tasks().require(task);
                if (random.nextBoolean()) continue;
                return new Command.PlaceTask(new AttemptId(task, waits.attempts() + 1), node());
            }
            return new Command.SubmitJob(Launches.job("other"));
        }

        private Command ends() {
            for (Attempt attempt : state.work().attempts().values()) {
                if (!attempt.status().isActive() || random.nextBoolean()) continue;
                boolean well = random.nextInt(3) > 0;
                return new Command.FinishAttempt(
                        attempt.id(),
                        attempt.token(),
                        new Attempt.Ending(
                                well ? Attempt.Status.SUCCEEDED : Attempt.Status.FAILED,
                                OptionalInt.empty(),
                                List.of(),
                                List.of(),
                                "note",
                                false,
                                Table.<String, Double>empty().with("loss", random.nextInt(10) / 10.0),
                                ""));
            }
            return new Command.StopJob(
                    new JobId(1 + random.nextInt((int) state.work().nextJob())));
        }

        private Command rents(RunId id) {
            List<Instance> open = state.rentals().open();
            if (open.isEmpty() || random.nextInt(4) == 0) return Rents.order(Rents.rent("0.1"), id.name());
            long one = pick(open).id().number();
            return switch (random.nextInt(6)) {
                case 0, 1 -> Rents.sight(one, Integer.toString(1 + random.nextInt(3)), Observed.RUNNING);
                case 2 -> Rents.end(one);
                case 3 -> Rents.stop(one);
                case 4 -> Rents.release(one);
                default -> new Command.FinishInstance(Rents.i(one), "gone");
            };
        }
    }
}
