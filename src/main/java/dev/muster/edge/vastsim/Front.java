package dev.muster.edge.vastsim;

import io.helidon.http.HeaderNames;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// Every request: body read first (also of GET and DELETE), faults, key, pacing, route; every error is an object with
/// `msg`.
final class Front implements Handler {
    private static final Logger LOG = System.getLogger(Front.class.getName());
    private static final int BODY_MAX = 4 << 20;

    private final Sim sim;
    private final List<Route> routes;
    private final Throttle throttle = new Throttle(System::nanoTime);

    Front(Sim sim) {
        this.sim = sim;
        this.routes = Routes.of(sim);
    }

    @Override
    public void handle(ServerRequest request, ServerResponse response) {
        String method = request.prologue().method().text();
        String path = request.path().rawPath();
        byte[] body = body(request);
        Optional<Faults.Fault> fault = path.startsWith("/sim")
                ? Optional.empty()
                : sim.faults.take(method, path.endsWith("/") ? path : path + "/");
        fault.ifPresent(one -> pause(one.delayMs()));
        if (fault.filter(one -> one.drop() == Faults.Drop.BEFORE).isPresent())
            throw new CloseConnectionException("as was asked for");
        Reply reply = fault.filter(one -> one.status() != 0)
                .map(one -> Reply.text(one.status(), one.type(), one.body()))
                .orElseGet(() -> answer(request, method, path, body));
        if (fault.filter(one -> one.drop() == Faults.Drop.AFTER).isPresent())
            throw new CloseConnectionException("as was asked for, when all was done");
        response.status(reply.status());
        response.header(HeaderNames.CONTENT_TYPE, reply.type());
        response.send(reply.bytes());
    }

    private Reply answer(ServerRequest request, String method, String path, byte[] body) {
        try {
            return routed(request, method, path, body);
        } catch (Refusal refusal) {
            return Reply.json(refusal.status(), refusal.body());
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "vastsim_bug path=" + path, e);
            return Reply.json(500, new Refusal(500, "internal", "a bug of the simulator: " + e).body());
        }
    }

    private Reply routed(ServerRequest request, String method, String path, byte[] body) {
        List<String> segments = new ArrayList<>(
                Arrays.stream(path.split("/")).filter(one -> !one.isEmpty()).toList());
        if (segments.size() == 2 && segments.getFirst().equals("results")) return result(segments.get(1));
        int version = -1;
        if (segments.size() > 2 && segments.getFirst().equals("api")) {
            version = segments.get(1).equals("v1") ? 1 : segments.get(1).equals("v0") ? 0 : -1;
            segments = segments.subList(2, segments.size());
        }
        for (Route route : routes) {
            if (!route.method().equals(method)) continue;
            Optional<Route.Match> match = route.match(version, segments);
            if (match.isEmpty()) continue;
            Map<String, String> query = query(request);
            if (!route.open()) authenticate(request, query, version < 0);
            if (sim.settings.pacing() && !throttle.allows(route)) return Throttle.tooSoon(route);
            Route.Match ids = match.get();
            return route.handler().answer(new Call(base(request), path, query, ids.id(), ids.second(), parsed(body)));
        }
        throw new Refusal(404, "no_such_endpoint", "there is no " + method + " " + path);
    }

    /// 404 for a bad key is the real service's way.
    private void authenticate(ServerRequest request, Map<String, String> query, boolean own) {
        String header = request.headers().first(HeaderNames.AUTHORIZATION).orElse("");
        String key = header.startsWith("Bearer ")
                ? header.substring("Bearer ".length()).strip()
                : query.getOrDefault("api_key", "");
        if (key.isEmpty()) throw new Refusal(403, "auth_error", "This action requires login.");
        if (!key.equals(sim.settings.apiKey())) throw new Refusal(404, "auth_error", "Invalid user key");
        if (own) return;
        switch (sim.key) {
            case GOOD -> {}
            case INVALID -> throw new Refusal(404, "auth_error", "Invalid user key");
            case EXPIRED -> throw new Refusal(404, "auth_error", "Session expired. Please log in again.");
        }
    }

    private Reply result(String name) {
        Optional<String> text = name.matches("\\d{1,9}\\.log")
                ? sim.results.fetch(Long.parseLong(name.substring(0, name.indexOf('.'))))
                : Optional.empty();
        return text.map(found -> Reply.text(200, "text/plain", found))
                .orElseGet(() -> Reply.json(404, new Refusal(404, "not_found", "there is no " + name + " yet").body()));
    }

    private static byte[] body(ServerRequest request) {
        if (!request.content().hasEntity()) return new byte[0];
        try (InputStream in = request.content().inputStream()) {
            byte[] bytes = in.readNBytes(BODY_MAX + 1);
            if (bytes.length > BODY_MAX)
                throw new CloseConnectionException("a body of more than " + BODY_MAX + " bytes");
            return bytes;
        } catch (IOException e) {
            throw new CloseConnectionException("reading the request", e);
        }
    }

    private static JsonNode parsed(byte[] body) {
        String text = new String(body, StandardCharsets.UTF_8);
        if (text.isBlank()) return Json.object();
        JsonNode parsed = Json.parse(text, "the body");
        if (!parsed.isObject()) throw new Refusal(400, "invalid_request", "expected a JSON object as the body");
        return parsed;
    }

    private static Map<String, String> query(ServerRequest request) {
        Map<String, String> query = new LinkedHashMap<>();
        String raw = request.query().rawValue();
        if (raw == null || raw.isEmpty()) return query;
        for (String pair : raw.split("&")) {
            int at = pair.indexOf('=');
            String name = at < 0 ? pair : pair.substring(0, at);
            query.put(decoded(name), at < 0 ? "" : decoded(pair.substring(at + 1)));
        }
        return query;
    }

    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return text;
        }
    }

    private static String base(ServerRequest request) {
        return "http://" + request.headers().first(HeaderNames.HOST).orElse("localhost");
    }

    private static void pause(long millis) {
        if (millis == 0) return;
        try {
            Thread.sleep(Duration.ofMillis(millis));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
