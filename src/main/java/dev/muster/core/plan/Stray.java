package dev.muster.core.plan;

import dev.muster.core.rent.Rented;
import dev.muster.core.state.Instance;
import dev.muster.core.state.Rentals;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// A machine at one of our providers that costs money and belongs to no open instance.
///
/// @param fate what it is, and so what may be done about it
public record Stray(Rented machine, Fate fate) {
    public enum Fate {
        /// Ordered by us, and given up: nothing can be on it.
        END,
        /// Ours, thought gone while it held something.
        ADOPT,
        /// Carries a label of ours that nobody remembers.
        FORGOTTEN,
        /// Somebody else's, or a person's.
        UNKNOWN
    }

    /// As the newest good listings have them.
    public static List<Stray> of(Rentals rentals, Renting renting) {
        Set<String> open = open(rentals);
        return renting.listings().asMap().entrySet().stream()
                .flatMap((Map.Entry<String, Renting.Listings> entry) -> entry.getValue().newest().machines().stream())
                .filter(machine -> !machine.provider().equals("hosts"))
                .filter(machine -> !open.contains(machine.provider() + " id " + machine.id())
                        && !open.contains(machine.provider() + " label " + machine.label()))
                .map(machine -> new Stray(machine, fate(rentals, machine)))
                .toList();
    }

    /// Until it was found, a machine belongs to an order by its label alone; afterwards a second one with that label is a
    /// stray.
    private static Set<String> open(Rentals rentals) {
        Set<String> open = new HashSet<>();
        for (Instance instance : rentals.instances().values()) {
            String name = instance.rented().map(id -> " id " + id).orElse(" label " + instance.label());
            if (instance.open()) open.add(instance.rent().provider() + name);
        }
        return open;
    }

    /// What an adopted machine is called somebody else chose, and may call others so: only a label of ours is a reason to
    /// end anything.
    private static Fate fate(Rentals rentals, Rented machine) {
        Optional<Instance> known = machine.label().isEmpty()
                ? Optional.empty()
                : rentals.labelled(machine.label())
                        .filter(one -> one.rent().provider().equals(machine.provider()));
        boolean ours = rentals.ours(machine.label());
        if (known.isEmpty()) return ours ? Fate.FORGOTTEN : Fate.UNKNOWN;
        boolean held = known.get().rented().equals(Optional.of(machine.id()))
                && known.get().released().isEmpty()
                && !known.get().abandon();
        if (held) return Fate.ADOPT;
        return ours ? Fate.END : Fate.UNKNOWN;
    }

    /// For people: what is known of its owner.
    public String whose() {
        return switch (fate) {
            case END -> "was ordered by us and given up";
            case ADOPT -> "was thought gone, and is there";
            case FORGOTTEN ->
                "carries our label with a number that we never gave, or have forgotten: nobody here knows what is on it";
            case UNKNOWN -> "is none that we ordered";
        };
    }
}
