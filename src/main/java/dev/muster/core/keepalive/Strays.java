package dev.muster.core.keepalive;

import dev.muster.core.plan.Action;
import dev.muster.core.plan.Errand;
import dev.muster.core.plan.Renting;
import dev.muster.core.plan.Wait;
import dev.muster.core.rent.Rented;
import dev.muster.core.state.Command;
import dev.muster.core.state.Instance;
import dev.muster.core.state.Rent;
import dev.muster.core.state.Rentals;
import dev.muster.core.state.Scaling;
import dev.muster.core.state.Sighting;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Machines at our providers that belong to no open instance. One that carries a label of ours was ordered and never
/// found, or was thought gone: the first is ended, the second is looked after again unless what it held was safe. Of
/// all others people are told, and nothing is done.
public final class Strays {
    private Strays() {}

    /// A machine that costs money and belongs to nobody we know.
    public record Stray(Rented machine, Fate fate) {}

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

    static void decide(Rentals rentals, Renting renting, Instant now, List<Action> actions, List<Wait> waits) {
        for (Stray stray : of(rentals, renting)) {
            Rented machine = stray.machine();
            boolean ends = rentals.scaling().strays() == Scaling.Strays.END;
            switch (stray.fate()) {
                case ADOPT -> adopt(rentals, machine).ifPresent(actions::add);
                case END -> {
                    Errand end = new Errand.DestroyStray(machine.provider(), machine.id(), machine.label());
                    if (ends && renting.due(end, now)) actions.add(new Action.Run(end, "no open order has its label"));
                    waits.add(wait(
                            machine,
                            ends ? "belongs to no order of ours that is open; it is ended" : reported(machine)));
                }
                case FORGOTTEN, UNKNOWN -> waits.add(wait(machine, reported(machine)));
            }
        }
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

    private static Optional<Action> adopt(Rentals rentals, Rented machine) {
        return rentals.labelled(machine.label()).map(before -> {
            Rent rent = before.rent();
            Sighting seen = new Sighting(
                    machine.id(),
                    machine.observed(),
                    machine.bill().perHourNow(),
                    machine.bill().perHourRunning(),
                    machine.bill().ends(),
                    machine.message());
            return new Action.Propose(
                    new Command.AdoptInstance(machine.label(), rent, seen, before.node()),
                    "it was thought gone as " + before.id() + ", and is there");
        });
    }

    private static String reported(Rented machine) {
        return "costs " + machine.bill().perHourNow()
                + " per hour and belongs to nobody we know; `muster instance adopt " + machine.id() + " --provider "
                + machine.provider() + "`, or end it there";
    }

    private static Wait wait(Rented machine, String message) {
        String label = machine.label().isEmpty() ? "without a label" : "\"" + machine.label() + "\"";
        return new Wait(
                machine.provider() + " " + machine.id(), Wait.Reason.STUCK, "a machine " + label + " " + message);
    }
}
