package dev.muster.edge.rent;

import dev.muster.core.plan.Errand;
import dev.muster.core.plan.Renting;
import dev.muster.core.rent.Charge;
import dev.muster.core.rent.OfferQuery;
import dev.muster.core.rent.Rented;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Command;
import dev.muster.core.state.Instance;
import dev.muster.core.state.InstanceId;
import dev.muster.core.state.Money;
import dev.muster.edge.node.Errands;
import dev.muster.edge.node.Member;
import dev.muster.edge.provider.Provider;
import dev.muster.edge.provider.ProviderFailure;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs a leader's errands, each on a thread of its own, and tells the leader what came of them.
///
/// One of a kind for a machine at a time, over all terms; what finds no room is not begun, and the planner asks again.
public final class RentDesk implements Errands, AutoCloseable {
    /// A provider keeps its pace, so more would only wait.
    private static final int UNDER_WAY_MAX = 64;
    /// Each sends a bundle of 70 MB, and this machine has other work.
    static final int INSTALLS_MAX = 6;
    /// A failure that repeats itself is said again so often.
    private static final int FAILURES_SAID = 20;

    private static final Logger LOG = LoggerFactory.getLogger(RentDesk.class);

    private final Counter counter;
    private final Ordering ordering;
    private final Installing installing;
    private final InstantSource clock;
    private final Map<String, Thread> underWay = new ConcurrentHashMap<>();
    private final AtomicInteger installs = new AtomicInteger();
    private volatile boolean closed;

    /// Where providers are asked.
    public interface Counter extends AutoCloseable {
        /// Is there one that could be asked now?
        boolean able();

        /// @throws IOException there is none of that name
        Provider of(String name) throws IOException;

        @Override
        void close();
    }

    public RentDesk(Counter counter, Ordering ordering, Installing installing, InstantSource clock) {
        this.counter = counter;
        this.ordering = ordering;
        this.installing = installing;
        this.clock = clock;
    }

    @Override
    public boolean able() {
        return counter.able();
    }

    @Override
    public void run(Errand errand, String why, Lead lead) {
        String key = Renting.key(errand);
        if (closed || underWay.containsKey(key) || underWay.size() >= UNDER_WAY_MAX || !admitted(errand)) return;
        lead.tell(renting -> renting.begun(errand, clock.instant()));
        Thread thread = Thread.ofVirtual().name("errand").unstarted(() -> {
            try {
                perform(errand, why, lead);
            } finally {
                if (errand instanceof Errand.Install) installs.decrementAndGet();
                underWay.remove(key);
            }
        });
        underWay.put(key, thread);
        thread.start();
    }

    /// Errands now.
    int underWay() {
        return underWay.size();
    }

    private boolean admitted(Errand errand) {
        if (!(errand instanceof Errand.Install)) return true;
        if (installs.incrementAndGet() <= INSTALLS_MAX) return true;
        installs.decrementAndGet();
        return false;
    }

    private void perform(Errand errand, String why, Lead lead) {
        try {
            carryOut(errand, why, lead);
            lead.tell(renting -> renting.done(errand, clock.instant()));
        } catch (ProviderFailure.Denied e) {
            failed(errand, lead, words(e), true);
        } catch (ProviderFailure.Refused e) {
            if (e.lacksCredit()) lead.tell(renting -> renting.lacksCredit(e.provider(), clock.instant()));
            failed(errand, lead, words(e));
        } catch (ProviderFailure | IOException e) {
            failed(errand, lead, words(e));
        } catch (InterruptedException e) {
            failed(errand, lead, "broken off: this node stops");
        } catch (RuntimeException e) {
            LOG.error("rent.broken errand=\"{}\"", Renting.key(errand), e);
            failed(errand, lead, "an error of ours: " + e);
        }
    }

    private static String words(Exception e) {
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }

    private void failed(Errand errand, Lead lead, String why) {
        failed(errand, lead, why, false);
    }

