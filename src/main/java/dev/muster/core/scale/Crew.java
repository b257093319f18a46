package dev.muster.core.scale;

import dev.muster.core.plan.Soft;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Group;
import dev.muster.core.state.Hardware;
import dev.muster.core.state.Held;
import dev.muster.core.state.Instance;
import dev.muster.core.state.Node;
import dev.muster.core.state.Observed;
import dev.muster.core.state.Rentals;
import dev.muster.core.state.Scaling;
import dev.muster.core.state.Sighting;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;

/// A group's machines as they are.
///
/// @param group    with the limits that hold now
/// @param machines that are wanted, and are there or on their way
/// @param lost     that are wanted, and have been away for longer than is allowed: others take their places
/// @param offline  of `machines`, those whose host is offline, and may come back: they are no part of what has to be there
/// @param coming   of `machines`, those that are on their way into the cluster
/// @param joined   nodes of `machines` that may be given work
/// @param used     share of the joined nodes' slots in use; empty when none has joined
/// @param past     when it grew and shrank
record Crew(
        Group group,
        List<Instance> machines,
        List<Instance> lost,
        int offline,
        int coming,
        List<Node> joined,
        OptionalDouble used,
        Past past) {
    /// A host may be offline for so long, as when it is started again.
    private static final Duration OFFLINE_MAX = Duration.ofMinutes(2);

    /// Orders of one step are given one after the other, within this.
    static final Duration STEP = Duration.ofMinutes(1);

    /// @param ordered  in the last [#STEP], also what came to nothing
    /// @param unfilled places of machines that are lost, or failed within the cooldown, for which none was ordered since:
    ///     to fill them is no growth
    /// @param lastUp   the newest of all that came to be before the last [#STEP]
    /// @param lastDown the newest machine that was given up while it ran
    record Past(int ordered, int unfilled, Optional<Instant> lastUp, Optional<Instant> lastDown) {
        /// Has it ever shrunk?
        boolean shrank() {
            return lastDown.isPresent();
        }
    }

    Crew {
        machines = List.copyOf(machines);
        lost = List.copyOf(lost);
        joined = List.copyOf(joined);
    }

    int size() {
        return machines.size();
    }

    /// Every group's, by name, in one walk over the machines.
    static Collection<Crew> all(ClusterState state, Soft soft, Instant now) {
        TreeMap<String, List<Instance>> members = new TreeMap<>();
        state.rentals().groups().keys().forEach(name -> members.put(name, new ArrayList<>()));
        for (Instance instance : state.rentals().instances().values()) {
            List<Instance> group = members.get(instance.group().orElse(""));
            if (group != null) group.add(instance);
        }
        List<Crew> crews = new ArrayList<>();
        members.forEach((name, instances) ->
                crews.add(of(state, soft, state.rentals().groups().require(name), instances, now)));
        return crews;
    }

    private static Crew of(ClusterState state, Soft soft, Group group, List<Instance> instances, Instant now) {
        Scaling scaling = state.rentals().scaling();
        List<Instance> machines = new ArrayList<>();
        List<Instance> lost = new ArrayList<>();
        List<Instant> failures = new ArrayList<>();
        List<Node> joined = new ArrayList<>();
        int offline = 0;
        int coming = 0;
        double used = 0;
        for (Instance instance : instances) {
            if (!instance.open() || instance.will() != Instance.Will.RUN) continue;
            Node node = instance.node().flatMap(state.fleet().nodes()::find).orElse(null);
            if (away(instance, Optional.ofNullable(node), soft, scaling, now)) {
                lost.add(instance);
                boolean runs = instance.observed().equals(Optional.of(Observed.RUNNING));
                failures.add(node != null && runs ? soft.lastHeard(node.id()) : instance.seenAt());
                continue;
            }
            machines.add(instance);
            if (offline(instance, Optional.ofNullable(node), soft, now)) offline++;
            if (node == null) coming++;
            if (node == null || !node.schedulable()) continue;
            joined.add(node);
            used += used(node, state.work().heldOn(node.id()));
        }
        OptionalDouble share = joined.isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(used / joined.size());
        return new Crew(
                scaling.at(group, now),
                machines,
                lost,
                offline,
                coming,
                joined,
                share,
                past(instances, failures, state.rentals(), now));
    }

    /// The scarcest of what a node has is what its slots are counted by.
    private static double used(Node node, Held held) {
        Hardware has = node.hardware();
        double most = share(held.attempts(), node.maxParallelJobs());
        most = Math.max(most, share(held.resources().gpus(), has.gpus()));
        most = Math.max(most, share(held.resources().cpuMillis(), has.cpuMillis()));
        return Math.max(
                most, share(held.resources().memory().count(), has.memory().count()));
    }

    private static double share(long part, long whole) {
        return whole <= 0 ? 0 : Math.min(1, (double) part / whole);
    }

    /// For longer than the policy allows.
    private static boolean away(Instance instance, Optional<Node> node, Soft soft, Scaling scaling, Instant now) {
        if (instance.seen().isEmpty()) return false;
        Instant since = instance.seenAt();
        return switch (instance.seen().get().observed()) {
            case FAILED, GONE -> true;
            case PREEMPTED, QUEUED -> over(since, scaling.outbidMax(), now);
            case HOST_LOST, UNKNOWN -> over(since, scaling.lostMax(), now);
            case PROVISIONING, PULLING, STOPPED, STOPPING -> over(since, scaling.bootMax(), now);
            case RUNNING ->
                node.isEmpty()
                        ? over(since, scaling.joinMax(), now)
                        : node.get().fenced() && over(soft.lastHeard(node.get().id()), scaling.lostMax(), now);
        };
    }

    /// As far as its provider or the cluster is sure: it is listed as offline, or its node is fenced.
    private static boolean offline(Instance instance, Optional<Node> node, Soft soft, Instant now) {
        Observed seen = instance.observed().orElse(Observed.UNKNOWN);
        if (seen == Observed.HOST_LOST) return over(instance.seenAt(), OFFLINE_MAX, now);
        return seen == Observed.RUNNING
                && node.filter(Node::fenced)
                        .filter(one -> over(soft.lastHeard(one.id()), OFFLINE_MAX, now))
                        .isPresent();
    }

    private static boolean over(Instant since, Duration most, Instant now) {
        return now.isAfter(since.plus(most));
    }

    private static Past past(List<Instance> instances, List<Instant> failures, Rentals rentals, Instant now) {
        Scaling scaling = rentals.scaling();
        int ordered = 0;
        List<Instant> orders = new ArrayList<>();
        Optional<Instant> lastUp = Optional.empty();
        Optional<Instant> lastDown = Optional.empty();
        for (Instance instance : instances) {
            boolean came = instance.ended().map(Instance.Ended::found).orElse(true);
            if (instance.orderedAt().isAfter(now.minus(STEP))) ordered++;
            else if (came) lastUp = later(lastUp, instance.orderedAt());
            if (came) orders.add(instance.orderedAt());
            Optional<Instant> gone = gone(instance);
            if (gone.isEmpty() || !came) continue;
            if (!failed(instance, rentals)) lastDown = later(lastDown, gone.get());
            else if (!over(gone.get(), scaling.upCooldown(), now)) failures.add(gone.get());
        }
        return new Past(ordered, unfilled(failures, orders), lastUp, lastDown);
    }

    /// When it was given up, or was found to be gone.
    private static Optional<Instant> gone(Instance instance) {
        return instance.will() == Instance.Will.END
                ? Optional.of(instance.willAt())
                : instance.ended().map(Instance.Ended::at);
    }

    /// Each order since a failure fills the place of one.
    private static int unfilled(List<Instant> failures, List<Instant> orders) {
        int unfilled = 0;
        List<Instant> rest = new ArrayList<>(orders);
        for (Instant failure : failures.stream().sorted().toList()) {
            Optional<Instant> since =
                    rest.stream().filter(order -> !order.isBefore(failure)).min(Comparator.naturalOrder());
            if (since.isPresent()) rest.remove(since.get());
            else unfilled++;
        }
        return unfilled;
    }

    /// Was it taken away, or given up for what it did? Then another takes its place.
    private static boolean failed(Instance instance, Rentals rentals) {
        if (instance.will() != Instance.Will.END) return true;
        Scaling scaling = rentals.scaling();
        Optional<Sighting> seen = instance.seen();
        if (seen.isEmpty()) return true;
        return switch (seen.get().observed()) {
            case PREEMPTED, QUEUED, FAILED, HOST_LOST, UNKNOWN -> true;
            default -> scaling.replaces(instance, instance.willAt()) || blamed(instance, rentals);
        };
    }

    /// Whoever is blamed is so in the moment in which it is given up.
    private static boolean blamed(Instance instance, Rentals rentals) {
        return rentals.blames()
                .find(Rentals.place(instance.rent().provider(), instance.rent().machine()))
                .filter(blame ->
                        Duration.between(blame.at(), instance.willAt()).abs().compareTo(STEP) < 0)
                .isPresent();
    }

    private static Optional<Instant> later(Optional<Instant> one, Instant other) {
        return one.filter(at -> at.isAfter(other)).or(() -> Optional.of(other));
    }
}
