package dev.muster.edge.node;

import dev.muster.core.state.ClusterState;
import dev.muster.edge.wire.Wire;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.MappingIterator;

/// Keeps a node that does not vote up to date: folds the steps of any voter it can reach, and goes to another one when this
/// one falls silent, lags, or knows no majority.
///
/// Never goes back: a state below the highest revision this node has acted on is refused.
final class Follower implements AutoCloseable {
    /// Silence after which a voter is left; it beats every second.
    static final Duration SILENCE_MAX = Duration.ofSeconds(3);
    /// How long a voter may know no majority, or less than the leader, before another one is asked.
    private static final Duration DOUBT_MAX = Duration.ofSeconds(5);
    private static final Duration PAUSE = Duration.ofMillis(300);
    private static final Duration CLOSE_MAX = Duration.ofSeconds(1);
    private static final Duration COMPLAIN_EVERY = Duration.ofMinutes(1);

    private static final Logger LOG = LoggerFactory.getLogger(Follower.class);

    /// Where a beat is known from.
    private record Heard(Frame.Beat beat, long nanos, Instant at) {}

    private record Ahead(long revision, long nanos) {}

    private final Replica replica;
    private final Contacts contacts;
    private final PeerClient client;
    private final RevisionFloor floor;
    private final String clusterId;
    private final InstantSource clock;
    private final Thread thread;
    private final Thread watchdog;
    private volatile boolean closed;
    private volatile InputStream stream;
    private volatile long byteAtNanos;
    private volatile Heard heard;
    private volatile Ahead ahead;
    private volatile String trouble = "no voter was asked yet";
    private boolean resync;
    private boolean following;
    private long complainedNanos = System.nanoTime() - COMPLAIN_EVERY.toNanos();
    private long doubtSinceNanos;

    private Follower(
            Replica replica,
            Contacts contacts,
            PeerClient client,
            RevisionFloor floor,
            String clusterId,
            InstantSource clock) {
        this.replica = replica;
        this.contacts = contacts;
        this.client = client;
        this.floor = floor;
        this.clusterId = clusterId;
        this.clock = clock;
        this.thread = Thread.ofVirtual().name("follower").unstarted(this::run);
        this.watchdog = Thread.ofVirtual().name("follower-watch").unstarted(this::watch);
    }

    static Follower start(
            Replica replica,
            Contacts contacts,
            PeerClient client,
            RevisionFloor floor,
            String clusterId,
            InstantSource clock) {
        Follower follower = new Follower(replica, contacts, client, floor, clusterId, clock);
        follower.thread.start();
        follower.watchdog.start();
        return follower;
    }

    /// The newest beat, while it is fresh.
    Optional<Frame.Beat> beat() {
        Heard last = heard;
        boolean fresh = last != null && System.nanoTime() - last.nanos() < SILENCE_MAX.toNanos();
        return fresh ? Optional.of(last.beat()) : Optional.empty();
    }

    /// When that beat came, by this node's clock.
    Optional<Instant> beatAt() {
        return Optional.ofNullable(heard).map(Heard::at);
    }

    /// When this node's state was last known to be current.
    Instant asOf() {
        Heard last = heard;
        if (last == null) return replica.state().at();
        return last.beat().readOnly().isEmpty() ? last.at() : last.beat().asOf();
    }

    /// Why no voter is followed, in words; stale while one is.
    String trouble() {
        return trouble;
    }

    /// The leader was heard to have this revision: a voter that does not bring it soon is left.
    void leaderHas(long revision) {
        if (revision > replica.state().revision()) {
            Ahead known = ahead;
            if (known == null || known.revision() <= replica.state().revision())
                ahead = new Ahead(revision, System.nanoTime());
        } else {
            ahead = null;
        }
    }

    private void run() {
        int turn = ThreadLocalRandom.current().nextInt(1_000);
        while (!closed) {
            List<String> others = contacts.others();
            if (others.isEmpty()) {
                complain("no voter is known; name one with `seeds` in node.yaml");
            } else {
                String voter = others.get(Math.floorMod(turn++, others.size()));
                try {
                    follow(voter);
                } catch (IOException | JacksonException e) {
                    if (!closed) complain(voter + ": " + e.getMessage());
                }
            }
            pause();
        }
    }

    /// One line when a voter is lost, and one a minute while none is found.
    private void complain(String why) {
        boolean first = following || System.nanoTime() - complainedNanos > COMPLAIN_EVERY.toNanos();
        if (first) LOG.warn("follow.lost reason=\"{}\" then=\"ask another voter\"", why);
        if (first) complainedNanos = System.nanoTime();
        following = false;
        trouble = why;
    }

