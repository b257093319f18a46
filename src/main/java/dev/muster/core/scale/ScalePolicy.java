package dev.muster.core.scale;

import dev.muster.core.state.Caps;
import dev.muster.core.state.Command;
import dev.muster.core.state.Group;
import dev.muster.core.state.Rentals;
import dev.muster.core.state.Scaling;
import dev.muster.core.state.Table;
import java.util.ArrayList;
import java.util.List;

/// What a person has written down of renting: which groups, under which caps, scaled how.
///
/// @param groups with names of their own
/// @param caps   of all machines under the empty name, of a group under its own
public record ScalePolicy(List<Group> groups, Table<String, Caps> caps, Scaling scaling) {
    /// @throws IllegalArgumentException when two groups have one name, or a cap is of no group
    public ScalePolicy {
        groups = List.copyOf(groups);
        List<String> names = groups.stream().map(Group::name).toList();
        if (names.stream().distinct().count() < names.size())
            throw new IllegalArgumentException("expected groups with names of their own, but found " + names);
        for (String scope : caps.keys())
            if (!scope.equals(Rentals.ALL) && !names.contains(scope))
                throw new IllegalArgumentException("expected caps of one of " + names + ", but found " + scope);
    }

    /// What stands in the cluster.
    public static ScalePolicy of(Rentals rentals) {
        return new ScalePolicy(List.copyOf(rentals.groups().values()), rentals.caps(), rentals.scaling());
    }

    /// The orders that bring the cluster to it, caps before anything is rented under them.
    ///
    /// @param prune groups and caps that it does not name go, too; a group goes only without machines, so this may be
    ///     refused
    public List<Command> orders(Rentals rentals, boolean prune) {
        List<Command> orders = new ArrayList<>();
        if (caps.has(Rentals.ALL)) cap(orders, rentals, Rentals.ALL);
        else if (prune && rentals.caps().has(Rentals.ALL)) orders.add(new Command.SetBudget(Rentals.ALL, Caps.NONE));
        if (!scaling.equals(rentals.scaling())) orders.add(new Command.SetScaling(scaling));
        for (Group group : groups) {
            boolean same = group.equals(rentals.groups().find(group.name()).orElse(null));
            if (!same) orders.add(new Command.SetGroup(group));
            if (caps.has(group.name())) cap(orders, rentals, group.name());
            else if (prune && rentals.caps().has(group.name()))
                orders.add(new Command.SetBudget(group.name(), Caps.NONE));
        }
        if (prune) {
            for (String name : rentals.groups().keys())
                if (groups.stream().noneMatch(group -> group.name().equals(name)))
                    orders.add(new Command.DeleteGroup(name));
        }
        return orders;
    }

    private void cap(List<Command> orders, Rentals rentals, String scope) {
        Caps wanted = caps.require(scope);
        if (!wanted.equals(rentals.caps().getOrDefault(scope, Caps.NONE)))
            orders.add(new Command.SetBudget(scope, wanted));
    }
}
