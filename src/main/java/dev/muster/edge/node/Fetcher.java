package dev.muster.edge.node;

import dev.muster.core.state.Artifact;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Sha256;
import dev.muster.core.state.Table;
import dev.muster.core.state.Transfer;
import dev.muster.edge.swarm.Fetched;
import dev.muster.edge.swarm.SshPlace;
import dev.muster.edge.swarm.Swarm;
import dev.muster.edge.swarm.Transport;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Gets files from nodes that verifiably hold them. What arrives is verified before it counts.
final class Fetcher {
    /// Files on their way at once: more would only share the same line, and each takes a buffer. One more than the
    /// caretaker's copies take.
    static final int AT_ONCE_MAX = 2;
    private static final Duration PAUSE_FIRST = Duration.ofSeconds(1);
    private static final int PAUSE_DOUBLINGS = 8;
    /// Rounds through all holders before an attempt's input is given up; with pauses of 1, 2, 4 and 8 s between.
    private static final int INPUT_ROUNDS = 5;

    /// From being interrupted to the end of what is under way, programs that it started included.
    private static final Duration LEAVE_MAX = Duration.ofSeconds(20);
    private static final Duration LEAVE_LOOK = Duration.ofMillis(50);

    private static final Logger LOG = LoggerFactory.getLogger(Fetcher.class);

    /// Files of which it is remembered how they came: until their receipts are told, which takes seconds.
    private static final int CAME_MAX = 64;

    private record Failure(int times, long untilNanos) {}

    private final NodeId self;
    private final Artifacts artifacts;
    private final Swarm swarm;
    private final Replica replica;
    private final Runnable changed;
    private final DeltaReceiver deltas;
    private final Semaphore atOnce = new Semaphore(AT_ONCE_MAX);
    /// What is under way, each file once: an input of a job and a copy to be kept may be one file.
    private final Map<Sha256, Coming> coming = new ConcurrentHashMap<>();
    private final Map<Sha256, Failure> failures = new ConcurrentHashMap<>();
    private final AtomicReference<Table<Sha256, Transfer>> came = new AtomicReference<>(Table.empty());

    /// One try to get a file.
    private final class Coming implements Runnable {
        private final Sha256 sha;
        private final List<NodeId> holders;
        private final Optional<Transport> forced;
        private final Thread thread;
        private final CompletableFuture<Fetched> end = new CompletableFuture<>();
        private final AtomicInteger waiting = new AtomicInteger();
        private volatile boolean brokenOff;

        Coming(Sha256 sha, List<NodeId> holders, Optional<Transport> forced) {
            this.sha = sha;
            this.holders = holders;
            this.forced = forced;
            this.thread = Thread.ofVirtual().name("fetch-" + sha.brief()).unstarted(this);
        }

        @Override
        public void run() {
            try {
                Fetched how = get(sha, holders, forced);
                failures.remove(sha);
                ended();
                end.complete(how);
            } catch (IOException e) {
                if (!brokenOff && forced.isEmpty()) failed(sha, e);
                ended();
                end.completeExceptionally(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                ended();
                end.completeExceptionally(new IOException("broken off")); // unless it has ended otherwise
            }
        }

        private void ended() {
            if (coming.remove(sha, this)) changed.run();
        }

        /// What has come is kept for the next try.
        void breakOff() {
            brokenOff = true;
            thread.interrupt();
        }

        Fetched await() throws IOException, InterruptedException {
            waiting.incrementAndGet();
            try {
                return end.get();
            } catch (ExecutionException e) {
                throw e.getCause() instanceof IOException why ? why : new IOException(e.getCause());
            } finally {
                waiting.decrementAndGet();
            }
        }

        /// A job, or a person, waits for it.
        boolean awaited() {
            return waiting.get() > 0 || forced.isPresent();
        }
    }

    /// @param changed told when a file has come
    Fetcher(NodeId self, Artifacts artifacts, Swarm swarm, Replica replica, Runnable changed) {
        this.self = self;
        this.artifacts = artifacts;
        this.swarm = swarm;
        this.replica = replica;
        this.changed = changed;
        this.deltas = new DeltaReceiver(self, artifacts, swarm, replica);
    }

    Set<Sha256> fetching() {
        return Set.copyOf(coming.keySet());
    }

    /// Files that are not tried again yet.
    Set<Sha256> resting() {
        Set<Sha256> resting = new TreeSet<>();
        long now = System.nanoTime();
        failures.forEach((sha, failure) -> {
            if (failure.untilNanos() - now > 0) resting.add(sha);
        });
        return resting;
    }

    /// How files came that were fetched lately.
    Table<Sha256, Transfer> came() {
        return came.get();
    }

    /// What nobody wants here any more is not tried again, nor missed, and leaves the line to what is wanted.
    void keepOnly(Predicate<Sha256> wanted) {
        failures.keySet().removeIf(sha -> !wanted.test(sha));
        deltas.keepOnly(delta -> replica.state().files().deltas().has(delta));
        for (Coming one : coming.values()) {
            if (one.brokenOff || one.awaited() || wanted.test(one.sha)) continue;
            LOG.info("artifact.not-wanted sha={} then=\"broken off\"", one.sha.brief());
            one.breakOff();
        }
    }

    /// Starts to get a file, unless that is under way or failed lately. Returns at once.
    void fetch(Sha256 sha, List<NodeId> holders) {
        Failure failure = failures.get(sha);
        if (holders.isEmpty() || (failure != null && failure.untilNanos() - System.nanoTime() > 0)) return;
        begun(sha, holders);
    }

