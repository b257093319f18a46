package dev.muster.edge.swarm;

import dev.muster.core.state.NodeId;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// One connection to another node's artifact or API port, used for one request after the other. Used by one thread; only
/// [#close] and [#available] may come from another.
final class Connection implements AutoCloseable {
    private static final int BUFFER_BYTES = 8 << 10;
    /// A body this long or shorter is read to its end, so that the connection can be used again.
    private static final int SMALL_BYTES = 64 << 10;
    /// Bytes a millisecond that a short answer comes at, at least.
    private static final int BODY_RATE = 16;

    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;
    private final String key;
    private final String host;
    private long left;
    private boolean closes;
    /// Who asks, for the other side's limits, and what is taken from it at most.
    private Optional<NodeId> asker = Optional.empty();
    private Limiter limiter = new Limiter(0);
    /// It has answered before: when it now does not, it may only have been closed for idleness.
    private boolean proven;
    private long idleSinceNanos = System.nanoTime();

    /// @param key  under which it is kept for the next request
    /// @param host `host:port`, or any name for the other side
    Connection(Socket socket, String key, String host) throws IOException {
        this.socket = socket;
        this.key = key;
        this.host = host;
        this.in = new BufferedInputStream(socket.getInputStream(), BUFFER_BYTES);
        this.out = socket.getOutputStream();
    }

    String key() {
        return key;
    }

    boolean proven() {
        return proven;
    }

    /// It leads to a node of the cluster.
    Connection between(NodeId asks, Limiter limit) {
        asker = Optional.of(asks);
        limiter = limit;
        return this;
    }

    /// Silence for longer is the end of the request.
    void patience(int millis) throws IOException {
        socket.setSoTimeout(millis);
    }

    /// Sends a request and reads the head of its answer. The body comes by [#read].
    Head ask(String method, String path, String token, Optional<String> range, byte[] body) throws IOException {
        StringBuilder head = new StringBuilder(256)
                .append(method)
                .append(' ')
                .append(path)
                .append(" HTTP/1.1\r\nHost: ")
                .append(host)
                .append("\r\nAuthorization: Bearer ")
                .append(token)
                .append("\r\n");
        asker.ifPresent(node -> head.append("Muster-Node: ").append(node).append("\r\n"));
        range.ifPresent(bytes -> head.append("Range: bytes=").append(bytes).append("\r\n"));
        if (!method.equals("GET")) {
            head.append("Content-Type: application/json\r\nContent-Length: ")
                    .append(body.length)
                    .append("\r\n");
        }
        byte[] first = head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
        byte[] all = new byte[first.length + body.length];
        System.arraycopy(first, 0, all, 0, first.length);
        System.arraycopy(body, 0, all, first.length, body.length);
        out.write(all);
        Head answer = Head.read(in)
                .orElseThrow(() -> new EOFException("expected an answer from " + host + ", but it closed"));
        proven = true;
        left = answer.length();
        closes = answer.closes();
        return answer;
    }

    /// Bytes that can be read without waiting. May be asked by another thread while nobody reads.
    int available() throws IOException {
        return in.available();
    }

    /// Reads some of the body.
    ///
    /// @return bytes read, or -1 at its end
    /// @throws EOFException when the other side ends it too early
    int read(byte[] into, int from, int max) throws IOException {
        if (left == 0) return -1;
        int read = in.read(into, from, (int) Math.min(max, left));
        if (read < 0) throw new EOFException("expected " + left + " more bytes from " + host + ", but it closed");
        left -= read;
        PeerRates.pass(limiter, read);
        return read;
    }

    /// The whole body.
    byte[] body(int max) throws IOException {
        if (left > max) {
            throw new IOException("expected at most " + max + " bytes from " + host + ", but found " + left);
        }
        byte[] body = new byte[(int) left];
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(2L * socket.getSoTimeout() + left / BODY_RATE);
        for (int at = 0; at < body.length; ) {
            int read = in.read(body, at, body.length - at);
            if (read < 0) throw new EOFException("expected " + left + " bytes from " + host);
            at += read;
            left -= read;
            // Each byte may come in time, and the whole never.
            if (left > 0 && System.nanoTime() > end) throw new SocketTimeoutException(host + " sends too slowly");
        }
        return body;
    }

    /// The body as a stream, for whoever wants all of it.
    InputStream stream() {
        return new InputStream() {
            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] into, int from, int length) throws IOException {
                if (left == 0) return -1;
                int read = in.read(into, from, (int) Math.min(length, left));
                if (read < 0) throw new EOFException("expected " + left + " more bytes from " + host);
                left -= read;
                PeerRates.pass(limiter, read);
                return read;
            }
        };
    }

    /// Can it take another request? Reads what is left of a short answer.
    boolean reusable() {
        if (closes || left > SMALL_BYTES || socket.isClosed()) return false;
        try {
            if (left > 0) body(SMALL_BYTES);
        } catch (IOException e) {
            return false;
        }
        idleSinceNanos = System.nanoTime();
        return true;
    }

    long idleNanos() {
        return System.nanoTime() - idleSinceNanos;
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            // Nothing is left to be done for it.
        }
    }
}
