package dev.muster.sim;

import dev.muster.core.rent.Offer;
import dev.muster.core.rent.OfferField;
import dev.muster.core.rent.Price;
import dev.muster.core.rent.Rented;
import dev.muster.core.rent.Trait;
import dev.muster.core.state.Money;
import dev.muster.core.state.Observed;
import dev.muster.market.Charge;
import dev.muster.market.Hardware;
import dev.muster.market.Instance;
import dev.muster.market.Market;
import dev.muster.market.Usd;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;

/// The market's own words in core's.
final class Rows {
    private static final BigDecimal PICO_PER_MICRO = BigDecimal.valueOf(1_000_000);

    static Money money(Usd amount) {
        return new Money(BigDecimal.valueOf(amount.pico())
                .divide(PICO_PER_MICRO, 0, RoundingMode.HALF_UP)
                .longValueExact());
    }

    Rented rented(Instance row) {
        Hardware machine = row.offer().machine();
        Observed observed = Observed.vast(
                row.actual().orElse(""),
                row.cur(),
                row.intended(),
                row.isBid(),
                row.message().orElse(""));
        return new Rented(
                SimProvider.NAME,
                Long.toString(row.id()),
                row.label().orElse(""),
                Long.toString(row.order().ask()),
                Integer.toString(machine.machineId()),
                observed,
                gpus(row.offer()),
                new Rented.Reach("root", Optional.empty(), Optional.empty(), new TreeMap<>()),
                new Rented.Bill(
                        money(row.gpuNow()).plus(money(row.diskNow())),
                        money(row.gpuPerHour()).plus(money(row.diskPerHour())),
                        money(row.diskPerHour()),
                        row.isBid(),
                        Optional.of(row.start()),
                        Optional.of(row.end())),
                row.order().image(),
                machine.geolocation(),
                row.message().orElse(""));
    }

    private static Offer.Gpus gpus(dev.muster.market.Offer offer) {
        return new Offer.Gpus(
                offer.machine().gpuName(), offer.gpus(), offer.machine().gpuRamMb());
    }

    Offer offer(dev.muster.market.Offer offer) {
        Hardware machine = offer.machine();
        TreeMap<String, Trait> traits = new TreeMap<>();
        traits.put(OfferField.GPU, new Trait.Text(machine.gpuName()));
        traits.put(OfferField.GPUS, new Trait.Number(offer.gpus()));
        traits.put(OfferField.VRAM, new Trait.Number(machine.gpuRamMb()));
        traits.put(OfferField.DISK, new Trait.Number(machine.diskGb()));
        traits.put(OfferField.RELIABILITY, new Trait.Number(machine.reliability()));
        traits.put(OfferField.REGION, new Trait.Text(machine.geolocation()));
        traits.put("verified", new Trait.Flag(machine.verified()));
        traits.put("external", new Trait.Flag(machine.external()));
        traits.put("rentable", new Trait.Flag(offer.rentable()));
        traits.put("rented", new Trait.Flag(offer.rented()));
        return new Offer(
                SimProvider.NAME,
                Long.toString(offer.ask()),
                Integer.toString(machine.machineId()),
                Integer.toString(machine.hostId()),
                gpus(offer),
                new Offer.Box(machine.cpuCores(), machine.cpuRamMb(), machine.diskGb(), machine.directPorts()),
                new Offer.Terms(
                        OptionalDouble.of(machine.reliability()),
                        machine.verified(),
                        machine.geolocation(),
                        Optional.of(Duration.between(offer.listedAt(), offer.until()))),
                new Price(
                        money(offer.perHour()),
                        money(Usd.of(offer.prices().storageDollars())),
                        Money.ZERO,
                        Money.ZERO,
                        Optional.of(money(offer.minBid()))),
                traits);
    }

    /// All that was charged, by instance, rounded once.
    Map<Long, Money> charges(Market market, Instant until) {
        Map<Long, Usd> sums = new HashMap<>();
        for (Charge charge : market.charges(Agenda.START, until))
            sums.merge(charge.instance(), charge.amount(), Usd::plus);
        Map<Long, Money> rounded = new TreeMap<>();
        sums.forEach((id, sum) -> rounded.put(id, money(sum)));
        return rounded;
    }
}
