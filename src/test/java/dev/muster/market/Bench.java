package dev.muster.market;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/// A market and what happened on it, for tests.
final class Bench {
    static final Instant START = Instant.parse("2026-03-01T00:00:00Z");

    final Market market;
    final List<Happening> happened = new ArrayList<>();

    Bench(long seed, MarketSettings settings) {
        this.market = Market.of(seed, settings);
    }

    static Bench calm() {
        return new Bench(7, MarketSettings.calm(START));
    }

    Bench pass(Duration time) {
        happened.addAll(market.advance(market.now().plus(time)));
        market.audit();
        return this;
    }

    /// Until it is so, looking whenever something happens; at most for `most`.
    Bench until(Duration most, Predicate<Market> so) {
        Instant end = market.now().plus(most);
        while (!so.test(market)) {
            Optional<Instant> next = market.nextAt().filter(at -> !at.isAfter(end));
            if (next.isEmpty())
                throw new AssertionError("expected it within " + most + ", but found " + market.instances());
            happened.addAll(market.advance(next.get()));
            market.audit();
        }
        return this;
    }

    Bench untilUp(long id) {
        return until(
                Duration.ofMinutes(20), now -> now.instance(id).orElseThrow().isUp());
    }

    Offer offer(Predicate<Offer> such) {
        return market.offers().stream()
                .filter(offer -> offer.rentable() && such.test(offer))
                .findFirst()
                .orElseThrow();
    }

    Offer single() {
        return offer(offer -> offer.gpus() == 1);
    }

    long rent(Order order) {
        Answer answer = market.create(order);
        if (answer instanceof Answer.Done(long id)) return id;
        throw new AssertionError("expected an instance, but found " + answer);
    }

    /// A bid that is sure to win now.
    static Order bidOn(Offer offer, double factor) {
        return Order.of(offer.ask()).withBid(offer.minBid().dollars() * factor);
    }

    Instance at(long id) {
        return market.instance(id).orElseThrow();
    }

    <T extends Happening> List<T> happened(Class<T> kind) {
        return happened.stream().filter(kind::isInstance).map(kind::cast).toList();
    }
}
