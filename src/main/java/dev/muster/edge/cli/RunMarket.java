package dev.muster.edge.cli;

import dev.muster.core.rent.BadQuery;
import dev.muster.core.rent.Deal;
import dev.muster.core.rent.Offer;
import dev.muster.core.rent.OfferField;
import dev.muster.core.rent.OfferQuery;
import dev.muster.core.scale.GroupQuery;
import dev.muster.core.state.Group;
import dev.muster.core.state.Market;
import dev.muster.core.state.Money;
import dev.muster.edge.provider.Provider;
import dev.muster.edge.provider.ProviderFailure;
import dev.muster.edge.view.Doc;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// What machines for a run cost now, by the same question that the leader asks before it rents one. It is asked from here,
/// where a key is; the leader has its own.
///
/// @param best those that fit, the cheapest first
/// @param deal by which they are priced
/// @param told for the plan, a line each
record RunMarket(List<Offer> best, Optional<Deal> deal, List<String> told) {
    private static final int SHOWN_MAX = 3;
    private static final String WAITS = "the run will wait until one does, at most for its max_duration";

    static final RunMarket NONE = new RunMarket(List.of(), Optional.empty(), List.of());

    /// Nothing for a run on nodes that are there.
    ///
    /// @throws Failure when its words for offers cannot be understood
    static RunMarket of(Args args, RunDraft draft, Client client) throws Failure {
        return draft.rented() ? of(args, draft.terms(), client) : NONE;
    }

    /// As [#of(Args, RunDraft, Client)].
    static RunMarket of(Args args, Group terms, Client client) throws Failure {
        OfferQuery query;
        try {
            query = GroupQuery.of(terms);
        } catch (BadQuery e) {
            throw Failure.usage("query: " + e.getMessage(), "docs/RUNS.md tells what an offer can be asked for");
        }
        Set<String> blamed = blamed(client, terms.provider());
        RunMarket[] market = {NONE};
        try {
            Rentals.at(args, terms.provider(), (provider, providers) -> {
                market[0] = asked(provider, query, blamed);
                return Exit.DONE;
            });
        } catch (Failure e) {
            if (e.exit() == Exit.USAGE) throw e;
            return unknown(terms.provider(), e.getMessage());
        }
        return market[0];
    }

    /// Physical machines on which the leader rents nothing for now.
    private static Set<String> blamed(Client client, String provider) throws Failure {
        return client.get("/v1/instances").doc().list("blamed").stream()
                .filter(one -> one.text("provider").equals(provider))
                .map(one -> one.text("machine"))
                .collect(Collectors.toUnmodifiableSet());
    }

    private static RunMarket unknown(String provider, String why) {
        return new RunMarket(
                List.of(),
                Optional.empty(),
                List.of("offers: not known here (" + why + "); the leader asks " + provider
                        + " with its own key, once the run is launched"));
    }

    private static RunMarket asked(Provider provider, OfferQuery query, Set<String> blamed) throws ProviderFailure {
        List<Offer> fitting = provider.offers(query).offers();
        List<Offer> best = fitting.stream()
                .filter(offer -> !blamed.contains(offer.machine()))
                .toList();
        if (fitting.isEmpty()) return nothing(provider, query);
        if (best.isEmpty()) return passedOver(provider, query, fitting.size());
        int left = fitting.size() - best.size();
        String line = best.size() + (best.size() == 1 ? " fits" : " fit") + " now: "
                + best.stream()
                        .limit(SHOWN_MAX)
                        .map(offer -> shown(offer, query.deal()))
                        .collect(Collectors.joining("; "))
                + (left == 0 ? "" : "; " + left + " more on machines that failed lately are passed over");
        return new RunMarket(
                best.subList(0, Math.min(SHOWN_MAX, best.size())),
                Optional.of(query.deal()),
                List.of("offers of " + provider.name() + ": " + line));
    }

    private static RunMarket passedOver(Provider provider, OfferQuery query, int count) {
        return new RunMarket(
                List.of(),
                Optional.of(query.deal()),
                List.of(
                        "offers of " + provider.name() + ": none fits now; " + count
                                + " would, on machines that failed lately, which are passed over for a while",
                        WAITS));
    }

    /// What comes to a wider question tells why nothing came to this one.
    private static RunMarket nothing(Provider provider, OfferQuery query) throws ProviderFailure {
        List<Offer> came = provider.offers(query.widened()).offers();
        OfferQuery.Selection wide = query.select(came);
        List<Offer> dearer = unpriced(query).select(came).offers();
        String why = wide.dropped().stream()
                .map(one -> one.count() + " by " + one.why())
                .collect(Collectors.joining(", "));
        String nearest = dearer.isEmpty()
                ? ""
                : "; all but the price fits " + shown(dearer.getFirst(), query.deal()) + ", and --max-price is lower";
        return new RunMarket(
                List.of(),
                Optional.of(query.deal()),
                List.of(
                        "offers of " + provider.name() + ": none fits now; "
                                + (wide.seen() == 0
                                        ? "there is none of this card at all"
                                        : "of " + wide.seen() + " with this card were dropped " + why)
                                + nearest,
                        WAITS));
    }

    private static OfferQuery unpriced(OfferQuery query) {
        return new OfferQuery(
                query.conditions().stream()
                        .filter(one -> !one.field().equals(OfferField.PRICE))
                        .toList(),
                query.order(),
                query.limit(),
                query.deal());
    }

    private static String shown(Offer offer, Deal deal) {
        String gear = offer.gpus().count() == 0
                ? "no GPU"
                : offer.gpus().count() + "x " + offer.gpus().name();
        return gear + " at " + offer.cost(deal).brief() + " per hour"
                + (deal.market() == Market.BID ? " and a little above, at a bid" : "")
                + (offer.terms().location().isEmpty()
                        ? ""
                        : " in " + offer.terms().location()) + " (offer "
                + offer.id() + ")";
    }

    /// Per hour of the cheapest; empty when none is known.
    Optional<Money> perHour() {
        return deal.flatMap(terms -> best.stream().findFirst().map(offer -> offer.cost(terms)));
    }

    Doc doc() {
        Doc offers = Doc.of(List.of());
        if (deal.isEmpty()) return offers;
        for (Offer offer : best)
            offers = offers.plus(Doc.object()
                    .with("provider", offer.provider())
                    .with("id", offer.id())
                    .with("gpu_name", offer.gpus().name())
                    .with("num_gpus", (long) offer.gpus().count())
                    .with("price_per_hour", offer.cost(deal.get()).dollars())
                    .with("location", offer.terms().location()));
        return offers;
    }
}
