package dev.muster.market;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.muster.market.Charge.Kind;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Money: to the picodollar, whatever happens.
class LedgerTest {
    @Test
    void aMonthIsSevenHundredAndTwentyHours() {
        Bench bench = Bench.calm();
        Offer offer = bench.single();
        long id = bench.rent(Order.of(offer.ask()).withDisk(64));
        assertThat(bench.at(id).diskPerHour().dollars())
                .isCloseTo(offer.prices().storageDollars() * 64 / 720, within(4e-9));
    }

    @Test
    void gpusAreBilledInRunningOnlyAndTheDiskFromTheBeginning() {
        Bench bench = Bench.calm();
        Offer offer = bench.single();
        long id = bench.rent(Order.of(offer.ask()));
        bench.untilUp(id);
        Instant booted = bench.market.now();
        bench.pass(Duration.ofHours(1));
        bench.market.stop(id);
        bench.pass(Duration.ofHours(1));
        List<Charge> charges = bench.market.charges(Bench.START, bench.market.now());
        Charge gpu = only(charges, Kind.GPU);
        Charge disk = only(charges, Kind.DISK);
        assertThat(gpu.from().getEpochSecond()).isEqualTo(booted.getEpochSecond());
        assertThat(gpu.quantity()).isBetween(3600L, 3610L);
        assertThat(gpu.amount().pico())
                .isEqualTo(gpu.quantity() * offer.perHour().pico() / 3600);
        assertThat(disk.from()).isEqualTo(Bench.START);
        assertThat(disk.quantity()).isEqualTo(bench.market.now().getEpochSecond() - Bench.START.getEpochSecond());
    }

    @Test
    void bytesAreBilledInAnyStateAndInTotal() {
        Bench bench = Bench.calm();
        Offer offer = bench.offer(one -> one.gpus() == 1 && one.prices().downNano() > 0);
        long id = bench.rent(Order.of(offer.ask()));
        for (int i = 0; i < 1000; i++) bench.market.usage(id, 1_234_567, 7);
        bench.pass(Duration.ofSeconds(1));
        long pico = bench.market.charges(Bench.START, bench.market.now()).stream()
                .filter(charge -> charge.kind() == Kind.DOWN)
                .mapToLong(charge -> charge.amount().pico())
                .sum();
        assertThat(pico)
                .isEqualTo(Prices.bytesPico(1_234_567_000L, offer.prices().downNano()));
        assertThat(pico / 1e12).isCloseTo(1.234567 * offer.prices().downDollars(), within(1e-12));
    }

    @Test
    void destroyEndsTheBill() {
        Bench bench = Bench.calm();
        long id = bench.rent(Order.of(bench.single().ask()));
        bench.untilUp(id).pass(Duration.ofMinutes(10));
        bench.market.destroy(id);
        Usd spent = bench.market.account().spent();
        bench.pass(Duration.ofDays(30));
        assertThat(bench.market.account().spent()).isEqualTo(spent);
        assertThat(bench.market.account().perHour()).isEqualTo(Usd.ZERO);
    }

    /// A client that does anything at any time, on a lively market: windows of charges sum up to what the credit lost,
    /// an independent sum of rates second by second agrees, and no GPU has two holders (audited after each step).
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void chargesAreTheIntegralOfRatesAndTheChangeOfTheCredit(long seed) {
        MarketSettings settings = MarketSettings.standard(Bench.START)
                .withMachines(25)
                .withChurn(4)
                .withFailures(30)
                .withExtensions(0.8)
                .withCredit(Usd.of(60))
                .withCard(seed % 2 == 0);
        Bench bench = new Bench(seed, settings);
        Market market = bench.market;
        SplittableRandom dice = new SplittableRandom(seed);
        long integral = 0;
        Usd windows = Usd.ZERO;
        Instant before = Bench.START;
        for (int turn = 0; turn < 900; turn++) {
            // All rates change in whole seconds: one step never holds two.
            long picoPerSecond = market.account().perHour().pico() / 3600;
            Instant at = market.now();
            Instant next = market.nextAt().orElseThrow();
            Instant horizon = at.plusMillis(1 + dice.nextLong(600_000));
            bench.happened.addAll(market.advance(next.isBefore(horizon) ? next : horizon));
            market.audit();
            integral += (market.now().getEpochSecond() - at.getEpochSecond()) * picoPerSecond;
            integral += act(market, dice);
            market.audit();
            if (dice.nextInt(10) == 0) {
                windows = windows.plus(sum(market.charges(before, market.now())));
                before = Instant.ofEpochSecond(market.now().getEpochSecond());
            }
        }
        bench.pass(Duration.ofSeconds(1));
        integral = market.account().spent().pico() - integral;
        windows = windows.plus(sum(market.charges(before, market.now())));
        Account account = market.account();
        assertThat(windows).isEqualTo(account.spent());
        assertThat(account.paid().minus(account.spent()))
                .isEqualTo(account.credit().plus(account.escrow()));
        // What is left is the last second.
        assertThat(Math.abs(integral)).isLessThanOrEqualTo(account.perHour().pico() / 3600 + 1_000_000_000L);
        assertThat(bench.happened(Happening.Booted.class)).hasSizeGreaterThan(5);
        new Alternation().check(bench.happened);
    }

    /// Something, drawn.
    ///
    /// @return what it costs at once
    private static long act(Market market, SplittableRandom dice) {
        List<Instance> instances = market.instances();
        long id = instances.isEmpty()
                ? 0
                : instances.get(dice.nextInt(instances.size())).id();
        Usd before = market.account().spent();
        List<Offer> offers = market.offers();
        Offer offer = offers.get(dice.nextInt(offers.size()));
        switch (dice.nextInt(22)) {
            case 0, 1 -> market.create(Order.of(offer.ask()));
            case 2 -> market.create(Bench.bidOn(offer, 0.8 + dice.nextDouble()));
            case 3 -> market.start(id);
            case 4 -> market.stop(id);
            case 5 -> market.reboot(id);
            case 6 -> market.recycle(id);
            case 7 -> market.bid(id, OptionalDouble.of(0.01 + dice.nextDouble()));
            case 8 -> market.usage(id, dice.nextLong(1L << 33), dice.nextLong(1L << 30));
            case 9 -> market.prepay(id, Usd.of(dice.nextDouble() * 20));
            case 10 -> market.faults().outbid(id, dice.nextDouble());
            case 11 -> market.faults().hostOffline(id);
            case 12 -> market.faults().hostReturns(id);
            case 13 -> market.rises().forEach(rise -> market.acceptRise(rise.id()));
            case 14 -> {
                if (dice.nextInt(4) == 0) market.destroy(id);
            }
            case 15 -> market.pay(Usd.of(dice.nextDouble()), "more");
            default -> {}
        }
        return market.account().spent().pico() - before.pico();
    }

    private static Usd sum(List<Charge> charges) {
        return charges.stream().map(Charge::amount).reduce(Usd.ZERO, Usd::plus);
    }

    private static Charge only(List<Charge> charges, Kind kind) {
        List<Charge> such =
                charges.stream().filter(charge -> charge.kind() == kind).toList();
        assertThat(such).hasSize(1);
        return such.getFirst();
    }
}
