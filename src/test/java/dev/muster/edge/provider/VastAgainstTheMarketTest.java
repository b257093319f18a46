package dev.muster.edge.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.core.rent.Charge;
import dev.muster.core.rent.Created;
import dev.muster.core.rent.Offer;
import dev.muster.core.rent.OfferQuery;
import dev.muster.core.rent.RentOrder;
import dev.muster.core.rent.Rented;
import dev.muster.core.state.Money;
import dev.muster.core.state.Observed;
import dev.muster.edge.vastsim.Boot;
import dev.muster.edge.vastsim.SimSettings;
import dev.muster.edge.vastsim.VastSim;
import dev.muster.market.MarketSettings;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/// Our client and the simulated market, which know nothing of each other but Vast's API. Both keep the real service's pace, so
/// that these mostly wait.
@Tag("slow")
@Execution(ExecutionMode.CONCURRENT)
class VastAgainstTheMarketTest {
    private static final String KEY = "test-key-of-the-market";
    private static final Duration WAIT = Duration.ofSeconds(30);
    /// Virtual seconds in a real one.
    private static final double SPEED = 600;

    private VastSim sim;
    private Provider vast;

    @BeforeEach
    void start() throws Exception {
        MarketSettings market = MarketSettings.calm(Instant.now());
        sim = VastSim.start(new SimSettings("127.0.0.1", 0, KEY, 7, SPEED, true, market), Boot.none());
        vast = provider(KEY);
    }

    private Provider provider(String key) {
        Map<String, String> env = Map.of("VAST_URL", sim.url("127.0.0.1"), "VAST_API_KEY", key);
        return new Providers(
                        env,
                        () -> {
                            throw new IllegalStateException("no file of hosts is asked for");
                        },
                        Surroundings.system(Wiretap.OFF))
                .of("vast");
    }

    @AfterEach
    void end() {
        vast.close();
        sim.close();
    }

    private Offer cheapest() throws ProviderFailure {
        return vast.offers(OfferQuery.DEFAULT.first(5)).offers().getFirst();
    }

    private static RentOrder order(String label, Offer offer, Optional<Money> bid) {
        return new RentOrder(
                label, offer.id(), 20, "muster/worker", "echo up", new TreeMap<>(), List.of("8770/tcp"), bid, "");
    }

    private Rented until(String id, Predicate<Rented> as) throws Exception {
        long end = System.nanoTime() + WAIT.toNanos();
        while (true) {
            Optional<Rented> row =
                    vast.list().stream().filter(one -> one.id().equals(id)).findFirst();
            if (row.filter(as).isPresent()) return row.get();
            assertThat(System.nanoTime()).as("%s as expected: %s", id, row).isLessThan(end);
        }
    }

    @Test
    void aMachineFromOfferToBill() throws Exception {
        Instant begun = Instant.now().minus(Duration.ofDays(1));
        Money before = vast.account().credit();
        Offer offer = cheapest();
        Created created = vast.create(order("muster-i1", offer, Optional.empty()));
        Rented running = until(created.id(), row -> row.observed() == Observed.RUNNING);
        assertThat(running.label()).isEqualTo("muster-i1");
        assertThat(running.machine()).isEqualTo(offer.machine());
        assertThat(running.bill().perHourRunning()).isEqualTo(running.bill().perHourNow());
        assertThat(running.reach().ports()).containsKey("8770/tcp");

        vast.stop(created.id());
        Rented stopped = until(created.id(), row -> row.observed() == Observed.STOPPED);
        assertThat(stopped.bill().perHourNow()).isEqualTo(stopped.bill().perHourStorage());
        assertThat(stopped.bill().perHourNow()).isLessThan(running.bill().perHourNow());
        vast.start(created.id());
        until(created.id(), row -> row.observed() == Observed.RUNNING);

        vast.destroy(created.id());
        vast.destroy(created.id());
        assertThat(vast.list()).isEmpty();
        Money charged = Money.ZERO;
        for (Charge charge : vast.charges(begun, Instant.now().plus(Duration.ofDays(30))))
            charged = charged.plus(charge.amount());
        assertThat(charged).isGreaterThan(Money.ZERO);
        Money paid = before.minus(vast.account().credit());
        assertThat(Math.abs(paid.minus(charged).micros()))
                .as("paid %s, charged %s", paid, charged)
                .isLessThan(10_000);
    }

    @Test
    void anOfferIsFoundByItsId() throws Exception {
        Offer offer = cheapest();
        assertThat(vast.offers(OfferQuery.DEFAULT.withoutDefaults().and("id=" + offer.id()))
                        .offers())
                .extracting(Offer::id)
                .containsExactly(offer.id());
    }

    @Test
    void anOfferIsRentedOnceAndATooLowBidLeavesNothingBehind() throws Exception {
        Offer offer = cheapest();
        vast.create(order("muster-i1", offer, Optional.empty()));
        assertThatThrownBy(() -> vast.create(order("muster-i2", offer, Optional.empty())))
                .isInstanceOfSatisfying(
                        ProviderFailure.Refused.class,
                        no -> assertThat(no.code()).isEqualTo(ProviderFailure.NO_OFFER));
        Offer other = cheapest();
        assertThatThrownBy(() -> vast.create(order("muster-i3", other, Optional.of(new Money(1000)))))
                .isInstanceOf(ProviderFailure.Refused.class);
        assertThat(vast.list()).extracting(Rented::label).containsExactly("muster-i1");
    }

    @Test
    void anAnswerThatIsLostIsUnsureAndTheMachineIsFoundByItsLabel() throws Exception {
        Offer offer = cheapest();
        fault("{\"endpoint\":\"PUT /api/v0/asks/\",\"drop\":\"after\"}");
        assertThatThrownBy(() -> vast.create(order("muster-i1", offer, Optional.empty())))
                .isInstanceOf(ProviderFailure.Unsure.class);
        assertThat(vast.list()).extracting(Rented::label).containsExactly("muster-i1");
    }

    private void fault(String body) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<String> answer = client.send(
                    HttpRequest.newBuilder(URI.create(sim.url("127.0.0.1") + "/sim/faults"))
                            .header("Authorization", "Bearer " + KEY)
                            .POST(HttpRequest.BodyPublishers.ofString(body))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        }
    }

    @Test
    void aWrongKeyIsDenied() {
        try (Provider stranger = provider("another")) {
            assertThatThrownBy(stranger::list).isInstanceOf(ProviderFailure.Denied.class);
        }
    }
}
