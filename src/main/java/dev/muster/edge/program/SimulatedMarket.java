package dev.muster.edge.program;

import dev.muster.core.state.Money;
import dev.muster.edge.local.RentalMarket;
import dev.muster.edge.vastsim.LocalBoot;
import dev.muster.edge.vastsim.SimSettings;
import dev.muster.edge.vastsim.VastSim;
import dev.muster.market.Answer;
import dev.muster.market.Charge;
import dev.muster.market.Market;
import dev.muster.market.MarketSettings;
import dev.muster.market.Usd;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/// `vastsim` in the demo's own process. Nobody else is on this market and nothing fails by itself: what happens there is
/// what the demo has happen.
final class SimulatedMarket implements RentalMarket {
    /// An image is pulled in a second or two, and who outbids stays for two minutes. Bills run as fast.
    private static final double SPEED = 30;

    private static final double OUTBID_HOURS = 1;
    private static final int MICROS = 6;
    private static final int PICOS = 12;

    private final VastSim sim;

    private SimulatedMarket(VastSim sim) {
        this.sim = sim;
    }

    static SimulatedMarket open(Path folder, String key, long seed) throws IOException {
        MarketSettings calm = MarketSettings.calm(Instant.now());
        try {
            return new SimulatedMarket(
                    VastSim.start(new SimSettings("127.0.0.1", 0, key, seed, SPEED, true, calm), LocalBoot.in(folder)));
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    @Override
    public String url() {
        return sim.url("127.0.0.1");
    }

    @Override
    public void outbid(String rented) {
        order(market -> market.faults().outbid(Long.parseLong(rented), OUTBID_HOURS));
    }

    @Override
    public void hostDies(String rented) {
        order(market -> market.faults().hostOffline(Long.parseLong(rented)));
    }

    @Override
    public void hostReturns(String rented) {
        order(market -> market.faults().hostReturns(Long.parseLong(rented)));
    }

    private void order(Function<Market, Answer> order) {
        if (sim.ask(order) instanceof Answer.Refused refused)
            throw new IllegalStateException("expected the market to do it, but it said: " + refused.message());
    }

    @Override
    public List<String> rented() {
        return sim.ask(Market::instances).stream()
                .map(instance -> Long.toString(instance.id()))
                .toList();
    }

    @Override
    public Map<String, Money> charged() {
        Map<String, Usd> sums = new TreeMap<>();
        for (Charge charge : sim.ask(market -> market.charges(Instant.EPOCH, Instant.MAX)))
            sums.merge(Long.toString(charge.instance()), charge.amount(), Usd::plus);
        Map<String, Money> charged = new TreeMap<>();
        sums.forEach((id, amount) -> charged.put(id, money(amount)));
        return charged;
    }

    @Override
    public Money spent() {
        return money(sim.ask(Market::account).spent());
    }

    private static Money money(Usd amount) {
        return new Money(BigDecimal.valueOf(amount.pico(), PICOS)
                .setScale(MICROS, RoundingMode.HALF_UP)
                .unscaledValue()
                .longValueExact());
    }

    @Override
    public void close() {
        sim.close();
    }
}
