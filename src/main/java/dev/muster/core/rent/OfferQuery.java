package dev.muster.core.rent;

import dev.muster.core.state.Money;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// What offers are wanted, on what terms, and in what order.
///
/// It goes to the provider in its words, and what comes back is looked at again here ([#select]): providers do not
/// always honour what was asked, and their total price holds only part of what will be paid.
///
/// @param limit most offers; empty for as many as the provider gives
public record OfferQuery(List<Condition> conditions, List<Sort> order, OptionalInt limit, Deal deal) {
    /// What Vast's own command line asks unless told otherwise.
    private static final List<Condition> USUAL = List.of(
            Condition.flag("verified", true), Condition.flag("external", false), Condition.flag("rentable", true));
    private static final List<Sort> BEST = List.of(new Sort("score", true));
    /// Gigabytes that Vast's command line prices unless told otherwise.
    private static final int DISK_GB = 5;

    public static final OfferQuery DEFAULT = new OfferQuery(USUAL, BEST, OptionalInt.empty(), Deal.onDemand(DISK_GB));

    /// @throws IllegalArgumentException when the limit is not positive
    public OfferQuery {
        conditions = List.copyOf(conditions);
        order = List.copyOf(order);
        if (limit.isPresent() && limit.getAsInt() < 1)
            throw new IllegalArgumentException("expected a limit of 1 or more, but found " + limit.getAsInt());
    }

    /// Also of machines that are not verified, not ours to rent, or another market's.
    public OfferQuery withoutDefaults() {
        List<Condition> rest = new ArrayList<>(conditions);
        rest.removeAll(USUAL);
        return new OfferQuery(rest, order, limit, deal);
    }

    /// Adds Vast's query words, as in `gpu_name=RTX_4090 num_gpus>=2`.
    ///
    /// @throws BadQuery when they cannot be understood
    public OfferQuery and(String words) {
        return new OfferQuery(QueryText.and(conditions, words), order, limit, deal);
    }

    /// Adds one; of the same field and operator, the later counts.
    public OfferQuery and(Condition condition) {
        List<Condition> all = new ArrayList<>(conditions);
        QueryText.put(all, condition);
        return new OfferQuery(all, order, limit, deal);
    }

    /// As words, which mean the same when they are added to what asks for nothing.
    public String words() {
        return conditions.stream().map(QueryText::words).collect(Collectors.joining(" "));
    }

    /// Of one of these GPUs, by the names of [GpuName].
    public OfferQuery andGpus(List<String> names) {
        return and(
                names.size() == 1
                        ? Condition.text(OfferField.GPU, Condition.Op.EQ, names.getFirst())
                        : Condition.in(OfferField.GPU, names));
    }

    /// At least so much, or many.
    public OfferQuery atLeast(String field, String number) {
        return and(Condition.text(field, Condition.Op.GTE, number));
    }

    /// No dearer than that per hour, with disk and traffic.
    public OfferQuery atMost(Money perHour) {
        return and(Condition.text(
                OfferField.PRICE, Condition.Op.LTE, perHour.toString().substring(1)));
    }

    public OfferQuery by(List<Sort> sorts) {
        return new OfferQuery(conditions, sorts, limit, deal);
    }

    public OfferQuery first(int count) {
        return new OfferQuery(conditions, order, OptionalInt.of(count), deal);
    }

    public OfferQuery on(Deal terms) {
        return new OfferQuery(conditions, order, limit, terms);
    }

    /// The same question with nothing but what is asked usually, and the GPU: what came to it tells why nothing else
    /// did.
    public OfferQuery widened() {
        List<Condition> few = conditions.stream()
                .filter(one -> USUAL.contains(one) || one.field().equals(OfferField.GPU))
                .toList();
        return new OfferQuery(few, order, OptionalInt.empty(), deal);
    }

    /// Does it ask more than [#widened]?
    public boolean isNarrow() {
        return widened().conditions().size() < conditions.size();
    }

    /// @param why   in a word or two, as in `price`
    /// @param count of the offers that were dropped for this, and for nothing that was looked at before it
    public record Dropped(String why, int count) {}

    /// @param offers  in order, no more than the limit
    /// @param seen    how many came
    /// @param dropped for what the others were, most first
    public record Selection(List<Offer> offers, int seen, List<Dropped> dropped) {
        public Selection {
            offers = List.copyOf(offers);
            dropped = List.copyOf(dropped);
        }
    }

    /// Those that are as wanted, by our own arithmetic. The price is looked at first, since that is what one can
    /// change.
    public Selection select(List<Offer> came) {
        List<Offer> kept = new ArrayList<>();
        TreeSet<String> ids = new TreeSet<>();
        List<String> reasons = new ArrayList<>();
        for (Offer offer : came) {
            if (!ids.add(offer.id())) continue;
            String why = missed(offer);
            if (why.isEmpty()) kept.add(offer);
            else reasons.add(why);
        }
        kept.sort(Sort.comparator(order, deal));
        int most = limit.isPresent() ? Math.min(limit.getAsInt(), kept.size()) : kept.size();
        return new Selection(kept.subList(0, most), ids.size(), tally(reasons));
    }

    private String missed(Offer offer) {
        for (Condition condition : conditions) {
            if (condition.field().equals(OfferField.PRICE) && !condition.holds(offer, deal)) return condition.subject();
        }
        for (Condition condition : conditions) {
            if (!condition.holds(offer, deal)) return condition.subject();
        }
        return "";
    }

    private static List<Dropped> tally(List<String> reasons) {
        return reasons.stream()
                .distinct()
                .map(why -> new Dropped(
                        why, (int) reasons.stream().filter(why::equals).count()))
                .sorted((one, other) -> Integer.compare(other.count(), one.count()))
                .toList();
    }
}