    /// What failed is tried again with the next decision, however lately that was.
    void retry(Sha256 sha) {
        if (failures.remove(sha) != null) changed.run();
    }

    /// This try or the one that is under way.
    private Coming begun(Sha256 sha, List<NodeId> holders) {
        Coming mine = new Coming(sha, holders, Optional.empty());
        Coming other = coming.putIfAbsent(sha, mine);
        if (other != null) return other;
        mine.thread.start();
        return mine;
    }

    /// Gets a file now and by one way, and waits for it. What is under way by another is broken off, also where a job waits
    /// for it; what came of it is kept.
    ///
    /// @throws IOException why it did not come
    Fetched force(Sha256 sha, Transport by) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + LEAVE_MAX.toNanos();
        Coming mine = new Coming(sha, holders(sha), Optional.of(by));
        for (Coming other = coming.putIfAbsent(sha, mine); other != null; other = coming.putIfAbsent(sha, mine)) {
            other.breakOff();
            if (System.nanoTime() > deadline)
                throw new IOException("expected to break off what is under way, but it goes on");
            Thread.sleep(LEAVE_LOOK.toMillis());
        }
        mine.thread.start();
        try {
            return mine.await();
        } catch (InterruptedException e) {
            mine.breakOff();
            throw e;
        }
    }

    /// As [Swarm#clear].
    void clear() {
        swarm.clear();
    }

    /// As [Swarm#place].
    Optional<SshPlace> place(Sha256 sha, Optional<NodeId> asker) {
        return swarm.place(sha, asker);
    }

    private void failed(Sha256 sha, IOException e) {
        artifacts.missed(sha, String.valueOf(e.getMessage()));
        Failure failure = failures.compute(sha, (same, last) -> {
            int times = last == null ? 1 : last.times() + 1;
            return new Failure(
                    times, System.nanoTime() + (PAUSE_FIRST.toNanos() << Math.min(times - 1, PAUSE_DOUBLINGS)));
        });
        if (Integer.bitCount(failure.times()) == 1) { // the 1st, 2nd, 4th, 8th, …
            LOG.warn(
                    "artifact.not-fetched sha={} times={} reason=\"{}\"", sha.brief(), failure.times(), e.getMessage());
        }
    }

    /// Gets a file that an attempt needs, and waits for it.
    ///
    /// @throws IOException when no holder gave it in several rounds; says what each said
    void need(Sha256 sha) throws IOException, InterruptedException {
        need(sha, INPUT_ROUNDS);
    }

    private void need(Sha256 sha, int rounds) throws IOException, InterruptedException {
        for (int round = 1; !artifacts.has(sha); ) {
            Coming one = begun(sha, holders(sha));
            try {
                one.await();
            } catch (IOException e) {
                if (one.brokenOff) { // somebody wants it by another way: wait for that
                    Thread.sleep(LEAVE_LOOK.toMillis());
                    continue;
                }
                if (round == rounds) throw e;
                Thread.sleep(PAUSE_FIRST.multipliedBy(1L << (round - 1)));
                round++;
            }
        }
    }

    /// Gets a file that an attempt can do without, and waits for it.
    ///
    /// @param patient in as many rounds as an input
    /// @return why it does not come; at once where nobody else holds it
    Optional<String> wish(Sha256 sha, boolean patient) throws InterruptedException {
        if (!artifacts.has(sha) && holders(sha).isEmpty()) return Optional.of("nobody holds it");
        try {
            need(sha, patient ? INPUT_ROUNDS : 1);
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    private List<NodeId> holders(Sha256 sha) {
        ClusterState state = replica.state();
        List<NodeId> holders = new ArrayList<>(state.files()
                .artifacts()
                .find(sha)
                .map(Artifact::receipts)
                .map(receipts -> receipts.keys())
                .orElse(Set.of()));
        holders.remove(self);
        Collections.shuffle(holders); // many nodes begin the same job at once
        return holders;
    }

    private Fetched get(Sha256 sha, List<NodeId> holders, Optional<Transport> forced)
            throws IOException, InterruptedException {
        if (holders.isEmpty()) throw new IOException("expected a node that holds " + sha + ", but nobody does");
        long size = replica.state()
                .files()
                .artifacts()
                .find(sha)
                .map(Artifact::size)
                .orElseThrow(() -> new IOException("the cluster forgot " + sha));
        if (!artifacts.has(sha) && forced.isEmpty()) deltas.await(sha);
        return alone(sha, size, holders, forced);
    }

    private Fetched alone(Sha256 sha, long size, List<NodeId> holders, Optional<Transport> forced)
            throws IOException, InterruptedException {
        atOnce.acquire();
        try {
            if (artifacts.has(sha)) return Fetched.NOTHING;
            Optional<Fetched> less = forced.isPresent() ? Optional.empty() : deltas.fetch(sha, size);
            Fetched how = less.isPresent() ? less.get() : swarm.fetch(sha, size, holders, forced);
            came.updateAndGet(known -> with(known, sha, how.transfer()));
            LOG.info("artifact.fetched sha={} {}", sha.brief(), how.words());
            return how;
        } finally {
            atOnce.release();
        }
    }

    /// Any other gives way: the one that does may have no receipt yet, which is then told without how it came.
    private static Table<Sha256, Transfer> with(Table<Sha256, Transfer> known, Sha256 sha, Transfer how) {
        Table<Sha256, Transfer> next = known.with(sha, how);
        while (next.size() > CAME_MAX) {
            Sha256 first = next.first().orElseThrow();
            next = next.without(first.equals(sha) ? next.last().orElseThrow() : first);
        }
        return next;
    }
}
