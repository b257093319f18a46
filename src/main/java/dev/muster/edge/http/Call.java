package dev.muster.edge.http;

import dev.muster.edge.wire.Wire;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// One request, as handlers see it; everything malformed becomes a [Problem] that says what was expected and found.
final class Call {
    /// A job with a long command line is some KiB.
    static final int ORDER_MAX = 1 << 20;
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
