package dev.muster.edge.provider;

import dev.muster.edge.view.Doc;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/// A provider's server on loopback that answers as a test tells it: rightly, wrongly, half, or not at all.
public final class FakeApi implements AutoCloseable {
    /// @param path    without its query
    /// @param headers by lower-case name
    public record Request(
            String method, String path, Map<String, String> query, Map<String, String> headers, Doc body) {}

    /// @param missing bytes that are promised, and never come; -1 for no answer at all
    public record Reply(int status, String text, int missing) {
        /// The request is read, and the connection closed without a word.
        public static final Reply DROPPED = new Reply(0, "", -1);
        /// The request is read, and nothing else happens.
        public static final Reply SILENT = new Reply(0, "", -2);

        public static Reply json(String text) {
            return new Reply(200, text.replace('\'', '"'), 0);
        }

        public static Reply of(int status, String text) {
            return new Reply(status, text.replace('\'', '"'), 0);
        }
    }

    private final ServerSocket server;
    private final List<Request> requests = Collections.synchronizedList(new ArrayList<>());
    private final Map<String, Function<Request, Reply>> handlers = new ConcurrentHashMap<>();
    private final List<Socket> open = Collections.synchronizedList(new ArrayList<>());

    private FakeApi(ServerSocket server) {
        this.server = server;
    }

    public static FakeApi start() throws IOException {
        FakeApi api = new FakeApi(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()));
        Thread.ofVirtual().start(api::accept);
        return api;
    }

    public URI base() {
        return URI.create("http://127.0.0.1:" + server.getLocalPort());
    }

    /// What has come so far.
    public List<Request> requests() {
        synchronized (requests) {
            return List.copyOf(requests);
        }
    }

    /// @param asked as in `PUT /api/v0/asks/7/`
    public FakeApi on(String asked, Function<Request, Reply> handler) {
        handlers.put(asked, handler);
        return this;
    }

    /// One reply after the other, the last for ever.
    public FakeApi on(String asked, Reply... replies) {
        List<Reply> left = Collections.synchronizedList(new ArrayList<>(List.of(replies)));
        return on(asked, request -> left.size() > 1 ? left.removeFirst() : left.getFirst());
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                open.add(socket);
                Thread.ofVirtual().start(() -> serve(socket));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        boolean silent = false;
        try {
            Request request = read(new BufferedInputStream(socket.getInputStream()));
            requests.add(request);
            Reply reply = handlers.getOrDefault(
                            request.method + " " + request.path,
                            any -> Reply.of(404, "{'success':false,'msg':'the test has no such path'}"))
                    .apply(request);
            silent = reply.missing == -2;
            if (reply.missing >= 0) write(socket.getOutputStream(), reply);
        } catch (IOException | UncheckedIOException e) {
            // The client went away, as some tests want it.
        } finally {
            if (!silent) close(socket);
        }
    }

    private static Request read(InputStream in) throws IOException {
        String[] first = line(in).split(" ");
        Map<String, String> headers = new LinkedHashMap<>();
        for (String line = line(in); !line.isEmpty(); line = line(in)) {
            int colon = line.indexOf(':');
            headers.put(
                    line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).strip());
        }
        byte[] body = in.readNBytes(Integer.parseInt(headers.getOrDefault("content-length", "0")));
        String[] path = first[1].split("\\?", 2);
        return new Request(
                first[0],
                path[0],
                query(path.length == 1 ? "" : path[1]),
                headers,
                body.length == 0 ? Doc.object() : Doc.json(body));
    }

    static Map<String, String> query(String written) {
        Map<String, String> query = new LinkedHashMap<>();
        for (String one : written.split("&")) {
            String[] pair = one.split("=", 2);
            if (pair.length == 2) query.put(pair[0], URLDecoder.decode(pair[1], StandardCharsets.UTF_8));
        }
        return query;
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int letter = in.read(); letter != '\n'; letter = in.read()) {
            if (letter < 0) throw new IOException("the request ended too early");
            if (letter != '\r') line.append((char) letter);
        }
        return line.toString();
    }

    private static void write(OutputStream out, Reply reply) throws IOException {
        byte[] body = reply.text.getBytes(StandardCharsets.UTF_8);
        String head =
                "HTTP/1.1 " + reply.status + " x\r\nContent-Type: text/plain\r\nConnection: close\r\nContent-Length: "
                        + (body.length + reply.missing) + "\r\n\r\n";
        out.write(head.getBytes(StandardCharsets.UTF_8));
        out.write(body);
        out.flush();
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        synchronized (open) {
            for (Socket socket : open) socket.close();
        }
    }
}
