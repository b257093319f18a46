package dev.muster.edge.swarm;

import dev.muster.edge.wire.Wire;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// aria2's JSON-RPC 2.0, as much of it as one download needs. Its secret is the first parameter of each call.
final class Aria2Client implements AutoCloseable {
    private static final Duration ANSWER_MAX = Duration.ofSeconds(5);

    private final Ways.Aria2Rpc where;
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(ANSWER_MAX)
            .build();

    Aria2Client(Ways.Aria2Rpc where) {
        this.where = where;
    }

    /// How far a download is.
    JsonNode status(String gid) throws IOException, InterruptedException {
        ArrayNode keys = JsonNodeFactory.instance.arrayNode();
        keys.add("status").add("completedLength").add("errorCode").add("errorMessage");
        return call("tellStatus", JsonNodeFactory.instance.stringNode(gid), keys);
    }

    /// @param method without `aria2.`
    /// @return its result
    /// @throws IOException when it is not there, or refuses
    JsonNode call(String method, JsonNode... parameters) throws IOException, InterruptedException {
        ObjectNode request = JsonNodeFactory.instance
                .objectNode()
                .put("jsonrpc", "2.0")
                .put("id", "muster")
                .put("method", "aria2." + method);
        ArrayNode all = request.putArray("params");
        if (!where.secret().isEmpty()) all.add("token:" + where.secret());
        for (JsonNode parameter : parameters) all.add(parameter);
        JsonNode answer = send(method, Wire.bytes(request));
        if (answer.has("result")) return answer.get("result");
        String why = answer.path("error").path("message").asString("nothing it should");
        throw new IOException("expected aria2 at " + where.rpc() + " to do " + method + ", but it answered: " + why
                + (why.equals("Unauthorized") ? "; `aria2.secret_file` in node.yaml names its --rpc-secret" : ""));
    }

    private JsonNode send(String method, byte[] body) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(where.rpc())
                .timeout(ANSWER_MAX)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofByteArray(body))
                .build();
        HttpResponse<byte[]> response;
        try {
            response = http.send(request, BodyHandlers.ofByteArray());
        } catch (IOException e) {
            throw new IOException("expected aria2 at " + where.rpc() + " to answer, but found " + e, e);
        }
        try {
            return Wire.read(response.body(), JsonNode.class);
        } catch (JacksonException e) {
            throw new IOException(
                    "expected aria2 at " + where.rpc() + " to answer " + method + " in JSON-RPC, but found "
                            + response.statusCode() + " and something else",
                    e);
        }
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
