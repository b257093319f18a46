package dev.muster.edge.gossip;

import dev.muster.core.gossip.Letter;
import dev.muster.core.gossip.Turn;
import dev.muster.core.state.Endpoints;
import dev.muster.core.state.NodeId;
import dev.muster.edge.config.Token;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// This node's lines: opens them, takes those that others open, and closes the least used when there are too many.
/// Whatever can wait is done by virtual threads, which tell the protocol thread by [News]; all else is for that thread.
final class Lines implements AutoCloseable {
    /// More members than that are asked by lines that come and go.
    static final int LINES_MAX = 128;
    /// Of strangers and of this node's own dials at once: each holds a socket for as long as [#HANDSHAKE_MS].
    private static final int HANDSHAKES_MAX = 64;

    /// Of silence, and of the whole: who sends a byte now and then is cut off too.
    private static final int HANDSHAKE_MS = 5_000;
    /// Letters that wait for a line to be opened.
    private static final int WAITING_MAX = 16;
    /// Troubles that are told once each.
    private static final int TOLD_MAX = 100;

    private static final Logger LOG = LoggerFactory.getLogger(Lines.class);

    /// What the other threads tell the protocol thread.
    sealed interface News {
        record Received(Line line, Letter letter) implements News {}

        record Down(Line line, boolean told) implements News {}

        /// A line was opened, by this node where `dialled`.
        record Up(Line line, Optional<NodeId> dialled) implements News {}

        /// @param refused nobody listens there, or somebody else; otherwise it may just be slow
        record NotUp(NodeId to, boolean refused) implements News {}
    }

    private final Handshake.Name self;
    private final Token token;
    private final ServerSocket server;
    private final Consumer<News> ears;
    private final Semaphore handshakes = new Semaphore(HANDSHAKES_MAX);
    private final Set<String> told = ConcurrentHashMap.newKeySet();
    /// By when each is to be over, by the monotonic clock.
    private final Map<Socket, Long> greeting = new ConcurrentHashMap<>();
    /// The protocol thread's own; the newest line of each peer last.
    private final Map<NodeId, List<Line>> lines = new HashMap<>();
    private final Map<NodeId, List<Letter>> dialling = new HashMap<>();
    private int count;

    /// @param ears may be called by any thread, and may block it
    Lines(Handshake.Name self, Token token, ServerSocket server, Consumer<News> ears) {
        this.self = self;
        this.token = token;
        this.server = server;
        this.ears = ears;
    }

    void start() {
        Thread.ofVirtual().name("gossip-accept").start(this::accept);
    }

    // ---- the protocol thread

    int count() {
        return count;
    }

    boolean has(Line line) {
        return lines.getOrDefault(line.peer(), List.of()).contains(line);
    }

    /// By the newest line, or by a new one.
    ///
    /// @return whether the peer had lines and has none now, since none led to it any more
    boolean send(Turn.Send send, long nowMs) {
        List<Line> open = lines.getOrDefault(send.to(), List.of());
        boolean had = !open.isEmpty();
        for (Line line : List.copyOf(open)) {
            if (line.stale(nowMs)) drop(line);
        }
        if (!open.isEmpty()) open.getLast().send(send.letter(), nowMs);
        else send.at().ifPresent(at -> dial(send.to(), at, send.letter()));
        return had && open.isEmpty();
    }

    private void dial(NodeId to, Endpoints at, Letter letter) {
        List<Letter> waiting = dialling.get(to);
        if (waiting != null) {
            if (waiting.size() < WAITING_MAX) waiting.add(letter);
        } else if (handshakes.tryAcquire()) {
            dialling.put(to, new ArrayList<>(List.of(letter)));
            Thread.ofVirtual().name("gossip-dial-" + to).start(() -> dial(to, at));
        }
    }

    /// @return the peer, when this is its first line
    Optional<NodeId> add(Line line, long nowMs) {
        List<Line> open = lines.computeIfAbsent(line.peer(), peer -> new ArrayList<>());
        open.add(line);
        count++;
        line.heard(nowMs);
        for (Letter letter : takeWaiting(line.peer())) line.send(letter, nowMs);
        return open.size() == 1 ? Optional.of(line.peer()) : Optional.empty();
    }

