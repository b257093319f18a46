package dev.muster.core.keepalive;

import dev.muster.core.plan.Action;
import dev.muster.core.plan.Credit;
import dev.muster.core.plan.Errand;
import dev.muster.core.plan.Renting;
import dev.muster.core.plan.Wait;
import dev.muster.core.rent.Deal;
import dev.muster.core.rent.Offer;
import dev.muster.core.rent.OfferField;
import dev.muster.core.rent.OfferQuery;
import dev.muster.core.rent.Sort;
import dev.muster.core.rent.Usage;
import dev.muster.core.state.Again;
import dev.muster.core.state.Budgets;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Command;
import dev.muster.core.state.Instance;
import dev.muster.core.state.InstanceId;
import dev.muster.core.state.Market;
import dev.muster.core.state.Money;
import dev.muster.core.state.Rent;
import dev.muster.core.state.Rentals;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// What a person ordered and never got: where it failed before it joined, the next fitting offer of another host is
/// rented. Offers are looked for anew, since those of the first search may be gone.
final class Another {
    private static final List<Sort> CHEAPEST = List.of(new Sort(OfferField.PRICE, false));

    private Another() {}

    static void decide(ClusterState state, Renting renting, Instant now, List<Action> actions, List<Wait> waits) {
        Rentals rentals = state.rentals();
        boolean ordered = false;
        for (Instance failed : rentals.instances().values()) {
            if (failed.awaitsAnother(now).isEmpty()
                    || rentals.insteadOf(failed.id()).isPresent()) continue;
            Again again = failed.again().orElseThrow();
            Optional<Renting.Found> found = renting.offers()
                    .find(key(failed))
                    .filter(known ->
                            known.at().isAfter(failed.ended().orElseThrow().at()));
            Optional<String> lack = Credit.noOrder(state, renting, failed.rent().provider(), now);
            if (lack.isPresent()) {
                waits.add(wait(failed, Wait.Reason.INSTANCE, "no other is ordered: " + lack.get()));
                continue;
            }
            if (found.isEmpty()) {
                find(failed, again, renting, now, actions, waits);
                continue;
            }
            Optional<Rent> next = choose(rentals, failed, again, found.get(), now);
            // One number is given at a time.
            if (next.isEmpty()) {
                waits.add(wait(
                        failed,
                        Wait.Reason.INSTANCE,
                        "no other offer fits, of " + found.get().selection().seen()));
                find(failed, again, renting, now, actions, waits);
            } else if (!ordered) {
                ordered = order(rentals, failed, again, next.get(), now, actions, waits);
            }
        }
    }

    private static String key(Instance failed) {
        return "instead of " + failed.id();
    }

    private static void find(
            Instance failed, Again again, Renting renting, Instant now, List<Action> actions, List<Wait> waits) {
        Errand find = new Errand.FindOffers(key(failed), failed.rent().provider(), query(failed.rent(), again));
        if (renting.due(find, now)) actions.add(new Action.Run(find, failed.id() + " failed"));
        renting.last(find)
                .filter(tried -> tried.failures() > 0)
                .ifPresent(tried ->
                        waits.add(wait(failed, Wait.Reason.INSTANCE, "cannot ask for offers: " + tried.note())));
    }

    private static OfferQuery query(Rent rent, Again again) {
        return OfferQuery.DEFAULT
                .withoutDefaults()
                .on(deal(rent, again))
                .by(CHEAPEST)
                .and(again.query());
    }

    private static Deal deal(Rent rent, Again again) {
        return new Deal(
                rent.bid().isPresent() ? Market.BID : Market.ON_DEMAND,
                rent.diskGb(),
                new Usage(again.up(), again.down()));
    }

    /// Not of a host on which one of its kind failed, and nothing dearer than was agreed.
    private static Optional<Rent> choose(
            Rentals rentals, Instance failed, Again again, Renting.Found found, Instant now) {
        Set<String> tried = tried(rentals, failed);
        return found.selection().offers().stream()
                .filter(offer -> !tried.contains("offer " + offer.id()))
                .filter(offer -> offer.machine().isEmpty() || !tried.contains("machine " + offer.machine()))
                .filter(offer -> offer.machine().isEmpty()
                        || rentals.blamed(offer.provider(), offer.machine(), now)
                                .isEmpty())
                .map(offer -> rent(failed.rent(), again, offer))
                .filter(rent -> rent.perHour().compareTo(again.priceMax()) <= 0)
                .findFirst();
    }

    private static Set<String> tried(Rentals rentals, Instance failed) {
        Set<String> tried = new HashSet<>();
        Optional<Instance> one = Optional.of(failed);
        while (one.isPresent()) {
            tried.add("offer " + one.get().rent().offer());
            tried.add("machine " + one.get().rent().machine());
            one = one.get()
                    .again()
                    .flatMap(Again::insteadOf)
                    .flatMap((InstanceId id) -> rentals.instances().find(id));
        }
        return tried;
    }

    /// A bid that was above the lowest stays so much.
    private static Rent rent(Rent before, Again again, Offer offer) {
        Deal deal = deal(before, again);
        Money total = offer.cost(deal);
        Money lowest = offer.price().bidMin().orElse(offer.price().perHour());
        Optional<Money> bid = before.bid().map(lowest::max);
        return new Rent(
                offer.provider(),
                offer.id(),
                offer.machine(),
                offer.gpus().name(),
                offer.gpus().count(),
                bid,
                bid.map(money -> total.minus(lowest).plus(money)).orElse(total),
                offer.price().storage(before.diskGb()),
                before.diskGb(),
                before.image(),
                before.role());
    }

    private static boolean order(
            Rentals rentals,
            Instance failed,
            Again again,
            Rent rent,
            Instant now,
            List<Action> actions,
            List<Wait> waits) {
        Optional<Budgets.Use> full = Budgets.tightest(
                        rentals, Optional.empty(), rentals.scaling().windowsAt(now), now)
                .filter(use -> rent.perHour().compareTo(use.left()) > 0);
        if (full.isPresent()) {
            waits.add(wait(
                    failed,
                    Wait.Reason.BUDGET,
                    "another for " + rent.perHour().brief() + " per hour does not fit: " + full.get() + " is used"));
            return false;
        }
        actions.add(new Action.Propose(
                new Command.RentInstance(
                        Optional.of(new InstanceId(rentals.next())),
                        rent,
                        Optional.empty(),
                        rentals.scaling().windowsAt(now),
                        Optional.of(again.after(failed.id()))),
                "instead of " + failed.id() + ": " + failed.cause().orElse("")));
        return true;
    }

    private static Wait wait(Instance failed, Wait.Reason reason, String message) {
        return new Wait(failed.id().toString(), reason, message);
    }
}
