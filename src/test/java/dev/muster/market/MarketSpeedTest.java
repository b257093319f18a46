package dev.muster.market;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MarketSpeedTest {
    /// A simulator asks for every instance once a minute, as a control plane would, and steps to everything that
    /// happens. A day of that took 1.6 s on a slow machine, the compiler cold; the limit is for one that is busy.
    @Test
    void fiveHundredInstancesForADayTakeSeconds() {
        MarketSettings settings =
                MarketSettings.standard(Bench.START).withMachines(1500).withCredit(Usd.of(1e6));
        Market market = Market.of(1, settings);
        long begin = System.nanoTime();
        for (Offer offer : market.offers()) {
            if (market.instances().size() == 500) break;
            if (offer.gpus() == 1 && offer.rentable()) market.create(Order.of(offer.ask()));
        }
        assertThat(market.instances()).hasSize(500);
        int up = 0;
        Instant end = Bench.START.plus(Duration.ofDays(1));
        for (Instant look = Bench.START; look.isBefore(end); look = look.plusSeconds(60)) {
            Instant to = look;
            Optional<Instant> next = market.nextAt();
            while (next.isPresent() && next.get().isBefore(to)) {
                market.advance(next.get());
                next = market.nextAt();
            }
            market.advance(to);
            up = (int) market.instances().stream().filter(Instance::isUp).count();
        }
        assertThat(up).isGreaterThan(400);
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(30));
    }

    @Test
    void theSameSeedGivesTheSameStory() {
        assertThat(story(3)).isEqualTo(story(3)).isNotEqualTo(story(4));
    }

    @Test
    void steppingFinerChangesNothing() {
        Bench coarse = new Bench(5, MarketSettings.standard(Bench.START));
        Bench fine = new Bench(5, MarketSettings.standard(Bench.START));
        for (Bench bench : List.of(coarse, fine))
            bench.rent(Order.of(bench.single().ask()));
        coarse.pass(Duration.ofHours(12));
        for (int i = 0; i < 12 * 60; i++) fine.pass(Duration.ofMinutes(1));
        assertThat(fine.happened).isEqualTo(coarse.happened);
        assertThat(fine.market.account()).isEqualTo(coarse.market.account());
        assertThat(fine.market.offers()).isEqualTo(coarse.market.offers());
    }

    @Test
    void offersVanishAndReturnOnALivelyMarket() {
        Market market = Market.of(9, MarketSettings.standard(Bench.START));
        List<Long> before = rentable(market);
        market.advance(Bench.START.plus(Duration.ofHours(6)));
        List<Long> after = rentable(market);
        assertThat(after).hasSizeBetween(before.size() / 2, before.size() * 2);
        assertThat(before).hasSizeGreaterThan(200).as("some vanished").anyMatch(ask -> !after.contains(ask));
        assertThat(after).as("some returned").anyMatch(ask -> !before.contains(ask));
    }

    private static List<Long> rentable(Market market) {
        return market.offers().stream().filter(Offer::rentable).map(Offer::ask).toList();
    }

    private static List<Object> story(long seed) {
        Bench bench = new Bench(seed, MarketSettings.standard(Bench.START));
        for (int i = 0; i < 5; i++) bench.rent(Bench.bidOn(bench.single(), 1.1));
        bench.pass(Duration.ofDays(2));
        List<Object> story = new ArrayList<>(bench.happened);
        story.add(bench.market.account());
        return story;
    }
}
