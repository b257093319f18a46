package dev.muster.edge.local;

import dev.muster.edge.wire.Wire;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import tools.jackson.databind.JsonNode;

/// The cluster's HTTP API as the demo uses it: any node that answers will do.
final class Api implements AutoCloseable {
    private static final Duration TIMEOUT = Duration.ofSeconds(15);

    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();
    private final List<String> nodes;
    private final String token;

    /// @param nodes `host:port` of each node's API
    Api(List<String> nodes, String token) {
        this.nodes = List.copyOf(nodes);
        this.token = token;
    }

    JsonNode get(String path) throws IOException, InterruptedException {
        return any(path, "GET", HttpRequest.BodyPublishers.noBody());
    }

    JsonNode put(String path, Object body) throws IOException, InterruptedException {
        return any(path, "PUT", HttpRequest.BodyPublishers.ofByteArray(Wire.bytes(body)));
    }

    JsonNode post(String path, Object body) throws IOException, InterruptedException {
        return any(path, "POST", HttpRequest.BodyPublishers.ofByteArray(Wire.bytes(body)));
    }

    /// Asks one node only.
    JsonNode getFrom(String node, String path) throws IOException, InterruptedException {
        return answer(node, path, request(node, path).GET().build());
    }

    /// A stream from one node's port; the caller closes it.
    InputStream stream(String node, String path) throws IOException, InterruptedException {
        HttpResponse<InputStream> response =
                http.send(request(node, path).GET().build(), HttpResponse.BodyHandlers.ofInputStream());
        if (response.statusCode() == 200) return response.body();
        response.body().close();
        throw new IOException("expected " + node + path + " to answer 200, but it answered " + response.statusCode());
    }

    private JsonNode any(String path, String method, HttpRequest.BodyPublisher body)
            throws IOException, InterruptedException {
        IOException last = new IOException("no node to ask");
        for (String node : nodes) {
            try {
                HttpRequest request = request(node, path).method(method, body).build();
                return answer(node, path, request);
            } catch (IOException e) {
                last = e;
            }
        }
        throw last;
    }

    private JsonNode answer(String node, String path, HttpRequest request) throws IOException, InterruptedException {
        HttpResponse<byte[]> response = http.send(request, HttpResponse.BodyHandlers.ofByteArray());
        if (response.statusCode() / 100 != 2) {
            throw new IOException(node + path + " answered " + response.statusCode() + ": "
                    + new String(response.body(), StandardCharsets.UTF_8));
        }
        return Wire.MAPPER.readTree(response.body());
    }

    private HttpRequest.Builder request(String node, String path) {
        return HttpRequest.newBuilder(URI.create("http://" + node + path))
                .timeout(TIMEOUT)
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", "application/json")
                .header("Muster-Actor", "demo");
    }

    @Override
    public void close() {
        http.close();
    }
}