    /// The first failure is said, then what is new of it, then one of many.
    private void failed(Errand errand, Lead lead, String why, boolean denied) {
        Optional<Renting.Tried> last = lead.soft().renting().last(errand);
        int failures = last.map(Renting.Tried::failures).orElse(0);
        boolean news = last.filter(tried -> tried.note().equals(why)).isEmpty();
        if (news || failures % FAILURES_SAID == 0)
            LOG.warn("rent.failed errand=\"{}\" failures={} why=\"{}\"", Renting.key(errand), failures + 1, why);
        lead.tell(renting ->
                denied ? renting.denied(errand, clock.instant(), why) : renting.failed(errand, clock.instant(), why));
    }

    private void carryOut(Errand errand, String why, Lead lead)
            throws ProviderFailure, IOException, InterruptedException {
        switch (errand) {
            case Errand.Look(String provider) -> look(provider, lead);
            case Errand.FindOffers offers -> findOffers(offers, lead);
            case Errand.Create(InstanceId id) -> {
                prepare(id);
                ordering.order(id, counter, lead);
            }
            case Errand.Install(InstanceId id) -> install(id, lead);
            case Errand.Start(InstanceId id) -> start(instance(id, lead), why, lead);
            case Errand.Stop(InstanceId id) -> {
                Instance instance = instance(id, lead);
                counter.of(instance.rent().provider()).stop(rented(instance));
                LOG.info("rent.stop instance={} rented={} why=\"{}\"", id, rented(instance), why);
            }
            case Errand.Destroy(InstanceId id) -> {
                Instance instance = instance(id, lead);
                destroy(instance.rent().provider(), rented(instance));
                LOG.info("rent.destroy instance={} rented={} why=\"{}\"", id, rented(instance), why);
            }
            case Errand.Bid(InstanceId id, var perHour) -> {
                Instance instance = instance(id, lead);
                counter.of(instance.rent().provider()).bid(rented(instance), perHour);
                LOG.info("rent.bid instance={} rented={} per_hour={}", id, rented(instance), perHour);
            }
            case Errand.DestroyStray(String provider, String rented, String label) -> {
                destroy(provider, rented);
                LOG.warn("rent.stray-destroyed provider={} rented={} label={}", provider, rented, label);
            }
            case Errand.AskCharges(String provider) -> askCharges(provider, lead);
            case Errand.AskCredit(String provider) -> askCredit(provider, lead);
            case Errand.FindSecrets(var run, var names) -> installing.secrets(names);
        }
    }

    /// A machine may bring the program with its image: what cannot be made here is told when it is missed.
    private void prepare(InstanceId id) throws InterruptedException {
        try {
            installing.prepare();
        } catch (IOException e) {
            LOG.warn("rent.no-bundle instance={} why=\"{}\"", id, e.getMessage());
        }
    }

    private void look(String provider, Lead lead) throws ProviderFailure, IOException {
        Instant asked = clock.instant();
        List<Rented> machines = counter.of(provider).list();
        Renting.Listing listing = new Renting.Listing(asked, clock.instant(), machines);
        lead.tell(renting -> renting.listed(provider, listing));
    }

    private void findOffers(Errand.FindOffers errand, Lead lead) throws ProviderFailure, IOException {
        Provider provider = counter.of(errand.provider());
        OfferQuery.Selection selection = provider.offers(errand.query());
        // Nothing came, so nothing tells why. What comes to a wider question does.
        if (selection.seen() == 0 && errand.query().isNarrow())
            selection = errand.query()
                    .select(provider.offers(errand.query().widened()).offers());
        Renting.Found found = new Renting.Found(clock.instant(), errand.query(), selection);
        lead.tell(renting -> renting.found(errand.group(), found));
    }

