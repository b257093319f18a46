package dev.muster.edge.provider;

import dev.muster.core.rent.Condition;
import dev.muster.core.rent.Condition.Literal;
import dev.muster.core.rent.Deal;
import dev.muster.core.rent.Offer;
import dev.muster.core.rent.OfferField;
import dev.muster.core.rent.OfferQuery;
import dev.muster.core.rent.Price;
import dev.muster.core.rent.Sort;
import dev.muster.core.rent.Trait;
import dev.muster.core.state.Market;
import dev.muster.core.state.Money;
import dev.muster.edge.view.Doc;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// A question for offers as Vast's own command line asks it, and its answer.
final class VastOffers {
    private static final String ID = "id";
    /// Vast finds no offer by its `id`.
    private static final String SEARCHED_ID = "ask_contract_id";

    private VastOffers() {}

    /// The body of `POST /api/v0/bundles/`.
    static Doc question(OfferQuery query) {
        Doc body = Doc.object();
        for (Condition condition : query.conditions()) {
            String field = condition.field().equals(ID) ? SEARCHED_ID : condition.field();
            Doc ops = body.get(field);
            body = body.with(
                    field,
                    (ops.isObject() ? ops : Doc.object())
                            .with(condition.op().word(), literal(condition.field(), condition.value())));
        }
        Doc order = Doc.of(List.of());
        for (Sort sort : query.order()) {
            order = order.plus(Doc.of(List.of(sort.field(), sort.descending() ? "desc" : "asc")));
        }
        body = body.with("order", order).with("type", type(query.deal().market()));
        // With traffic in the price, their order is not ours: the best of ours may stand behind their limit.
        if (query.limit().isPresent() && query.deal().usage().none())
            body = body.with("limit", (long) query.limit().getAsInt());
        return body.with("allocated_storage", (double) query.deal().diskGb());
    }

    private static String type(Market market) {
        return switch (market) {
            case ON_DEMAND -> "on-demand";
            case BID -> "bid";
            case RESERVED -> "reserved";
        };
    }

    private static Object literal(String field, Literal literal) {
        return switch (literal) {
            case Literal.Text(String text) -> text;
            case Literal.Number(double number) -> field.equals(OfferField.DRIVER) ? (Object) (long) number : number;
            case Literal.Flag(boolean flag) -> flag;
            case Literal.Nothing nothing -> Call.NO_BODY;
            case Literal.Many(List<String> texts) -> Doc.of(texts);
        };
    }

    /// The offers of an answer. One that says neither its id nor a price is left out.
    ///
    /// @return empty when the answer has no list of offers
    static Optional<List<Offer>> answer(Doc answer, Deal deal) {
        Doc offers = answer.get("offers");
        if (offers.isObject()) offers = Doc.of(List.of()).plus(offers);
        else if (!answer.entries().containsKey("offers") || offers.text().isEmpty()) return Optional.empty();
        List<Offer> read = new ArrayList<>();
        for (Doc row : offers.list()) offer(row, deal).ifPresent(read::add);
        return read.isEmpty() && !offers.list().isEmpty() ? Optional.empty() : Optional.of(read);
    }

    private static Optional<Offer> offer(Doc row, Deal deal) {
        String id = Read.first(row, "id", "ask_contract_id");
        Optional<Money> perHour = perHour(row, deal);
        if (id.isEmpty() || perHour.isEmpty()) return Optional.empty();
        Price price = new Price(
                perHour.get(),
                Read.money(row, "storage_cost", Money.ZERO),
                Read.money(row, "inet_up_cost", Money.ZERO),
                Read.money(row, "inet_down_cost", Money.ZERO),
                Read.money(row, "min_bid"));
        return Optional.of(new Offer(
                VastProvider.NAME,
                id,
                Read.text(row, "machine_id"),
                Read.text(row, "host_id"),
                new Offer.Gpus(
                        Read.text(row, "gpu_name"), (int) Read.whole(row, "num_gpus"), Read.whole(row, "gpu_ram")),
                new Offer.Box(
                        Read.number(row, "cpu_cores_effective", 0),
                        Read.whole(row, "cpu_ram"),
                        (int) Math.min(Read.number(row, "disk_space", 0), Deal.DISK_MAX_GB),
                        (int) Read.whole(row, "direct_port_count")),
                terms(row),
                price,
                traits(row)));
    }

    private static Offer.Terms terms(Doc row) {
        return new Offer.Terms(
                Read.number(row, row.has("reliability") ? "reliability" : "reliability2"),
                verified(row),
                Read.text(row, "geolocation"),
                Read.number(row, "duration").isPresent()
                        ? Optional.of(Duration.ofSeconds(Read.whole(row, "duration")))
                        : Optional.empty());
    }

    /// Of the machine without its disk. The total that an offer names holds the disk that was asked for.
    private static Optional<Money> perHour(Doc row, Deal deal) {
        Optional<Money> base = Read.money(row, "dph_base");
        if (base.isPresent()) return base;
        Optional<Money> parts = Read.money(row.get("search"), "gpuCostPerHour");
        if (parts.isPresent()) return parts;
        Price disk = new Price(
                Money.ZERO, Read.money(row, "storage_cost", Money.ZERO), Money.ZERO, Money.ZERO, Optional.empty());
        return Read.money(row, "dph_total").map(total -> total.minus(disk.storage(deal.diskGb())));
    }

    private static boolean verified(Doc row) {
        return row.entries().containsKey("verified")
                ? Read.flag(row, "verified")
                : Read.text(row, "verification").equals("verified");
    }

    /// All that it says; and what conditions may name, but offers call otherwise.
    private static TreeMap<String, Trait> traits(Doc row) {
        TreeMap<String, Trait> traits = new TreeMap<>();
        for (Map.Entry<String, Doc> entry : row.entries().entrySet()) {
            trait(row, entry.getKey()).ifPresent(trait -> traits.put(entry.getKey(), trait));
        }
        traits.put("verified", new Trait.Flag(verified(row)));
        renamed(traits, "reliability2", "reliability");
        renamed(traits, "os_version", "ubuntu_version");
        if (traits.containsKey("hosting_type"))
            traits.putIfAbsent("datacenter", new Trait.Flag(Read.whole(row, "hosting_type") == 1));
        return traits;
    }

    private static void renamed(TreeMap<String, Trait> traits, String theirs, String asked) {
        Trait trait = traits.get(theirs);
        if (trait != null) traits.putIfAbsent(asked, trait);
    }

    private static Optional<Trait> trait(Doc row, String key) {
        Doc value = row.get(key);
        String text = value.text().strip();
        if (text.isEmpty() || value.isObject() || !value.list().isEmpty()) return Optional.empty();
        if (text.equals("true") || text.equals("false")) return Optional.of(new Trait.Flag(text.equals("true")));
        return Optional.of(
                Read.number(row, key).isPresent()
                        ? new Trait.Number(Read.number(row, key).getAsDouble())
                        : new Trait.Text(text));
    }
}
