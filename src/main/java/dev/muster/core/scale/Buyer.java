package dev.muster.core.scale;

import dev.muster.core.plan.Action;
import dev.muster.core.plan.Errand;
import dev.muster.core.plan.Renting;
import dev.muster.core.plan.Wait;
import dev.muster.core.rent.BadQuery;
import dev.muster.core.rent.GpuName;
import dev.muster.core.rent.OfferQuery;
import dev.muster.core.state.Budgets;
import dev.muster.core.state.Command;
import dev.muster.core.state.Durations;
import dev.muster.core.state.Group;
import dev.muster.core.state.InstanceId;
import dev.muster.core.state.Money;
import dev.muster.core.state.Rent;
import dev.muster.core.state.Rentals;
import dev.muster.core.state.Scaling;
import dev.muster.core.state.Windows;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Rents machines on a group's terms: asks for offers, takes the best, and keeps to the caps. At most one machine is ordered
/// in one plan, since orders carry the machine's number.
public final class Buyer {
    /// Offers that are older have gone, mostly.
    private static final Duration FRESH = Duration.ofSeconds(60);

    private final Rentals rentals;
    private final Scaling scaling;
    private final Renting renting;
    private final List<Budgets.Use> uses;
    private final Windows windows;
    private final Instant now;
    private final List<Action> actions;
    private final List<Wait> waits;
    private boolean ordered;
    /// Made when it is first asked for.
    private Optional<Choice> choice = Optional.empty();

    /// @param uses    of the caps, now
    /// @param actions to which it adds what it does
    /// @param waits   to which it adds why it does nothing
    public Buyer(
            Rentals rentals,
            Renting renting,
            List<Budgets.Use> uses,
            Instant now,
            List<Action> actions,
            List<Wait> waits) {
        this.rentals = rentals;
        this.scaling = rentals.scaling();
        this.renting = renting;
        this.uses = uses;
        this.windows = scaling.windowsAt(now);
        this.now = now;
        this.actions = actions;
        this.waits = waits;
    }

    /// Has it ordered one in this plan?
    public boolean ordered() {
        return ordered;
    }

    Optional<Budgets.Use> tightest(Group group) {
        return caps(group).min(Comparator.comparing(Budgets.Use::left));
    }

    /// Why that machine is not what these terms ask for, as far as its order tells; empty when it is. Prices change, and are
    /// the keeper's to look at.
    public static Optional<String> unlike(Group terms, Rent rent) {
        List<String> cards = GroupQuery.cards(terms);
        boolean card = cards.isEmpty() || cards.stream().anyMatch(name -> GpuName.same(name, rent.gpu()));
        boolean count = terms.gpuCount() == 0 || terms.gpuCount() == rent.gpus();
        if (!rent.provider().equals(terms.provider()))
            return Optional.of("it is of " + rent.provider() + ", and " + terms.provider() + " is asked for");
        if (!card || !count)
            return Optional.of("it has " + rent.gear() + ", and "
                    + (terms.gpuCount() == 0 ? "" : terms.gpuCount() + "x ")
                    + (cards.isEmpty() ? "any card" : String.join(" or ", terms.gpus())) + " is asked for");
        if (rent.diskGb() < terms.diskGb())
            return Optional.of("it has a disk of " + rent.diskGb() + " GB, and " + terms.diskGb() + " are asked for");
        return rent.image().equals(terms.image()) && rent.role() == terms.role()
                ? Optional.empty()
                : Optional.of("its image or role is not what is asked for");
    }

    /// What would be ordered on these terms now; empty while no offers are known, and where none fits.
    public Optional<Rent> offered(Group group) {
        try {
            return found(group, GroupQuery.of(group)).flatMap(found -> choice().of(group, found));
        } catch (BadQuery e) {
            return Optional.empty();
        }
    }

    /// @param why for people, the reason for wanting a machine
    public void buy(String subject, Group group, String why) {
        OfferQuery query;
        try {
            query = GroupQuery.of(group);
        } catch (BadQuery e) {
            hold(subject, Wait.Reason.SCALE, "its query cannot be understood: " + e.getMessage());
            return;
        }
        Optional<Renting.Found> found = found(group, query);
        if (found.isEmpty()) ask(subject, group, query, why);
        else take(subject, group, found.get(), why);
    }