    /// One that cannot start now will by itself, and its listing says so: that is no failure.
    private void start(Instance instance, String why, Lead lead) throws ProviderFailure, IOException {
        String rented = rented(instance);
        try {
            counter.of(instance.rent().provider()).start(rented);
            lead.tell(renting -> renting.paid(instance.rent().provider(), clock.instant()));
            LOG.info("rent.start instance={} rented={} why=\"{}\"", instance.id(), rented, why);
        } catch (ProviderFailure.Refused e) {
            if (!e.code().equals(ProviderFailure.QUEUED)) throw e;
            lead.tell(renting -> renting.paid(instance.rent().provider(), clock.instant()));
            LOG.info("rent.start-queued instance={} rented={} note=\"{}\"", instance.id(), rented, e.getMessage());
        }
    }

    private void destroy(String provider, String rented) throws ProviderFailure, IOException {
        try {
            counter.of(provider).destroy(rented);
        } catch (ProviderFailure.Refused e) {
            if (!e.code().equals(ProviderFailure.NO_MACHINE)) throw e;
        }
    }

    private void install(InstanceId id, Lead lead) throws ProviderFailure, IOException, InterruptedException {
        Instance instance = instance(id, lead);
        Provider provider = counter.of(instance.rent().provider());
        long begun = System.nanoTime();
        boolean changed = installing.install(instance, machine(instance, provider, lead), provider, lead);
        if (changed)
            LOG.info(
                    "rent.install instance={} node={} seconds={}",
                    id,
                    instance.node().map(Object::toString).orElse(""),
                    Duration.ofNanos(System.nanoTime() - begun).toSeconds());
    }

    /// As it was last listed with a way to it; else as it is listed now.
    private static Rented machine(Instance instance, Provider provider, Lead lead) throws ProviderFailure, IOException {
        String rented = rented(instance);
        Optional<Rented> listed = lead.soft()
                .renting()
                .of(provider.name())
                .flatMap(listings -> listings.withId(rented))
                .filter(machine -> machine.reach().direct().isPresent()
                        || machine.reach().proxy().isPresent());
        if (listed.isPresent()) return listed.get();
        for (Rented machine : provider.list()) if (machine.id().equals(rented)) return machine;
        throw new IOException("expected " + provider.name() + " to list " + rented + ", but it does not");
    }

    private void askCharges(String name, Lead lead) throws ProviderFailure, IOException, InterruptedException {
        Provider provider = counter.of(name);
        Optional<Settling.Span> span = Settling.span(lead.state().rentals(), name, clock.instant());
        if (!provider.can().charges() || span.isEmpty()) return;
        List<Charge> charges = provider.charges(span.get().from(), span.get().to());
        ClusterState state = lead.state();
        for (Command.RecordCharge order : Settling.orders(state.rentals(), name, charges, clock.instant())) {
            Member.Answer answer = lead.order(order, "as " + name + " charges");
            if (answer instanceof Member.Answer.Unavailable(String why, boolean maybe)) throw new IOException(why);
            if (answer instanceof Member.Answer.Refused(String code, String message))
                LOG.debug("rent.charge-refused instance={} code={} why=\"{}\"", order.id(), code, message);
        }
    }

    private void askCredit(String provider, Lead lead) throws ProviderFailure, IOException {
        Instant asked = clock.instant();
        boolean some = counter.of(provider).account().credit().compareTo(Money.ZERO) > 0;
        lead.tell(renting -> renting.asked(provider, some, asked, clock.instant()));
    }

    private static Instance instance(InstanceId id, Lead lead) throws IOException {
        return lead.state()
                .rentals()
                .instances()
                .find(id)
                .filter(Instance::open)
                .orElseThrow(() -> new IOException("expected " + id + " to be open, but it has ended"));
    }

    private static String rented(Instance instance) throws IOException {
        return instance.rented()
                .orElseThrow(() -> new IOException(
                        "expected " + instance.id() + " to be found at its provider, but it is not yet"));
    }

    /// Breaks off what is under way; what a provider was asked stays asked.
    @Override
    public void close() {
        closed = true;
        underWay.values().forEach(Thread::interrupt);
        counter.close();
    }
}
