package dev.muster.edge.swarm;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// The first lines of an HTTP/1.1 message, as much of them as two nodes need.
///
/// @param start  the request or status line
/// @param fields by lower-case name; of a repeated one the last
record Head(String start, Map<String, String> fields) {
    /// Ours have some 300 bytes; a proxy may add its own.
    private static final int BYTES_MAX = 16 << 10;

    /// Reads up to the empty line.
    ///
    /// @return empty when the other side has closed the connection between two messages
    /// @throws IOException when it is no such head
    static Optional<Head> read(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream(128);
        String start = null;
        Map<String, String> fields = new HashMap<>();
        for (int count = 0; count < BYTES_MAX; count++) {
            int next = in.read();
            if (next < 0) {
                if (count == 0) return Optional.empty();
                throw new EOFException("expected the rest of an HTTP head, but the connection was closed");
            }
            if (next != '\n') {
                line.write(next);
                continue;
            }
            String text = line.toString(StandardCharsets.ISO_8859_1).stripTrailing();
            line.reset();
            if (start == null) start = text;
            else if (text.isEmpty()) return Optional.of(new Head(start, fields));
            else field(text, fields);
        }
        throw new IOException("expected an HTTP head of at most " + BYTES_MAX + " bytes, but found a longer one");
    }

    private static void field(String text, Map<String, String> fields) throws IOException {
        int colon = text.indexOf(':');
        if (colon < 1) throw new IOException("expected an HTTP header, but found \"" + text + "\"");
        fields.put(
                text.substring(0, colon).toLowerCase(Locale.ROOT),
                text.substring(colon + 1).strip());
    }

    Optional<String> field(String name) {
        return Optional.ofNullable(fields.get(name));
    }

    /// Bytes that follow; 0 where it is not said.
    long length() throws IOException {
        String text = fields.getOrDefault("content-length", "0");
        if (fields.containsKey("transfer-encoding") || text.length() > 18 || !digits(text, 0, text.length())) {
            throw new IOException("expected a body with its length, but found " + fields);
        }
        return Long.parseLong(text);
    }

    private static boolean digits(String text, int from, int to) {
        for (int i = from; i < to; i++) if (text.charAt(i) < '0' || text.charAt(i) > '9') return false;
        return from < to;
    }

    boolean closes() {
        return "close".equalsIgnoreCase(fields.get("connection")) || start.endsWith("HTTP/1.0");
    }

    /// Of an answer; 0 when it is none.
    int status() {
        boolean answer = (start.startsWith("HTTP/1.1 ") || start.startsWith("HTTP/1.0 "))
                && start.length() >= 12
                && digits(start, 9, 12);
        return answer ? Integer.parseInt(start, 9, 12, 10) : 0;
    }
}
