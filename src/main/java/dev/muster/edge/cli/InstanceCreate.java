package dev.muster.edge.cli;

import dev.muster.core.rent.Capabilities;
import dev.muster.core.rent.Deal;
import dev.muster.core.rent.Offer;
import dev.muster.core.rent.OfferField;
import dev.muster.core.rent.OfferQuery;
import dev.muster.core.rent.RentOrder;
import dev.muster.core.state.Market;
import dev.muster.core.state.Money;
import dev.muster.edge.provider.Provider;
import dev.muster.edge.provider.ProviderFailure;
import dev.muster.edge.provider.Providers;
import dev.muster.edge.view.Doc;
import dev.muster.edge.view.InstanceText;
import dev.muster.edge.view.TextTable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.CommandSpec;

/// `muster instance create`: the best offers are looked for here, and the cluster is told to rent them, one order a machine.
final class InstanceCreate {
    private static final int COUNT_MAX = 64;
    /// Hosts that are tried after the first, should it fail before its machine has joined.
    private static final int TRIES = 3;
    /// Where no price was named: what takes a machine's place may cost so much more, in percent.
    private static final long DEARER_MAX = 20;
    /// Dollars per hour of one machine, where the query itself has a limit.
    private static final int PRICE_MAX = 100_000;

    /// @param perHour with disk and traffic
    private record Pick(Offer offer, Optional<Money> bid, Money perHour, Money perHourStopped) {}

    /// @param query by which another is found; empty when none is to be
    /// @param told  what the person should know besides
    private record Choice(List<Pick> picks, Optional<OfferQuery> query, List<String> told) {}

    private InstanceCreate() {}

    static CommandSpec spec() {
        return OfferWords.options(Verb.of(
                        "create",
                        "Rent machines: the best offers, as `offer search` finds them, or the one that --offer names.",
                        InstanceCreate::run))
                .option("--offer", "ID", "this one, of `offer search`")
                .option("--count", "COUNT", "so many machines, 1 unless told")
                .option("--bid-price", "DOLLARS", "with --bid: so much per hour and machine, not the lowest that wins")
                .option("--group", "GROUP", "they belong to; none unless told")
                .option("--image", "IMAGE", "of the container (VAST_DEFAULT_IMAGE)")
                .option("--role", "ROLE", "mixed, selfplay or training; mixed unless told")
                .waiting("they are in the cluster")
                .asking()
                .order()
                .build();
    }

    private static int run(Args args) throws Failure {
        long count = args.number("--count", 1);
        if (count < 1 || count > COUNT_MAX)
            throw Failure.usage("expected --count to be 1 to " + COUNT_MAX + ", but found " + count, "");
        if (count > 1 && args.text("--offer").isPresent())
            throw Failure.usage("expected --count 1 beside --offer, but found " + count, "an offer is one machine");
        if (args.text("--image").filter(image -> !RentOrder.isImage(image)).isPresent())
            throw Failure.usage(
                    "--image: " + RentOrder.noImage(args.text("--image").get()), "");
        Optional<Money> bid = bid(args);
        OfferQuery asked = OfferWords.query(args);
        Client client = Settings.client(args);
        return Rentals.with(args, (provider, providers) -> {
            Choice choice = choose(args, client, asked, provider, providers, (int) count, bid);
            List<Pick> picks = choice.picks();
            String image = provider.can().containers()
                    ? args.text("--image").orElse(providers.preferences().image())
                    : "";
            List<Doc> orders = picks.stream()
                    .map(pick -> order(args, pick, asked.deal(), image, choice.query()))
                    .toList();
            // A refusal shows before anybody is asked.
            client.check("/v1/instances?dry_run=true", orders.getFirst());
            for (Pick pick : picks) Rentals.explain(args, request(pick, asked.deal(), image));
            if (!Confirm.goesOn(args, plan(client, choice))) return Exit.DONE;
            return give(args, client, orders);
        });
    }

    private static Optional<Money> bid(Args args) throws Failure {
        if (args.text("--bid-price").isEmpty()) return Optional.empty();
        if (!args.flag("--bid")) throw Failure.usage("expected --bid beside --bid-price", "");
        return Optional.of(
                OfferWords.price("--bid-price", args.text("--bid-price").get()));
    }

