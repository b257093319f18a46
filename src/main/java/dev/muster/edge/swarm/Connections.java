package dev.muster.edge.swarm;

import dev.muster.core.state.NodeId;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingDeque;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.concurrent.TimeUnit;

/// Connections to other nodes, kept for the next request: those opened here, and those that nodes which cannot be dialled
/// opened to here.
final class Connections implements AutoCloseable {
    /// Longer than a round trip around the world, shorter than anybody's patience.
    private static final Duration CONNECT_MAX = Duration.ofSeconds(2);
    /// Between two pieces of an answer. What is overdue is given to somebody else before that.
    static final int SILENCE_MAX_MILLIS = 8_000;
    /// A node that did not accept is not tried again for this long.
    private static final Duration DEAF = Duration.ofSeconds(3);
    /// A node that cannot be dialled was called by the leader, and opens a connection within this time.
    private static final Duration CALLED_BACK_MAX = Duration.ofSeconds(3);
    /// Shorter than servers keep them.
    private static final Duration IDLE_MAX = Duration.ofSeconds(50);
    /// Two files with eight chunks each on their way.
    private static final int KEPT_MAX = 16;

    private final Directory directory;
    private final Map<String, BlockingDeque<Connection>> idle = new ConcurrentHashMap<>();
    private final Map<String, Long> deafUntil = new ConcurrentHashMap<>();
    private final PeerRates peers;
    private volatile long sweptNanos = System.nanoTime();
    private volatile boolean closed;

    Connections(Directory directory) {
        this(directory, new PeerRates(Map.of()));
    }

    /// @param peers what is taken from single nodes at most
    Connections(Directory directory, PeerRates peers) {
        this.directory = directory;
        this.peers = peers;
    }

    /// A connection to the node's artifact port.
    ///
    /// @param reversed the node is known to be one that opens connections itself: wait for one
    /// @throws ConnectException when there is none
    Connection to(NodeId node, boolean reversed) throws IOException, InterruptedException {
        return open(node, reversed).between(directory.self(), peers.of(node));
    }

    private Connection open(NodeId node, boolean reversed) throws IOException, InterruptedException {
        Optional<Connection> theirs = kept(key(node));
        if (theirs.isPresent()) return theirs.get();
        if (reversed) {
            Connection come = deque(key(node)).pollFirst(CALLED_BACK_MAX.toMillis(), TimeUnit.MILLISECONDS);
            if (come != null) return come;
            throw new ConnectException("expected a connection from " + node + ", but it opened none");
        }
        return to(directory
                .artifacts(node)
                .orElseThrow(() -> new ConnectException("expected " + node + " in the cluster, but it was removed")));
    }

    /// A connection to an address, `host:port`.
    Connection to(String address) throws IOException {
        Optional<Connection> kept = kept(address);
        return kept.isPresent() ? kept.get() : dial(address);
    }

    /// A new connection, whatever is kept.
    private Connection dial(String address) throws IOException {
        Long until = deafUntil.get(address);
        if (until != null && until - System.nanoTime() > 0) {
            throw new ConnectException("expected " + address + " to accept connections, but it did not lately");
        }
        try {
            return new Connection(socket(address), address, address);
        } catch (IOException e) {
            // Broken off by whoever does not want it any more, it says nothing of the other side.
            if (!Thread.currentThread().isInterrupted()) deafUntil.put(address, System.nanoTime() + DEAF.toNanos());
            ConnectException no = new ConnectException("expected " + address + " to accept connections: " + e);
            no.initCause(e);
            throw no;
        }
    }

    static Socket socket(String address) throws IOException {
        return connected(new Socket(), address);
    }

    /// One through which files are sent: within the kernel.
    static Socket sending(String address) throws IOException {
        return connected(SocketChannel.open().socket(), address);
    }

    private static Socket connected(Socket socket, String address) throws IOException {
        int colon = address.lastIndexOf(':');
        try {
            socket.setTcpNoDelay(true);
            socket.connect(
                    new InetSocketAddress(
                            address.substring(0, Math.max(colon, 0)), Integer.parseInt(address.substring(colon + 1))),
                    (int) CONNECT_MAX.toMillis());
            socket.setSoTimeout(SILENCE_MAX_MILLIS);
            return socket;
        } catch (IOException | IllegalArgumentException e) {
            socket.close();
            throw e instanceof IOException broken ? broken : new IOException("expected host:port", e);
        }
    }

    /// A node that cannot be dialled opened a connection.
    void opened(NodeId from, Socket socket) throws IOException {
        socket.setSoTimeout(SILENCE_MAX_MILLIS);
        give(new Connection(socket, key(from), from.name()));
    }

    /// Done with it: kept when it can be used again, closed otherwise.
    void give(Connection connection) {
        sweep();
        BlockingDeque<Connection> kept = deque(connection.key());
        if (closed || kept.size() >= KEPT_MAX || !connection.reusable()) connection.close();
        else kept.addFirst(connection);
    }

    /// One of those kept to the same place proved dead, and so the others may be: the next is a new one.
    void forget(Connection dead) {
        BlockingDeque<Connection> kept = idle.get(dead.key());
        if (kept == null) return;
        for (Connection next = kept.pollFirst(); next != null; next = kept.pollFirst()) next.close();
    }

    /// Those that nobody has used for long; the other side closes them by itself.
    private void sweep() {
        long now = System.nanoTime();
        if (now - sweptNanos < IDLE_MAX.toNanos()) return;
        sweptNanos = now;
        for (BlockingDeque<Connection> kept : idle.values()) {
            for (Connection old = kept.peekLast();
                    old != null && old.idleNanos() > IDLE_MAX.toNanos();
                    old = kept.peekLast()) {
                if (kept.removeLastOccurrence(old)) old.close();
            }
        }
    }

    private Optional<Connection> kept(String key) {
        BlockingDeque<Connection> kept = idle.get(key);
        while (kept != null) {
            Connection next = kept.pollFirst();
            if (next == null) break;
            if (next.idleNanos() < IDLE_MAX.toNanos()) return Optional.of(next);
            next.close();
        }
        return Optional.empty();
    }

    private BlockingDeque<Connection> deque(String key) {
        return idle.computeIfAbsent(key, any -> new LinkedBlockingDeque<>());
    }

    /// Whether the other side opened it.
    static boolean reversed(Connection connection) {
        return connection.key().startsWith("from ");
    }

    private static String key(NodeId node) {
        return "from " + node;
    }

    @Override
    public void close() {
        closed = true;
        idle.values().forEach(kept -> {
            for (Connection next = kept.pollFirst(); next != null; next = kept.pollFirst()) next.close();
        });
    }
}
