package dev.muster.edge.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.muster.edge.vastsim.LocalBoot;
import dev.muster.edge.vastsim.SimSettings;
import dev.muster.edge.vastsim.VastSim;
import dev.muster.edge.wire.Wire;
import dev.muster.market.MarketSettings;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import tools.jackson.databind.JsonNode;

/// The leader is a process of its own, and is killed with -9 before and after every request that changes something at the
/// market: what it asked for is there once or not at all, is found by the next leader, and nothing is left in the end.
@Tag("slow")
@Execution(ExecutionMode.CONCURRENT)
class RentCrashTest {
    private static final String KEY = "key-of-the-crash-test";
    private static final Duration WAIT = Duration.ofMinutes(5);
    /// Virtual seconds in a real one: charges are listed by the hour.
    private static final double SPEED = 60;
    /// What is ordered and not found costs a leader three minutes and two listings; more would be a leak.
    private static final Duration LISTED_MAX = Duration.ofMinutes(5);

    /// What is ordered, attached and ended; `-Dmuster.crash=all` plays every request, in eight minutes.
    private static final List<Point> SOME =
            List.of(new Point(1, true), new Point(2, false), new Point(4, false), new Point(4, true));

    @TempDir
    Path base;

    /// A request that changes something, by its place among them; killed before it is passed on, or once it was answered.
    ///
    /// @param number 0 for none
    private record Point(int number, boolean answered) {
        @Override
        public String toString() {
            return number == 0 ? "none" : "request " + number + (answered ? ", answered" : ", not passed on");
        }
    }

    /// Between the leader and the market.
    private static final class Relay implements AutoCloseable {
        private final HttpServer server;
        private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        private final HttpClient http = HttpClient.newHttpClient();
        private final String market;
        private final Point point;
        private final Callable<Void> kill;
        private final List<String> writes = new ArrayList<>();
        private volatile boolean killed;

        Relay(String market, Point point, Callable<Void> kill) throws IOException {
            this.market = market;
            this.point = point;
            this.kill = kill;
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
            server.createContext("/", this::pass);
            server.setExecutor(threads);
            server.start();
        }

        String url() {
            return "http://127.0.0.1:" + server.getAddress().getPort();
        }

        synchronized List<String> writes() {
            return List.copyOf(writes);
        }

        /// Its place among those that change something; 0 for one that only asks.
        private synchronized int number(HttpExchange exchange) {
            String method = exchange.getRequestMethod();
            String path = exchange.getRequestURI().getPath();
            if (method.equals("GET") || path.startsWith("/api/v0/bundles")) return 0;
            writes.add(method + " " + path.replaceAll("\\d{2,}", "ID"));
            return writes.size();
        }