    private static Choice choose(
            Args args,
            Client client,
            OfferQuery asked,
            Provider provider,
            Providers providers,
            int count,
            Optional<Money> bid)
            throws Failure, ProviderFailure {
        able(provider, asked.deal());
        Optional<String> named = args.text("--offer");
        OfferQuery query = named.isPresent()
                ? OfferQuery.DEFAULT.withoutDefaults().on(asked.deal()).and("id=" + plain(named.get()))
                : OfferWords.capped(args, OfferWords.withGpus(args, asked, provider), provider, providers);
        OfferQuery.Selection found = provider.offers(query);
        List<String> told = new ArrayList<>();
        List<Offer> apart =
                named.isPresent() ? found.offers() : unblamed(client, provider.name(), apart(found.offers()), told);
        if (apart.size() < count) throw tooFew(named, found, apart.size(), count, told);
        List<Pick> picks = new ArrayList<>();
        for (Offer offer : apart.subList(0, count)) picks.add(pick(offer, asked.deal(), bid));
        if (named.isPresent())
            told.add("It is this offer or none: should it fail, no other is rented; without --offer one would be.");
        boolean grouped = args.text("--group").isPresent();
        return new Choice(picks, named.isPresent() || grouped ? Optional.empty() : Optional.of(query), told);
    }

    /// Without hosts on which a machine failed lately; who wants one all the same names its offer.
    private static List<Offer> unblamed(Client client, String provider, List<Offer> offers, List<String> told)
            throws Failure {
        Map<String, Doc> blamed = new HashMap<>();
        for (Doc one : client.get("/v1/instances").doc().list("blamed"))
            if (one.text("provider").equals(provider)) blamed.put(one.text("machine"), one);
        List<Offer> kept = new ArrayList<>();
        for (Offer offer : offers) {
            Doc blame = blamed.get(offer.machine());
            if (blame == null) kept.add(offer);
            else
                told.add("Not taken: offer " + offer.id() + ", because machine " + offer.machine() + " failed lately ("
                        + blame.text("why") + "); --offer " + offer.id() + " takes it all the same.");
        }
        return kept;
    }

    /// The best of each physical machine: a machine's offers may be of the same cards, and fail together.
    private static List<Offer> apart(List<Offer> offers) {
        Set<String> machines = new HashSet<>();
        return offers.stream()
                .filter(offer -> offer.machine().isEmpty() || machines.add(offer.machine()))
                .toList();
    }

    private static void able(Provider provider, Deal deal) throws Failure {
        Capabilities can = provider.can();
        if (!can.rent()) throw Failure.usage(provider.name() + " has no machines to rent: these are your own", "");
        if (deal.market() == Market.BID && !can.bid())
            throw Failure.usage(provider.name() + " takes no bids", "leave out --bid");
    }

    private static String plain(String id) throws Failure {
        if (id.matches("[A-Za-z0-9_.:-]{1,80}")) return id;
        throw Failure.usage("expected --offer to be the id of an offer, but found \"" + id + "\"", "");
    }

    private static Failure tooFew(
            Optional<String> named, OfferQuery.Selection found, int apart, int count, List<String> told) {
        String dropped = String.join(
                ", ",
                found.dropped().stream()
                        .map(one -> one.count() + " " + one.why())
                        .toList());
        String message = named.map(id -> "no offer " + id + ": it was taken, or never was")
                .orElse("expected " + (count == 1 ? "an offer" : "offers of " + count + " machines") + ", but found "
                        + apart
                        + (dropped.isEmpty() ? "" : "; of " + found.seen() + ", not as wanted: " + dropped)
                        + (told.isEmpty() ? "" : "; " + told.size() + " of hosts that failed lately"));
        return new Failure(
                Exit.NOT_FOUND, "NOT_FOUND", message, "`muster offer search` with the same words shows what there is");
    }

    private static Pick pick(Offer offer, Deal deal, Optional<Money> bid) throws Failure {
        Money total = offer.cost(deal);
        Money stopped = offer.price().storage(deal.diskGb());
        if (deal.market() != Market.BID) return new Pick(offer, Optional.empty(), total, stopped);
        Money lowest = offer.price().bidMin().orElse(offer.price().perHour());
        Money ours = bid.orElse(lowest);
        if (ours.compareTo(lowest) < 0)
            throw Failure.usage(
                    "expected a bid of " + lowest + " per hour or more for offer " + offer.id() + ", but found " + ours,
                    "");
        return new Pick(offer, Optional.of(ours), total.minus(lowest).plus(ours), stopped);
    }

    private static Doc order(Args args, Pick pick, Deal deal, String image, Optional<OfferQuery> query) {
        Offer offer = pick.offer();
        Doc order = Words.why(args)
                .with("provider", offer.provider())
                .with("offer", offer.id())
                .with("machine", offer.machine())
                .with("gpu", offer.gpus().name())
                .with("gpus", (long) offer.gpus().count())
                .with("per_hour", pick.perHour().dollars())
                .with("per_hour_stopped", pick.perHourStopped().dollars())
                .with("disk_gb", (long) deal.diskGb())
                .with("image", image)
                .with("role", args.text("--role").orElse("mixed"));
        if (pick.bid().isPresent()) order = order.with("bid", pick.bid().get().dollars());
        if (query.isPresent()) order = order.with("again", again(pick, deal, query.get()));
        return args.text("--group").isPresent()
                ? order.with("group", args.text("--group").get())
                : order;
    }

