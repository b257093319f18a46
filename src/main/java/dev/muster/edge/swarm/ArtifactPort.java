package dev.muster.edge.swarm;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Listens on the artifact port. A small server of its own: a node that cannot be dialled answers the same requests on
/// connections that it opened itself, which no library's server does.
public final class ArtifactPort implements AutoCloseable {
    /// Each holds some KiB; a thousand nodes with two connections each.
    private static final int CONNECTIONS_MAX = 2048;
    /// Each takes some 50 KiB; those beyond are served more slowly.
    private static final int PLATFORM_THREADS_MAX = 256;

    private static final Logger LOG = LoggerFactory.getLogger(ArtifactPort.class);

    private final ServerSocketChannel server;
    private final Uploads uploads;
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final Set<Socket> open = ConcurrentHashMap.newKeySet();

    private ArtifactPort(ServerSocketChannel server, Uploads uploads) {
        this.server = server;
        this.uploads = uploads;
    }

    /// @param port 0 takes a free one
    /// @throws IOException when it cannot listen there
    public static ArtifactPort start(String host, int port, Serving serving) throws IOException {
        ServerSocketChannel server = ServerSocketChannel.open();
        try {
            server.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            server.bind(new InetSocketAddress(host, port), 256);
        } catch (IOException | RuntimeException e) {
            server.close();
            throw e;
        }
        ArtifactPort opened = new ArtifactPort(server, serving.uploads());
        Thread.ofVirtual().name("artifact-port").start(opened::accept);
        return opened;
    }

    /// The port it listens on.
    public int port() {
        return server.socket().getLocalPort();
    }

    private void accept() {
        while (server.isOpen()) {
            try {
                Socket socket = server.accept().socket();
                if (open.size() >= CONNECTIONS_MAX) socket.close();
                else begin(socket);
            } catch (IOException e) {
                if (server.isOpen()) LOG.warn("artifact-port.accept reason=\"{}\"", e.toString());
                LockSupport.parkNanos(PAUSE_NANOS); // there may be no descriptors left
            }
        }
    }

    private void begin(Socket socket) throws IOException {
        try {
            thread().name("upload").start(() -> serve(socket));
        } catch (OutOfMemoryError e) { // no more threads
            socket.close();
            throw new IOException(e);
        }
    }

    /// On a thread of its own a connection sends a chunk by one call into the kernel; a virtual one would wake for each
    /// piece that the line takes.
    private Thread.Builder thread() {
        return open.size() < PLATFORM_THREADS_MAX ? Thread.ofPlatform().daemon() : Thread.ofVirtual();
    }

    private void serve(Socket socket) {
        open.add(socket);
        try {
            uploads.serve(socket);
        } finally {
            open.remove(socket);
        }
    }

    @Override
    public void close() {
        try {
            server.close();
            for (Socket socket : open) socket.close();
        } catch (IOException e) {
            LOG.debug("closing", e);
        }
    }
}
