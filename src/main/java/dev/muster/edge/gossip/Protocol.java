package dev.muster.edge.gossip;

import dev.muster.core.gossip.Gossip;
import dev.muster.core.gossip.Letter;
import dev.muster.core.gossip.Opinion;
import dev.muster.core.gossip.Profile;
import dev.muster.core.gossip.Sighting;
import dev.muster.core.gossip.Tuning;
import dev.muster.core.gossip.Turn;
import dev.muster.core.state.NodeId;
import java.io.IOException;
import java.net.ServerSocket;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs [Gossip] in a thread of its own, which waits for nobody and sleeps until something comes or is due.
final class Protocol implements AutoCloseable {
    /// News from the lines that the protocol thread has not looked at; then the lines wait.
    private static final int INBOX = 1_024;
    /// Between two looks at the cluster's state.
    private static final long LOOK_MS = 2_000;
    /// Members are written down this often, where they changed; for the first time, sooner.
    private static final long REMEMBER_MS = 60_000;

    /// A peer that does not take a letter in this time is not told.
    private static final Duration FLUSH_MAX = Duration.ofMillis(400);

    private static final Duration FAREWELL_MAX = Duration.ofMillis(700);

    private static final Logger LOG = LoggerFactory.getLogger(Protocol.class);

    private final NodeId self;
    private final GossipPort.Surroundings look;
    private final AddressBook book;
    private final Gossip gossip;
    private final Lines lines;
    private final BlockingQueue<Lines.News> inbox = new ArrayBlockingQueue<>(INBOX);
    private final Thread thread = Thread.ofPlatform().daemon().name("gossip").unstarted(this::run);
    private volatile Map<NodeId, GossipPort.Seen> members = Map.of();
    private volatile boolean closing;
    private Profile own;
    private Map<NodeId, Profile> known;
    private long lookAtMs = nowMs();
    private long rememberAtMs = nowMs() + REMEMBER_MS / 6;

    Protocol(GossipPort.Settings settings, ServerSocket server, Profile profile, GossipPort.Surroundings look) {
        this.self = settings.self();
        this.look = look;
        this.own = profile;
        this.book = new AddressBook(settings.memory());
        this.known = book.read();
        this.gossip = new Gossip(
                self,
                profile,
                System.currentTimeMillis(),
                Tuning.DEFAULT,
                new SplittableRandom(System.nanoTime() ^ self.name().hashCode()),
                nowMs());
        Handshake.Name name = new Handshake.Name(settings.cluster(), self, profile.identity());
        this.lines = new Lines(name, settings.token(), server, this::tell);
    }

    void start() {
        gossip.know(known, nowMs());
        lines.start();
        thread.start();
    }

    Map<NodeId, GossipPort.Seen> members() {
        return members;
    }

