package dev.muster.edge.vastsim;

import dev.muster.market.MarketSettings;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// Asks a simulated market on loopback, as the official command line does: every request has a body.
final class Client implements AutoCloseable {
    static final String KEY = "testkey";

    private final HttpClient client = HttpClient.newHttpClient();
    final VastSim sim;

    private Client(VastSim sim) {
        this.sim = sim;
    }

    record Answer(int status, String type, String text) {
        JsonNode json() {
            return Json.MAPPER.readTree(text);
        }
    }

    static Client calm() {
        return of(settings(1, false), Boot.none());
    }

    static Client of(SimSettings settings, Boot boot) {
        return new Client(VastSim.start(settings, boot));
    }

    static SimSettings settings(double speed, boolean pacing) {
        return new SimSettings(
                "127.0.0.1", 0, KEY, 7, speed, pacing, MarketSettings.calm(Instant.parse("2026-03-01T00:00:00Z")));
    }

    Answer ask(String method, String path, String body) throws IOException, InterruptedException {
        return ask(method, path, body, Optional.of(KEY));
    }

    Answer ask(String method, String path, String body, Optional<String> key) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(sim.url("127.0.0.1") + path))
                .timeout(Duration.ofSeconds(20))
                .header("Content-Type", "application/json")
                .method(method, BodyPublishers.ofString(body));
        key.ifPresent(text -> request.header("Authorization", "Bearer " + text));
        HttpResponse<byte[]> response = client.send(request.build(), BodyHandlers.ofByteArray());
        return new Answer(
                response.statusCode(),
                response.headers().firstValue("Content-Type").orElse(""),
                new String(response.body(), StandardCharsets.UTF_8));
    }

    JsonNode get(String path) throws IOException, InterruptedException {
        return ok(ask("GET", path, "{}"));
    }

    JsonNode put(String path, String body) throws IOException, InterruptedException {
        return ok(ask("PUT", path, body));
    }

    JsonNode post(String path, String body) throws IOException, InterruptedException {
        return ok(ask("POST", path, body));
    }

    JsonNode delete(String path) throws IOException, InterruptedException {
        return ok(ask("DELETE", path, "{}"));
    }

    private static JsonNode ok(Answer answer) {
        if (answer.status != 200) throw new AssertionError("expected 200, but found " + answer);
        return answer.json();
    }

    /// The first offer of one GPU.
    JsonNode offer() throws IOException, InterruptedException {
        return post(
                        "/api/v0/bundles/",
                        "{\"num_gpus\":{\"eq\":\"1\"},\"rentable\":{\"eq\":true},\"order\":[[\"dph_total\",\"asc\"]]}")
                .path("offers")
                .path(0);
    }

    long rent(String more) throws IOException, InterruptedException {
        long ask = offer().get("id").longValue();
        String body =
                "{\"client_id\":\"me\",\"image\":\"pytorch/pytorch\",\"disk\":10.0,\"runtype\":\"ssh\"" + more + "}";
        return put("/api/v0/asks/" + ask + "/", body).get("new_contract").longValue();
    }

    JsonNode instance(long id) throws IOException, InterruptedException {
        return get("/api/v0/instances/" + id + "/?owner=me").get("instances");
    }

    /// Lets virtual time pass.
    void pass(long seconds) throws IOException, InterruptedException {
        post("/sim/time", "{\"seconds\":" + seconds + "}");
    }

    @Override
    public void close() {
        client.close();
        sim.close();
    }
}
