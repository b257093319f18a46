package dev.muster.edge.http;

import dev.muster.core.state.Artifact;
import dev.muster.core.state.Sha256;
import dev.muster.edge.node.Member;
import dev.muster.edge.wire.Wire;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// This node's files for other nodes: `GET /artifacts/{sha}`, with ranges, so that a broken transfer goes on where
/// it was. A file is never in memory whole.
public final class ArtifactServer implements AutoCloseable {
    private static final int BUFFER_BYTES = 64 << 10;
    private static final Route ROUTE = Route.get("/artifacts/{sha}", "A file's bytes.", Void.class, call -> {
        throw new IllegalStateException("written by the server itself");
    });

    private final WebServer server;

    private ArtifactServer(WebServer server) {
        this.server = server;
    }

    /// @param port 0 takes a free one; [ApiSettings#port] is the API's and not looked at
    /// @throws PortUnavailable when it cannot listen there
    public static ArtifactServer start(ApiSettings settings, int port, Member member) {
        Token token = new Token(settings.token());
        return new ArtifactServer(Listener.start(
                "artifact server",
                settings.host(),
                port,
                (request, response) -> serve(request, response, token, member)));
    }

    /// The port it listens on.
    public int port() {
        return server.port();
    }

    private static void serve(ServerRequest request, ServerResponse response, Token token, Member member) {
        try {
            file(request, response, token, member);
        } catch (Problem problem) {
            response.status(problem.status());
            response.header(HeaderNames.CONTENT_TYPE, "application/json");
            response.send(Wire.bytes(problem.body()));
        }
    }

    private static void file(ServerRequest request, ServerResponse response, Token token, Member member) {
        Optional<Map<String, String>> blanks =
                ROUTE.match(List.of(request.path().path().replaceFirst("^/", "").split("/")));
        if (blanks.isEmpty())
            throw Problem.notFound("no route " + request.path().rawPath(), "this port serves /artifacts/{sha}");
        if (!request.prologue().method().text().equals("GET")) {
            response.header(HeaderNames.ALLOW, "GET");
            throw Problem.of(405, "METHOD_NOT_ALLOWED", "expected GET", "");
        }
        Call call = new Call(request, blanks.get(), ApiSettings.READ_LIMIT);
        token.check(call);
        Sha256 sha = call.path("sha", Sha256::new);
        Artifact artifact = member.state()
                .files()
                .artifacts()
                .find(sha)
                .orElseThrow(() -> Problem.notFound("no artifact " + sha, ""));
        Optional<Range> range = Range.parse(call.header("Range"), artifact.size());
        try (InputStream in = open(member, sha)) {
            copy(response, in, artifact.size(), range);
        } catch (IOException | UncheckedIOException e) {
            throw new CloseConnectionException("sending " + sha, e);
        }
    }

    private static InputStream open(Member member, Sha256 sha) {
        try {
            return member.artifact(sha);
        } catch (IOException e) {
            throw Problem.notFound(
                    sha + " is not held here: " + e.getMessage(), "`/v1/artifacts/" + sha + "` lists its holders");
        }
    }

    private static void copy(ServerResponse response, InputStream in, long size, Optional<Range> range)
            throws IOException {
        Range part = range.orElse(new Range(0, size - 1));
        response.status(range.isPresent() ? 206 : 200);
        response.header(HeaderNames.CONTENT_TYPE, "application/octet-stream");
        response.header(HeaderNames.ACCEPT_RANGES, "bytes");
        range.ifPresent(asked ->
                response.header(HeaderNames.CONTENT_RANGE, "bytes " + asked.first() + "-" + asked.last() + "/" + size));
        response.contentLength(part.length());
        in.skipNBytes(part.first());
        try (OutputStream out = response.outputStream()) {
            byte[] buffer = new byte[BUFFER_BYTES];
            long left = part.length();
            while (left > 0) {
                int read = in.read(buffer, 0, (int) Math.min(buffer.length, left));
                // Another length than was promised: the reader must not take it for the whole file.
                if (read < 0) throw new EOFException("expected " + left + " more bytes");
                out.write(buffer, 0, read);
                left -= read;
            }
        }
    }

    @Override
    public void close() {
        server.stop();
    }
}