    private Optional<Renting.Found> found(Group group, OfferQuery query) {
        return renting.offers()
                .find(group.name())
                .filter(one ->
                        one.query().equals(query) && now.isBefore(one.at().plus(FRESH)));
    }

    private Choice choice() {
        if (choice.isEmpty()) choice = Optional.of(new Choice(rentals, now));
        return choice.get();
    }

    private void ask(String subject, Group group, OfferQuery query, String why) {
        Errand errand = new Errand.FindOffers(group.name(), group.provider(), query);
        Optional<Renting.Tried> last = renting.last(errand);
        if (renting.due(errand, now)) {
            actions.add(new Action.Run(errand, subject + ": " + why));
            hold(subject, Wait.Reason.SCALE, why + "; " + group.provider() + " is asked for offers");
        } else {
            String note = last.map(Renting.Tried::note).orElse("");
            hold(
                    subject,
                    Wait.Reason.SCALE,
                    why + "; " + (note.isEmpty() ? group.provider() + " is asked for offers" : "no offers: " + note));
        }
    }

    private void take(String subject, Group group, Renting.Found found, String why) {
        Optional<Rent> rent = choice().of(group, found);
        if (rent.isEmpty()) {
            hold(subject, Wait.Reason.SCALE, why + "; " + choice().none(found.selection()));
            return;
        }
        Optional<Budgets.Use> over = over(group, rent.get().perHour());
        if (over.isPresent()) {
            hold(
                    subject,
                    Wait.Reason.BUDGET,
                    why + "; " + rent.get().gear() + " at "
                            + rent.get().perHour().brief() + " per hour does not fit, "
                            + over.get() + " is used"
                            + (over.get().span().equals("hour") ? "" : ", with an hour of what is open"));
            return;
        }
        ordered = true;
        actions.add(new Action.Propose(
                new Command.RentInstance(
                        Optional.of(new InstanceId(rentals.next())), rent.get(), Optional.of(group.name()), windows),
                subject + ": " + why + "; " + rent.get().gear() + " at "
                        + rent.get().perHour().brief() + " per hour"
                        + lasts(group, rent.get().perHour())));
    }

    /// The cap that has no room for so much more per hour, or would have it ended as soon as it is there.
    private Optional<Budgets.Use> over(Group group, Money more) {
        Duration worth = CapDrain.worth(scaling);
        return caps(group)
                .filter(use -> more.compareTo(use.left()) > 0
                        || !use.span().equals("hour")
                                && use.open()
                                                .plus(more)
                                                .perHourFor(worth)
                                                .plus(use.spent())
                                                .compareTo(use.cap())
                                        > 0)
                .min(Comparator.comparing(Budgets.Use::left));
    }

    private Stream<Budgets.Use> caps(Group group) {
        return uses.stream().filter(use -> use.scope().isEmpty() || use.scope().equals(group.name()));
    }

    /// Where a cap pays for it only for a part of the day or the month: until when.
    private String lasts(Group group, Money more) {
        Optional<String> first = Optional.empty();
        Instant end = Instant.MAX;
        for (Budgets.Use use : caps(group).toList()) {
            if (use.span().equals("hour")) continue;
            Instant spanEnds = use.span().equals("day") ? scaling.dayEnds(now) : scaling.monthEnds(now);
            Money perHour = use.open().plus(more);
            double hours = use.cap().minus(use.spent()).dollars() / perHour.dollars();
            Duration time = Duration.ofMinutes((long) (60 * Math.min(hours, 1_000)));
            if (!now.plus(time).isBefore(spanEnds) || !now.plus(time).isBefore(end)) continue;
            end = now.plus(time);
            first = Optional.of(
                    "; with it the cap of " + use.cap() + " per " + use.span() + " lasts for " + Durations.brief(time));
        }
        return first.orElse("");
    }

    private void hold(String subject, Wait.Reason reason, String why) {
        waits.add(new Wait(subject, reason, why));
    }
}