    private void pause() {
        try {
            TimeUnit.NANOSECONDS.sleep(ThreadLocalRandom.current().nextLong(PAUSE.toNanos() / 2, PAUSE.toNanos()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            closed = true;
        }
    }

    private void follow(String voter) throws IOException {
        long from = resync ? 0 : replica.state().revision();
        byteAtNanos = System.nanoTime();
        doubtSinceNanos = 0;
        try (InputStream in = new Watched(client.follow(voter, from));
                MappingIterator<Frame> frames =
                        Wire.MAPPER.readerFor(Frame.class).readValues(in)) {
            stream = in;
            if (closed) return;
            while (frames.hasNextValue()) take(voter, frames.nextValue());
            throw new IOException("the stream ended");
        } finally {
            stream = null;
        }
    }

    private void take(String voter, Frame frame) throws IOException {
        switch (frame) {
            case Frame.State(ClusterState state) -> whole(state);
            case Frame.Step step -> step(step);
            case Frame.Beat beat -> beat(voter, beat);
        }
    }

    private void whole(ClusterState state) throws IOException {
        if (state.revision() < floor.value()) {
            throw new IOException(
                    "expected a state of at least revision " + floor.value() + ", but found " + state.revision()
                            + "; the voter lags, or the cluster was made anew (then start this node with a new data directory)");
        }
        if (!replica.replace(state)) {
            throw new IOException("expected a state of at least revision "
                    + replica.state().revision() + ", but found " + state.revision());
        }
        resync = false;
    }

    private void step(Frame.Step step) throws IOException {
        ClusterState state = replica.state();
        long expected = state.revision() + step.step().events().size();
        if (step.revision() < state.revision() || (step.revision() == state.revision() && expected != step.revision()))
            return;
        if (step.revision() != expected) {
            resync = true;
            throw new IOException("expected a step to revision " + expected + ", but found " + step.revision()
                    + "; this node asks for a whole state");
        }
        replica.advanced(state.advance(step.step()), step.step());
    }

    private void beat(String voter, Frame.Beat beat) throws IOException {
        if (!beat.clusterId().equals(clusterId)) {
            throw new IOException("expected a voter of cluster " + clusterId + ", but it is of " + beat.clusterId());
        }
        if (!following) LOG.info("follow.started voter={} revision={}", voter, beat.revision());
        following = true;
        heard = new Heard(beat, System.nanoTime(), clock.instant());
        contacts.learn(beat.voters());
        doubt(beat);
    }

    private void doubt(Frame.Beat beat) throws IOException {
        Ahead known = ahead;
        boolean lags = known != null
                && known.revision() > replica.state().revision()
                && System.nanoTime() - known.nanos() > DOUBT_MAX.toNanos();
        if (lags) {
            ahead = null;
            throw new IOException(
                    "it lags: the leader has revision " + known.revision() + ", it has " + beat.revision());
        }
        if (beat.readOnly().isEmpty()) {
            doubtSinceNanos = 0;
        } else if (doubtSinceNanos == 0) {
            doubtSinceNanos = System.nanoTime();
        } else if (System.nanoTime() - doubtSinceNanos > DOUBT_MAX.toNanos()
                && contacts.others().size() > 1) {
            throw new IOException("it is read-only: " + beat.readOnly().get());
        }
    }

    /// Notes each byte, so that a large state on a slow line is not taken for silence.
    private final class Watched extends FilterInputStream {
        Watched(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            int read = super.read();
            byteAtNanos = System.nanoTime();
            return read;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            int read = super.read(bytes, offset, length);
            byteAtNanos = System.nanoTime();
            return read;
        }
    }

    private void watch() {
        try {
            while (!closed) {
                TimeUnit.MILLISECONDS.sleep(500);
                if (System.nanoTime() - byteAtNanos > SILENCE_MAX.toNanos()) end(stream);
            }
        } catch (InterruptedException e) {
            LOG.debug("closed", e);
        }
    }

    private static void end(InputStream in) {
        if (in == null) return;
        try {
            in.close();
        } catch (IOException e) {
            LOG.debug("already closed", e);
        }
    }

    @Override
    public void close() {
        closed = true;
        watchdog.interrupt();
        end(stream);
        thread.interrupt();
        try {
            if (!thread.join(CLOSE_MAX)) LOG.warn("follow.close-slow after={}", CLOSE_MAX);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
