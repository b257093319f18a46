package dev.muster.edge.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.muster.edge.local.SshFleet;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A real Prometheus reads a running demo: each query of the runbooks' dashboard and of ours has data, and its own tools find
/// nothing to complain of.
@Tag("slow")
@Execution(ExecutionMode.CONCURRENT)
class PrometheusTest {
    private static final Path OURS = Path.of("deploy/grafana/muster.json");
    private static final Path THEIRS = Path.of("../shared/data/grafana/cluster_dashboard.json");
    private static final Path RULES = Path.of("deploy/prometheus");
    private static final Path UNPACKED = Path.of("target/tools/prometheus/usr/bin");
    private static final Duration PATIENCE = Duration.ofMinutes(4);
    /// What the dashboards' names want: Elo of these boards.
    private static final List<String> CONFIGS = List.of("hexagonal_2p", "square8_2p");

    private final HttpClient http = HttpClient.newHttpClient();

    @TempDir
    Path folder;

    private static Path tool(String name) {
        for (Path place : List.of(UNPACKED, Path.of("/usr/bin"), Path.of("/usr/local/bin")))
            if (Files.isExecutable(place.resolve(name)))
                return place.resolve(name).toAbsolutePath();
        assumeTrue(false, "there is no " + name + "; `./dev ci` gets it");
        throw new AssertionError();
    }

    @Test
    void theRulesAreGoodAndFireWhereTheyShould() throws Exception {
        String promtool = tool("promtool").toString();
        assertThat(run(RULES, promtool, "check", "rules", "muster.yml")).contains("SUCCESS: 15 rules");
        assertThat(run(RULES, promtool, "test", "rules", "muster_test.yml")).contains("SUCCESS");
    }

    private String run(Path in, String... command) throws Exception {
        Process process = new ProcessBuilder(command)
                .directory(in.toFile())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        return said;
    }

    @Test
    @Timeout(value = 10, unit = TimeUnit.MINUTES)
    void eachQueryOfBothDashboardsHasData() throws Exception {
        String prometheus = tool("prometheus").toString();
        SshFleet.missing().ifPresent(why -> assumeTrue(false, why));
        Process demo = demo();
        try {
            JsonNode context = upAndRented(demo);
            prepare(context);
            Set<String> queries = new TreeSet<>(queries(OURS));
            if (Files.exists(THEIRS)) queries.addAll(queries(THEIRS));
            else System.out.println("not tested: the runbooks' dashboard, " + THEIRS + " is not there");
            assertThat(queries).hasSizeGreaterThan(20);
            try (Scraper scraper = new Scraper(prometheus, targets(context))) {
                promtoolReads(context);
                eventually("data for each query", () -> {
                    List<String> empty = new ArrayList<>();
                    for (String query : queries) if (scraper.ask(query).isEmpty()) empty.add(query);
                    return empty;
                });
            }
        } finally {
            demo.destroy();
            if (!demo.waitFor(60, TimeUnit.SECONDS)) demo.destroyForcibly();
        }
    }

