package dev.muster.edge.rent;

import dev.muster.core.plan.Errand;
import dev.muster.core.rent.Created;
import dev.muster.core.rent.RentOrder;
import dev.muster.core.state.Command;
import dev.muster.core.state.Instance;
import dev.muster.core.state.InstanceId;
import dev.muster.core.state.Rent;
import dev.muster.edge.node.Errands;
import dev.muster.edge.node.Member;
import dev.muster.edge.provider.Provider;
import dev.muster.edge.provider.ProviderFailure;
import dev.muster.edge.provider.Providers;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Passes an order on to its provider: at most once in this process, and only while its leader certainly leads.
///
/// Whatever was certainly not done ends the intent. What may have been done concludes nothing: the machine is looked for
/// by its label.
public final class Ordering {
    /// From when the log said that the leader still leads. One that was held up for longer may have been followed by
    /// another, which has looked for the machine in vain and given it up.
    static final Duration SEND_WITHIN = Duration.ofSeconds(30);
    /// Remembered orders, before those that have ended are forgotten.
    private static final int REMEMBERED_MAX = 4_096;

    private static final Logger LOG = LoggerFactory.getLogger(Ordering.class);

    private final Supplier<Providers.Preferences> preferences;
    private final InstantSource clock;
    private final LongSupplier nanos;
    private final Set<InstanceId> sent = ConcurrentHashMap.newKeySet();
    private final Map<String, ReentrantLock> turns = new ConcurrentHashMap<>();

    /// @param nanos as [System#nanoTime]
    public Ordering(Supplier<Providers.Preferences> preferences, InstantSource clock, LongSupplier nanos) {
        this.preferences = preferences;
        this.clock = clock;
        this.nanos = nanos;
    }

    /// One after the other at each provider: it keeps a pace, and nobody is to wait for it between the log's word and the
    /// order.
    void order(InstanceId id, RentDesk.Counter counter, Errands.Lead lead)
            throws ProviderFailure, IOException, InterruptedException {
        ReentrantLock turn = turns.computeIfAbsent(instance(id, lead).rent().provider(), name -> new ReentrantLock());
        turn.lockInterruptibly();
        try {
            inTurn(id, counter, lead);
        } finally {
            turn.unlock();
        }
    }

    private static Instance instance(InstanceId id, Errands.Lead lead) throws IOException {
        return lead.state()
                .rentals()
                .instances()
                .find(id)
                .orElseThrow(() -> new IOException("expected the order " + id + " in the log, but it is forgotten"));
    }

    private void inTurn(InstanceId id, RentDesk.Counter counter, Errands.Lead lead)
            throws ProviderFailure, IOException, InterruptedException {
        long askedNanos = nanos.getAsLong();
        if (!lead.confirmed()) throw new IOException("expected still to lead before anything is ordered");
        Instance instance = instance(id, lead);
        if (instance.term() != lead.term())
            throw new IOException("expected to be ordered by the leader of term " + instance.term()
                    + ", but this is that of " + lead.term());
        if (!instance.open() || instance.seen().isPresent()) return;
        if (sent.size() >= REMEMBERED_MAX) forgetEnded(lead);
        if (!sent.add(id)) throw new IOException("it was passed on before, and is looked for by its label");
        if (instance.will() != Instance.Will.RUN) {
            String what = instance.will() == Instance.Will.END ? "ended" : "stopped";
            abandon(id, what + " before it was ordered", lead);
            return;
        }
        Provider provider;
        RentOrder order;
        try {
            provider = counter.of(instance.rent().provider());
            order = order(instance);
        } catch (IOException | IllegalArgumentException e) {
            abandon(id, String.valueOf(e.getMessage()), lead);
            return;
        }
        Duration late = Duration.ofNanos(nanos.getAsLong() - askedNanos);
        if (late.compareTo(SEND_WITHIN) > 0)
            abandon(id, "not passed on: the leader was held up for " + late.toSeconds() + " s", lead);
        else send(instance, order, provider, lead);
    }

    private void send(Instance instance, RentOrder order, Provider provider, Errands.Lead lead)
            throws ProviderFailure, IOException, InterruptedException {
        InstanceId id = instance.id();
        // It may have waited for its turn: from now on it may be there.
        lead.tell(renting -> renting.begun(new Errand.Create(id), clock.instant()));
        try {
            Created created = provider.create(order);
            lead.tell(renting -> renting.paid(provider.name(), clock.instant()));
            LOG.info(
                    "rent.create instance={} label={} offer={} rented={} per_hour={}{}",
                    id,
                    order.label(),
                    order.offer(),
                    created.id(),
                    instance.rent().perHour(),
                    created.note().isEmpty() ? "" : " note=\"" + created.note() + "\"");
        } catch (ProviderFailure.Unsure e) {
            throw e;
        } catch (ProviderFailure e) {
            // Before the order ends: else the next is made.
            if (e instanceof ProviderFailure.Refused no && no.lacksCredit())
                lead.tell(renting -> renting.lacksCredit(no.provider(), clock.instant()));
            abandon(id, String.valueOf(e.getMessage()), lead);
        }
    }

    private RentOrder order(Instance instance) throws IOException {
        Rent rent = instance.rent();
        Providers.Preferences preferred = preferences.get();
        return new RentOrder(
                instance.label(),
                rent.offer(),
                Math.max(1, rent.diskGb()),
                rent.image().isEmpty() ? preferred.image() : rent.image(),
                "",
                new TreeMap<>(),
                // It dials out, and SSH comes with every machine.
                List.of(),
                rent.bid(),
                publicKey(preferred));
    }

    /// Without one nobody gets in, and the machine would be paid for nothing.
    static String publicKey(Providers.Preferences preferred) throws IOException {
        try {
            return preferred.publicKey();
        } catch (IOException e) {
            throw new IOException(
                    "expected a key pair at " + preferred.sshKey() + " (VAST_SSH_KEY) to log in with, but cannot read"
                            + " its public key; `ssh-keygen -t ed25519 -N '' -f " + preferred.sshKey() + "` makes one",
                    e);
        }
    }

    /// Nothing was ordered, and nobody else may order it.
    private static void abandon(InstanceId id, String why, Errands.Lead lead) throws IOException, InterruptedException {
        LOG.warn("rent.failed errand=\"create {}\" why=\"{}\" then=\"given up\"", id, why);
        Member.Answer answer = lead.order(new Command.AbandonInstance(id, why), why);
        if (answer instanceof Member.Answer.Refused(String code, String message)) throw new IOException(message);
        if (answer instanceof Member.Answer.Unavailable(String message, boolean maybe))
            throw new IOException(why + "; and could not be given up: " + message);
    }

    private void forgetEnded(Errands.Lead lead) {
        Set<InstanceId> open = new HashSet<>();
        for (Instance instance : lead.state().rentals().open()) open.add(instance.id());
        sent.retainAll(open);
    }
}