    private List<Letter> takeWaiting(NodeId peer) {
        List<Letter> waiting = dialling.getOrDefault(peer, List.of());
        List<Letter> taken = List.copyOf(waiting);
        if (dialling.containsKey(peer)) waiting.clear();
        return taken;
    }

    /// The dial is over, well or not.
    void dialled(NodeId to) {
        dialling.remove(to);
    }

    /// @return whether it was the peer's last line
    boolean drop(Line line) {
        List<Line> open = lines.get(line.peer());
        line.bye();
        if (open == null || !open.remove(line)) return false; // dropped before
        count--;
        if (!open.isEmpty()) return false;
        lines.remove(line.peer());
        return true;
    }

    /// The line that was not used for the longest time, when there are too many.
    Optional<Line> surplus() {
        if (count <= LINES_MAX) return Optional.empty();
        return lines.values().stream().flatMap(List::stream).min(Comparator.comparingLong(Line::usedAtMs));
    }

    /// Cuts off those that take too long to greet.
    void sweep() {
        long now = System.nanoTime();
        greeting.forEach((socket, end) -> {
            if (end - now < 0) close(socket);
        });
    }

    /// Closes all lines; what waits is sent first, for as long as that takes at most.
    void farewell(Duration max) throws InterruptedException {
        long end = System.nanoTime() + max.toNanos();
        List<Line> all = lines.values().stream().flatMap(List::stream).toList();
        all.forEach(Line::bye);
        for (Line line : all) {
            Duration left = Duration.ofNanos(Math.max(1, end - System.nanoTime()));
            line.awaitEnd(left);
            line.close();
        }
    }

    // ---- other threads

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket socket = Sockets.accept(server);
                if (handshakes.tryAcquire())
                    Thread.ofVirtual().name("gossip-greet").start(() -> called(socket));
                else socket.close();
            } catch (IOException e) {
                if (!server.isClosed()) tell("listening", e);
            }
        }
    }

    private void called(Socket socket) {
        greeting.put(socket, System.nanoTime() + HANDSHAKE_MS * 1_000_000L);
        try {
            Line line = greet(socket, Optional.empty());
            ears.accept(new News.Up(line, Optional.empty()));
        } catch (IOException e) {
            close(socket);
            if (e instanceof Handshake.Refused)
                tell("called from " + socket.getInetAddress().getHostAddress(), e);
            else LOG.debug("gossip.not-greeted", e);
        } finally {
            greeting.remove(socket);
            handshakes.release();
        }
    }

    private void dial(NodeId to, Endpoints at) {
        try {
            Socket socket = Sockets.dial(at.host(), at.gossipPort().orElseThrow());
            greeting.put(socket, System.nanoTime() + HANDSHAKE_MS * 1_000_000L);
            try {
                ears.accept(new News.Up(greet(socket, Optional.of(to)), Optional.of(to)));
            } catch (IOException e) {
                close(socket);
                throw e;
            } finally {
                greeting.remove(socket);
            }
        } catch (IOException e) {
            if (e instanceof Handshake.Refused) tell("calling " + to + " at " + at.host(), e);
            else LOG.debug("gossip.not-reached peer={}", to, e);
            ears.accept(new News.NotUp(to, e instanceof ConnectException || e instanceof Handshake.Refused));
        } finally {
            handshakes.release();
        }
    }

    private Line greet(Socket socket, Optional<NodeId> called) throws IOException {
        socket.setSoTimeout(HANDSHAKE_MS);
        DataInputStream in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), 2_048));
        DataOutputStream out = new DataOutputStream(new BufferedOutputStream(socket.getOutputStream(), 2_048));
        Handshake.Name peer = called.isPresent()
                ? Handshake.dialled(in, out, self, token, called.get())
                : Handshake.called(in, out, self, token);
        socket.setSoTimeout(0);
        return new Line(socket, in, out, peer);
    }

    private void tell(String where, IOException e) {
        if (told.size() < TOLD_MAX && told.add(where + e.getMessage())) {
            LOG.warn("gossip.refused where=\"{}\" reason=\"{}\"", where, e.getMessage());
        }
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            LOG.debug("gossip.close-failed", e);
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        greeting.keySet().forEach(Lines::close);
    }
}
