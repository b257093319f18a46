package dev.muster.core.replay;

import dev.muster.core.plan.Renting;
import dev.muster.core.rent.Offer;
import dev.muster.core.rent.OfferField;
import dev.muster.core.rent.OfferQuery;
import dev.muster.core.rent.Price;
import dev.muster.core.rent.Trait;
import dev.muster.core.state.Instance;
import dev.muster.core.state.Money;
import dev.muster.core.state.Observed;
import dev.muster.core.state.Rent;
import dev.muster.core.state.Sighting;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;

/// The provider of a replay: sells what the trace says, at its prices. A machine is there some minutes after it was ordered;
/// one at a bid is taken away while the lowest bid that wins is above its own. Nothing else ever fails.
final class Landlord {
    /// From order to work: measured medians are 2 to 8 minutes (image and agent).
    static final Duration BOOT = Duration.ofMinutes(5);
    /// What a machine of the trace has besides its cards.
    private static final int DISK_GB = 2_000;

    private static final int CPUS = 64;
    private static final long RAM_MB = 512_000;

    private final TreeMap<String, Prices.Row> rows = new TreeMap<>();
    /// By group, since prices changed.
    private final TreeMap<String, Renting.Found> answers = new TreeMap<>();
    private final Traces<Prices.Row> trace;

    Landlord(Prices prices) {
        this.trace = new Traces<>(prices.rows(), Prices.Row::after, prices.length());
    }

    void passes(Duration time) {
        List<Prices.Row> news = trace.until(time);
        if (news.isEmpty()) return;
        for (Prices.Row row : news) rows.put(row.key(), row);
        answers.clear();
    }

    Renting.Found offers(String group, String provider, OfferQuery query, Instant now) {
        Renting.Found last = answers.get(group);
        OfferQuery.Selection selection =
                last != null && last.query().equals(query) ? last.selection() : query.select(all(provider));
        Renting.Found found = new Renting.Found(now, query, selection);
        answers.put(group, found);
        return found;
    }

    private List<Offer> all(String provider) {
        List<Offer> all = new ArrayList<>();
        rows.forEach((key, row) -> {
            for (int number = 0; number < row.offers(); number++) all.add(offer(provider, key, number, row));
        });
        return all;
    }

    private static Offer offer(String provider, String key, int number, Prices.Row row) {
        TreeMap<String, Trait> traits = new TreeMap<>();
        traits.put(OfferField.GPU, new Trait.Text(row.gpu()));
        traits.put(OfferField.GPUS, new Trait.Number(row.gpus()));
        traits.put(OfferField.DISK, new Trait.Number(DISK_GB));
        traits.put(OfferField.RELIABILITY, new Trait.Number(1));
        traits.put("verified", new Trait.Flag(true));
        traits.put("rentable", new Trait.Flag(true));
        return new Offer(
                provider,
                key + "#" + number,
                key + "#" + number,
                "",
                new Offer.Gpus(row.gpu(), row.gpus(), 0),
                new Offer.Box(CPUS, RAM_MB, DISK_GB, 0),
                new Offer.Terms(OptionalDouble.of(1), true, "", Optional.empty()),
                new Price(row.perHour(), Money.ZERO, Money.ZERO, Money.ZERO, row.bidMin()),
                traits);
    }

    /// What is to be seen of a machine now; empty when that has not changed.
    Optional<Sighting> look(Instance instance, Instant now) {
        Observed before = instance.observed().orElse(Observed.GONE);
        Observed seen = observed(instance, now);
        if (seen == before) return Optional.empty();
        Rent rent = instance.rent();
        Money running = rent.perHour();
        Money perHour = seen == Observed.RUNNING ? running : Money.ZERO;
        return Optional.of(
                new Sighting(Long.toString(instance.id().number()), seen, perHour, running, Optional.empty(), ""));
    }

    private Observed observed(Instance instance, Instant now) {
        if (outbid(instance.rent())) return Observed.PREEMPTED;
        return now.isBefore(instance.orderedAt().plus(BOOT)) ? Observed.PROVISIONING : Observed.RUNNING;
    }

    /// A row that is gone for good asks for no bid.
    private boolean outbid(Rent rent) {
        if (rent.bid().isEmpty()) return false;
        Prices.Row row = rows.get(rent.offer().substring(0, rent.offer().indexOf('#')));
        return row != null
                && row.bidMin()
                        .filter(least -> least.compareTo(rent.bid().get()) > 0)
                        .isPresent();
    }
}
