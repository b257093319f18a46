package dev.muster.edge.gossip;

import dev.muster.core.gossip.Gossip;
import dev.muster.core.gossip.Opinion;
import dev.muster.core.gossip.Profile;
import dev.muster.core.gossip.Sighting;
import dev.muster.core.gossip.Tuning;
import dev.muster.core.gossip.Turn;
import dev.muster.core.state.NodeId;
import dev.muster.edge.config.Token;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// This node's part in the gossip: listens, and runs [Gossip] in a thread of its own, which waits for nobody and sleeps
/// until something comes or is due.
public final class GossipPort implements AutoCloseable {
    /// News from the lines that the protocol thread has not looked at; then the lines wait.
    private static final int INBOX = 1_024;
    /// Between two looks at the cluster's state.
    private static final long LOOK_MS = 2_000;
    /// Members are written down this often, where they changed.
    private static final long REMEMBER_MS = 60_000;

    private static final Duration FAREWELL_MAX = Duration.ofMillis(700);

    private static final Logger LOG = LoggerFactory.getLogger(GossipPort.class);

    /// What gossip knows of a member.
    ///
    /// @param since by this machine's clock
    public record Seen(Profile profile, Opinion opinion, Instant since) {}

    /// @param memory file in which members' addresses outlive a restart
    public record Settings(NodeId self, String cluster, Token token, String listen, int port, Path memory) {}

    /// What gossip looks at every two seconds.
    ///
    /// @param nodes as the cluster's state names them; empty while this node does not know the state
    /// @param votes whether this node does
    public record Surroundings(Supplier<Map<NodeId, Profile>> nodes, BooleanSupplier votes) {}

    private final Settings settings;
    private final ServerSocket server;
    private final BlockingQueue<Lines.News> inbox = new ArrayBlockingQueue<>(INBOX);
    private final Thread thread = Thread.ofPlatform().daemon().name("gossip").unstarted(this::run);
    private final AddressBook book;
    private volatile Map<NodeId, Seen> members = Map.of();
    private volatile boolean closing;
    private Wiring wiring = new Wiring(List.of(), List.of(), List.of());
    private Map<NodeId, Profile> known = Map.of();
    private long lookAtMs;
    private long rememberAtMs;

    /// What exists once it was started.
    private record Wiring(List<Gossip> gossips, List<Lines> allLines, List<Surroundings> looks) {
        Gossip gossip() {
            return gossips.getFirst();
        }

        Lines lines() {
            return allLines.getFirst();
        }

        Surroundings look() {
            return looks.getFirst();
        }
    }

    private GossipPort(Settings settings, ServerSocket server) {
        this.settings = settings;
        this.server = server;
        this.book = new AddressBook(settings.memory());
    }

    /// Takes the port; nothing is answered before [#start].
    ///
    /// @throws IOException when the port is taken; the message says what to do
    public static GossipPort open(Settings settings) throws IOException {
        try {
            return new GossipPort(settings, Sockets.listen(settings.listen(), settings.port()));
        } catch (IOException e) {
            throw new IOException(
                    "expected to listen for gossip on " + settings.listen() + ":" + settings.port() + ", but found "
                            + e.getMessage() + "; choose another with --gossip-port (`ports.gossip`)",
                    e);
        }
    }

    public int port() {
        return server.getLocalPort();
    }

    /// @param profile of this node
    public void start(Profile profile, Surroundings look) {
        long now = nowMs();
        Gossip gossip = new Gossip(
                settings.self(),
                profile,
                System.currentTimeMillis(),
                Tuning.DEFAULT,
                new SplittableRandom(System.nanoTime() ^ settings.self().name().hashCode()),
                now);
        Handshake.Name name = new Handshake.Name(settings.cluster(), settings.self(), profile.identity());
        Lines lines = new Lines(name, settings.token(), server, this::tell);
        wiring = new Wiring(List.of(gossip), List.of(lines), List.of(look));
        lookAtMs = now;
        rememberAtMs = now + REMEMBER_MS;
        known = book.read();
        gossip.know(known, now);
        lines.start();
        thread.start();
    }

    /// Everyone gossip holds something of, this node included; by name.
    public Map<NodeId, Seen> members() {
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
                long wait = Math.min(wiring.gossip().nextMs(), lookAtMs) - nowMs();
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
        Gossip gossip = wiring.gossip();
        for (Lines.News news : batch) take(news, now);
        if (now >= lookAtMs) look(now);
        if (now >= gossip.nextMs()) gossip.tick(now);
        act(gossip.take(), now);
    }

    private void take(Lines.News news, long now) {
        Gossip gossip = wiring.gossip();
        Lines lines = wiring.lines();
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
        Gossip gossip = wiring.gossip();
        Lines lines = wiring.lines();
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
        public void received(Line line, dev.muster.core.gossip.Letter letter) {
            tell(new Lines.News.Received(line, letter));
        }

        @Override
        public void down(Line line, boolean told) {
            tell(new Lines.News.Down(line, told));
        }
    }

    private void look(long now) {
        lookAtMs = now + LOOK_MS;
        Gossip gossip = wiring.gossip();
        Map<NodeId, Profile> nodes = wiring.look().nodes().get();
        if (!nodes.isEmpty() && !nodes.equals(known)) {
            known = nodes;
            gossip.know(nodes, now);
        }
        Seen own = members.get(settings.self());
        boolean votes = wiring.look().votes().getAsBoolean();
        if (own != null && own.profile().voter() != votes) {
            gossip.profile(own.profile().withVoter(votes), now);
        }
        if (own == null || members.size() < 2) show(now);
        if (now >= rememberAtMs) {
            rememberAtMs = now + REMEMBER_MS;
            book.write(members, settings.self());
        }
    }

    private void act(Turn turn, long now) {
        for (Turn.Send send : turn.sends()) {
            if (wiring.lines().send(send, now)) wiring.gossip().disconnected(send.to(), true, now);
        }
        if (turn.changes().isEmpty()) return;
        show(now);
        for (Turn.Change change : turn.changes()) {
            switch (change) {
                case Turn.Change.Changed(Sighting seen) -> {
                    if (seen.opinion() == Opinion.ALIVE) LOG.debug("gossip.alive node={}", seen.member());
                    else LOG.info("gossip.{} node={}", seen.opinion().name().toLowerCase(java.util.Locale.ROOT), seen.member());
                }
                case Turn.Change.Conflict(NodeId name, String kept, String intruder) ->
                    LOG.warn(
                            "gossip.conflict node={} known={} intruder={} then=\"give one of the machines another name\"",
                            name,
                            kept,
                            intruder);
            }
        }
    }

    private void show(long now) {
        Instant clock = Instant.now();
        Map<NodeId, Seen> seen = new java.util.TreeMap<>();
        for (Sighting one : wiring.gossip().sightings()) {
            seen.put(one.member(), new Seen(one.profile(), one.opinion(), clock.minusMillis(now - one.sinceMs())));
        }
        members = Collections.unmodifiableMap(new LinkedHashMap<>(seen));
    }

    private void farewell() {
        long now = nowMs();
        wiring.gossip().leave(now);
        for (Turn.Send send : wiring.gossip().take().sends()) wiring.lines().send(send, now);
        wiring.lines().farewell();
    }

    /// Says goodbye and frees the port; takes less than a second.
    @Override
    public void close() throws IOException {
        closing = true;
        if (wiring.gossips().isEmpty()) {
            server.close();
            return;
        }
        thread.interrupt();
        try {
            thread.join(FAREWELL_MAX);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        wiring.lines().close();
    }
}
