package dev.muster.edge.swarm;

import dev.muster.core.state.NodeId;
import dev.muster.core.state.Sha256;
import dev.muster.core.swarm.ChunkSet;
import dev.muster.core.swarm.SwarmPlanner.Failure;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Receives one file: asks the leader which chunk to get from whom, gets them, and tells what came. Without a leader it
/// goes on by what other nodes say they have.
final class Download {
    /// News gather this long, while enough is on its way.
    private static final long GATHER_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
    /// And this long while there is something to go on with.
    private static final long CALM_NANOS = TimeUnit.MILLISECONDS.toNanos(40);
    /// The leader may hold its answer this long when there is nothing to do.
    private static final long IDLE_WAIT_MILLIS = 1_000;
    private static final Duration LEADERLESS = Duration.ofSeconds(2);
    private static final Duration RETRY = Duration.ofMillis(200);
    /// Less than this came for so long: another way may be better. Not counted in chunks: on a slow line the first ones,
    /// which share it, may take longer.
    private static final Duration STALLED = Duration.ofSeconds(20);
    private static final long PROGRESS_BYTES = 64 << 10;
    /// A chunk that was given to somebody else as well, and of which nothing came for so long, is given up.
    private static final Duration SILENT = Duration.ofMillis(1500);
    /// What is about to be said is said by then.
    private static final Duration SETTLE = Duration.ofSeconds(2);
    private static final int CORRUPT_MAX = 3;
    /// Chunks that come at once at least, where the leader tells of so many; of more, three quarters.
    private static final int RUNNING = 9;

    private static final Logger LOG = LoggerFactory.getLogger(Download.class);

    private final Arrival arrival;
    private final Flight.Means means;
    private final Directory directory;
    private final Hunt hunt;
    private final Optional<NodeId> giver;
    private final ExecutorService threads;
    private final Terms terms;

    private final Map<Integer, List<Flight>> flights = new TreeMap<>();
    /// Told of, and not begun: while the leader is asked for more there is something to go on with.
    private final Deque<Exchange.Assigned> ahead = new ArrayDeque<>();
    private final List<Exchange.Got> got = new ArrayList<>();
    private final List<Exchange.Failed> failed = new ArrayList<>();
    private final Map<NodeId, Long> bytesFrom = new TreeMap<>();
    private final Map<NodeId, Integer> corrupt = new TreeMap<>();
    /// When a source last broke off in the middle of a chunk, since it last gave a whole one.
    private final Map<NodeId, Long> cutNanos = new TreeMap<>();
    /// Chunks that were not what the manifest says, while it may be the manifest that is wrong.
    private final List<Exchange.Failed> doubts = new ArrayList<>();
    private boolean confirmed;
    private Optional<IOException> broken = Optional.empty();
    private long progressNanos = System.nanoTime();
    private long writtenBytes;
    private long heardNanos = System.nanoTime();
    private boolean known;
    private long roundTripNanos;

    /// What this node says of itself.
    ///
    /// @param dialable as far as it knows
    record Terms(boolean dialable, long upRate, long downRate) {}

    /// The manifest does not fit what several nodes have.
    static final class ManifestDoubted extends IOException {
        private static final long serialVersionUID = 1L;

        ManifestDoubted(String message) {
            super(message);
        }
    }

    /// @param giver of the manifest; empty when an earlier try had it
    Download(
            Arrival arrival,
            Flight.Means means,
            Directory directory,
            Hunt hunt,
            Optional<NodeId> giver,
            ExecutorService threads,
            Terms terms) {
        this.arrival = arrival;
        this.means = means;
        this.directory = directory;
        this.hunt = hunt;
        this.giver = giver;
        this.threads = threads;
        this.terms = terms;
    }

    private Sha256 sha() {
        return arrival.manifest().sha();
    }

    /// Bytes that counted, by source.
    synchronized Map<NodeId, Long> bytesFrom() {
        return new TreeMap<>(bytesFrom);
    }

    /// Gets all chunks.
    ///
    /// @throws ManifestDoubted when sources disagree with the manifest
    /// @throws IOException     when nothing comes any more, or this node's disk fails
    void run() throws IOException, InterruptedException {
        try {
            while (!arrival.complete()) {
                check();
                long lastNanos = System.nanoTime();
                Duration pause = exchange();
                pause(lastNanos, pause);
            }
            settle();
            farewell();
        } finally {
            synchronized (this) {
                ahead.clear();
                flights.values().forEach(flying -> flying.forEach(Flight::abandon));
            }
        }
    }

    /// This node ends.
    synchronized void stop() {
        if (broken.isEmpty()) broken = Optional.of(new IOException("this node is ending"));
        notifyAll();
    }