    /// As the leader makes it of the order; the label is given with the order's number.
    private static RentOrder request(Pick pick, Deal deal, String image) {
        return new RentOrder(
                "muster-LABEL",
                pick.offer().id(),
                Math.max(1, deal.diskGb()),
                image,
                "",
                new TreeMap<>(),
                List.of(),
                pick.bid(),
                "");
    }

    private static Doc again(Pick pick, Deal deal, OfferQuery query) {
        return Doc.object()
                .with("query", query.words())
                .with("price_max", most(pick, query).dollars())
                .with("tries", (long) TRIES)
                .with("up", deal.usage().upPerHour().count())
                .with("down", deal.usage().downPerHour().count());
    }

    /// What a person has named already is in the query.
    private static Money most(Pick pick, OfferQuery query) {
        boolean named = query.conditions().stream().anyMatch(one -> one.field().equals(OfferField.PRICE));
        return named
                ? Money.ofDollars(PRICE_MAX)
                : pick.perHour().plus(pick.perHour().share(DEARER_MAX, 100));
    }

    private static String plan(Client client, Choice choice) throws Failure {
        List<Pick> picks = choice.picks();
        TextTable table = new TextTable(">OFFER", "GPU", ">$/H", ">BID", ">STOPPED", ">MACH_ID", "WHERE");
        Money total = Money.ZERO;
        for (Pick pick : picks) {
            Offer offer = pick.offer();
            total = total.plus(pick.perHour());
            table.row(
                    offer.id(),
                    offer.gpus().count() + "x " + offer.gpus().name(),
                    InstanceText.amount(pick.perHour().dollars()),
                    pick.bid()
                            .map(money -> InstanceText.amount(money.dollars()))
                            .orElse(""),
                    InstanceText.amount(pick.perHourStopped().dollars()),
                    offer.machine(),
                    offer.terms().location());
        }
        return table.render() + "Rent " + (picks.size() == 1 ? "this machine" : "these " + picks.size() + " machines")
                + " for " + InstanceText.amount(total.dollars()) + " per hour in all" + room(client) + "."
                + choice.query().map(query -> "\n" + retries(picks, query)).orElse("")
                + choice.told().stream().map(line -> "\n" + line).collect(Collectors.joining());
    }

    private static String retries(List<Pick> picks, OfferQuery query) {
        Money most = picks.stream()
                .map(pick -> most(pick, query))
                .max(Money::compareTo)
                .orElse(Money.ZERO);
        return "Should " + (picks.size() == 1 ? "it" : "one")
                + " fail before it has joined, the next that fits is rented, up to "
                + TRIES + " times"
                + (most.equals(Money.ofDollars(PRICE_MAX))
                        ? "."
                        : ", for " + InstanceText.amount(most.dollars()) + " per hour at most.");
    }

    /// `, of which a cap leaves $4.20 (day)`.
    private static String room(Client client) throws Failure {
        return client.get("/v1/budget").doc().list("caps").stream()
                .filter(cap -> !cap.has("scope"))
                .min((one, other) -> Double.compare(
                        one.decimal("left").orElse(0), other.decimal("left").orElse(0)))
                .map(cap -> "; the cap per " + cap.text("span") + " leaves "
                        + InstanceText.amount(cap.decimal("left").orElse(0)))
                .orElse("");
    }

    private static int give(Args args, Client client, List<Doc> orders) throws Failure {
        List<String> ids = new ArrayList<>();
        for (int number = 0; number < orders.size(); number++) {
            Client one = orders.size() == 1 ? client : client.another(number + 1);
            try {
                ids.add(one.order("POST", "/v1/instances", orders.get(number))
                        .doc()
                        .text("id"));
            } catch (Failure failure) {
                if (!ids.isEmpty())
                    args.shell().err().println("muster: " + String.join(", ", ids) + " ordered before that");
                throw failure;
            }
        }
        Doc made = Doc.object().with("instances", Doc.of(ids));
        args.shell()
                .out()
                .print(args.output()
                        .render(
                                made,
                                wide -> String.join(", ", ids) + " ordered; `muster instance list` shows how far "
                                        + (ids.size() == 1 ? "it is" : "they are") + "\n",
                                doc -> ids));
        args.shell().out().flush();
        return InstanceWait.until(args, client, ids, InstanceWait.Goal.RUNNING);
    }
}