    private Process demo() throws Exception {
        List<String> command = List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx256m",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Djava.io.tmpdir=" + Files.createDirectories(folder.resolve("tmp")),
                "-cp",
                System.getProperty("java.class.path"),
                "dev.muster.Main",
                "demo",
                "--rented");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectError(folder.resolve("err").toFile());
        builder.environment().put("XDG_CONFIG_HOME", folder.resolve("config").toString());
        builder.environment().remove("MUSTER_HOME");
        return builder.start();
    }

    /// @return the demo's context: its nodes and their token
    private JsonNode upAndRented(Process demo) throws Exception {
        BufferedReader lines = demo.inputReader();
        String line = lines.readLine();
        while (line != null && !line.contains("all groups have their machines")) line = lines.readLine();
        assertThat(line).as(Files.readString(folder.resolve("err"))).isNotNull();
        Thread.ofVirtual().start(() -> lines.lines().forEach(more -> {}));
        return JsonMapper.shared().readTree(Files.readAllBytes(folder.resolve("config/muster/context.json")));
    }

    /// Boards as the dashboard names them, with two models each of which the second is taken back; and a budget.
    private void prepare(JsonNode context) throws Exception {
        send(context, "PUT", "/v1/budget", Map.of("day", 100, "month", 1000));
        for (String config : CONFIGS) {
            for (String opponent : List.of("random", "heuristic")) {
                String sha = made(context, config, opponent);
                send(context, "POST", "/v1/models/" + config + "/promote", Map.of("sha", sha, "why", "to be rated"));
                String matches = "{\"matches\":[{\"player\":\"" + sha
                        + "\",\"opponent\":\"random\",\"wins\":20,\"draws\":0,\"losses\":10}]}";
                ends(
                        context,
                        Map.of(
                                "command",
                                List.of("sh", "-c", "echo '" + matches + "' >m.json"),
                                "config",
                                config,
                                "outputs",
                                List.of("m.json"),
                                "matches",
                                "m.json"));
            }
            send(context, "POST", "/v1/models/" + config + "/rollback", Map.of("why", "to see it"));
        }
    }

    /// A file that may be a model.
    private String made(JsonNode context, String config, String text) throws Exception {
        String job = ends(
                context,
                Map.of(
                        "command", List.of("sh", "-c", "echo " + text + " " + config + " >model.bin"),
                        "config", config,
                        "outputs", List.of("model.bin")));
        for (JsonNode artifact : get(context, "/v1/artifacts?limit=1000").path("artifacts"))
            if (artifact.path("producer").asString().startsWith(job + "."))
                return artifact.path("sha").asString();
        throw new AssertionError("no model of " + job + " in " + get(context, "/v1/artifacts?limit=1000"));
    }

    private String ends(JsonNode context, Map<String, Object> job) throws Exception {
        String id = send(context, "POST", "/v1/jobs", job).path("job").asString();
        eventually("the end of " + id, () -> {
            JsonNode now = get(context, "/v1/jobs/" + id);
            String status =
                    now.path("status").asString(now.path("job").path("status").asString());
            return status.equalsIgnoreCase("succeeded") ? List.of() : List.of(now.toString());
        });
        return id;
    }

    private List<String> targets(JsonNode context) throws Exception {
        List<String> targets = new ArrayList<>();
        for (JsonNode node : get(context, "/v1/nodes").path("nodes"))
            targets.add(
                    node.path("host").asString() + ":" + node.path("api_port").asInt());
        return targets;
    }

    private void promtoolReads(JsonNode context) throws Exception {
        Process check = new ProcessBuilder(tool("promtool").toString(), "check", "metrics")
                .redirectErrorStream(true)
                .start();
        try (var to = check.getOutputStream()) {
            to.write(bytes(request(context, "/metrics").GET().build()));
        }
        String said = new String(check.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        check.waitFor();
        // The runbooks' own names break conventions; ours do not.
        assertThat(said.lines().filter(line -> line.startsWith("muster_") || line.contains("error")))
                .isEmpty();
    }

    private static Set<String> queries(Path dashboard) throws IOException {
        Set<String> queries = new TreeSet<>();
        JsonMapper.shared()
                .readTree(Files.readAllBytes(dashboard))
                .findValues("expr")
                .forEach(query -> queries.add(query.asString()));
        return queries;
    }

    private interface Missing {
        List<String> now() throws Exception;
    }

    private static void eventually(String what, Missing missing) throws Exception {
        long end = System.nanoTime() + PATIENCE.toNanos();
        List<String> last = List.of("not asked");
        while (System.nanoTime() < end) {
            last = missing.now();
            if (last.isEmpty()) return;
            Thread.sleep(500);
        }
        throw new AssertionError("waited " + PATIENCE + " in vain for " + what + ": " + last);
    }

    private HttpRequest.Builder request(JsonNode context, String path) {
        String node = context.path("nodes").get(0).asString();
        return HttpRequest.newBuilder(URI.create(node + path))
                .timeout(Duration.ofSeconds(20))
                .header("Authorization", "Bearer " + context.path("token").asString());
    }

    private JsonNode get(JsonNode context, String path) throws Exception {
        return JsonMapper.shared().readTree(bytes(request(context, path).GET().build()));
    }

    private JsonNode send(JsonNode context, String method, String path, Map<String, Object> body) throws Exception {
        byte[] json = JsonMapper.shared().writeValueAsBytes(body);
        return JsonMapper.shared()
                .readTree(bytes(request(context, path)
                        .header("Content-Type", "application/json")
                        .method(method, HttpRequest.BodyPublishers.ofByteArray(json))
                        .build()));
    }

    private byte[] bytes(HttpRequest request) throws Exception {
        HttpResponse<byte[]> answer = http.send(request, HttpResponse.BodyHandlers.ofByteArray());
        assertThat(answer.statusCode())
                .as(request.uri() + ": " + new String(answer.body(), StandardCharsets.UTF_8))
                .isBetween(200, 299);
        return answer.body();
    }

    /// Prometheus on a port of its own.
    private final class Scraper implements AutoCloseable {
        private final Process process;
        private final String url;

        Scraper(String program, List<String> targets) throws Exception {
            int port;
            try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                port = free.getLocalPort();
            }
            url = "http://127.0.0.1:" + port;
            Files.writeString(
                    folder.resolve("prometheus.yml"),
                    "global: {scrape_interval: 2s}\nscrape_configs:\n  - job_name: muster\n    static_configs:\n"
                            + "      - targets: " + JsonMapper.shared().writeValueAsString(targets) + "\n");
            process = new ProcessBuilder(
                            program,
                            "--config.file=" + folder.resolve("prometheus.yml"),
                            "--storage.tsdb.path=" + folder.resolve("tsdb"),
                            "--web.listen-address=127.0.0.1:" + port)
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("prometheus.log").toFile())
                    .start();
            eventually("Prometheus", () -> {
                assertThat(process.isAlive())
                        .as(Files.readString(folder.resolve("prometheus.log")))
                        .isTrue();
                try {
                    bytes(HttpRequest.newBuilder(URI.create(url + "/-/ready")).build());
                } catch (IOException | AssertionError e) {
                    return List.of(e.toString());
                }
                return List.of();
            });
        }

        /// What it finds now.
        JsonNode ask(String query) throws Exception {
            String encoded = URLEncoder.encode(query, StandardCharsets.UTF_8);
            return JsonMapper.shared()
                    .readTree(bytes(HttpRequest.newBuilder(URI.create(url + "/api/v1/query?query=" + encoded))
                            .build()))
                    .path("data")
                    .path("result");
        }

        @Override
        public void close() {
            process.destroy();
            process.onExit().join();
        }
    }
}
