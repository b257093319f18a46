package dev.muster.core.scale;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.Spec;
import dev.muster.core.Story;
import dev.muster.core.plan.Action;
import dev.muster.core.plan.Plan;
import dev.muster.core.plan.Policy;
import dev.muster.core.plan.Wait;
import dev.muster.core.rent.Offer;
import dev.muster.core.state.Attempt;
import dev.muster.core.state.AttemptId;
import dev.muster.core.state.Caps;
import dev.muster.core.state.Command;
import dev.muster.core.state.Instance;
import dev.muster.core.state.InstanceId;
import dev.muster.core.state.JobKind;
import dev.muster.core.state.Node;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Observed;
import dev.muster.core.state.Rentals;
import dev.muster.core.state.Role;
import dev.muster.core.state.Scaling;
import dev.muster.core.state.Task;
import dev.muster.core.state.TaskId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/// Whatever happened before: what a plan may not do, and what each plan says.
class RandomScalingTest {
    private static final int SEEDS = 20;
    private static final int STEPS = 100;

    @Test
    void noPlanEndsWhatIsBusyPassesACapOrLeavesAGroupWithoutAnAnswer() {
        int rented = 0;
        int ended = 0;
        for (long seed = 0; seed < SEEDS; seed++) {
            Random random = new Random(seed);
            Story story = Story.given(
                            new Command.SetScaling(Scaling.DEFAULT),
                            new Command.SetGroup(
                                    Shop.group("a", Role.MIXED, random.nextInt(2), 2, 4 + random.nextInt(4))),
                            new Command.SetGroup(Shop.group("b", Role.SELFPLAY, 0, random.nextInt(2), 3)))
                    .unchecked();
            if (random.nextBoolean()) story.and(new Command.SetBudget(Rentals.ALL, cap(random)));
            for (int step = 0; step < STEPS; step++) {
                happen(story, random);
                for (Action.Propose order : orders(story, seed)) {
                    if (order.command() instanceof Command.RentInstance) rented++;
                    else ended++;
                }
            }
        }
        // Or nothing was tried at all.
        assertThat(rented).isGreaterThan(SEEDS);
        assertThat(ended).isGreaterThan(SEEDS / 2);
    }

    private static Caps cap(Random random) {
        return new Caps(Optional.of(Shop.dollars("0." + (1 + random.nextInt(5)))), Optional.empty(), Optional.empty());
    }

    private static List<Action.Propose> orders(Story story, long seed) {
        List<Offer> offers = new ArrayList<>();
        for (int number = 0; number < 20; number++) offers.add(Shop.offer("s" + number, "p" + number, "0.06"));
        Plan plan = Autoscaler.decide(
                story.state(), Shop.soft(story, offers.toArray(Offer[]::new)), Policy.DEFAULT, story.now());
        List<Action.Propose> orders = new ArrayList<>();
        TreeMap<String, String> directions = new TreeMap<>();
        TreeSet<String> answered = new TreeSet<>();
        for (Wait wait : plan.waits())
            assertThat(answered.add(wait.subject()))
                    .as("%s of seed %s", wait, seed)
                    .isTrue();
        for (Action action : plan.actions()) {
            assertThat(action).as("of seed %s", seed).isInstanceOf(Action.Propose.class);
            Action.Propose order = (Action.Propose) action;
            String group = group(story, order.command());
            assertThat(answered).as("%s of seed %s", order, seed).doesNotContain("group " + group);
            String direction = order.command().getClass().getSimpleName();
            assertThat(directions.merge(group, direction, (one, other) -> one.equals(other) ? one : "both"))
                    .as("%s of seed %s", order, seed)
                    .isEqualTo(direction);
            orders.add(order);
        }
        directions.keySet().forEach(group -> answered.add("group " + group));
        assertThat(answered).as("seed %s", seed).containsExactly("group a", "group b");
        assertThat(directions.values().stream().filter("RentInstance"::equals)).hasSizeLessThanOrEqualTo(1);
        for (Action.Propose order : orders) {
            if (order.command() instanceof Command.EndInstance(InstanceId id, boolean abandon)) idle(story, id, seed);
            // A refusal would be a plan that is made again each second.
            story.and(order.command());
        }
        return orders;
    }

    private static String group(Story story, Command command) {
        return switch (command) {
            case Command.RentInstance order -> order.group().orElseThrow();
            case Command.EndInstance(InstanceId id, boolean abandon) ->
                story.state().rentals().instances().require(id).group().orElseThrow();
            default -> throw new AssertionError("expected to rent or to end, but found " + command);
        };
    }

    private static void idle(Story story, InstanceId id, long seed) {
        Instance instance = story.state().rentals().instances().require(id);
        Optional<NodeId> node = instance.node();
        assertThat(node.map(story.state().work()::activeOn).orElse(List.of()))
                .as("%s of seed %s", id, seed)
                .isEmpty();
    }

    // ---- what happens meanwhile

    private static void happen(Story story, Random random) {
        story.after(Duration.ofMinutes(random.nextInt(8)));
        switch (random.nextInt(7)) {
            case 0 ->
                story.and(new Command.SubmitJob(Spec.job()
                        .kind(random.nextInt(4) == 0 ? JobKind.TRAINING : JobKind.SELFPLAY)
                        .gpus(1)
                        .tasks(1 + random.nextInt(8))
                        .build()));
            case 1, 2 -> appear(story);
            case 3, 4 -> work(story);
            case 5 -> finish(story);
            default -> trouble(story, random);
        }
    }

    private static void appear(Story story) {
        for (Instance instance : story.state().rentals().open()) {
            if (instance.will() != Instance.Will.RUN || instance.seen().isPresent()) continue;
            int number = (int) instance.id().number();
            story.and(Shop.seen(number, Observed.RUNNING, "0.06"));
            story.and(Shop.joins(number));
        }
    }

    private static void work(Story story) {
        for (TaskId task : List.copyOf(waiting(story))) {
            for (Node node : story.state().fleet().nodes().values())
                if (node.schedulable()
                        && story.state().work().heldOn(node.id()).attempts() == 0
                        && story.state().work().tasks().require(task).status() == Task.Status.WAITING) {
                    int next = story.state().work().tasks().require(task).attempts() + 1;
                    story.when(new Command.PlaceTask(new AttemptId(task, next), node.id()));
                }
        }
    }

    private static List<TaskId> waiting(Story story) {
        List<TaskId> waiting = new ArrayList<>();
        story.state().work().waiting().forEach(waiting::add);
        return waiting;
    }

    private static void finish(Story story) {
        for (Attempt attempt : List.copyOf(story.state().work().attempts().values()))
            if (attempt.status().isActive()) story.ends(attempt.id().toString(), Attempt.Status.SUCCEEDED);
    }

    /// Somebody else bids more, or what is to go has gone.
    private static void trouble(Story story, Random random) {
        for (Instance instance : story.state().rentals().open()) {
            if (instance.seen().isEmpty()) continue;
            int number = (int) instance.id().number();
            if (instance.leaving()) {
                story.when(new Command.ReleaseInstance(instance.id()));
                story.when(new Command.FinishInstance(instance.id(), "gone"));
            } else if (random.nextInt(8) == 0) {
                story.and(Shop.seen(number, random.nextBoolean() ? Observed.PREEMPTED : Observed.RUNNING, "0.06"));
            }
        }
    }
}
