package dev.muster.core.keepalive;

import dev.muster.core.plan.Action;
import dev.muster.core.plan.Errand;
import dev.muster.core.plan.Renting;
import dev.muster.core.plan.Stray;
import dev.muster.core.plan.Wait;
import dev.muster.core.rent.Rented;
import dev.muster.core.state.Command;
import dev.muster.core.state.Rent;
import dev.muster.core.state.Rentals;
import dev.muster.core.state.Scaling;
import dev.muster.core.state.Sighting;
import dev.muster.core.state.Trouble;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Machines at our providers that belong to no open instance. One that carries a label of ours was ordered and never
/// found, or was thought gone: the first is ended, the second is looked after again unless what it held was safe. Of
/// all others people are told, and nothing is done.
public final class Strays {
    /// That get into the events; whoever has more has another trouble.
    private static final int TOLD_MAX = 50;

    private Strays() {}

    static void decide(Rentals rentals, Renting renting, Instant now, List<Action> actions, List<Wait> waits) {
        List<Stray> strays = Stray.of(rentals, renting);
        strays.stream()
                .filter(stray -> stray.fate() != Stray.Fate.ADOPT)
                .limit(TOLD_MAX)
                .flatMap(stray -> alarm(rentals, stray, now).stream())
                .forEach(actions::add);
        for (Stray stray : strays) {
            Rented machine = stray.machine();
            boolean ends = rentals.scaling().strays() == Scaling.Strays.END;
            switch (stray.fate()) {
                case ADOPT -> adopt(rentals, machine).ifPresent(actions::add);
                case END -> {
                    Errand end = new Errand.DestroyStray(machine.provider(), machine.id(), machine.label());
                    if (ends && renting.due(end, now)) actions.add(new Action.Run(end, "no open order has its label"));
                    waits.add(wait(
                            machine, ends ? "belongs to no order of ours that is open; it is ended" : reported(stray)));
                }
                case FORGOTTEN, UNKNOWN -> waits.add(wait(machine, reported(stray)));
            }
        }
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

    private static Optional<Action> alarm(Rentals rentals, Stray stray, Instant now) {
        Rented machine = stray.machine();
        String label = machine.label().isEmpty() ? "without a label" : "\"" + machine.label() + "\"";
        return Alarm.of(
                rentals,
                Trouble.STRAY_FOUND,
                machine.provider() + " " + machine.id(),
                label + " costs " + machine.bill().perHourNow().brief() + " per hour and " + stray.whose(),
                now);
    }

    private static String reported(Stray stray) {
        Rented machine = stray.machine();
        return "costs " + machine.bill().perHourNow().brief() + " per hour and " + stray.whose()
                + "; `muster instance adopt " + machine.id() + " --provider " + machine.provider()
                + "` looks after it, and `muster instance destroy` ends it then";
    }

    private static Wait wait(Rented machine, String message) {
        String label = machine.label().isEmpty() ? "without a label" : "\"" + machine.label() + "\"";
        return new Wait(
                machine.provider() + " " + machine.id(), Wait.Reason.STRAY, "a machine " + label + " " + message);
    }
}
