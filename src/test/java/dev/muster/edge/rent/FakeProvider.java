package dev.muster.edge.rent;

import dev.muster.core.rent.Balance;
import dev.muster.core.rent.Capabilities;
import dev.muster.core.rent.Charge;
import dev.muster.core.rent.Created;
import dev.muster.core.rent.Offer;
import dev.muster.core.rent.OfferQuery;
import dev.muster.core.rent.RentOrder;
import dev.muster.core.rent.Rented;
import dev.muster.core.state.Money;
import dev.muster.edge.provider.Provider;
import dev.muster.edge.provider.ProviderFailure;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

/// A provider that does what the test says, and writes down what it is asked.
final class FakeProvider implements Provider {
    static final Capabilities ALL = new Capabilities(true, true, true, true, true, true, true, true, true);

    final List<String> asked = new ArrayList<>();
    final List<RentOrder> orders = new ArrayList<>();
    volatile List<Offer> sells = List.of();
    final List<Charge> charges = new ArrayList<>();
    volatile Optional<ProviderFailure> fails = Optional.empty();
    /// Answers only once it is open.
    volatile CountDownLatch gate = new CountDownLatch(0);

    @Override
    public String name() {
        return "fake";
    }

    @Override
    public Capabilities can() {
        return ALL;
    }

    private void ask(String what) throws ProviderFailure {
        synchronized (asked) {
            asked.add(what);
        }
        try {
            gate.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ProviderFailure.Unsure("fake", "interrupted");
        }
        if (fails.isPresent()) throw fails.get();
    }

    List<String> asked() {
        synchronized (asked) {
            return List.copyOf(asked);
        }
    }

    @Override
    public OfferQuery.Selection offers(OfferQuery query) throws ProviderFailure {
        ask("offers");
        // As a market that drops what is not wanted before it answers.
        return query.select(query.select(sells).offers());
    }

    @Override
    public List<String> gpuNames() {
        return List.of();
    }

    @Override
    public List<Rented> list() throws ProviderFailure {
        ask("list");
        return List.of();
    }

    @Override
    public Created create(RentOrder order) throws ProviderFailure {
        synchronized (asked) {
            orders.add(order);
        }
        ask("create " + order.label());
        return new Created("41", "");
    }

    @Override
    public void start(String id) throws ProviderFailure {
        ask("start " + id);
    }

    @Override
    public void stop(String id) throws ProviderFailure {
        ask("stop " + id);
    }

    @Override
    public void destroy(String id) throws ProviderFailure {
        ask("destroy " + id);
    }

    @Override
    public void bid(String id, Money perHour) throws ProviderFailure {
        ask("bid " + id + " " + perHour);
    }

    @Override
    public void attachKey(String id, String publicKey) throws ProviderFailure {
        ask("key " + id);
    }

    @Override
    public String logs(String id, int lines) {
        return "";
    }

    @Override
    public Balance account() {
        throw new UnsupportedOperationException();
    }

    @Override
    public List<Charge> charges(Instant from, Instant to) throws ProviderFailure {
        ask("charges");
        return List.copyOf(charges);
    }

    @Override
    public void close() {}
}
