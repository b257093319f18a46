package dev.muster.edge.http;

import dev.muster.edge.node.Member;
import dev.muster.edge.wire.Wire;
import io.helidon.common.buffers.DataReader;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;

/// Finds the route, checks the token, answers; everything that goes wrong becomes JSON.
final class Dispatcher implements Handler {
    private static final Logger LOG = System.getLogger(Dispatcher.class.getName());

    /// An answer is what it says it is, whatever a browser takes it for.
    private static final HeaderName SNIFFING = HeaderNames.create("X-Content-Type-Options");

    private final List<Route> routes;
    /// Answers what no route has.
    private final Route.Handler unknown;
    private final Token token;
    private final Member member;
    private final Duration readLimit;
    private final Map<Integer, LongAdder> answers;

    Dispatcher(
            List<Route> routes,
            Route.Handler unknown,
            Token token,
            Member member,
            Duration readLimit,
            Map<Integer, LongAdder> answers) {
        this.routes = routes;
        this.unknown = unknown;
        this.token = token;
        this.member = member;
        this.readLimit = readLimit;
        this.answers = answers;
    }

    static Map<Integer, LongAdder> noAnswers() {
        return new ConcurrentHashMap<>();
    }

    @Override
    public void handle(ServerRequest request, ServerResponse response) {
        Reply reply;
        try {
            reply = answer(request, response);
        } catch (Problem problem) {
            reply = new Reply.Json(problem.status(), problem.body());
        } catch (CloseConnectionException e) {
            throw e;
        } catch (UncheckedIOException | DataReader.InsufficientDataAvailableException e) {
            // The client stopped sending in the middle of a request.
            throw new CloseConnectionException("reading the request", e);
        } catch (IOException e) {
            Problem problem = Problem.of(503, "UNAVAILABLE", told(e), "try again, or ask another node");
            reply = new Reply.Json(problem.status(), problem.body());
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "api_bug path=" + request.path().rawPath(), e);
            Problem problem = Problem.of(500, "INTERNAL", "a bug: " + e, "the node's log holds the details");
            reply = new Reply.Json(problem.status(), problem.body());
        }
        send(response, reply);
    }

    private Reply answer(ServerRequest request, ServerResponse response) throws IOException {
        List<String> segments = segments(request.path().rawPath());
        String method = request.prologue().method().text();
        TreeSet<String> others = new TreeSet<>();
        for (Route route : routes) {
            Optional<Map<String, String>> blanks = route.match(segments);
            if (blanks.isEmpty()) continue;
            if (!route.method().equals(method)) {
                others.add(route.method());
                continue;
            }
            Call call = new Call(request, blanks.get(), readLimit);
            if (route.access() == Route.Access.TOKEN) token.check(call);
            if (route.method().equals("GET") && route.path().startsWith("/v1/")) tellStanding(response);
            return route.handler().answer(call);
        }
        if (others.isEmpty()) return unknown.answer(new Call(request, Map.of(), readLimit));
        response.header(HeaderNames.ALLOW, String.join(", ", others));
        throw Problem.of(
                405,
                "METHOD_NOT_ALLOWED",
                "expected " + String.join(" or ", others) + " for "
                        + request.path().rawPath() + ", but found " + method,
                "/openapi.json lists the routes");
    }

    private void tellStanding(ServerResponse response) {
        Member.Standing standing = member.standing();
        response.header("Muster-Revision", Long.toString(member.state().revision()));
        response.header("Muster-As-Of", standing.asOf().toString());
        standing.readOnly().ifPresent(why -> response.header("Muster-Read-Only", oneLine(why)));
    }

    private void send(ServerResponse response, Reply reply) {
        response.header(SNIFFING, "nosniff");
        switch (reply) {
            case Reply.Json(int status, Object body) ->
                send(response, new Reply.Raw(status, "application/json", Wire.bytes(body), Map.of()));
            case Reply.Raw(int status, String type, byte[] bytes, Map<String, String> headers) -> {
                count(status);
                response.status(status);
                response.header(HeaderNames.CONTENT_TYPE, type);
                headers.forEach(response::header);
                response.send(bytes);
            }
            case Reply.Stream(String type, Reply.Stream.Body body) -> {
                count(200);
                stream(response, type, body);
            }
            case Reply.Content(long length, Reply.Stream.Body body) -> {
                count(200);
                response.contentLength(length);
                stream(response, "application/octet-stream", body);
            }
        }
    }

    /// A stream ends with its connection: what is left of an interrupted one is of no use to another request.
    private static void stream(ServerResponse response, String type, Reply.Stream.Body body) {
        response.status(Status.OK_200);
        response.header(HeaderNames.CONTENT_TYPE, type);
        response.header(HeaderNames.CACHE_CONTROL, "no-store");
        response.header(HeaderNames.CONNECTION, "close");
        try (OutputStream out = response.outputStream()) {
            body.write(out);
        } catch (IOException | UncheckedIOException | InterruptedException e) {
            throw new CloseConnectionException("the reader left, or was dropped", e);
        }
    }

    private void count(int status) {
        answers.computeIfAbsent(status, any -> new LongAdder()).increment();
    }

    /// As they were written: a slash in a name is no border, and an empty name is a name, so that whoever reads it can say
    /// what is wrong with it.
    private static List<String> segments(String path) {
        return Stream.of(path.substring(1).split("/", -1))
                .map(Dispatcher::decoded)
                .toList();
    }

    private static String decoded(String segment) {
        try {
            return URLDecoder.decode(segment.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return segment;
        }
    }

    private static String told(IOException e) {
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }

    /// A header is one line of ASCII.
    static String oneLine(String text) {
        return text.replaceAll("[^\\x20-\\x7e]+", " ");
    }
}
