package dev.muster.edge.local;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.Callable;

/// A port on loopback that leads to somewhere this machine's network does not reach: a host of a lab.
final class Door implements AutoCloseable {
    private static final int BACKLOG = 64;

    private final ServerSocket server;
    private final Callable<Socket> inside;

    private Door(ServerSocket server, Callable<Socket> inside) {
        this.server = server;
        this.inside = inside;
    }

    /// @param inside connects on the other side
    static Door open(InetAddress address, Callable<Socket> inside) throws IOException {
        Door door = new Door(new ServerSocket(0, BACKLOG, address), inside);
        Thread.ofPlatform().daemon().name("door").start(door::accept);
        return door;
    }

    int port() {
        return server.getLocalPort();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket outside = server.accept();
                Thread.ofVirtual().name("door-through").start(() -> lead(outside));
            } catch (IOException e) {
                return; // closed
            }
        }
    }

    private void lead(Socket outside) {
        try (outside;
                Socket within = inside.call()) {
            Thread back = Thread.ofVirtual().name("door-back").start(() -> pump(within, outside));
            pump(outside, within);
            back.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) {
            return; // who knocked sees the door close
        }
    }

    private static void pump(Socket from, Socket to) {
        try {
            from.getInputStream().transferTo(to.getOutputStream());
            to.shutdownOutput();
        } catch (IOException e) {
            return; // either side hung up, and the other is told when both sockets close
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