    private static long nowMs() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    }

    /// By a line's own thread: waits while the protocol thread is behind.
    private void tell(Lines.News news) {
        try {
            while (!closing && !inbox.offer(news, 1, TimeUnit.SECONDS)) LOG.debug("gossip.behind");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (closing && news instanceof Lines.News.Up(Line line, var dialled)) line.close();
    }

    // ---- the protocol thread

    private void run() {
        List<Lines.News> batch = new ArrayList<>();
        while (!closing) {
            try {
                long wait = Math.min(gossip.nextMs(), lookAtMs) - nowMs();
                Lines.News first = wait > 0 ? inbox.poll(wait, TimeUnit.MILLISECONDS) : inbox.poll();
                if (first != null) {
                    batch.add(first);
                    inbox.drainTo(batch);
                }
                turn(batch);
            } catch (InterruptedException e) {
                LOG.debug("gossip.closed", e);
                break;
            } catch (RuntimeException e) {
                LOG.error("gossip.broken reason=\"{}\"", e.toString(), e);
            }
            batch.clear();
        }
        farewell();
    }

    /// All that has come, then time, then what follows from both.
    private void turn(List<Lines.News> batch) {
        long now = nowMs();
        for (Lines.News news : batch) {
            try {
                take(news, now);
            } catch (RuntimeException e) { // the others' news count all the same
                LOG.error("gossip.broken reason=\"{}\"", e.toString(), e);
            }
        }
        if (now >= lookAtMs) look(now);
        if (now >= gossip.nextMs()) gossip.tick(now);
        act(gossip.take(), now);
    }

    private void take(Lines.News news, long now) {
        switch (news) {
            case Lines.News.Received(Line line, var letter) -> {
                if (!lines.has(line)) return;
                line.heard(now);
                gossip.received(line.peer(), letter, now);
            }
            case Lines.News.Down(Line line, boolean told) -> {
                if (lines.drop(line)) gossip.disconnected(line.peer(), told, now);
            }
            case Lines.News.Up(Line line, var dialled) -> {
                up(line, now);
                dialled.ifPresent(lines::dialled);
            }
            case Lines.News.NotUp(NodeId to, boolean refused) -> {
                lines.dialled(to);
                if (refused) gossip.undeliverable(to, now);
            }
        }
    }

    private void up(Line line, long now) {
        if (!gossip.connected(line.peer(), line.identity(), now)) {
            line.close();
            return;
        }
        line.start(new Ears());
        lines.add(line, now);
        lines.surplus().ifPresent(least -> {
            if (lines.drop(least)) gossip.disconnected(least.peer(), true, now);
        });
    }

    private final class Ears implements Line.Ears {
        @Override
        public void received(Line line, Letter letter) {
            tell(new Lines.News.Received(line, letter));
        }

        @Override
        public void down(Line line, boolean told) {
            tell(new Lines.News.Down(line, told));
        }
    }

    private void look(long now) {
        lookAtMs = now + LOOK_MS;
        lines.sweep();
        Map<NodeId, Profile> nodes = look.nodes().get();
        if (!nodes.isEmpty() && !nodes.equals(known)) {
            known = nodes;
            gossip.know(nodes, now);
        }
        Profile said = own.withVoter(look.votes().getAsBoolean());
        if (!said.equals(own)) gossip.profile(said, now);
        own = said;
        show(now);
        if (now >= rememberAtMs) {
            rememberAtMs = now + REMEMBER_MS;
            book.write(members, self);
        }
    }

    private void act(Turn turn, long now) {
        for (Turn.Send send : turn.sends()) {
            if (lines.send(send, now)) gossip.disconnected(send.to(), true, now);
        }
        if (turn.changes().isEmpty()) return;
        Map<NodeId, GossipPort.Seen> before = members;
        show(now);
        for (Turn.Change change : turn.changes()) {
            switch (change) {
                case Turn.Change.Changed(Sighting seen) -> tell(seen, before.get(seen.member()));
                case Turn.Change.Conflict(NodeId name, String kept, String intruder) ->
                    LOG.warn(
                            "gossip.conflict node={} known={} intruder={} then=\"give one of the machines another name\"",
                            name,
                            kept,
                            intruder);
            }
        }
    }

    /// That somebody is alive is news only after it was held for something else.
    private static void tell(Sighting seen, GossipPort.@Nullable Seen before) {
        boolean usual = seen.opinion() == Opinion.ALIVE && (before == null || before.opinion() == Opinion.ALIVE);
        String opinion = seen.opinion().name().toLowerCase(Locale.ROOT);
        if (usual) LOG.debug("gossip.{} node={}", opinion, seen.member());
        else LOG.info("gossip.{} node={} incarnation={}", opinion, seen.member(), seen.incarnation());
    }

    private void show(long now) {
        Instant clock = Instant.now();
        Map<NodeId, GossipPort.Seen> seen = new TreeMap<>();
        for (Sighting one : gossip.sightings()) {
            seen.put(
                    one.member(),
                    new GossipPort.Seen(one.profile(), one.opinion(), clock.minusMillis(now - one.sinceMs())));
        }
        members = Collections.unmodifiableMap(seen);
    }

    private void farewell() {
        long now = nowMs();
        gossip.leave(now);
        for (Turn.Send send : gossip.take().sends()) lines.send(send, now);
        book.write(members, self);
        try {
            lines.farewell(FLUSH_MAX);
        } catch (InterruptedException e) {
            LOG.debug("gossip.closed", e);
        }
    }

    /// Says goodbye; takes less than a second.
    @Override
    public void close() throws IOException {
        closing = true;
        thread.interrupt();
        try {
            thread.join(FAREWELL_MAX);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        lines.close();
    }
}
