package dev.muster.edge.node;

import dev.muster.core.agent.Deltas;
import dev.muster.core.agent.Deltas.Way;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Sha256;
import dev.muster.edge.artifact.Draft;
import dev.muster.edge.artifact.FetchResult;
import dev.muster.edge.artifact.PutResult;
import dev.muster.edge.delta.Delta;
import dev.muster.edge.delta.DeltaDecoder;
import dev.muster.edge.delta.DeltaException;
import dev.muster.edge.delta.DeltaHeader;
import dev.muster.edge.swarm.Fetched;
import dev.muster.edge.swarm.Swarm;
import dev.muster.edge.swarm.Transport;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Gets files by what changed against one that is here. Whatever goes wrong, the whole file is sent instead.
///
/// A delta lies in the store beside the artifacts, under its own hash, so the swarm brings and serves it as any file; the
/// caretaker deletes it when nobody will ask for it.
final class DeltaReceiver {
    /// Without a chunk for so long, the whole file is asked for.
    private static final Duration SILENCE_MAX = Duration.ofSeconds(8);

    private static final Duration LOOK = Duration.ofMillis(200);
    /// A smaller delta comes from its maker in one answer.
    private static final long SMALL_BYTES = 256 << 10;

    private static final Logger LOG = LoggerFactory.getLogger(DeltaReceiver.class);

    private final NodeId self;
    private final Artifacts artifacts;
    private final Swarm swarm;
    private final Replica replica;
    /// Deltas that made something else than they should have here.
    private final Set<Sha256> spoiled = ConcurrentHashMap.newKeySet();

    DeltaReceiver(NodeId self, Artifacts artifacts, Swarm swarm, Replica replica) {
        this.self = self;
        this.artifacts = artifacts;
        this.swarm = swarm;
        this.replica = replica;
    }

    /// A delta that nobody will ask for need not be remembered.
    void keepOnly(Predicate<Sha256> inUse) {
        spoiled.removeIf(delta -> !inUse.test(delta));
    }

    /// Waits for a delta that somebody is about to make, for some seconds at most.
    void await(Sha256 sha) throws InterruptedException {
        long start = System.nanoTime();
        while (true) {
            ClusterState state = replica.state();
            Duration most = Deltas.patience(state, self, artifacts.held(), sha);
            Duration left = most.minusNanos(System.nanoTime() - start);
            if (!left.isPositive() || !enabled()) return;
            replica.awaitChange(state, left);
        }
    }

    /// Who asked for one way of transport gets that one.
    private boolean enabled() {
        return (swarm.transport() == Transport.AUTO || swarm.transport() == Transport.SWARM) && Delta.available();
    }

    /// Gets the file into the store.
    ///
    /// @return empty when there is no delta for this node, or it did not do; the whole file is to be sent
    Optional<Fetched> fetch(Sha256 sha, long size) throws InterruptedException {
        Way way = way(sha).orElse(null);
        if (way == null) return Optional.empty();
        long start = System.nanoTime();
        try {
            Fetched delta = receive(way);
            decode(sha, size, way);
            return Optional.of(new Fetched(
                    delta.bytes(), delta.from(), Duration.ofNanos(System.nanoTime() - start), Transport.DELTA));
        } catch (IOException e) {
            LOG.warn(
                    "artifact.delta-failed sha={} base={} delta={} reason=\"{}\" then=\"the whole file\"",
                    sha.brief(),
                    way.base().brief(),
                    way.delta().brief(),
                    e.getMessage());
            return Optional.empty();
        }
    }

    /// What began whole ends whole.
    private Optional<Way> way(Sha256 sha) {
        try {
            Optional<Way> way = Deltas.way(replica.state(), self, artifacts.held(), sha)
                    .filter(found -> !spoiled.contains(found.delta()));
            return way.isPresent() && enabled() && !artifacts.partials().containsKey(sha) ? way : Optional.empty();
        } catch (IOException e) {
            LOG.debug("the store does not say what has come of {}", sha, e);
            return Optional.empty();
        }
    }

    private Fetched receive(Way way) throws IOException, InterruptedException {
        Sha256 sha = way.delta();
        if (artifacts.has(sha)) return new Fetched(0, Map.of(), Duration.ZERO, Transport.DELTA);
        // No second way but the whole file.
        Optional<Transport> by = way.size() > SMALL_BYTES ? Optional.of(Transport.SWARM) : Optional.empty();
        FutureTask<Fetched> coming = new FutureTask<>(() -> swarm.fetch(sha, way.size(), List.of(way.maker()), by));
        Thread thread = Thread.ofVirtual().name("delta-" + sha.brief()).start(coming);
        try {
            return awaited(way, coming);
        } finally {
            thread.interrupt(); // it has ended unless it was given up
            thread.join();
        }
    }

    private Fetched awaited(Way way, FutureTask<Fetched> coming) throws IOException, InterruptedException {
        int chunks = 0;
        long moved = System.nanoTime();
        while (true) {
            try {
                return coming.get(LOOK.toMillis(), TimeUnit.MILLISECONDS);
            } catch (ExecutionException e) {
                throw failure(e);
            } catch (TimeoutException e) {
                int now = swarm.arrived(way.delta());
                if (now != chunks) moved = System.nanoTime();
                chunks = now;
            }
            if (System.nanoTime() - moved > SILENCE_MAX.toNanos())
                throw new IOException("expected more of it, but nothing came for " + SILENCE_MAX.toSeconds() + " s");
        }
    }

    /// On a thread of its own: a virtual one would keep others from theirs for as long as it computes.
    private void decode(Sha256 sha, long size, Way way) throws IOException, InterruptedException {
        Callable<Boolean> work = () -> {
            decodeHere(sha, size, way);
            return true;
        };
        FutureTask<Boolean> decoding = new FutureTask<>(work);
        Thread.ofPlatform().daemon().name("decode-" + sha.brief()).start(decoding);
        try {
            decoding.get();
        } catch (ExecutionException e) {
            throw failure(e);
        }
    }

    private void decodeHere(Sha256 sha, long size, Way way) throws IOException {
        DeltaHeader expected = new DeltaHeader(way.base(), Files.size(artifacts.path(way.base())), sha, size);
        try (Draft draft = artifacts.draft(size)) {
            try {
                DeltaDecoder.decode(artifacts.path(way.base()), artifacts.path(way.delta()), draft.path(), expected);
            } catch (DeltaException e) {
                spoiled.add(way.delta());
                artifacts.doubt(way.base()); // the delta came under its own hash
                throw e;
            }
            FetchResult kept = draft.keep(new dev.muster.edge.artifact.Sha256(sha.hex()), size);
            if (!(kept instanceof PutResult.Stored))
                throw new IOException("expected to read back " + sha.brief() + ", but found something else: " + kept);
        }
        artifacts.arrived(sha);
    }

    private static IOException failure(ExecutionException e) {
        return e.getCause() instanceof IOException why ? why : new IOException(String.valueOf(e.getCause()), e);
    }
}