        private void pass(HttpExchange exchange) throws IOException {
            try (exchange) {
                int number = number(exchange);
                byte[] body = exchange.getRequestBody().readAllBytes();
                boolean here = number > 0 && number == point.number();
                if (here && !point.answered()) {
                    crash();
                    return;
                }
                HttpResponse<byte[]> answer =
                        http.send(request(exchange, body), HttpResponse.BodyHandlers.ofByteArray());
                if (here) {
                    crash();
                    return;
                }
                answer.headers()
                        .firstValue("Content-Type")
                        .ifPresent(type -> exchange.getResponseHeaders().set("Content-Type", type));
                exchange.sendResponseHeaders(
                        answer.statusCode(), answer.body().length == 0 ? -1 : answer.body().length);
                try (OutputStream out = exchange.getResponseBody()) {
                    out.write(answer.body());
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        private void crash() {
            try {
                kill.call();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
            killed = true;
        }

        private HttpRequest request(HttpExchange exchange, byte[] body) {
            HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(market + exchange.getRequestURI()))
                    .method(exchange.getRequestMethod(), HttpRequest.BodyPublishers.ofByteArray(body));
            for (String header : List.of("Authorization", "Content-Type", "Accept"))
                Optional.ofNullable(exchange.getRequestHeaders().getFirst(header))
                        .ifPresent(value -> request.header(header, value));
            return request.build();
        }

        @Override
        public void close() {
            server.stop(0);
            threads.shutdownNow();
            http.shutdownNow();
        }
    }

    /// One life of a machine, with a leader that falls once.
    private final class Life implements AutoCloseable {
        private final Point point;
        private final VastSim sim;
        private final LocalCluster cluster;
        private final LocalCluster.Member leader;
        private final Relay relay;
        private final Api api;
        private final HttpClient http = HttpClient.newHttpClient();

        Life(String name, Path program, Path key, Point point) throws Exception {
            this.point = point;
            Path folder = Files.createDirectory(base.resolve(name));
            MarketSettings market = MarketSettings.calm(Instant.now());
            sim = VastSim.start(
                    new SimSettings("127.0.0.1", 0, KEY, 7, SPEED, false, market),
                    LocalBoot.in(folder.resolve("instances")));
            cluster = LocalCluster.create(folder.resolve("cluster"), 1, 0, 1);
            leader = cluster.members().getFirst();
            relay = new Relay(sim.url("127.0.0.1"), point, () -> {
                cluster.kill(leader);
                return null;
            });
            cluster.program(program, environment -> {
                environment.keySet().removeIf(word -> word.startsWith("VAST_") || word.startsWith("LAMBDA_"));
                environment.put("VAST_URL", relay.url());
                environment.put("VAST_API_KEY", KEY);
                environment.put("VAST_SSH_KEY", key.toString());
                environment.put("VAST_SSH_USER", System.getProperty("user.name"));
            });
            api = new Api(List.of(leader.api()), cluster.token());
        }

        /// @return the requests that changed something
        List<String> lived() throws Exception {
            cluster.start(leader);
            await("a leader", () -> api.get("/v1/instances").has("instances"));
            order();
            settles("it is at the market, or given up", () -> {
                String phase = phase();
                return phase.equals("ABANDONED") || machines().size() == 1 && !phase.equals("ORDERED");
            });
            assertThat(machines()).as("%s", point).hasSizeLessThanOrEqualTo(1);
            if (!phase().equals("ABANDONED")) {
                settles("it runs", () -> List.of("JOINING", "RUNNING").contains(phase()));
                api.post("/v1/instances/i1/destroy", Map.of());
                settles("it has ended", () -> phase().equals("ENDED"));
            }
            assertThat(machines()).as("%s", point).isEmpty();
            assertThat(api.get("/v1/instances").path("instances").size())
                    .as("%s: one order", point)
                    .isLessThanOrEqualTo(1);
            await("its bill is the market's", () -> {
                double bill = instance().path("spent").asDouble();
                return Math.abs(bill - charged()) < 0.000_002;
            });
            return relay.writes();
        }

        private void order() throws Exception {
            JsonNode offer = sim("POST", "/api/v0/bundles/", "{\"rentable\":{\"eq\":true}}")
                    .path("offers")
                    .get(0);
            order(Map.ofEntries(
                    Map.entry("provider", "vast"),
                    Map.entry("offer", offer.path("ask_contract_id").asString()),
                    Map.entry("machine", offer.path("machine_id").asString()),
                    Map.entry("gpu", offer.path("gpu_name").asString()),
                    Map.entry("gpus", offer.path("num_gpus").asInt()),
                    Map.entry("per_hour", 1.5 * offer.path("dph_total").asDouble()),
                    Map.entry("per_hour_stopped", 0.01),
                    Map.entry("disk_gb", 20),
                    Map.entry("image", "muster/worker"),
                    Map.entry("role", "mixed")));
        }

        /// It may fall before it has answered that it wrote the order down.
        private void order(Map<String, Object> terms) throws Exception {
            try {
                api.post("/v1/instances", terms);
            } catch (IOException e) {
                if (point.number() != 1) throw e;
                await("it has fallen", () -> relay.killed);
            }
        }

        private JsonNode instance() throws Exception {
            for (JsonNode one : api.get("/v1/instances?all=true").path("instances"))
                if (one.path("id").asString().equals("i1")) return one;
            throw new IOException("no i1 yet");
        }

        private String phase() throws Exception {
            return instance().path("phase").asString();
        }

        private List<Long> machines() throws Exception {
            List<Long> found = new ArrayList<>();
            for (JsonNode one : sim("GET", "/api/v0/instances/", "").path("instances"))
                found.add(one.path("id").asLong());
            return found;
        }

        private double charged() throws Exception {
            return sim("GET", "/sim", "").path("spent").asDouble();
        }

        private JsonNode sim(String method, String path, String body) throws Exception {
            HttpRequest request = HttpRequest.newBuilder(URI.create(sim.url("127.0.0.1") + path))
                    .header("Authorization", "Bearer " + KEY)
                    .method(method, HttpRequest.BodyPublishers.ofString(body))
                    .build();
            byte[] answer =
                    http.send(request, HttpResponse.BodyHandlers.ofByteArray()).body();
            return Wire.MAPPER.readTree(answer);
        }

        /// The leader is started again as soon as it has fallen.
        private void settles(String what, Callable<Boolean> done) throws Exception {
            long begun = System.nanoTime();
            await(what, () -> {
                if (relay.killed && !leader.running()) cluster.start(leader);
                return leader.running() && done.call();
            });
            assertThat(Duration.ofNanos(System.nanoTime() - begun))
                    .as("%s: %s", point, what)
                    .isLessThan(LISTED_MAX);
        }

        private void await(String what, Callable<Boolean> done) throws Exception {
            long end = System.nanoTime() + WAIT.toNanos();
            Optional<Exception> last = Optional.empty();
            while (System.nanoTime() < end) {
                try {
                    if (done.call()) return;
                    last = Optional.empty();
                } catch (IOException e) {
                    last = Optional.of(e);
                }
                Thread.sleep(200);
            }
            throw new AssertionError(point + ": waited " + WAIT + " in vain for: " + what + "; " + last);
        }

        @Override
        public void close() {
            api.close();
            cluster.close();
            relay.close();
            sim.close();
            http.shutdownNow();
        }
    }

    @Test
    void aLeaderMayFallBeforeAndAfterEveryRequest() throws Exception {
        SshFleet.missing().ifPresent(why -> assumeTrue(false, why));
        Path program = OwnBundle.make(base.resolve("program")).resolve("muster");
        Path key = base.resolve("key");
        SshFleet.key(key);
        List<String> writes = life("whole", program, key, new Point(0, false));
        assertThat(writes).anyMatch(one -> one.startsWith("PUT /api/v0/asks/"));
        assertThat(writes).anyMatch(one -> one.startsWith("DELETE /api/v0/instances/"));
        int points = System.getProperty("muster.crash", "some").equals("all") ? 2 * writes.size() : SOME.size();
        for (int at = 0; at < points; at++) {
            Point point = points == SOME.size() ? SOME.get(at) : new Point(1 + at / 2, at % 2 == 1);
            life("life-" + at, program, key, point);
        }
    }

    private List<String> life(String name, Path program, Path key, Point point) throws Exception {
        long begun = System.nanoTime();
        try (Life life = new Life(name, program, key, point)) {
            List<String> writes = life.lived();
            System.out.println(
                    point + ": " + Duration.ofNanos(System.nanoTime() - begun).toSeconds() + " s, " + writes);
            assertThat(life.relay.killed)
                    .as("%s was met; %s", point, life.instance())
                    .isEqualTo(point.number() > 0);
            return writes;
        }
    }
}