    private void check() throws IOException, InterruptedException {
        boolean doubted;
        synchronized (this) {
            checkProgress();
            doubted = !doubts.isEmpty();
        }
        if (doubted && !confirmed) confirm();
        synchronized (this) {
            failed.addAll(doubts);
            doubts.clear();
        }
    }

    /// Before a source is blamed, somebody else is asked what the chunks should be.
    private void confirm() throws IOException, InterruptedException {
        try {
            Hunt.Given other = hunt.confirmation(giver.map(Set::of).orElse(Set.of()));
            if (!other.manifest().equals(arrival.manifest())) {
                throw new ManifestDoubted("another one, of " + other.by() + ", says something else");
            }
        } catch (ManifestDoubted e) {
            throw e;
        } catch (IOException e) {
            LOG.debug("nobody else has a manifest", e);
        }
        confirmed = true;
    }

    private void checkProgress() throws IOException {
        if (broken.isPresent()) throw broken.get();
        if (arrival.written() - writtenBytes >= PROGRESS_BYTES) {
            writtenBytes = arrival.written();
            progressNanos = System.nanoTime();
        }
        if (System.nanoTime() - progressNanos > STALLED.toNanos()) {
            throw new IOException("expected more of " + sha().brief() + ", but nothing came for " + STALLED.toSeconds()
                    + " s; last: " + hunt.trouble());
        }
    }

    /// The shortest of this file's: a full line or a busy leader is not far away.
    private void roundTrip(long nanos) {
        roundTripNanos = roundTripNanos == 0 ? nanos : Math.min(nanos, roundTripNanos);
    }

    private Duration exchange() throws InterruptedException {
        Exchange.Ask ask = ask();
        try {
            long begun = System.nanoTime();
            Exchange.Answer answer = directory.ask(ask);
            if (ask.waitMillis() == 0) roundTrip(System.nanoTime() - begun);
            if (!answer.leading()) throw new IOException("the leader is another one now");
            heardNanos = System.nanoTime();
            known = answer.known() && !mistaken(ask, answer, System.nanoTime() - begun);
            hunt.heard(answer.peers());
            told(answer.assigned());
            return known || answer.againMillis() > 0 ? Duration.ofMillis(answer.againMillis()) : RETRY;
        } catch (IOException e) {
            LOG.debug("the leader does not answer", e);
            known = false; // all is told again by the chunks that are here
            if (System.nanoTime() - heardNanos > LEADERLESS.toNanos()) alone();
            return RETRY;
        }
    }

    /// A leader that has nothing for a node which waits takes its time: one that answers at once thinks that all is here,
    /// and is told anew what is.
    private synchronized boolean mistaken(Exchange.Ask ask, Exchange.Answer answer, long nanos) {
        boolean nothing = ask.waitMillis() > 0 && answer.assigned().isEmpty() && flights.isEmpty();
        return nothing && nanos < TimeUnit.MILLISECONDS.toNanos(ask.waitMillis()) / 4 && !arrival.complete();
    }

    private synchronized Exchange.Ask ask() {
        boolean idle = flights.isEmpty() && got.isEmpty() && failed.isEmpty();
        Exchange.Ask ask = new Exchange.Ask(
                directory.self(),
                sha(),
                known ? Optional.empty() : Optional.of(arrival.have().bits()),
                got,
                failed,
                terms.dialable(),
                terms.upRate(),
                terms.downRate(),
                TimeUnit.NANOSECONDS.toMillis(roundTripNanos),
                known && idle ? IDLE_WAIT_MILLIS : 0);
        got.clear();
        failed.clear();
        return ask;
    }

    /// Waits for news, and gathers some while enough is on its way.
    private synchronized void pause(long lastNanos, Duration pause) throws InterruptedException {
        long end = System.nanoTime() + pause.toNanos();
        int flying = flights.size();
        while (broken.isEmpty() && !arrival.complete()) {
            long now = System.nanoTime();
            boolean news = !got.isEmpty() || !failed.isEmpty() || !doubts.isEmpty();
            long gather = ahead.isEmpty() ? GATHER_NANOS : CALM_NANOS;
            boolean gathered = now - lastNanos >= gather || flights.size() <= flying / 2;
            if (news && gathered || now >= end || known && flights.isEmpty()) return;
            long until = news ? Math.min(end, lastNanos + gather) : end;
            TimeUnit.NANOSECONDS.timedWait(this, Math.max(1, until - now));
        }
    }

    private synchronized void told(List<Exchange.Assigned> chunks) {
        ahead.addAll(chunks);
        goOn();
    }

    /// As many at once as fill a line. The rest of what this node was told of begins as soon as one of them has come: the
    /// leader's next word may take its time, and no line is idle until then.
    private synchronized void goOn() {
        int known = running() + ahead.size();
        int most = Math.max(RUNNING, known * 3 / 4);
        while (!ahead.isEmpty() && running() < most) {
            Exchange.Assigned next = ahead.remove();
            begin(next.chunk(), next.source(), next.reversed());
        }
    }

