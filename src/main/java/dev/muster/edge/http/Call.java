package dev.muster.edge.http;

import dev.muster.edge.wire.Wire;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.Function;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// One request, as handlers see it; everything malformed becomes a [Problem] that says what was expected and found.
final class Call {
    /// A job with a long command line is some KiB.
    static final int ORDER_MAX = 1 << 20;
    /// Of a page; a reason has 200 letters.
    static final int FORM_MAX = 16 << 10;
    /// 512 orders between nodes, with match lines in their endings.
    static final int PEER_MAX = 8 << 20;

    private final ServerRequest request;
    private final Map<String, String> blanks;
    private final Duration readLimit;

    Call(ServerRequest request, Map<String, String> blanks, Duration readLimit) {
        this.request = request;
        this.blanks = blanks;
        this.readLimit = readLimit;
    }

    /// A blank of the path, read as an id.
    ///
    /// @throws Problem 404 when it could be no such id
    <T> T path(String blank, Function<String, T> parse) {
        String text = blanks.get(blank);
        try {
            return parse.apply(text);
        } catch (IllegalArgumentException e) {
            throw Problem.notFound(e.getMessage(), "");
        }
    }

    Optional<String> query(String name) {
        return request.query().contains(name)
                ? Optional.of(request.query().get(name)).filter(text -> !text.isBlank())
                : Optional.empty();
    }

    /// @throws Problem 400 when it is there and cannot be read
    <T> Optional<T> query(String name, Function<String, T> parse) {
        return query(name).map(text -> {
            try {
                return parse.apply(text);
            } catch (NumberFormatException e) {
                throw Problem.invalid("expected ?" + name + "= a whole number, but found \"" + text + "\"", "");
            } catch (IllegalArgumentException e) {
                throw Problem.invalid("?" + name + "=: " + e.getMessage(), "");
            }
        });
    }

    /// All that stand in the address, the first of each name.
    Map<String, String> queries() {
        Map<String, String> all = new HashMap<>();
        for (String name : request.query().names()) query(name).ifPresent(text -> all.put(name, text));
        return all;
    }

    /// The address as it was asked for, without its host.
    String address() {
        String query = request.query().rawValue();
        return request.path().rawPath() + (query.isEmpty() ? "" : "?" + query);
    }

    String path() {
        return request.path().rawPath();
    }

    /// The same for the same page, whatever of these stands in it.
    String pathWithQuery(String... without) {
        Map<String, String> asked = new TreeMap<>(queries());
        for (String name : without) asked.remove(name);
        return path() + asked;
    }

    /// The fields of a form, the first of each name.
    ///
    /// @throws Problem 415 when it is none, 413 when it is too large
    Map<String, String> form() throws IOException {
        if (!header("Content-Type").orElse("").startsWith("application/x-www-form-urlencoded"))
            throw Problem.of(415, "INVALID", "expected a form, but found something else", "");
        Map<String, String> form = new HashMap<>();
        for (String field : new String(bytes(FORM_MAX), StandardCharsets.UTF_8).split("&")) {
            int equals = field.indexOf('=');
            if (equals > 0) form.putIfAbsent(decoded(field.substring(0, equals)), decoded(field.substring(equals + 1)));
        }
        return form;
    }

    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw Problem.invalid("expected a form, but \"" + text + "\" is no part of one", "");
        }
    }

    /// A whole number from `min` to `max`.
    long number(String name, long absent, long min, long max) {
        long number = query(name, Long::parseLong).orElse(absent);
        if (number < min || number > max) {
            throw Problem.invalid("expected ?" + name + "= " + min + " to " + max + ", but found " + number, "");
        }
        return number;
    }

    Optional<String> header(String name) {
        HeaderName header = HeaderNames.create(name);
        return request.headers().contains(header)
                ? Optional.of(request.headers().get(header).get()).filter(text -> !text.isBlank())
                : Optional.empty();
    }

    /// The address the request came from.
    String source() {
        return request.remotePeer().host();
    }

    boolean accepts(String type) {
        return header("Accept").filter(accepted -> accepted.contains(type)).isPresent();
    }

    /// The body as it comes, with its length where it was told; for files, which have no limit but the disk's. A sender
    /// that falls silent is cut off by the connection's own limit.
    InputStream stream() {
        return request.content().inputStream();
    }

    OptionalLong length() {
        return request.headers().contentLength();
    }

    /// The body as a JSON object; an absent body is an empty object.
    ///
    /// @throws Problem 400 with line and column, 413 when it is too large
    JsonNode object(int max) throws IOException {
        byte[] bytes = bytes(max);
        if (bytes.length == 0) return Wire.STRICT.createObjectNode();
        try {
            JsonNode node = Wire.STRICT.readTree(bytes);
            if (!node.isObject()) {
                throw Problem.invalid("expected a JSON object, but found " + Malformed.describe(node), "");
            }
            return node;
        } catch (JacksonException e) {
            throw Malformed.syntax(e);
        }
    }

    /// The body as one of our own records, read tolerantly: peers may be newer.
    <T> T read(Class<T> type, int max) throws IOException {
        byte[] bytes = bytes(max);
        try {
            return Wire.read(bytes, type);
        } catch (JacksonException e) {
            throw Malformed.value(e);
        }
    }

    @SuppressWarnings("try") // the deadline only has to be closed
    private byte[] bytes(int max) throws IOException {
        if (!request.content().hasEntity()) return new byte[0];
        try (Deadline deadline = Deadline.after(readLimit);
                InputStream in = request.content().inputStream()) {
            // One byte more than announced, to meet the end of the stream without a second buffer.
            long announced = request.headers().contentLength().orElse(max);
            byte[] bytes = in.readNBytes((int) Math.min(max, announced) + 1);
            if (bytes.length > max) {
                throw Problem.of(413, "TOO_LARGE", "expected at most " + max + " bytes, but found more", "");
            }
            return bytes;
        }
    }
}
