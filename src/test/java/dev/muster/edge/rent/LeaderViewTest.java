package dev.muster.edge.rent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.plan.Errand;
import dev.muster.core.plan.Renting;
import dev.muster.core.plan.Soft;
import dev.muster.core.rent.Offer;
import dev.muster.core.rent.OfferQuery;
import dev.muster.core.rent.Price;
import dev.muster.core.rent.Rented;
import dev.muster.core.rent.Trait;
import dev.muster.core.state.InstanceId;
import dev.muster.core.state.Money;
import dev.muster.core.state.Observed;
import dev.muster.edge.node.PeerService;
import dev.muster.edge.wire.Wire;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// What only the leader knows of providers is asked of it by every other node.
class LeaderViewTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    @Test
    void whatTheLeaderKnowsOfProvidersIsReadByOtherNodes() {
        TreeMap<String, Rented.Endpoint> ports = new TreeMap<>();
        ports.put("22/tcp", new Rented.Endpoint("10.0.0.7", 40_022));
        Rented machine = new Rented(
                "vast",
                "41",
                "muster-00000011-i1",
                "offer-7",
                "m1",
                Observed.RUNNING,
                new Offer.Gpus("RTX 3070", 1, 8_192),
                new Rented.Reach("root", Optional.of(ports.get("22/tcp")), Optional.empty(), ports),
                new Rented.Bill(new Money(5), new Money(7), new Money(2), false, Optional.of(NOW), Optional.empty()),
                "base:1",
                "Oregon, US",
                "");
        Offer offer = new Offer(
                "vast",
                "7",
                "m1",
                "h1",
                machine.gpus(),
                new Offer.Box(8, 32_000, 100, 4),
                new Offer.Terms(OptionalDouble.of(0.99), true, "Oregon, US", Optional.of(Duration.ofDays(3))),
                Price.flat(new Money(120_000)),
                new TreeMap<>(Map.of("verified", new Trait.Flag(true), "score", new Trait.Number(3.5))));
        OfferQuery query = OfferQuery.DEFAULT.first(5).withoutDefaults().andGpus(List.of("RTX 3070", "RTX 3080"));
        Renting renting = Renting.NOTHING
                .begun(new Errand.Create(new InstanceId(1)), NOW)
                .failed(new Errand.Look("vast"), NOW, "cannot connect")
                .listed("vast", new Renting.Listing(NOW, NOW, List.of(machine)))
                .found(
                        "gold",
                        new Renting.Found(
                                NOW,
                                query,
                                new OfferQuery.Selection(
                                        List.of(offer), 3, List.of(new OfferQuery.Dropped("price", 2)))));
        PeerService.LeaderView view = new PeerService.LeaderView(
                true, Optional.empty(), Optional.of(Soft.leadingSince(NOW).withRenting(renting)), List.of());
        assertThat(Wire.read(Wire.bytes(view), PeerService.LeaderView.class)).isEqualTo(view);
    }
}
