package dev.muster.core.scale;

import dev.muster.core.plan.Action;
import dev.muster.core.plan.Plan;
import dev.muster.core.plan.Wait;
import dev.muster.core.state.Budgets;
import dev.muster.core.state.Command;
import dev.muster.core.state.Fleet;
import dev.muster.core.state.Instance;
import dev.muster.core.state.InstanceId;
import dev.muster.core.state.Money;
import dev.muster.core.state.Rentals;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// Where a cap is reached by what runs already, or will be within the hour, groups' machines are ended until the rest
/// fits: the least useful first. What a person rented by itself is the person's to end.
final class CapDrain {
    private final Rentals rentals;
    private final Fleet fleet;
    private final Comparator<Instance> usefulness;
    private final List<Action> actions = new ArrayList<>();
    private final List<Wait> waits = new ArrayList<>();
    private final Set<InstanceId> going = new TreeSet<>();

    private CapDrain(Rentals rentals, Fleet fleet, Comparator<Instance> usefulness) {
        this.rentals = rentals;
        this.fleet = fleet;
        this.usefulness = usefulness;
    }

    static Plan decide(Rentals rentals, Fleet fleet, List<Budgets.Use> uses, Comparator<Instance> usefulness) {
        CapDrain drain = new CapDrain(rentals, fleet, usefulness);
        for (Budgets.Use use : uses) if (use.left().compareTo(Money.ZERO) < 0) drain.fit(use);
        return new Plan(drain.actions, drain.waits);
    }

    private void fit(Budgets.Use use) {
        List<Instance> open = new ArrayList<>();
        Money over = Money.ZERO.minus(use.left());
        for (Instance instance : rentals.instances().values()) {
            if (!instance.open() || !within(use.scope(), instance)) continue;
            // It costs nothing more soon.
            if (instance.leaving() || going.contains(instance.id())) over = over.minus(instance.committed());
            else if (instance.group().isPresent()
                    && instance.node().filter(fleet::votes).isEmpty()) open.add(instance);
        }
        open.sort(usefulness);
        for (Instance instance : open) {
            if (over.compareTo(Money.ZERO) <= 0) return;
            over = over.minus(instance.committed());
            going.add(instance.id());
            actions.add(
                    new Action.Propose(new Command.EndInstance(instance.id(), false), "the cap is reached: " + use));
        }
        if (over.compareTo(Money.ZERO) > 0)
            waits.add(new Wait(
                    use.scope().isEmpty() ? "budget" : "group " + use.scope(),
                    Wait.Reason.BUDGET,
                    use + " is used, and nothing is left that could be ended"));
    }

    private static boolean within(String scope, Instance instance) {
        return scope.isEmpty() || instance.group().orElse("").equals(scope);
    }
}
