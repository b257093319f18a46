package dev.muster.edge.swarm;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// A line that flips a bit in the middle of everything long that comes back.
final class FlippingProxy implements AutoCloseable {
    /// Heads and manifests of small files stay as they are.
    private static final int SPARED_BYTES = 16 << 10;

    private final ServerSocket server;
    private final int behind;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();

    private FlippingProxy(ServerSocket server, int behind) {
        this.server = server;
        this.behind = behind;
    }

    static FlippingProxy before(int port) throws IOException {
        FlippingProxy proxy = new FlippingProxy(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), port);
        Thread.ofVirtual().start(proxy::accept);
        return proxy;
    }

    int port() {
        return server.getLocalPort();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket near = server.accept();
                Socket far = new Socket(InetAddress.getLoopbackAddress(), behind);
                open.add(near);
                open.add(far);
                Thread.ofVirtual().start(() -> pass(near, far, false));
                Thread.ofVirtual().start(() -> pass(far, near, true));
            } catch (IOException e) {
                return; // closed
            }
        }
    }

    private static void pass(Socket from, Socket to, boolean flip) {
        byte[] buffer = new byte[32 << 10];
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                if (flip && read > SPARED_BYTES) buffer[read - 1] ^= 4;
                out.write(buffer, 0, read);
            }
        } catch (IOException e) {
            // One side closed: so does the other.
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Socket socket : open) socket.close();
    }
}
