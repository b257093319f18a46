package dev.muster.edge.http;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/// What a handler answers.
sealed interface Reply {
    /// @param body written by the wire codec
    record Json(int status, Object body) implements Reply {}

    record Raw(int status, String type, byte[] bytes, Map<String, String> headers) implements Reply {
        static Raw text(String type, String text) {
            return new Raw(200, type, text.getBytes(StandardCharsets.UTF_8), Map.of());
        }
    }

    /// Written as it comes; the client's leaving is an exception in `body`, and no error.
    record Stream(String type, Body body) implements Reply {
        interface Body {
            void write(OutputStream out) throws IOException, InterruptedException;
        }
    }

    /// A file. Its length is told, so that a reader knows whether it has all of it.
    record Content(long length, Stream.Body body) implements Reply {}

    static Json ok(Object body) {
        return new Json(200, body);
    }
}
