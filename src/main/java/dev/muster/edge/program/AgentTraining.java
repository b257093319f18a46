package dev.muster.edge.program;

import dev.muster.edge.config.ConfigException;
import dev.muster.edge.config.NodeConfig;
import dev.muster.edge.node.AgentLog;
import dev.muster.edge.node.NodeRuntime;
import dev.muster.edge.node.StartFailure;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// Makes the JVM load what an agent needs, for its start-up cache (JEP 514): three voters and a worker in this JVM form a
/// cluster on loopback, take orders, run a job and lose a leader. Writes to the current folder only.
public final class AgentTraining {
    private static final int VOTERS = 3;
    private static final int ORDERS = 300;
    private static final long WAIT_NANOS = TimeUnit.SECONDS.toNanos(60);
    private static final String TOKEN = "training-token";
    private static final String IDLE_JOB =
            "{\"name\":\"idle\",\"kind\":\"OTHER\",\"command\":[\"true\"],\"resources\":{\"gpus\":64}}";
    private static final String REAL_JOB =
            "{\"name\":\"real\",\"kind\":\"OTHER\",\"command\":[\"sh\",\"-c\",\"echo done > out.txt\"],"
                    + "\"outputs\":[{\"path\":\"out.txt\",\"required\":true}]}";

    private AgentTraining() {}

    /// @return an exit code
    public static int run() {
        Deque<AutoCloseable> open = new ArrayDeque<>();
        try {
            List<NodeRuntime> nodes = start(open);
            String worker = api(nodes.getLast());
            await(() -> post(worker, "/v1/jobs", IDLE_JOB) == 200);
            for (int i = 0; i < ORDERS; i++) post(worker, "/v1/jobs", IDLE_JOB);
            post(worker, "/v1/jobs", REAL_JOB);
            await(() -> get(worker, "/v1/jobs?status=succeeded").contains("\"real\""));
            for (String path :
                    List.of("/status", "/health", "/ready", "/metrics", "/v1/nodes", "/v1/events", "/v1/voters")) {
                for (NodeRuntime node : nodes) get(api(node), path);
            }
            NodeRuntime leader = nodes.stream()
                    .filter(node -> node.standing().leading())
                    .findFirst()
                    .orElseThrow();
            leader.close();
            await(() -> post(worker, "/v1/jobs", IDLE_JOB) == 200);
            return 0;
        } catch (IOException | ConfigException | StartFailure e) {
            System.err.println("muster: the agent's training failed: " + e);
            return 1;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 1;
        } finally {
            closeAll(open);
        }
    }

    private static void closeAll(Deque<AutoCloseable> open) {
        while (!open.isEmpty()) {
            try {
                open.pop().close();
            } catch (Exception e) {
                System.err.println("muster: " + e);
            }
        }
    }

    private static List<NodeRuntime> start(Deque<AutoCloseable> open)
            throws IOException, ConfigException, StartFailure {
        List<int[]> ports = new ArrayList<>();
        for (int i = 0; i <= VOTERS; i++) ports.add(new int[] {freePort(), freePort(), freePort()});
        StringBuilder voters = new StringBuilder("voters:\n");
        for (int i = 0; i < VOTERS; i++) {
            voters.append("  t")
                    .append(i)
                    .append(": {host: 127.0.0.1, api: ")
                    .append(ports.get(i)[0])
                    .append(", raft: ")
                    .append(ports.get(i)[2])
                    .append("}\n");
        }
        List<NodeRuntime> nodes = new ArrayList<>();
        for (int i = 0; i <= VOTERS; i++) {
            Path data = Files.createDirectories(Path.of("t" + i).toAbsolutePath());
            Files.writeString(data.resolve("token"), TOKEN);
            Files.writeString(
                    data.resolve(NodeConfig.FILE),
                    "name: t" + i + "\nports: {api: " + ports.get(i)[0] + ", artifacts: " + ports.get(i)[1] + ", raft: "
                            + ports.get(i)[2] + ", gossip: 0}\nseeds: [\"127.0.0.1:" + ports.getFirst()[0] + "\"]\n"
                            + (i < VOTERS ? voters : ""));
            AgentLog.open(data.resolve("logs"));
            MachineGauges gauges = new MachineGauges(data);
            open.push(gauges);
            NodeRuntime node = NodeRuntime.start(NodeConfig.load(data, Map.of(), Map.of()), HttpServers::open, gauges);
            open.push(node);
            nodes.add(node);
        }
        return nodes;
    }

    private interface Check {
        boolean holds() throws IOException;
    }

    private static void await(Check check) throws IOException, InterruptedException {
        long end = System.nanoTime() + WAIT_NANOS;
        IOException last = new IOException("expected the training cluster to answer within a minute");
        while (System.nanoTime() < end) {
            try {
                if (check.holds()) return;
            } catch (IOException e) {
                last = e;
            }
            TimeUnit.MILLISECONDS.sleep(100);
        }
        throw last;
    }

    private static String api(NodeRuntime node) {
        return "http://127.0.0.1:" + node.config().ports().api();
    }

    private static int post(String api, String path, String body) throws IOException {
        HttpURLConnection connection = open(api + path);
        connection.setDoOutput(true);
        try (OutputStream out = connection.getOutputStream()) {
            out.write(body.getBytes(StandardCharsets.UTF_8));
        }
        int status = connection.getResponseCode();
        if (status < 400) read(connection);
        return status < 300 ? 200 : status;
    }

    private static String get(String api, String path) throws IOException {
        return read(open(api + path));
    }

    private static String read(HttpURLConnection connection) throws IOException {
        try (InputStream in = connection.getInputStream()) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static HttpURLConnection open(String url) throws IOException {
        HttpURLConnection connection =
                (HttpURLConnection) URI.create(url).toURL().openConnection();
        connection.setRequestProperty("Authorization", "Bearer " + TOKEN);
        connection.setRequestProperty("Content-Type", "application/json");
        connection.setConnectTimeout(2_000);
        connection.setReadTimeout(10_000);
        return connection;
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
