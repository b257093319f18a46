package dev.muster.edge.node;

import dev.muster.core.check.Report;
import dev.muster.core.plan.RentReport;
import dev.muster.core.state.AttemptId;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Sha256;
import dev.muster.core.state.TaskId;
import dev.muster.edge.config.Token;
import dev.muster.edge.swarm.SshPlace;
import dev.muster.edge.swarm.Transport;
import dev.muster.edge.swarm.Underway;
import dev.muster.edge.wire.Wire;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// Asks other nodes over HTTP, with connections kept open. Calls block: they belong on virtual threads. An address is
/// `host:port`.
final class PeerClient implements AutoCloseable {
    /// A peer that does not accept in this time is tried again later, or another one is.
    private static final Duration CONNECT_MAX = Duration.ofSeconds(2);
    private static final Duration SMALL_MAX = Duration.ofSeconds(4);
    /// While the other side reads a file through: 30 GB at 50 MB/s.
    private static final Duration READ_MAX = Duration.ofMinutes(10);
    /// Until a file's first byte.
    private static final Duration ANSWER_MAX = Duration.ofSeconds(10);
    /// Between two pieces of a file. Longer than a voter's restart or a network's hiccup.
    private static final Duration SILENCE_MAX = Duration.ofSeconds(30);

    private final ExecutorService threads = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("peer-", 0).factory());
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT_MAX)
            .followRedirects(HttpClient.Redirect.NEVER)
            .executor(threads)
            .build();
    private final String authorization;

    PeerClient(Token token) {
        this.authorization = "Bearer " + token.secret();
    }

    /// The other side does not know our token.
    static final class WrongToken extends IOException {
        private static final long serialVersionUID = 1L;

        private WrongToken(String api) {
            super("expected " + api + " to accept this node's cluster token, but it does not;"
                    + " put the cluster's token into MUSTER_TOKEN or the token file");
        }
    }

    /// Any other answer than the one hoped for.
    static final class Declined extends IOException {
        private static final long serialVersionUID = 1L;

        private final int status;
        private final String code;

        private Declined(int status, String code, String message) {
            super(message);
            this.status = status;
            this.code = code;
        }

        int status() {
            return status;
        }

        String code() {
            return code;
        }
    }

    PeerService.JoinAnswer join(String api, PeerService.JoinRequest request, Duration timeout) throws IOException {
        try {
            return Wire.read(
                    post(api, "/v1/peer/join", Wire.bytes(request), 0, timeout), PeerService.JoinAnswer.Joined.class);
        } catch (Declined declined) {
            return declined.status() == 503
                    ? new PeerService.JoinAnswer.Unavailable(declined.getMessage())
                    : new PeerService.JoinAnswer.Refused(declined.code(), declined.getMessage());
        }
    }

    /// @param orders a JSON array of envelopes
    PeerService.OrdersAnswer orders(String api, byte[] orders, int hops, Duration timeout) throws IOException {
        HttpResponse<byte[]> response = send(request(api, "/v1/peer/orders", timeout)
                .header("Content-Type", "application/json")
                .header("Muster-Hops", Integer.toString(hops))
                .POST(BodyPublishers.ofByteArray(orders))
                .build());
        if (response.statusCode() == 503) {
            JsonNode no = Wire.read(response.body(), JsonNode.class);
            return new PeerService.OrdersAnswer.NotLeading(
                    no.path("message").asString(""),
                    no.path("maybe").asBoolean(false),
                    text(no, "leader").map(NodeId::new),
                    text(no, "leader_api"));
        }
        return new PeerService.OrdersAnswer.Answered(
                Arrays.asList(Wire.read(checked(api, response), Member.Answer[].class)));
    }

    private static Optional<String> text(JsonNode node, String key) {
        return node.path(key).isString() ? Optional.of(node.path(key).asString()) : Optional.empty();
    }

    PeerService.HeartbeatAnswer heartbeat(String api, PeerService.Heartbeat heartbeat) throws IOException {
        HttpResponse<byte[]> response = send(request(api, "/v1/peer/heartbeat", SMALL_MAX)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofByteArray(Wire.bytes(heartbeat)))
                .build());
        byte[] body = response.statusCode() == 409 ? response.body() : checked(api, response);
        return Wire.read(body, PeerService.HeartbeatAnswer.class);
    }

    PeerService.PresenceAnswer presence(String api, PeerService.PresenceRequest request) throws IOException {
        return Wire.read(
                post(api, "/v1/peer/presence", Wire.bytes(request), 0, SMALL_MAX), PeerService.PresenceAnswer.class);
    }

    /// The stream of [Frame]s; close it to end it.
    InputStream follow(String api, long from) throws IOException {
        return stream(api, "/v1/peer/follow?from=" + from, SMALL_MAX);
    }

    PeerService.LeaderView leader(String api) throws IOException {
        return Wire.read(get(api, "/v1/peer/leader"), PeerService.LeaderView.class);
    }

    Underway underway(String api, Sha256 sha) throws IOException {
        return Wire.read(get(api, "/v1/peer/swarm/" + sha), Underway.class);
    }

    /// As [PeerService#checkHere] of that node.
    Report check(String api, boolean deep, Duration timeout) throws IOException {
        return Wire.read(post(api, "/v1/peer/check?deep=" + deep, new byte[0], 0, timeout), Report.class);
    }

    /// As [PeerService#checksHere] of that node.
    PeerService.CheckRounds checks(String api, PeerService.CheckRequest request, Duration timeout) throws IOException {
        return Wire.read(post(api, "/v1/peer/checks", Wire.bytes(request), 0, timeout), PeerService.CheckRounds.class);
    }

    /// As [PeerService#report] to that node.
    ///
    /// @throws IOException also when it does not lead
    void report(String api, PeerService.NodeReport report) throws IOException {
        post(api, "/v1/peer/report", Wire.bytes(report), 0, SMALL_MAX);
    }

    private record Explained(List<String> lines) {}

    List<String> explain(String api, TaskId task) throws IOException {
        return Wire.read(get(api, "/v1/peer/explain?task=" + task), Explained.class)
                .lines();
    }

    RentReport renting(String api) throws IOException {
        return Wire.read(get(api, "/v1/peer/renting"), RentReport.class);
    }

    Member.LogPart logs(String api, AttemptId attempt, long from, int max) throws IOException {
        HttpResponse<byte[]> response =
                send(request(api, "/v1/peer/logs?attempt=" + attempt + "&from=" + from + "&max=" + max, SMALL_MAX)
                        .GET()
                        .build());
        byte[] bytes = checked(api, response);
        long begins = response.headers().firstValueAsLong("Muster-Log-From").orElse(from);
        boolean ended = response.headers()
                .firstValue("Muster-Log-Ended")
                .map(Boolean::parseBoolean)
                .orElse(false);
        return new Member.LogPart(begins, bytes, ended);
    }

    /// A file of the node's store.
    ///
    /// @param artifacts the node's artifact address
    InputStream artifact(String artifacts, Sha256 sha) throws IOException {
        return new ImpatientStream(stream(artifacts, "/artifacts/" + sha, ANSWER_MAX), SILENCE_MAX);
    }

    /// As [Shelf#look] of that node's own copy.
    Shelf.Copy look(String api, Sha256 sha, Shelf.Look how) throws IOException {
        Duration most = how == Shelf.Look.STAT ? SMALL_MAX : READ_MAX;
        return Wire.read(
                post(api, "/v1/peer/artifacts/" + sha + "/look?how=" + how, new byte[0], 0, most), Shelf.Copy.class);
    }

    /// As [Shelf#fetch] on that node.
    Shelf.Copy fetch(String api, Sha256 sha, Transport by) throws IOException {
        String path = "/v1/peer/artifacts/" + sha + "/fetch?transport=" + by.word();
        return Wire.read(post(api, path, new byte[0], 0, READ_MAX), Shelf.Copy.class);
    }

    /// As [Shelf#place], asked of a node that may have to ask the holder.
    Optional<SshPlace> place(String api, NodeId holder, Sha256 sha, NodeId asker) throws IOException {
        String path = "/v1/artifacts/" + sha + "/place?node=" + holder + "&asker=" + asker;
        try {
            return Optional.of(Wire.read(get(api, path), SshPlace.class));
        } catch (Declined e) {
            if (e.status() == 404) return Optional.empty();
            throw e;
        } catch (JacksonException e) {
            throw new IOException(api + " answered something else than a place", e);
        }
    }

    /// As [Shelf#link] of that node's own models.
    Shelf.Links link(String api) throws IOException {
        return Wire.read(post(api, "/v1/peer/models/link", new byte[0], 0, READ_MAX), Shelf.Links.class);
    }

    /// Is anybody there?
    boolean alive(String api) {
        try {
            HttpResponse<Void> response = client.send(
                    request(api, "/health", Duration.ofSeconds(1)).GET().build(), BodyHandlers.discarding());
            return response.statusCode() == 200;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private byte[] get(String api, String path) throws IOException {
        return checked(api, send(request(api, path, SMALL_MAX).GET().build()));
    }

    private byte[] post(String api, String path, byte[] body, int hops, Duration timeout) throws IOException {
        return checked(
                api,
                send(request(api, path, timeout)
                        .header("Content-Type", "application/json")
                        .header("Muster-Hops", Integer.toString(hops))
                        .POST(BodyPublishers.ofByteArray(body))
                        .build()));
    }

    private InputStream stream(String api, String path, Duration firstByte) throws IOException {
        HttpResponse<InputStream> response =
                exchange(request(api, path, firstByte).GET().build(), BodyHandlers.ofInputStream());
        if (response.statusCode() == 200) return response.body();
        try (InputStream body = response.body()) {
            throw declined(api, response.statusCode(), body.readNBytes(10_000));
        }
    }

    private HttpRequest.Builder request(String api, String path, Duration timeout) throws IOException {
        try {
            return HttpRequest.newBuilder(URI.create("http://" + api + path))
                    .header("Authorization", authorization)
                    .timeout(timeout);
        } catch (IllegalArgumentException e) {
            throw new IOException("expected an address such as 10.0.0.1:8770, but found " + api, e);
        }
    }

    private HttpResponse<byte[]> send(HttpRequest request) throws IOException {
        return exchange(request, BodyHandlers.ofByteArray());
    }

    private <T> HttpResponse<T> exchange(HttpRequest request, HttpResponse.BodyHandler<T> handler) throws IOException {
        try {
            return client.send(request, handler);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while asking " + request.uri().getAuthority(), e);
        } catch (IOException e) {
            String why = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
            throw new IOException(request.uri().getAuthority() + " does not answer: " + why, e);
        }
    }

    private static byte[] checked(String api, HttpResponse<byte[]> response) throws IOException {
        if (response.statusCode() == 200) return response.body();
        throw declined(api, response.statusCode(), response.body());
    }

    private static IOException declined(String api, int status, byte[] body) {
        if (status == 401) return new WrongToken(api);
        try {
            JsonNode no = Wire.read(body, JsonNode.class);
            return new Declined(
                    status,
                    text(no, "code").orElse("HTTP " + status),
                    text(no, "message").orElse(api + " answered " + status));
        } catch (JacksonException e) {
            return new Declined(status, "HTTP " + status, api + " answered " + status);
        }
    }

    @Override
    public void close() {
        client.shutdownNow();
        threads.shutdownNow();
    }
}
