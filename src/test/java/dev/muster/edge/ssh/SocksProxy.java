package dev.muster.edge.ssh;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// A SOCKS5 proxy for which every name means this machine, or that forbids everything.
final class SocksProxy implements AutoCloseable {
    private final ServerSocket server;
    private final int sshPort;
    private final List<String> asked = new CopyOnWriteArrayList<>();

    private SocksProxy(ServerSocket server, int sshPort) {
        this.server = server;
        this.sshPort = sshPort;
    }

    /// @param sshPort that may be connected to, on the fleet's first host; 0 when nothing may
    static SocksProxy start(int sshPort) throws IOException {
        SocksProxy proxy = new SocksProxy(new ServerSocket(0, 8, InetAddress.getLoopbackAddress()), sshPort);
        Thread.ofPlatform().daemon().start(proxy::accept);
        return proxy;
    }

    int port() {
        return server.getLocalPort();
    }

    List<String> asked() {
        return List.copyOf(asked);
    }

    private void accept() {
        while (true) {
            try {
                Socket socket = server.accept();
                Thread.ofVirtual().start(() -> serve(socket));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(Socket near) {
        try (near) {
            DataInputStream in = new DataInputStream(near.getInputStream());
            OutputStream out = near.getOutputStream();
            in.readUnsignedByte();
            in.skipNBytes(in.readUnsignedByte());
            out.write(new byte[] {5, 0});
            in.skipNBytes(4);
            String name = new String(in.readNBytes(in.readUnsignedByte()), StandardCharsets.US_ASCII);
            int port = in.readUnsignedShort();
            asked.add(name + ":" + port);
            if (port != sshPort) {
                out.write(new byte[] {5, 2, 0, 1, 0, 0, 0, 0, 0, 0});
                return;
            }
            try (Socket far = new Socket(InetAddress.getByAddress(new byte[] {127, 77, 0, 2}), port)) {
                // The longest form of an answer: a name.
                out.write(new byte[] {5, 0, 0, 3, 2, 'h', 'i', 0, 0});
                Thread back = Thread.ofVirtual().start(() -> pump(far, near));
                pump(near, far);
                back.join();
            }
        } catch (IOException e) {
            asked.add(e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void pump(Socket from, Socket to) {
        try {
            from.getInputStream().transferTo(to.getOutputStream());
            to.shutdownOutput();
        } catch (IOException e) {
            // Either side hung up.
            return;
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
