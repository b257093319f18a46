package dev.muster.edge.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.NavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;

/// As much of S3 as rclone needs to copy small files into a bucket and to check them there, on loopback: objects with their MD5
/// as ETag, HEAD, listings. Requests must be signed with the right key's id; the signature itself is not looked at.
final class FakeS3 implements AutoCloseable {
    static final String KEY = "key-of-the-test";
    private static final String STAMP = "2026-01-05T08:00:00.000Z";

    /// By bucket and key, as in `cold/runs/r1/summary.json`.
    final NavigableMap<String, byte[]> objects = new ConcurrentSkipListMap<>();
    private final HttpServer server;

    FakeS3() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
    }

    String endpoint() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    private void answer(HttpExchange call) throws IOException {
        byte[] body = call.getRequestBody().readAllBytes();
        String path = call.getRequestURI().getPath().substring(1);
        String signed = String.valueOf(call.getRequestHeaders().getFirst("Authorization"));
        if (!signed.contains("Credential=" + KEY + "/")) {
            reply(call, 403, "<Error><Code>InvalidAccessKeyId</Code></Error>");
            return;
        }
        boolean bucket = !path.replaceFirst("/$", "").contains("/");
        switch (call.getRequestMethod()) {
            case "PUT" -> {
                if (!bucket) put(call, path, body);
                reply(call, 200, "");
            }
            case "HEAD", "GET" -> {
                if (bucket)
                    reply(
                            call,
                            200,
                            listing(
                                    path.replaceFirst("/$", ""),
                                    call.getRequestURI().getQuery()));
                else object(call, path);
            }
            default -> reply(call, 405, "");
        }
    }

    private void put(HttpExchange call, String path, byte[] body) {
        objects.put(path, body);
        call.getResponseHeaders().set("ETag", etag(body));
    }

    private void object(HttpExchange call, String path) throws IOException {
        byte[] found = objects.get(path);
        if (found == null) {
            reply(call, 404, "<Error><Code>NoSuchKey</Code></Error>");
            return;
        }
        call.getResponseHeaders().set("ETag", etag(found));
        call.getResponseHeaders().set("Last-Modified", "Mon, 05 Jan 2026 08:00:00 GMT");
        if (call.getRequestMethod().equals("HEAD")) {
            call.getResponseHeaders().set("Content-Length", Integer.toString(found.length));
            call.sendResponseHeaders(200, -1);
        } else {
            call.sendResponseHeaders(200, found.length);
            call.getResponseBody().write(found);
        }
        call.close();
    }

    private String listing(String bucket, String query) {
        String prefix = parameter(query, "prefix");
        boolean flat = parameter(query, "delimiter").isEmpty();
        StringBuilder text = new StringBuilder(
                "<?xml version=\"1.0\"?><ListBucketResult><Name>" + bucket + "</Name><IsTruncated>false</IsTruncated>");
        List<String> folders = new ArrayList<>();
        objects.forEach((path, bytes) -> {
            if (!path.startsWith(bucket + "/" + prefix)) return;
            String key = path.substring(bucket.length() + 1);
            int below = key.indexOf('/', prefix.length());
            if (!flat && below >= 0) {
                String folder = key.substring(0, below + 1);
                if (!folders.contains(folder)) folders.add(folder);
                return;
            }
            text.append("<Contents><Key>")
                    .append(key)
                    .append("</Key><LastModified>" + STAMP + "</LastModified><ETag>")
                    .append(etag(bytes))
                    .append("</ETag><Size>")
                    .append(bytes.length)
                    .append("</Size></Contents>");
        });
        for (String folder : folders)
            text.append("<CommonPrefixes><Prefix>").append(folder).append("</Prefix></CommonPrefixes>");
        return text.append("</ListBucketResult>").toString();
    }

    private static String parameter(String query, String name) {
        for (String one : (query == null ? "" : query).split("&"))
            if (one.startsWith(name + "=")) return one.substring(name.length() + 1);
        return "";
    }

    private static String etag(byte[] bytes) {
        try {
            return '"'
                    + HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(bytes))
                    + '"';
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private static void reply(HttpExchange call, int status, String xml) throws IOException {
        byte[] body = xml.getBytes(StandardCharsets.UTF_8);
        call.getResponseHeaders().set("Content-Type", "application/xml");
        boolean none = call.getRequestMethod().equals("HEAD") || body.length == 0;
        call.sendResponseHeaders(status, none ? -1 : body.length);
        if (!none) call.getResponseBody().write(body);
        call.close();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
