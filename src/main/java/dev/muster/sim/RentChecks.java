package dev.muster.sim;

import dev.muster.core.plan.Errand;
import dev.muster.core.state.Artifact;
import dev.muster.core.state.Caps;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Custody;
import dev.muster.core.state.Event;
import dev.muster.core.state.Instance;
import dev.muster.core.state.InstanceId;
import dev.muster.core.state.Money;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Rentals;
import dev.muster.core.state.Replicas;
import dev.muster.core.state.Sha256;
import dev.muster.market.Market;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What must not happen with rented machines, checked against the market itself.
final class RentChecks {
    private static final Duration UNLISTED_MAX = Duration.ofMinutes(5);
    /// Orders on their way when somebody changed his mind.
    private static final Duration ON_THE_WAY = Duration.ofMinutes(3);

    private final World world;
    private final Market market;
    private final Map<String, Long> byLabel = new HashMap<>();
    private final Map<Long, Long> unlistedSinceMs = new HashMap<>();
    private long calmSinceMs;
    private Money dearest = Money.ZERO;
    /// What was open already when the cap was set below it.
    private Money excess = Money.ZERO;

    RentChecks(World world, Market market) {
        this.world = world;
        this.market = market;
    }

    /// A machine was made at the provider.
    void created(Instance instance, long id) {
        Long before = byLabel.putIfAbsent(instance.label(), id);
        if (before != null && before != id)
            throw new Violation(
                    "nothing is rented twice",
                    instance.id() + " is " + before + " and " + id + ", both as " + instance.label());
        boolean logged = world.state().rentals().instances().has(instance.id());
        if (!logged)
            throw new Violation("intent first", id + " is rented for " + instance.id() + ", which is in no log");
        dearest = dearest.max(instance.rent().perHour());
    }

    /// An order about a machine comes to the provider.
    void asked(Errand errand, InstanceId id, long rented) {
        Instance instance = world.state().rentals().instances().find(id).orElse(null);
        if (instance == null) return;
        boolean lately =
                instance.willAt().plus(ON_THE_WAY).isAfter(world.state().at());
        switch (errand) {
            case Errand.Destroy destroy -> ends(instance, Instance.Will.END);
            case Errand.Stop stop -> {
                if (!lately) ends(instance, Instance.Will.STOP);
            }
            case Errand.Start start -> {
                if (instance.will() != Instance.Will.RUN && !lately && !rescued(instance))
                    throw new Violation(
                            "what was stopped stays stopped", id + " is started, and is to " + instance.will());
            }
            default -> {}
        }
    }

    /// What is to end, and was stopped by somebody else, is started to copy from it what nobody else has; or had when it was
    /// asked for.
    private boolean rescued(Instance instance) {
        boolean sole = instance.node()
                .filter(node -> !Custody.sole(world.state(), node).isEmpty())
                .isPresent();
        boolean wanted = instance.released()
                .map(at -> at.plus(ON_THE_WAY).isAfter(world.state().at()))
                .orElse(sole);
        return instance.will() == Instance.Will.END && wanted;
    }

    private void ends(Instance instance, Instance.Will will) {
        boolean ordered = !instance.open()
                || instance.will() == will && instance.released().isPresent();
        if (!ordered)
            throw new Violation(
                    "only what is safe is ended",
                    instance.id() + " is to " + instance.will() + ", released " + instance.released()
                            + ", and its provider is asked to " + will);
    }

    void strayDestroyed(long rented, String label) {
        ClusterState state = world.state();
        Optional<Instance> owner = state.rentals().instances().values().stream()
                .filter(instance -> instance.open() && instance.rented().equals(Optional.of(Long.toString(rented))))
                .findFirst();
        if (owner.isPresent())
            throw new Violation(
                    "only strays are swept", rented + " is " + owner.get().id() + ", and is swept");
        boolean ours = state.rentals().ours(label);
        if (!ours)
            throw new Violation("only strays are swept", rented + " is labelled \"" + label + "\", which is not ours");
    }

