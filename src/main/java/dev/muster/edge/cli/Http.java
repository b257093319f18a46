package dev.muster.edge.cli;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/// HTTP/1.1 for one request on one connection. The JDK's clients cost a command 80 to 250 ms before they have sent
/// a byte.
final class Http {
    private static final Duration CONNECT = Duration.ofSeconds(3);
    private static final int LINE_MAX = 64 << 10;
    private static final int HEADERS_MAX = 100;

    private Http() {}

    /// An answer whose body is still to be read.
    ///
    /// @param headers by lower-case name
    record Exchange(int status, Map<String, String> headers, InputStream body, Socket socket) implements AutoCloseable {
        String header(String lowerCaseName) {
            return headers.getOrDefault(lowerCaseName, "");
        }

        /// For the next read of the body.
        void patience(Duration limit) throws IOException {
            socket.setSoTimeout((int) Math.max(1, limit.toMillis()));
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    /// Nobody took the connection: nothing was asked.
    static final class NotConnected extends IOException {
        private static final long serialVersionUID = 1L;

        NotConnected(IOException cause) {
            super(Client.reason(cause), cause);
        }
    }

    /// @param base `http://host:port` or `https://…`; without a scheme it is http, without a port 8770
    /// @throws IOException when nobody answers in time
    static Exchange open(String base, String method, String path, List<String> headers, byte[] body, Duration timeout)
            throws IOException {
        URI uri = uri(base);
        Socket socket = connect(uri, timeout);
        try {
            socket.setSoTimeout((int) Math.max(1, timeout.toMillis()));
            socket.setTcpNoDelay(true);
            send(socket.getOutputStream(), uri, method, path, headers, body);
            return receive(socket);
        } catch (IOException | RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    /// As [#open] with a file as body.
    static Exchange upload(String base, String path, List<String> headers, Path file, Duration timeout)
            throws IOException {
        URI uri = uri(base);
        Socket socket = connect(uri, timeout);
        try {
            socket.setSoTimeout((int) timeout.toMillis());
            List<String> all = new ArrayList<>(headers);
            all.add("Content-Type: application/octet-stream");
            all.add("Content-Length: " + Files.size(file));
            OutputStream out = socket.getOutputStream();
            out.write(head(uri, "PUT", path, all).getBytes(StandardCharsets.UTF_8));
            try {
                Files.copy(file, out);
                out.flush();
            } catch (SocketException e) {
                // It was refused before its end; the answer says why.
                return receive(socket);
            }
            return receive(socket);
        } catch (IOException | RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    private static String head(URI uri, String method, String path, List<String> headers) {
        StringBuilder head = new StringBuilder(256);
        head.append(method)
                .append(' ')
                .append(path)
                .append(" HTTP/1.1\r\nHost: ")
                .append(uri.getAuthority());
        head.append("\r\nConnection: close\r\n");
        for (String header : headers)
            head.append(header.replace('\r', ' ').replace('\n', ' ')).append("\r\n");
        return head.append("\r\n").toString();
    }

    private static URI uri(String base) throws IOException {
        try {
            URI uri = URI.create(base.contains("://") ? base : "http://" + base);
            if (uri.getHost() == null) throw new IOException("expected http://host:port, but found \"" + base + "\"");
            return uri;
        } catch (IllegalArgumentException e) {
            throw new IOException("expected http://host:port, but found \"" + base + "\"", e);
        }
    }

    private static Socket connect(URI uri, Duration timeout) throws IOException {
        boolean tls = "https".equals(uri.getScheme());
        int port = uri.getPort() > 0 ? uri.getPort() : tls ? 443 : 8770;
        String host = uri.getHost().replace("[", "").replace("]", "");
        Socket socket = new Socket();
        try {
            int patience = (int) Math.max(1, Math.min(CONNECT.toMillis(), timeout.toMillis()));
            socket.connect(new InetSocketAddress(host, port), patience);
            return tls ? secured(socket, host, port) : socket;
        } catch (IOException e) {
            socket.close();
            throw new NotConnected(e);
        } catch (RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    private static Socket secured(Socket socket, String host, int port) throws IOException {
        SSLSocketFactory factory = (SSLSocketFactory) SSLSocketFactory.getDefault();
        SSLSocket secured = (SSLSocket) factory.createSocket(socket, host, port, true);
        SSLParameters parameters = secured.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        secured.setSSLParameters(parameters);
        secured.startHandshake();
        return secured;
    }

    private static void send(OutputStream out, URI uri, String method, String path, List<String> headers, byte[] body)
            throws IOException {
        List<String> lines = new ArrayList<>();
        if (body.length > 0) lines.add("Content-Type: application/json");
        if (body.length > 0 || !method.equals("GET")) lines.add("Content-Length: " + body.length);
        lines.addAll(headers);
        byte[] text = head(uri, method, path, lines).getBytes(StandardCharsets.UTF_8);
        byte[] all = new byte[text.length + body.length];
        System.arraycopy(text, 0, all, 0, text.length);
        System.arraycopy(body, 0, all, text.length, body.length);
        out.write(all);
        out.flush();
    }

    private static Exchange receive(Socket socket) throws IOException {
        InputStream in = new BufferedInputStream(socket.getInputStream(), 16 << 10);
        String status = line(in);
        if (!status.startsWith("HTTP/1.") || status.length() < 12) {
            throw new IOException("expected HTTP, but found \"" + status + "\"");
        }
        Map<String, String> headers = new HashMap<>();
        for (String line = line(in); !line.isEmpty(); line = line(in)) {
            if (headers.size() == HEADERS_MAX) throw new IOException("expected at most " + HEADERS_MAX + " headers");
            int colon = line.indexOf(':');
            if (colon > 0)
                headers.put(
                        line.substring(0, colon).toLowerCase(Locale.ROOT),
                        line.substring(colon + 1).strip());
        }
        return new Exchange(number(status.substring(9, 12)), Map.copyOf(headers), body(in, headers), socket);
    }

    private static int number(String status) throws IOException {
        try {
            return Integer.parseInt(status);
        } catch (NumberFormatException e) {
            throw new IOException("expected a status of three digits, but found \"" + status + "\"", e);
        }
    }

    private static InputStream body(InputStream in, Map<String, String> headers) {
        if (headers.getOrDefault("transfer-encoding", "").equalsIgnoreCase("chunked")) return new Chunked(in);
        String length = headers.get("content-length");
        return length == null ? in : new Measured(in, Long.parseLong(length));
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        while (true) {
            int letter = in.read();
            if (letter < 0) throw new EOFException("the connection ended too early");
            if (letter == '\n') return line.toString();
            if (letter != '\r') line.append((char) letter);
            if (line.length() > LINE_MAX) throw new IOException("expected shorter lines");
        }
    }

    /// So many bytes and no more; fewer are an error.
    private static final class Measured extends FilterInputStream {
        private long left;

        Measured(InputStream in, long length) {
            super(in);
            this.left = length;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            if (left == 0) return -1;
            int read = super.read(bytes, offset, (int) Math.min(length, left));
            if (read < 0) throw new EOFException("the answer ended " + left + " bytes too early");
            left -= read;
            return read;
        }
    }

    private static final class Chunked extends FilterInputStream {
        private long left;
        private boolean started;
        private boolean ended;

        Chunked(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            if (left == 0) next();
            if (ended) return -1;
            int read = super.read(bytes, offset, (int) Math.min(length, left));
            if (read < 0) throw new EOFException("the answer ended in the middle of a chunk");
            left -= read;
            return read;
        }

        /// Whatever is buffered belongs to the caller at once: a stream's reader must not wait for a full buffer.
        @Override
        public int available() throws IOException {
            return (int) Math.min(left, super.available());
        }

        private void next() throws IOException {
            if (ended) return;
            if (started) line(in);
            started = true;
            String size = line(in);
            int extension = size.indexOf(';');
            left = Long.parseLong((extension < 0 ? size : size.substring(0, extension)).strip(), 16);
            if (left == 0) ended = true;
        }
    }
}
