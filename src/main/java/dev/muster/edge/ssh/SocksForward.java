package dev.muster.edge.ssh;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/// A port on loopback that leads to a machine through a SOCKS5 proxy: `ssh` has no SOCKS of its own, and programs that have
/// (`nc -X`, `ncat`, `socat`) are missing on most machines, or are others under the same name.
///
/// Where nobody listens on the proxy's port it goes there directly: `socks5_port` is where a machine's userspace Tailscale would
/// listen, and the same file of hosts is read on machines that need no such thing.
///
/// Source: RFC 1928; no authentication, since the proxy is on loopback.
final class SocksForward implements AutoCloseable {
    private static final int VERSION = 5;
    private static final int CONNECT = 1;
    private static final int NAME = 3;
    private static final int NAME_MAX = 255;

    private static final String[] REFUSALS = {
        "",
        "it failed",
        "its rules do not allow it",
        "it finds the network unreachable",
        "it finds the host unreachable",
        "nobody listens there",
        "the way is too long",
        "it does not know how",
        "it does not know such addresses"
    };

    private final int proxy;
    private final String address;
    private final int port;
    private final Duration max;
    private final ServerSocket server;
    private volatile Optional<String> failure = Optional.empty();

    private SocksForward(int proxy, String address, int port, Duration max, ServerSocket server) {
        this.proxy = proxy;
        this.address = address;
        this.port = port;
        this.max = max;
        this.server = server;
    }

    /// @param proxy its port on this machine's loopback
    /// @param max   for the proxy to answer
    static SocksForward open(int proxy, String address, int port, Duration max) throws IOException {
        ServerSocket server = new ServerSocket(0, 8, InetAddress.getLoopbackAddress());
        SocksForward forward = new SocksForward(proxy, address, port, max, server);
        Thread.ofVirtual().name("socks-" + address).start(forward::accept);
        return forward;
    }

    /// Where `ssh` is to go instead.
    int port() {
        return server.getLocalPort();
    }

    /// Why the last connection did not come about.
    Optional<String> failure() {
        return failure;
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket near = server.accept();
                Thread.ofVirtual().name("socks-" + address).start(() -> serve(near));
            } catch (IOException e) {
                return; // closed
            }
        }
    }

    private void serve(Socket near) {
        try (near;
                Socket far = dial()) {
            failure = Optional.empty();
            Thread back = Thread.ofVirtual().name("socks-back").start(() -> pump(far, near));
            pump(near, far);
            back.join();
        } catch (IOException e) {
            failure = Optional.of(e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Socket dial() throws IOException {
        Socket socket = new Socket();
        try {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), proxy), millis());
        } catch (ConnectException e) {
            socket.close();
            return direct();
        }
        try {
            socket.setSoTimeout(millis());
            handshake(socket);
            socket.setSoTimeout(0);
            return socket;
        } catch (IOException e) {
            socket.close();
            throw new IOException("the SOCKS proxy on 127.0.0.1:" + proxy + " did not connect: " + e.getMessage(), e);
        }
    }

    private int millis() {
        return Math.toIntExact(max.toMillis());
    }

    private Socket direct() throws IOException {
        Socket socket = new Socket();
        try {
            socket.connect(new InetSocketAddress(address, port), millis());
            return socket;
        } catch (IOException e) {
            socket.close();
            throw new IOException(
                    "no SOCKS proxy listens on 127.0.0.1:" + proxy + ", and directly it cannot be reached: "
                            + e.getMessage(),
                    e);
        }
    }

    /// The proxy resolves the name: it may be one of a network that only the proxy is in.
    private void handshake(Socket socket) throws IOException {
        byte[] name = address.getBytes(StandardCharsets.US_ASCII);
        if (name.length > NAME_MAX) throw new IOException("the address is longer than " + NAME_MAX + " bytes");
        OutputStream out = socket.getOutputStream();
        DataInputStream in = new DataInputStream(socket.getInputStream());
        out.write(new byte[] {VERSION, 1, 0});
        if (in.readUnsignedByte() != VERSION) throw new IOException("it does not speak SOCKS5");
        if (in.readUnsignedByte() != 0) throw new IOException("it wants a password");
        byte[] request = new byte[5 + name.length + 2];
        request[0] = VERSION;
        request[1] = CONNECT;
        request[3] = NAME;
        request[4] = (byte) name.length;
        System.arraycopy(name, 0, request, 5, name.length);
        request[5 + name.length] = (byte) (port >> 8);
        request[6 + name.length] = (byte) port;
        out.write(request);
        in.readUnsignedByte();
        int reply = in.readUnsignedByte();
        if (reply != 0)
            throw new IOException(reply < REFUSALS.length ? REFUSALS[reply] : "it answered with code " + reply);
        in.readUnsignedByte();
        in.skipNBytes(addressLength(in) + 2L);
    }

    private static int addressLength(DataInputStream in) throws IOException {
        return switch (in.readUnsignedByte()) {
            case 1 -> 4;
            case NAME -> in.readUnsignedByte();
            default -> 16;
        };
    }

    /// Until one side has no more; the other is told so.
    private static void pump(Socket from, Socket to) {
        byte[] buffer = new byte[1 << 14];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) out.write(buffer, 0, count);
            to.shutdownOutput();
        } catch (IOException e) {
            hangUp(from);
            hangUp(to);
        }
    }

    private static void hangUp(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            return; // it is gone anyway
        }
    }

    /// Ends the port. Connections that stand are ended by `ssh`.
    @Override
    public void close() throws IOException {
        server.close();
    }
}
