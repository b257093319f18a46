package dev.muster.sim;

import dev.muster.core.state.Command;
import dev.muster.core.state.ConfigKey;
import dev.muster.core.state.Desired;
import dev.muster.core.state.Distribution;
import dev.muster.core.state.Fit;
import dev.muster.core.state.Job;
import dev.muster.core.state.Loop;
import dev.muster.core.state.Node;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Sha256;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Once the faults have stopped, everything that was asked for happens: looked at again and again until a time is over.
/// First the loops have to move on; then they are stopped, because a loop's jobs may go before less urgent ones for as
/// long as it runs, and every job has to end.
final class Liveness {
    private static final Duration LOOK_EVERY = Duration.ofSeconds(10);

    private final World world;
    private final Map<ConfigKey, Integer> generations = new HashMap<>();
    private final Map<ConfigKey, Sha256> distributing = new HashMap<>();
    private boolean looping = true;

    Liveness(World world) {
        this.world = world;
        world.state().loops().loops().values().forEach(loop -> generations.put(loop.config(), loop.generation()));
        for (Distribution distribution : world.state().models().distributions().values()) {
            if (distribution.completedAt().isEmpty()) distributing.put(distribution.config(), distribution.sha());
        }
    }

    /// @throws Violation when something is still missing at the end
    void await(Duration atMost) {
        awaitAll(atMost);
        looping = false;
        for (ConfigKey config : generations.keySet()) world.ask("ann", "that will do", new Command.StopLoop(config));
        awaitAll(atMost.multipliedBy(4));
    }

    private void awaitAll(Duration atMost) {
        Duration end = world.elapsed().plus(atMost);
        List<String> missing = missing();
        while (!missing.isEmpty()) {
            if (world.elapsed().compareTo(end) > 0) {
                world.waits()
                        .forEach(wait -> world.tell("waits: " + wait.subject() + " " + wait.reason(), wait.message()));
                throw new Violation(
                        "liveness", Story.time(atMost) + " after the faults stopped: " + String.join("; ", missing));
            }
            world.run(LOOK_EVERY);
            missing = missing();
        }
    }

    /// What is still to happen, for people.
    List<String> missing() {
        List<String> missing = new ArrayList<>();
        if (world.consensus().reigns().isEmpty()) missing.add("there is no leader");
        for (SimNode node : world.nodes()) node(node).ifPresent(missing::add);
        if (looping)
            world.state().loops().loops().values().forEach(loop -> loop(loop).ifPresent(missing::add));
        else {
            world.state().work().jobs().values().forEach(job -> job(job).ifPresent(missing::add));
            missing.addAll(Trainers.missing(world));
        }
        for (Distribution distribution : world.state().models().distributions().values()) {
            distribution(distribution).ifPresent(missing::add);
        }
        for (Desk.Order order : world.desk().orders()) {
            if (order.open()) missing.add(order.request + " is not answered");
        }
        missing.addAll(world.people().missing());
        return missing.size() > 20 ? missing.subList(0, 20) : missing;
    }

    private Optional<String> node(SimNode machine) {
        boolean rented =
                world.provider().filter(there -> there.rents(machine.id)).isPresent();
        if (machine.gone() || rented) return Optional.empty();
        Node node = world.state().fleet().nodes().find(machine.id).orElse(null);
        if (node == null || !machine.member()) return Optional.of(machine.id + " has not joined");
        return node.fenced() ? Optional.of(machine.id + " is not readmitted") : Optional.empty();
    }

    private Optional<String> job(Job job) {
        boolean asked = job.submitter().startsWith("person:");
        if (!asked || job.status() != Job.Status.OPEN || !canRun(job)) return Optional.empty();
        return Optional.of(job.id() + " has not ended");
    }

    private boolean canRun(Job job) {
        return world.nodes().stream()
                .filter(machine -> !machine.gone())
                .flatMap(machine -> world.state().fleet().nodes().find(machine.id).stream())
                .filter(node -> node.desired() == Desired.READY
                        && Fit.never(job.spec(), node).isEmpty())
                .skip(job.spec().nodes() - 1)
                .findFirst()
                .isPresent();
    }

    private Optional<String> loop(Loop loop) {
        boolean moved = loop.generation() > generations.getOrDefault(loop.config(), 0);
        if (!loop.running()) return Optional.of("the loop of " + loop.config() + " is stopped");
        return moved ? Optional.empty() : Optional.of("the loop of " + loop.config() + " stays at " + loop.stage());
    }

    /// One that a person has retired gets no more models.
    private boolean serves(NodeId id) {
        return world.state()
                .fleet()
                .nodes()
                .find(id)
                .filter(node -> node.desired() != Desired.RETIRED)
                .isPresent();
    }

    private Optional<String> distribution(Distribution distribution) {
        ConfigKey config = distribution.config();
        boolean same = distribution.sha().equals(distributing.get(config));
        if (distribution.completedAt().isEmpty()) {
            return same
                    ? Optional.of(distribution.sha().brief() + " of " + config + " is not everywhere")
                    : Optional.empty();
        }
        distributing.remove(config);
        return world.nodes().stream()
                .filter(machine -> !machine.gone() && serves(machine.id))
                .filter(machine -> !machine.agent().pointers().find(config).equals(Optional.of(distribution.sha())))
                .map(machine -> machine.id + " does not point at the model of " + config)
                .findFirst();
    }
}
