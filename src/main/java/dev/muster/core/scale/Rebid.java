package dev.muster.core.scale;

import dev.muster.core.plan.Errand;
import dev.muster.core.plan.Renting;
import dev.muster.core.rent.BadQuery;
import dev.muster.core.rent.OfferQuery;
import dev.muster.core.state.Durations;
import dev.muster.core.state.Group;
import dev.muster.core.state.Instance;
import dev.muster.core.state.Money;
import dev.muster.core.state.Rentals;
import dev.muster.core.state.Scaling;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// What is to be bid for a machine that is outbid: more by the policy's share, but no more than its group's price cap leaves,
/// and no more than an equal machine costs, because then it is cheaper to take that one.
///
/// @param next    the bid; empty when none higher is right now
/// @param ask     what has to be asked first
/// @param replace it is cheaper to take another machine
/// @param why     in words
public record Rebid(Optional<Money> next, Optional<Errand> ask, boolean replace, String why) {
    /// Between two bids for one machine: so long a bid may take to win.
    static final Duration EVERY = Duration.ofSeconds(60);
    /// Offers that are older say nothing of what an equal machine costs.
    private static final Duration FRESH = Duration.ofMinutes(2);

    private static Rebid stay(String why) {
        return new Rebid(Optional.empty(), Optional.empty(), false, why);
    }

    /// @param group of the machine, with the limits that hold now
    public static Rebid of(Rentals rentals, Renting renting, Instance instance, Optional<Group> group, Instant now) {
        Scaling scaling = rentals.scaling();
        Money bid = instance.rent().bid().orElse(null);
        if (bid == null) return stay("it is not rented at a bid");
        if (group.isEmpty()) return stay("it is in no group, whose price cap would allow a higher bid");
        if (scaling.rebid() == 0) return stay("no higher bid is to be made (rebid)");
        Instant last = raisedSince(instance).map(Instance.Raise::at).orElse(Instant.MIN);
        if (last.isAfter(now.minus(EVERY)))
            return stay("the bid was raised " + Durations.brief(Duration.between(last, now)) + " ago to " + bid);
        // The cap is for all that it costs: the disk and the traffic, too.
        Money rest = instance.rent().perHour().minus(bid);
        Money cap = group.get().priceMax().minus(rest);
        if (cap.compareTo(bid) <= 0)
            return stay("the group's price cap of " + group.get().priceMax() + " leaves no room for a higher bid");
        Optional<Renting.Found> found = renting.offers()
                .find(group.get().name())
                .filter(one -> now.isBefore(one.at().plus(FRESH)));
        if (found.isEmpty()) return ask(renting, group.get(), now);
        Optional<Money> equal = new Choice(rentals, now).equal(group.get(), instance.rent(), found.get());
        Money most = equal.map(price -> price.minus(rest))
                .filter(price -> price.compareTo(cap) < 0)
                .orElse(cap);
        if (most.compareTo(bid) <= 0)
            return new Rebid(
                    Optional.empty(),
                    Optional.empty(),
                    true,
                    "an equal machine costs " + equal.orElseThrow().brief() + " per hour, no more than this one, "
                            + instance.rent().perHour().brief() + ", each with its disk and traffic");
        Money wanted = bid.plus(bid.share(Math.round(scaling.rebid() * 1_000), 1_000));
        boolean limited = wanted.compareTo(most) > 0;
        String why = !limited
                ? Math.round(scaling.rebid() * 100) + " % more (rebid)"
                : most.equals(cap)
                        ? "as far as the group's price cap of " + group.get().priceMax() + " allows"
                        : "no more than an equal machine costs, "
                                + equal.orElseThrow().brief() + " per hour";
        return new Rebid(
                Optional.of(limited ? most : wanted),
                Optional.empty(),
                false,
                "it is outbid at " + bid.brief() + "; " + why);
    }

    /// What an equal machine costs has to be known first.
    private static Rebid ask(Renting renting, Group group, Instant now) {
        OfferQuery query;
        try {
            query = GroupQuery.of(group);
        } catch (BadQuery e) {
            return stay("its group's query cannot be understood: " + e.getMessage());
        }
        Errand find = new Errand.FindOffers(group.name(), group.provider(), query);
        String note = renting.last(find)
                .map(Renting.Tried::note)
                .filter(text -> !text.isEmpty())
                .map(text -> ": " + text)
                .orElse("");
        return new Rebid(
                Optional.empty(),
                renting.due(find, now) ? Optional.of(find) : Optional.empty(),
                false,
                "what an equal machine costs is asked first" + note);
    }

    /// Its last raise, where that was since it was outbid.
    public static Optional<Instance.Raise> raisedSince(Instance instance) {
        return instance.raised().filter(raise -> !raise.at().isBefore(instance.seenAt()));
    }
}
