package dev.muster.edge.gossip;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;

/// Where sockets come from, both ways. Whoever puts TLS on this port wraps them here, and nowhere else.
final class Sockets {
    /// Longer than a round trip around the world, about as long as a probe.
    private static final int CONNECT_MS = 2_000;
    /// A whole fleet that starts at once.
    private static final int BACKLOG = 256;

    private Sockets() {}

    static ServerSocket listen(String address, int port) throws IOException {
        ServerSocket server = new ServerSocket();
        try {
            server.setReuseAddress(true);
            server.bind(new InetSocketAddress(InetAddress.getByName(address), port), BACKLOG);
            return server;
        } catch (IOException e) {
            server.close();
            throw e;
        }
    }

    static Socket accept(ServerSocket server) throws IOException {
        return set(server.accept());
    }

    static Socket dial(String host, int port) throws IOException {
        Socket socket = new Socket();
        try {
            socket.connect(new InetSocketAddress(host, port), CONNECT_MS);
            return set(socket);
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    private static Socket set(Socket socket) throws IOException {
        socket.setTcpNoDelay(true);
        socket.setKeepAlive(true);
        return socket;
    }
}
