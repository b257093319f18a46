package dev.muster.edge.rent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.plan.Errand;
import dev.muster.core.plan.Renting;
import dev.muster.core.rent.Charge;
import dev.muster.core.rent.Offer;
import dev.muster.core.rent.OfferQuery;
import dev.muster.core.rent.Price;
import dev.muster.core.rent.Rented;
import dev.muster.core.rent.Trait;
import dev.muster.core.state.Command;
import dev.muster.core.state.Instance;
import dev.muster.core.state.InstanceId;
import dev.muster.core.state.Money;
import dev.muster.core.state.Observed;
import dev.muster.core.state.RunId;
import dev.muster.core.state.Sighting;
import dev.muster.edge.node.Errands;
import dev.muster.edge.provider.Provider;
import dev.muster.edge.provider.ProviderFailure;
import dev.muster.edge.provider.Providers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RentDeskTest {
    private static final Offer OFFER = new Offer(
            "fake",
            "7",
            "m1",
            "h1",
            new Offer.Gpus("RTX 3070", 1, 8_192),
            new Offer.Box(8, 32_000, 100, 4),
            new Offer.Terms(OptionalDouble.of(0.99), true, "Oregon, US", Optional.empty()),
            Price.flat(new Money(120_000)),
            new TreeMap<>(Map.of("verified", new Trait.Flag(true))));

    private static final Duration WAIT = Duration.ofSeconds(10);

    @TempDir
    Path folder;

    private final FakeProvider provider = new FakeProvider();
    private final AtomicLong nanos = new AtomicLong();
    private final AtomicInteger installs = new AtomicInteger();
    private FakeLead lead;
    private RentDesk desk;

    @BeforeEach
    void open() throws Exception {
        lead = new FakeLead(3);
        Files.writeString(folder.resolve("key.pub"), "ssh-ed25519 AAAA us\n");
        desk = new RentDesk(
                counter(),
                new Ordering(
                        () -> new Providers.Preferences(folder.resolve("key"), "base:1", Optional.empty()),
                        lead::now,
                        nanos::get),
                new Installing() {
                    @Override
                    public void secrets(Set<String> names) throws IOException {
                        if (!names.equals(Set.of("WANDB"))) throw new IOException("put it into data/secrets");
                    }

                    @Override
                    public boolean install(Instance instance, Rented machine, Provider at, Errands.Lead to)
                            throws IOException {
                        installs.incrementAndGet();
                        throw new IOException("nobody is at home");
                    }
                },
                lead::now);
    }

    @AfterEach
    void close() {
        desk.close();
    }

    private RentDesk.Counter counter() {
        return new RentDesk.Counter() {
            @Override
            public boolean able() {
                return true;
            }

            @Override
            public Provider of(String name) throws IOException {
                if (!name.equals("fake")) throw new IOException("no provider " + name);
                return provider;
            }

            @Override
            public void close() {}
        };
    }

    private void run(Errand errand) {
        run(errand, lead);
    }

    private void run(Errand errand, FakeLead leader) {
        desk.run(errand, "the planner says so", leader);
        until(() -> desk.underWay() == 0);
    }

    private static void until(BooleanSupplier so) {
        long end = System.nanoTime() + WAIT.toNanos();
        while (!so.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(end);
            Thread.onSpinWait();
        }
    }

    private String note(Errand errand) {
        return lead.renting().last(errand).map(Renting.Tried::note).orElse("");
    }

    @Test
    void thatASecretIsMissingIsTold() {
        Errand there = new Errand.FindSecrets(new RunId("r1"), new TreeSet<>(Set.of("WANDB")));
        run(there);
        assertThat(lead.renting().last(there).orElseThrow().failures()).isZero();
        Errand missing = new Errand.FindSecrets(new RunId("r2"), new TreeSet<>(Set.of("OTHER")));
        run(missing);
        assertThat(note(missing)).isEqualTo("put it into data/secrets");
    }

    // ---- ordering

    /// What takes minutes is made before anything is paid for; where it cannot be, the machine may still bring it along.
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theProgramIsPackedBeforeAnythingIsOrdered(boolean works) throws Exception {
        List<Integer> before = new CopyOnWriteArrayList<>();
        Installing packs = new Installing() {
            @Override
            public void prepare() throws IOException {
                before.add(provider.orders.size());
                if (!works) throw new IOException("no bundle");
            }

            @Override
            public boolean install(Instance instance, Rented machine, Provider at, Errands.Lead to) {
                return false;
            }
        };
        desk = new RentDesk(
                counter(),
                new Ordering(
                        () -> new Providers.Preferences(folder.resolve("key"), "base:1", Optional.empty()),
                        lead::now,
                        nanos::get),
                packs,
                lead::now);
        run(new Errand.Create(lead.ordered().id()));
        assertThat(before).containsExactly(0);
        assertThat(provider.orders).hasSize(1);
    }

    @Test
    void aMachineIsOrderedAsTheLogSays() throws Exception {
        Instance wanted = lead.ordered();
        run(new Errand.Create(wanted.id()));
        assertThat(provider.orders).singleElement().satisfies(order -> {
            assertThat(order.label()).isEqualTo(wanted.label());
            assertThat(order.offer()).isEqualTo("offer-7");
            assertThat(order.diskGb()).isEqualTo(20);
            assertThat(order.image()).isEqualTo("base:1");
            assertThat(order.sshKey()).isEqualTo("ssh-ed25519 AAAA us");
            assertThat(order.bid()).isEmpty();
        });
        assertThat(lead.instance(wanted.id()).open()).isTrue();
        assertThat(lead.renting().created().has(wanted.id())).isTrue();
    }

    @Test
    void aLostAnswerConcludesNothingAndNothingIsEverSentAgain() throws Exception {
        Instance wanted = lead.ordered();
        provider.fails = Optional.of(new ProviderFailure.Unsure("fake", "the answer was lost"));
        Errand create = new Errand.Create(wanted.id());
        run(create);
        assertThat(lead.instance(wanted.id()).open()).isTrue();
        assertThat(note(create)).contains("the answer was lost");
        provider.fails = Optional.empty();
        run(create);
        assertThat(note(create)).contains("passed on before");
        FakeLead next = lead.next();
        run(create, next);
        assertThat(provider.orders).hasSize(1);
        assertThat(next.instance(wanted.id()).open()).isTrue();
    }

    @Test
    void aRefusalEndsTheIntentWithItsWords() throws Exception {
        for (ProviderFailure no : List.of(
                new ProviderFailure.Refused("fake", ProviderFailure.NO_OFFER, "the offer is gone"),
                new ProviderFailure.Unavailable("fake", "cannot connect"),
                new ProviderFailure.Denied("fake", "the key is wrong"),
                new ProviderFailure.Unsupported("fake", "rent"))) {
            Instance wanted = lead.ordered();
            provider.fails = Optional.of(no);
            run(new Errand.Create(wanted.id()));
            assertThat(lead.instance(wanted.id()).ended()).hasValueSatisfying(ended -> {
                assertThat(ended.found()).isFalse();
                assertThat(ended.note()).isEqualTo(no.getMessage());
            });
        }
        assertThat(provider.orders).hasSize(4);
    }

    @Test
    void anotherTermsOrderIsNotPassedOn() throws Exception {
        Instance wanted = lead.ordered();
        FakeLead next = lead.next();
        run(new Errand.Create(wanted.id()), next);
        lead.leads = false;
        run(new Errand.Create(wanted.id()));
        assertThat(provider.asked()).isEmpty();
        assertThat(next.instance(wanted.id()).open()).isTrue();
        assertThat(note(new Errand.Create(wanted.id()))).contains("still to lead");
    }

    @Test
    void aLeaderThatWasHeldUpOrdersNothing() throws Exception {
        Instance wanted = lead.ordered();
        AtomicLong late = new AtomicLong();
        RentDesk slow = new RentDesk(
                counter(),
                new Ordering(
                        () -> new Providers.Preferences(folder.resolve("key"), "base:1", Optional.empty()),
                        lead::now,
                        () -> late.getAndAdd(Duration.ofSeconds(31).toNanos())),
                (instance, machine, at, to) -> false,
                lead::now);
        try (slow) {
            slow.run(new Errand.Create(wanted.id()), "", lead);
            until(() -> !lead.instance(wanted.id()).open());
        }
        assertThat(provider.asked()).isEmpty();
        assertThat(lead.instance(wanted.id()).ended().orElseThrow().note()).contains("held up for 31 s");
    }

    @Test
    void withoutAKeyToLogInNothingIsOrdered() throws Exception {
        Files.delete(folder.resolve("key.pub"));
        Instance wanted = lead.ordered();
        run(new Errand.Create(wanted.id()));
        assertThat(provider.asked()).isEmpty();
        assertThat(lead.instance(wanted.id()).ended().orElseThrow().note()).contains("ssh-keygen");
    }

    @Test
    void whileOneIsUnderWayTheSameIsNotBegunInAnyTerm() throws Exception {
        Instance wanted = lead.ordered();
        provider.gate = new CountDownLatch(1);
        Errand create = new Errand.Create(wanted.id());
        desk.run(create, "", lead);
        until(() -> provider.asked().size() == 1);
        desk.run(create, "", lead);
        FakeLead next = lead.next();
        desk.run(create, "", next);
        assertThat(next.renting().last(create)).isEmpty();
        provider.gate.countDown();
        until(() -> desk.underWay() == 0);
        assertThat(provider.orders).hasSize(1);
    }

    // ---- looking

    @Test
    void aLookIsWholeOrFailed() {
        run(new Errand.Look("fake"));
        Renting.Listing listing = lead.renting().of("fake").orElseThrow().newest();
        assertThat(listing.asked()).isEqualTo(lead.now());
        provider.fails = Optional.of(new ProviderFailure.Unavailable("fake", "cannot connect"));
        lead.pass(60);
        run(new Errand.Look("fake"));
        assertThat(lead.renting().of("fake").orElseThrow().newest()).isEqualTo(listing);
        assertThat(note(new Errand.Look("fake"))).contains("cannot connect");
        run(new Errand.Look("nobody"));
        assertThat(note(new Errand.Look("nobody"))).contains("no provider nobody");
    }

    @Test
    void offersAreToldByGroup() {
        run(new Errand.FindOffers("gold", "fake", OfferQuery.DEFAULT));
        assertThat(lead.renting().offers().require("gold").selection().offers()).isEmpty();
    }

    @Test
    void whyNoOfferWillDoIsToldWhereTheMarketDropsThemItself() {
        provider.sells = List.of(OFFER);
        OfferQuery cheap = OfferQuery.DEFAULT.withoutDefaults().atMost(Money.parse("0.01"));
        run(new Errand.FindOffers("gold", "fake", cheap));
        OfferQuery.Selection selection = lead.renting().offers().require("gold").selection();
        assertThat(selection.offers()).isEmpty();
        assertThat(selection.seen()).isEqualTo(1);
        assertThat(selection.dropped()).containsExactly(new OfferQuery.Dropped("price", 1));
    }

    // ---- machines

    @Test
    void aQueuedStartAndAMachineThatIsGoneAreNoFailures() throws Exception {
        Instance wanted = lead.ordered();
        lead.sighted(wanted.id(), "41");
        provider.fails = Optional.of(new ProviderFailure.Refused("fake", ProviderFailure.QUEUED, "it waits"));
        run(new Errand.Start(wanted.id()));
        assertThat(lead.renting()
                        .last(new Errand.Start(wanted.id()))
                        .orElseThrow()
                        .failures())
                .isZero();
        provider.fails = Optional.of(new ProviderFailure.Refused("fake", ProviderFailure.NO_MACHINE, "no 41"));
        run(new Errand.Destroy(wanted.id()));
        run(new Errand.DestroyStray("fake", "17", "x-i9"));
        run(new Errand.Stop(wanted.id()));
        assertThat(lead.renting()
                        .last(new Errand.Destroy(wanted.id()))
                        .orElseThrow()
                        .failures())
                .isZero();
        assertThat(note(new Errand.Stop(wanted.id()))).contains("no 41");
        assertThat(provider.asked()).containsExactly("start 41", "destroy 41", "destroy 17", "stop 41");
    }

    @Test
    void whatWasNotFoundYetIsNotTouched() throws Exception {
        Instance wanted = lead.ordered();
        run(new Errand.Destroy(wanted.id()));
        assertThat(provider.asked()).isEmpty();
        assertThat(note(new Errand.Destroy(wanted.id()))).contains("not yet");
    }

    @Test
    void aFailedInstallIsTold() throws Exception {
        Instance wanted = lead.ordered();
        lead.sighted(wanted.id(), "41");
        run(new Errand.Install(wanted.id()));
        assertThat(note(new Errand.Install(wanted.id()))).contains("expected fake to list 41");
        assertThat(installs).hasValue(0);
    }

    // ---- charges

    private void charged(String machine, long micros, Instant to) {
        provider.charges.add(
                new Charge("fake", machine, "", Charge.Kind.GPU, FakeLead.BEGUN, to, new Money(micros), ""));
    }

    @Test
    void whatWasChargedIsTakenOverToTheMicroDollar() throws Exception {
        Instance wanted = lead.ordered();
        lead.sighted(wanted.id(), "41");
        lead.pass(3_600);
        charged("41", 100_001, lead.now());
        charged("41", 2_002, lead.now().minusSeconds(5));
        charged("99", 7_000_000, lead.now());
        run(new Errand.AskCharges("fake"));
        assertThat(lead.instance(wanted.id()).bill().total(lead.now())).isEqualTo(new Money(102_003));
        int orders = lead.orders.size();
        run(new Errand.AskCharges("fake"));
        assertThat(lead.orders).hasSize(orders);
    }

    @Test
    void whatWasChargedBeforeAMachineWasAdoptedIsNotOurs() throws Exception {
        Instant begun = lead.now();
        lead.pass(9_000);
        Instance wanted = lead.ordered();
        lead.sighted(wanted.id(), "41");
        lead.pass(1_000);
        provider.charges.add(
                new Charge("fake", "41", "", Charge.Kind.GPU, begun, lead.now(), new Money(100_000), "10,000 seconds"));
        provider.charges.add(
                new Charge("fake", "41", "", Charge.Kind.UP, begun, begun.plusSeconds(5), new Money(7_000), "before"));
        run(new Errand.AskCharges("fake"));
        assertThat(lead.instance(wanted.id()).bill().total(lead.now())).isEqualTo(new Money(10_000));
    }

    /// Clocks may differ by minutes; of a machine that somebody else rented, nothing of those minutes is ours.
    @Test
    void notAMinuteBeforeAnAdoptionIsCounted() throws Exception {
        Instant begun = lead.now();
        lead.pass(300);
        lead.order(
                new Command.AdoptInstance(
                        "",
                        lead.ordered().rent(),
                        new Sighting("41", Observed.RUNNING, Money.ZERO, Money.ZERO, Optional.empty(), ""),
                        Optional.empty()),
                "");
        lead.pass(300);
        provider.charges.add(
                new Charge("fake", "41", "", Charge.Kind.GPU, begun, lead.now(), new Money(100_000), "600 seconds"));
        run(new Errand.AskCharges("fake"));
        assertThat(lead.instance(new InstanceId(2)).bill().total(lead.now())).isEqualTo(new Money(50_000));
    }

    @Test
    void aRefusalForCreditIsTheAccounts() throws Exception {
        Instance wanted = lead.ordered();
        provider.fails = Optional.of(
                new ProviderFailure.Refused("fake", ProviderFailure.NO_CREDIT, "Your account lacks credit"));
        run(new Errand.Create(wanted.id()));
        assertThat(lead.instance(wanted.id()).open()).isFalse();
        assertThat(lacks()).isTrue();
        provider.fails = Optional.empty();
        run(new Errand.Create(lead.ordered().id()));
        assertThat(lacks()).isFalse();
    }

    private boolean lacks() {
        return lead.renting().credits().require("fake").lacking();
    }

    @Test
    void aRefusedKeyIsToldFromOtherFailures() throws Exception {
        provider.fails = Optional.of(new ProviderFailure.Denied("fake", "no key"));
        run(new Errand.Look("fake"));
        assertThat(lead.soft()
                        .renting()
                        .last(new Errand.Look("fake"))
                        .orElseThrow()
                        .denied())
                .isTrue();
        provider.fails = Optional.of(new ProviderFailure.Unavailable("fake", "HTTP 500"));
        run(new Errand.Look("fake"));
        assertThat(lead.soft()
                        .renting()
                        .last(new Errand.Look("fake"))
                        .orElseThrow()
                        .denied())
                .isFalse();
    }

    @Test
    void chargesThatLagForgetNothing() throws Exception {
        Instance wanted = lead.ordered();
        Instant begun = lead.now();
        lead.pass(600);
        lead.sighted(wanted.id(), "41");
        charged("41", 1, begun.plusSeconds(60));
        lead.pass(3_600);
        run(new Errand.AskCharges("fake"));
        assertThat(lead.instance(wanted.id()).bill().charged()).isEmpty();
        assertThat(lead.instance(wanted.id()).bill().total(lead.now())).isEqualTo(new Money(120_000));
    }

    @Test
    void aMachineThatHasEndedIsChargedUntilItIsFinal() throws Exception {
        Instance wanted = lead.ordered();
        lead.sighted(wanted.id(), "41");
        lead.pass(3_600);
        lead.order(new Command.EndInstance(wanted.id(), false), "");
        lead.order(new Command.ReleaseInstance(wanted.id()), "");
        Instant released = lead.now();
        lead.pass(20);
        lead.order(new Command.FinishInstance(wanted.id(), "ended"), "");
        charged("41", 60_000, released.minusSeconds(1_800));
        run(new Errand.AskCharges("fake"));
        assertThat(lead.instance(wanted.id()).bill().charged()).isEmpty();
        charged("41", 60_003, released.plusSeconds(3));
        lead.pass(60);
        run(new Errand.AskCharges("fake"));
        assertThat(lead.instance(wanted.id()).bill().total(lead.now())).isEqualTo(new Money(120_003));
        assertThat(lead.instance(wanted.id()).bill().charged())
                .hasValueSatisfying(upTo -> assertThat(upTo).isAfterOrEqualTo(released.plusSeconds(20)));
        assertThat(lead.state().rentals().ledger().since(Instant.EPOCH)).isEqualTo(new Money(120_003));
        int orders = lead.orders.size();
        run(new Errand.AskCharges("fake"));
        assertThat(lead.orders).hasSize(orders);
    }
}
