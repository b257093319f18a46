package dev.muster.edge.node;

import dev.muster.core.state.NodeId;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells the leader that this node is there. A heartbeat that finds no leader is not repeated: the next one follows.
final class Heartbeats implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Heartbeats.class);

    private final Duration every;
    private final Supplier<PeerService.Heartbeat> heartbeat;
    private final Function<PeerService.Heartbeat, PeerService.HeartbeatAnswer> own;
    private final Supplier<Optional<NodeId>> leader;
    private final Contacts contacts;
    private final PeerClient client;
    private final Consumer<Heard> answered;
    private final Consumer<String> refused;
    private final InstantSource clock;
    private final Thread thread = Thread.ofVirtual().name("heartbeats").unstarted(this::run);
    private int turn;
    private boolean unheard;

    /// A leader's answer.
    ///
    /// @param api    where it was asked; empty when it is this very node
    /// @param middle between question and answer, by this node's clock
    /// @param trip   from question to answer
    record Heard(PeerService.HeartbeatAnswer answer, Optional<String> api, Instant middle, Duration trip) {}

    /// @param own      asks this very node, which may lead
    /// @param answered told what a leader answered
    /// @param refused  told why the leader takes another agent for this node
    Heartbeats(
            Duration every,
            Supplier<PeerService.Heartbeat> heartbeat,
            Function<PeerService.Heartbeat, PeerService.HeartbeatAnswer> own,
            Supplier<Optional<NodeId>> leader,
            Contacts contacts,
            PeerClient client,
            Consumer<Heard> answered,
            Consumer<String> refused,
            InstantSource clock) {
        this.every = every;
        this.heartbeat = heartbeat;
        this.own = own;
        this.leader = leader;
        this.contacts = contacts;
        this.client = client;
        this.answered = answered;
        this.refused = refused;
        this.clock = clock;
    }

    void start() {
        thread.start();
    }

    private void run() {
        try {
            while (true) {
                long start = System.nanoTime();
                beat();
                long left = every.toNanos() - (System.nanoTime() - start);
                Thread.sleep(Duration.ofNanos(Math.max(left, every.toNanos() / 4)));
            }
        } catch (InterruptedException e) {
            LOG.debug("closed", e);
        }
    }

    /// Speaks now; also called when the node has joined, for until then no leader has listened.
    synchronized void beat() {
        PeerService.Heartbeat now = heartbeat.get();
        PeerService.HeartbeatAnswer mine = own.apply(now);
        if (mine.leading()) {
            accept(new Heard(mine, Optional.empty(), clock.instant(), Duration.ZERO));
            return;
        }
        Optional<String> target = leader.get().flatMap(contacts::api).or(this::inTurn);
        try {
            if (target.isEmpty()) return;
            Heard heard = ask(target.get(), now);
            PeerService.HeartbeatAnswer answer = heard.answer();
            if (!answer.leading()
                    && answer.leaderApi().isPresent()
                    && !answer.leaderApi().equals(target)) {
                heard = ask(answer.leaderApi().get(), now);
                answer = heard.answer();
            }
            if (answer.leading()) accept(heard);
            told(!answer.leading(), "no leader is known");
        } catch (IOException e) {
            told(true, e.getMessage());
        } catch (RuntimeException e) {
            LOG.error("heartbeat.broken", e);
        }
    }

    private void accept(Heard heard) {
        Optional<String> no = heard.answer().refused();
        if (no.isPresent()) refused.accept(no.get());
        else answered.accept(heard);
    }

    private Heard ask(String api, PeerService.Heartbeat now) throws IOException {
        Instant before = clock.instant();
        long start = System.nanoTime();
        PeerService.HeartbeatAnswer answer = client.heartbeat(api, now);
        Duration trip = Duration.ofNanos(System.nanoTime() - start);
        return new Heard(answer, Optional.of(api), before.plus(trip.dividedBy(2)), trip);
    }

    /// One line when it begins and one when it ends.
    private void told(boolean failed, String why) {
        if (failed == unheard) return;
        unheard = failed;
        if (failed) LOG.warn("heartbeat.unheard reason=\"{}\"", why);
        else LOG.info("heartbeat.heard");
    }

    private Optional<String> inTurn() {
        List<String> others = contacts.others();
        return others.isEmpty() ? Optional.empty() : Optional.of(others.get(Math.floorMod(turn++, others.size())));
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
