package dev.muster.core.scale;

import dev.muster.core.plan.Renting;
import dev.muster.core.rent.Deal;
import dev.muster.core.rent.Offer;
import dev.muster.core.rent.OfferQuery;
import dev.muster.core.state.Group;
import dev.muster.core.state.Instance;
import dev.muster.core.state.Market;
import dev.muster.core.state.Money;
import dev.muster.core.state.Rent;
import dev.muster.core.state.Rentals;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// Which offer is taken: the cheapest that is as wanted, on no machine that failed lately; on one where we have a machine
/// already only when there is nothing else, since both would go together.
final class Choice {
    /// An offer that was gone when it was ordered is not asked for again soon.
    private static final Duration GONE_FOR = Duration.ofMinutes(10);
    /// A bid at the very edge is outbid by the next cent.
    private static final long BID_ABOVE = 10;

    private final Rentals rentals;
    private final Instant now;
    private final Set<String> taken = new TreeSet<>();
    private final Set<String> ours = new TreeSet<>();

    Choice(Rentals rentals, Instant now) {
        this.rentals = rentals;
        this.now = now;
        for (Instance instance : rentals.instances().values()) {
            Rent rent = instance.rent();
            if (instance.open() || goneLately(instance)) taken.add(place(rent.provider(), rent.offer()));
            if (instance.open() && !rent.machine().isEmpty()) ours.add(place(rent.provider(), rent.machine()));
        }
    }

    private boolean goneLately(Instance instance) {
        return instance.ended()
                .filter(end -> !end.found() && now.isBefore(end.at().plus(GONE_FOR)))
                .isPresent();
    }

    /// @param found in the order of price
    Optional<Rent> of(Group group, Renting.Found found) {
        Optional<Offer> second = Optional.empty();
        for (Offer offer : found.selection().offers()) {
            if (taken.contains(place(offer.provider(), offer.id())) || blamed(offer)) continue;
            if (!ours.contains(place(offer.provider(), offer.machine()))) return Optional.of(rent(group, offer));
            if (second.isEmpty()) second = Optional.of(offer);
        }
        return second.map(offer -> rent(group, offer));
    }

    /// What another machine with the same cards would cost per hour, at a bid or on demand; empty when there is none. To
    /// outbid ourselves is no way.
    Optional<Money> equal(Group group, Rent rent, Renting.Found found) {
        Deal onDemand = new Deal(
                Market.ON_DEMAND, group.diskGb(), GroupQuery.deal(group).usage());
        return found.selection().offers().stream()
                .filter(offer -> offer.gpus().name().equals(rent.gpu())
                        && offer.gpus().count() == rent.gpus()
                        && !ours.contains(place(offer.provider(), offer.machine()))
                        && !taken.contains(place(offer.provider(), offer.id()))
                        && !blamed(offer))
                .map(offer -> cheaper(rent(group, offer).perHour(), offer.cost(onDemand)))
                .min(Money::compareTo);
    }

    private static Money cheaper(Money one, Money other) {
        return one.compareTo(other) <= 0 ? one : other;
    }

    private boolean blamed(Offer offer) {
        return !offer.machine().isEmpty()
                && rentals.blamed(offer.provider(), offer.machine(), now).isPresent();
    }

    private static String place(String provider, String name) {
        return provider + "/" + name;
    }

    private static Rent rent(Group group, Offer offer) {
        Deal deal = GroupQuery.deal(group);
        Money total = offer.cost(deal);
        Money lowest = offer.price().bidMin().orElse(offer.price().perHour());
        Money above =
                group.market() == Market.BID ? above(lowest, group.priceMax().minus(total)) : Money.ZERO;
        return new Rent(
                offer.provider(),
                offer.id(),
                offer.machine(),
                offer.gpus().name(),
                offer.gpus().count(),
                group.market() == Market.BID ? Optional.of(lowest.plus(above)) : Optional.empty(),
                total.plus(above),
                offer.price().storage(group.diskGb()),
                group.diskGb(),
                group.image(),
                group.role());
    }

    /// As far as the group's price cap allows.
    private static Money above(Money lowest, Money room) {
        Money wanted = lowest.share(1, BID_ABOVE);
        return wanted.compareTo(room) <= 0 ? wanted : room.max(Money.ZERO);
    }

    /// `41 offers: 23 price, 12 reliability, 6 disk`.
    String none(OfferQuery.Selection selection) {
        String dropped = selection.dropped().stream()
                .map(one -> one.count() + " " + one.why())
                .collect(Collectors.joining(", "));
        int left = selection.offers().size();
        String rest = left == 0 ? "" : left + " failed lately or just taken";
        String reasons = dropped.isEmpty() || rest.isEmpty() ? dropped + rest : dropped + ", " + rest;
        return "no offer will do; " + selection.seen() + (selection.seen() == 1 ? " offer" : " offers")
                + (reasons.isEmpty() ? "" : ": " + reasons);
    }
}