    /// A step that was committed.
    void event(Event event, ClusterState before, ClusterState after) {
        switch (event) {
            case Event.InstanceReleased(InstanceId id) ->
                released(before, before.rentals().instances().require(id));
            case Event.InstanceOrdered(InstanceId id, var label, var rent, var group, var again) -> {
                Money cap = cap(after).orElse(Money.ofDollars(1_000_000));
                Money committed = after.rentals().committed(Optional.empty());
                if (committed.compareTo(cap) > 0)
                    throw new Violation(
                            "a cap is checked first", id + " makes it " + committed + " per hour of " + cap);
            }
            case Event.InstanceEnded(InstanceId id, String note) -> {
                Optional<String> rented =
                        before.rentals().instances().require(id).rented();
                if (rented.map(Long::parseLong).flatMap(market::instance).isPresent())
                    throw new Violation(
                            "what is there has not ended",
                            id + " is taken for gone, and " + rented.get() + " is there");
            }
            case Event.BudgetSet set ->
                excess = after.rentals()
                        .committed(Optional.empty())
                        .minus(cap(after).orElse(Money.ZERO))
                        .max(Money.ZERO);
            default -> {}
        }
    }

    /// Was it saved on the way of a job, and is it no task's newest version of anything?
    private static boolean replaced(ClusterState state, Artifact artifact) {
        return artifact.progress()
                && state.work().tasks().values().stream()
                        .flatMap(task -> state.work().savedOf(task).files().values().stream())
                        .noneMatch(file -> file.sha().equals(artifact.sha()));
    }

    private static Optional<Money> cap(ClusterState state) {
        return state.rentals().caps().find(Rentals.ALL).flatMap(Caps::hour);
    }

    /// Every file that the node holds and the cluster knows is on another disk, by the disks themselves.
    private void released(ClusterState before, Instance instance) {
        if (instance.abandon() || instance.node().isEmpty()) return;
        NodeId node = instance.node().get();
        if (!before.fleet().nodes().has(node)) return;
        if (!before.work().activeOn(node).isEmpty())
            throw new Violation(
                    "only what is safe is let go",
                    instance.id() + " still runs " + before.work().activeOn(node));
        for (var artifact : before.files().artifacts().values()) {
            if (artifact.receipts().has(node)
                    && !replaced(before, artifact)
                    && !elsewhere(before, artifact.sha(), node))
                throw new Violation(
                        "only what is safe is let go",
                        instance.id() + " is let go, and only " + node + " has "
                                + artifact.sha().brief());
            if (artifact.receipts().has(node) && !replaced(before, artifact) && home(before, artifact))
                throw new Violation(
                        "what is rented is no safe place",
                        instance.id() + " is let go, and only rented machines have "
                                + artifact.sha().brief());
        }
    }

    private boolean elsewhere(ClusterState state, Sha256 sha, NodeId node) {
        return world.nodes().stream()
                .filter(other -> !other.id.equals(node) && other.agent().everHeld(sha))
                .anyMatch(other -> state.fleet()
                        .nodes()
                        .find(other.id)
                        .filter(Replicas::serves)
                        .isPresent());
    }

    /// Is a node of one's own to fetch it that has room?
    private boolean home(ClusterState state, Artifact artifact) {
        List<NodeId> homes = Replicas.homes(state, artifact);
        return world.nodes().stream()
                .anyMatch(node -> homes.contains(node.id) && !node.agent().full());
    }

    /// Once a minute.
    void look() {
        long now = world.agenda().nowMs();
        boolean able = world.provider().orElseThrow().reachable()
                && world.consensus().reigns().stream().anyMatch(Reign::ready);
        if (!able) calmSinceMs = now;
        unlisted(now);
        burn();
    }

    /// Nothing is unlisted for more than five minutes in which somebody could have listed it.
    private void unlisted(long now) {
        Rentals rentals = world.state().rentals();
        for (dev.muster.market.Instance machine : market.instances()) {
            boolean listed = rentals.open().stream()
                    .anyMatch(
                            instance -> instance.label().equals(machine.label().orElse(""))
                                    || instance.rented().equals(Optional.of(Long.toString(machine.id()))));
            if (listed) {
                unlistedSinceMs.remove(machine.id());
                continue;
            }
            long since = Math.max(unlistedSinceMs.computeIfAbsent(machine.id(), first -> now), calmSinceMs);
            if (now - since > UNLISTED_MAX.toMillis())
                throw new Violation(
                        "nothing goes unlisted",
                        machine.id() + " (" + machine.label().orElse("") + ") is in no open instance for "
                                + Duration.ofMillis(now - since));
        }
        unlistedSinceMs.keySet().removeIf(id -> market.instance(id).isEmpty());
    }

    /// What is really burnt stays below the cap, by one reservation at most.
    private void burn() {
        Optional<Money> cap = cap(world.state());
        if (cap.isEmpty()) return;
        Money burn = Rows.money(market.account().perHour());
        if (burn.compareTo(cap.get().plus(dearest).plus(excess)) > 0)
            throw new Violation("no cap is overrun", burn + " per hour is burnt, of " + cap.get() + " and " + dearest);
    }
}