    private int running() {
        int running = 0;
        for (List<Flight> flying : flights.values()) running += flying.size();
        return running;
    }

    private synchronized void begin(int chunk, NodeId source, boolean reversed) {
        if (chunk < 0 || chunk >= arrival.manifest().count()) return;
        if (arrival.has(chunk)) {
            got.add(new Exchange.Got(chunk, source));
            return;
        }
        List<Flight> flying = flights.computeIfAbsent(chunk, any -> new ArrayList<>());
        for (Flight other : flying) {
            if (other.source().equals(source)) return;
            if (other.silence().compareTo(SILENT) > 0) other.abandon();
        }
        Flight flight = new Flight(arrival, means, chunk, source, reversed);
        flying.add(flight);
        try {
            threads.execute(() -> fly(flight));
        } catch (RejectedExecutionException e) {
            stop();
        }
    }

    private void fly(Flight flight) {
        try {
            land(flight, flight.fly());
        } catch (InterruptedException e) {
            land(flight, new Flight.Landing.Failed(Failure.TIMEOUT, "interrupted"));
            Thread.currentThread().interrupt();
        } catch (RuntimeException | OutOfMemoryError e) {
            land(flight, new Flight.Landing.Broken(new IOException(e)));
        }
    }

    private synchronized void land(Flight flight, Flight.Landing landing) {
        flights.computeIfPresent(flight.chunk(), (chunk, flying) -> {
            flying.remove(flight);
            return flying.isEmpty() ? null : flying;
        });
        if (flight.kept() > 0) bytesFrom.merge(flight.source(), (long) flight.kept(), Long::sum);
        switch (landing) {
            case Flight.Landing.Good(int bytes) -> {
                cutNanos.remove(flight.source());
                progressNanos = System.nanoTime();
                got.add(new Exchange.Got(flight.chunk(), flight.source()));
                if (bytes > 0) bytesFrom.merge(flight.source(), (long) bytes, Long::sum);
            }
            case Flight.Landing.Failed(Failure why, String message) -> failed(flight, why, message);
            case Flight.Landing.Cut(long bytes, String message) -> {
                // A source that dies cuts off all it was sending, and a bad line cuts off again and again, but each
                // time some
                // came; one that lies about its length has nothing more to give.
                Long last = cutNanos.put(flight.source(), System.nanoTime());
                boolean again = last != null && flight.beganNanos() - last > 0 && bytes == 0;
                failed(flight, again ? Failure.CORRUPT : Failure.UNREACHABLE, message);
            }
            case Flight.Landing.Broken(IOException why) -> broken = Optional.of(why);
        }
        goOn();
        notifyAll();
    }

    private void failed(Flight flight, Failure why, String message) {
        (why == Failure.CORRUPT ? doubts : failed).add(new Exchange.Failed(flight.chunk(), flight.source(), why));
        hunt.failed(flight.source(), why, message);
        if (why != Failure.CORRUPT) {
            LOG.debug("chunk {} of {} from {}: {} {}", flight.chunk(), sha(), flight.source(), why, message);
            return;
        }
        int times = corrupt.merge(flight.source(), 1, Integer::sum);
        if (times <= CORRUPT_MAX) {
            LOG.warn(
                    "artifact.corrupt-chunk sha={} chunk={} source={} times={} reason=\"{}\"",
                    sha().brief(),
                    flight.chunk(),
                    flight.source(),
                    times,
                    message);
        }
    }

    /// Nobody leads: chooses for itself, the rarest first, as far as others say what they have.
    private void alone() throws InterruptedException {
        ChunkSet missing = ChunkSet.none(arrival.manifest().count());
        ChunkSet have = arrival.have();
        int free;
        synchronized (this) {
            Set<Integer> told = ahead.stream().map(Exchange.Assigned::chunk).collect(Collectors.toSet());
            free = Hunt.AT_ONCE - flights.size() - told.size();
            for (int chunk = 0; chunk < missing.size(); chunk++) {
                if (!have.has(chunk) && !flights.containsKey(chunk) && !told.contains(chunk)) missing.add(chunk);
            }
        }
        hunt.look();
        told(hunt.choose(missing, free));
    }

    /// All is here, and some flights are just about to say so.
    private synchronized void settle() throws InterruptedException {
        long end = System.nanoTime() + SETTLE.toNanos();
        while (flights.values().stream().anyMatch(flying -> flying.stream().anyMatch(Flight::hasCome))) {
            long left = end - System.nanoTime();
            if (left <= 0) return;
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
    }

    /// The leader learns of the last chunks too.
    private void farewell() {
        try {
            directory.ask(ask());
        } catch (IOException e) {
            LOG.debug("the leader does not hear that all came; the receipt says it", e);
        }
    }
}
