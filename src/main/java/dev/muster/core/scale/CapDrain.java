package dev.muster.core.scale;

import dev.muster.core.plan.Action;
import dev.muster.core.plan.Plan;
import dev.muster.core.plan.Wait;
import dev.muster.core.state.Budgets;
import dev.muster.core.state.Command;
import dev.muster.core.state.Durations;
import dev.muster.core.state.Fleet;
import dev.muster.core.state.Instance;
import dev.muster.core.state.InstanceId;
import dev.muster.core.state.Money;
import dev.muster.core.state.Rentals;
import dev.muster.core.state.Scaling;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// Where a cap would be passed by what runs already, groups' machines are ended, the least useful first. What a person rented
/// by itself is the person's to end.
///
/// Of the day's and the month's cap, that is so early that what machines cost until they are gone still fits. Where there
/// are several, the less useful ones go earlier, so that the last one lasts longer.
final class CapDrain {
    /// A machine whose time to go is over, and which is still there.
    private static final Duration OVERDUE = Duration.ofMinutes(1);

    private final Rentals rentals;
    private final Fleet fleet;
    private final Comparator<Instance> usefulness;
    private final Instant now;
    private final Duration notice;
    private final List<Action> actions = new ArrayList<>();
    private final List<Wait> waits = new ArrayList<>();
    private final Set<InstanceId> going = new TreeSet<>();

    private CapDrain(Rentals rentals, Fleet fleet, Comparator<Instance> usefulness, Instant now) {
        this.rentals = rentals;
        this.fleet = fleet;
        this.usefulness = usefulness;
        this.now = now;
        this.notice = rentals.scaling().notice();
    }

    static Plan decide(
            Rentals rentals, Fleet fleet, List<Budgets.Use> uses, Comparator<Instance> usefulness, Instant now) {
        CapDrain drain = new CapDrain(rentals, fleet, usefulness, now);
        for (Budgets.Use use : uses) {
            if (use.span().equals("hour")) drain.rate(use);
            else drain.sum(use);
        }
        return new Plan(drain.actions, drain.waits);
    }

    /// For so long a day's cap has to pay for a machine, or it would be ended as soon as it is there.
    static Duration worth(Scaling scaling) {
        Duration most = scaling.notice().multipliedBy(3);
        return most.compareTo(Duration.ofHours(1)) > 0 ? most : Duration.ofHours(1);
    }

    // ---- what is open per hour

    private void rate(Budgets.Use use) {
        List<Instance> open = endable(use);
        Money over = Money.ZERO.minus(use.left());
        // It costs nothing more soon.
        for (Instance instance : leaving(use)) over = over.minus(instance.committed());
        while (over.compareTo(Money.ZERO) > 0 && !open.isEmpty()) {
            Instance one = open.removeFirst();
            over = over.minus(one.committed());
            end(one, use, "");
        }
        if (over.compareTo(Money.ZERO) > 0) nothingLeft(use);
    }

    // ---- what is spent in a day or a month

    private void sum(Budgets.Use use) {
        Instant end = use.span().equals("day")
                ? rentals.scaling().dayEnds(now)
                : rentals.scaling().monthEnds(now);
        Duration rest = Duration.between(now, end);
        Duration once = shorter(notice, rest);
        Duration twice = shorter(notice.multipliedBy(2), rest);
        List<Instance> open = endable(use);
        List<Instance> leaving = leaving(use);
        // With all told to end now; of those told already, what is left of their time.
        Money least = use.spent();
        for (Instance instance : rentals.instances().values()) {
            if (!instance.open() || !within(use.scope(), instance)) continue;
            Duration time = leaving.contains(instance) ? shorter(leaves(instance), rest) : once;
            least = least.plus(instance.committed().perHourFor(time));
        }
        String left = ", what is open costs " + use.open().brief() + " per hour, and to end machines takes up to "
                + Durations.brief(notice);
        if (least.compareTo(use.cap()) > 0) {
            for (Instance instance : open) end(instance, use, left);
            if (open.isEmpty() && leaving.isEmpty() && use.spent().compareTo(use.cap()) >= 0) nothingLeft(use);
            return;
        }
        Money later = least;
        for (Instance instance : open) later = later.plus(instance.committed().perHourFor(twice.minus(once)));
        while (later.compareTo(use.cap()) > 0 && open.size() > 1) {
            Instance one = open.removeFirst();
            later = later.minus(one.committed().perHourFor(twice.minus(once)));
            end(one, use, ", so that the rest lasts longer");
        }
    }

    private Duration leaves(Instance instance) {
        if (going.contains(instance.id())) return notice;
        Duration left = Duration.between(now, instance.willAt().plus(notice));
        return left.compareTo(OVERDUE) > 0 ? left : OVERDUE;
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    // ---- parts

    /// The least useful first.
    private List<Instance> endable(Budgets.Use use) {
        List<Instance> open = new ArrayList<>();
        for (Instance instance : rentals.instances().values()) {
            if (!instance.open() || !within(use.scope(), instance) || goes(instance)) continue;
            if (instance.group().isPresent()
                    && instance.node().filter(fleet::votes).isEmpty()) open.add(instance);
        }
        open.sort(usefulness);
        return open;
    }

    private List<Instance> leaving(Budgets.Use use) {
        return rentals.instances().values().stream()
                .filter(one -> one.open() && within(use.scope(), one) && goes(one))
                .toList();
    }

    private boolean goes(Instance instance) {
        return instance.leaving() || going.contains(instance.id());
    }

    private void end(Instance instance, Budgets.Use use, String more) {
        going.add(instance.id());
        actions.add(new Action.Propose(
                new Command.EndInstance(instance.id(), false),
                "the cap is reached: " + use.told() + (use.span().equals("hour") ? " is open" : " is spent") + more));
    }

    private void nothingLeft(Budgets.Use use) {
        waits.add(new Wait(
                use.scope().isEmpty() ? "budget" : "group " + use.scope(),
                Wait.Reason.BUDGET,
                use.told() + " is used, and nothing is left that could be ended"));
    }

    private static boolean within(String scope, Instance instance) {
        return scope.isEmpty() || instance.group().orElse("").equals(scope);
    }
}
