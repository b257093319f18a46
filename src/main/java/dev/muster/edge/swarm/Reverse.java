package dev.muster.edge.swarm;

import dev.muster.core.state.NodeId;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The part of a node that cannot be dialled: it asks the leader who waits for it, opens connections there, and answers
/// requests on them as if they had been opened to it. A node that can be dialled asks once a minute.
final class Reverse implements AutoCloseable {
    /// To each node; with two, links were idle between two requests.
    private static final int CONNECTIONS_EACH = 4;

    private static final long LISTEN_MILLIS = 1_500;
    private static final Duration DIALABLE_PAUSE = Duration.ofSeconds(60);
    private static final Duration TROUBLE_PAUSE = Duration.ofSeconds(2);

    private static final Logger LOG = LoggerFactory.getLogger(Reverse.class);

    private final Directory directory;
    private final Uploads uploads;
    private final String token;
    private final boolean declared;
    private final Map<NodeId, Integer> open = new HashMap<>();
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final Thread thread = Thread.ofVirtual().name("reach").unstarted(this::run);
    private volatile boolean dialable = true;
    private volatile boolean closed;

    /// @param declared what the configuration says of this node's being dialable
    Reverse(Directory directory, Uploads uploads, String token, boolean declared) {
        this.directory = directory;
        this.uploads = uploads;
        this.token = token;
        this.declared = declared;
        this.dialable = declared;
    }

    void start() {
        thread.start();
    }

    /// Can this node be dialled, as far as the leader found out?
    boolean dialable() {
        return dialable;
    }

    private void run() {
        try {
            while (!closed) Thread.sleep(round());
        } catch (InterruptedException e) {
            LOG.debug("closed", e);
        }
    }

    private Duration round() {
        try {
            Exchange.Calls calls =
                    directory.reach(new Exchange.Reach(directory.self(), declared, dialable ? 0 : LISTEN_MILLIS));
            if (!calls.leading()) return TROUBLE_PAUSE;
            if (calls.dialable() != dialable) {
                LOG.info("node.dialable node={} dialable={}", directory.self(), calls.dialable());
            }
            dialable = calls.dialable();
            calls.call().forEach(this::call);
            return dialable ? DIALABLE_PAUSE : Duration.ZERO;
        } catch (IOException e) {
            LOG.debug("nobody to ask", e);
            return TROUBLE_PAUSE;
        }
    }

    private void call(NodeId node) {
        Optional<String> address = directory.artifacts(node);
        if (address.isEmpty()) return;
        synchronized (open) {
            int missing = CONNECTIONS_EACH - open.getOrDefault(node, 0);
            for (int time = 0; time < missing; time++) {
                open.merge(node, 1, Integer::sum);
                Thread.ofPlatform().daemon().name("reversed-" + node).start(() -> serve(node, address.get()));
            }
        }
    }

    private void serve(NodeId node, String address) {
        try (Socket socket = Connections.sending(address)) {
            sockets.add(socket);
            try {
                turn(socket, address);
                if (!closed) uploads.serve(socket);
            } finally {
                sockets.remove(socket);
            }
        } catch (IOException e) {
            LOG.debug("a connection to {} was not opened", node, e);
        } finally {
            synchronized (open) {
                open.merge(node, -1, Integer::sum);
            }
        }
    }

    private void turn(Socket socket, String address) throws IOException {
        OutputStream out = socket.getOutputStream();
        String request = "POST /artifacts/reverse HTTP/1.1\r\nHost: " + address + "\r\nAuthorization: Bearer " + token
                + "\r\nMuster-Node: " + directory.self()
                + "\r\nConnection: Upgrade\r\nUpgrade: muster-reverse\r\nContent-Length: 0\r\n\r\n";
        out.write(request.getBytes(StandardCharsets.ISO_8859_1));
        // Byte by byte, so that nothing of the first request on it is taken away.
        Head answer = Head.read(socket.getInputStream())
                .orElseThrow(() -> new IOException("expected " + address + " to answer, but it closed"));
        if (answer.status() != 101) {
            throw new IOException("expected 101 from " + address + ", but found " + answer.start());
        }
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        for (Socket socket : sockets) {
            try {
                socket.close();
            } catch (IOException e) {
                LOG.debug("closing", e);
            }
        }
    }
}
