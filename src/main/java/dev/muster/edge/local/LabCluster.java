package dev.muster.edge.local;

import dev.muster.core.state.Sha256;
import dev.muster.edge.wire.Wire;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import tools.jackson.databind.JsonNode;

/// Agents on the hosts of a [Lab], asked over HTTP as a person on that host would, whatever the network between the hosts
/// does. Node names are the hosts' names.
public final class LabCluster implements AutoCloseable {
    private static final String RECEIVED = "muster_artifact_received_bytes_total ";
    private static final int PUT_MS = 120_000;
    private static final int ASK_MS = 10_000;
    private static final Duration PAUSE = Duration.ofMillis(100);
    /// More JVMs than that which start at once would wait for each other until the first ones give up.
    private static final int STARTS_AT_ONCE = 12;

    private static final Duration START_MAX = Duration.ofSeconds(120);

    private final Lab lab;
    private final LocalCluster agents;

    private LabCluster(Lab lab, LocalCluster agents) {
        this.lab = lab;
        this.agents = agents;
    }

    /// Starts an agent on each host, the voters first, and of many some at a time.
    ///
    /// @param dir    for the data directories, one named after each host
    /// @param voters hosts whose agents vote
    public static LabCluster start(Lab lab, Path dir, Set<String> voters) throws IOException, InterruptedException {
        LabCluster cluster = new LabCluster(lab, LocalCluster.on(lab, dir, voters, 1));
        try {
            cluster.startAll(voters);
            return cluster;
        } catch (IOException | InterruptedException | RuntimeException e) {
            cluster.close();
            throw e;
        }
    }

    private void startAll(Set<String> voters) throws IOException, InterruptedException {
        List<String> order = new ArrayList<>(lab.hosts());
        order.sort(Comparator.comparing(host -> !voters.contains(host)));
        for (int begun = 0; begun < order.size(); begun++) {
            if (begun > 0 && begun % STARTS_AT_ONCE == 0) awaitNodes(order.getFirst(), begun, START_MAX);
            agents.start(agent(order.get(begun)));
        }
    }

    public LocalCluster.Member agent(String host) {
        return agents.member(host);
    }

    /// `kill -9`.
    public void kill(String host) throws InterruptedException {
        agents.kill(agent(host));
    }

    public void restart(String host) throws IOException {
        agents.start(agent(host));
    }

    public JsonNode get(String host, String path) throws IOException, InterruptedException {
        return lab.on(host, () -> ask(agent(host).apiPort(), "GET", path, new byte[0]));
    }

    public JsonNode post(String host, String path, Object body) throws IOException, InterruptedException {
        return lab.on(host, () -> ask(agent(host).apiPort(), "POST", path, Wire.bytes(body)));
    }

    /// Bytes of files that an agent has received since it began.
    public long received(String host) throws IOException, InterruptedException {
        return lab.on(host, () -> {
            HttpURLConnection connection = connect(agent(host).apiPort(), "GET", "/metrics");
            try (InputStream in = connection.getInputStream()) {
                return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                        .lines()
                        .filter(line -> line.startsWith(RECEIVED))
                        .mapToLong(line -> Long.parseLong(line.substring(RECEIVED.length())))
                        .findFirst()
                        .orElseThrow(() -> new IOException("expected " + RECEIVED + "in the metrics of " + host));
            }
        });
    }

    private JsonNode ask(int port, String method, String path, byte[] body) throws IOException {
        HttpURLConnection connection = connect(port, method, path);
        if (body.length > 0) {
            connection.setRequestProperty("Content-Type", "application/json");
            connection.setDoOutput(true);
            connection.getOutputStream().write(body);
        }
        return answer(connection, path);
    }

    /// The address is the same on every host, so no connection may be kept for the next call.
    private HttpURLConnection connect(int port, String method, String path) throws IOException {
        HttpURLConnection connection = (HttpURLConnection)
                URI.create("http://127.0.0.1:" + port + path).toURL().openConnection();
        connection.setRequestMethod(method);
        connection.setConnectTimeout(ASK_MS);
        connection.setReadTimeout(ASK_MS);
        connection.setRequestProperty("Connection", "close");
        connection.setRequestProperty("Authorization", "Bearer " + agents.token());
        connection.setRequestProperty("Muster-Actor", "lab");
        connection.setRequestProperty("Muster-Request", UUID.randomUUID().toString());
        return connection;
    }

    private static JsonNode answer(HttpURLConnection connection, String path) throws IOException {
        int status = connection.getResponseCode();
        try (InputStream in = status / 100 == 2 ? connection.getInputStream() : connection.getErrorStream()) {
            byte[] answer = in == null ? new byte[0] : in.readAllBytes();
            if (status / 100 == 2) return Wire.MAPPER.readTree(answer);
            throw new IOException(
                    path + " answered " + status + ": " + new String(answer, StandardCharsets.UTF_8).strip());
        }
    }

    /// Waits until every agent's node has joined and is heard, as the agent on `host` sees it.
    public void awaitNodes(String host, Duration max) throws IOException, InterruptedException {
        awaitNodes(host, lab.hosts().size(), max);
    }

    private void awaitNodes(String host, int count, Duration max) throws IOException, InterruptedException {
        await(count + " nodes up", max, () -> {
            int up = 0;
            for (JsonNode node : get(host, "/v1/nodes").path("nodes")) {
                if (node.path("life").asString("").equals("ALIVE")) up++;
            }
            return up >= count;
        });
    }

    /// The leader, as the agent on `host` knows it.
    public String leader(String host) throws IOException, InterruptedException {
        return get(host, "/status").path("leader_id").asString("");
    }

    /// Puts the file into the cluster at `host`, which holds it then. Other nodes begin to fetch copies at once.
    public Sha256 publish(String host, Path file) throws IOException, InterruptedException {
        return put(host, file, "kind=other&name=artifact");
    }

    /// Puts a model of the config key into `host`'s store, as a person would.
    public Sha256 putModel(String host, Path file, String config) throws IOException, InterruptedException {
        return put(host, file, "kind=model&config=" + config + "&name=" + file.getFileName());
    }

    private Sha256 put(String host, Path file, String query) throws IOException, InterruptedException {
        return lab.on(host, () -> {
            HttpURLConnection connection = connect(agent(host).apiPort(), "PUT", "/v1/artifacts?" + query);
            connection.setReadTimeout(PUT_MS);
            connection.setDoOutput(true);
            connection.setFixedLengthStreamingMode(Files.size(file));
            try (OutputStream out = connection.getOutputStream()) {
                Files.copy(file, out);
            }
            return new Sha256(answer(connection, "/v1/artifacts").path("sha").asString());
        });
    }

    /// Waits until somebody has made the file's delta, or found that it is not worth its time.
    ///
    /// @return its size in bytes; 0 where there is none
    public long awaitDelta(String host, Sha256 sha, Duration max) throws IOException, InterruptedException {
        AtomicLong size = new AtomicLong();
        await("a delta of " + sha, max, () -> {
            JsonNode delta = get(host, "/v1/artifacts/" + sha).path("deltas").path(0);
            size.set(delta.path("size").asLong(0));
            return delta.has("base");
        });
        return size.get();
    }

    /// Waits until as many nodes hold the file as are to.
    public void awaitCopies(String host, Sha256 sha, Duration max) throws IOException, InterruptedException {
        await("all copies of " + sha, max, () -> {
            JsonNode file = get(host, "/v1/artifacts/" + sha);
            return file.path("holders").size() >= file.path("target").asInt();
        });
    }

    /// Orders that the config key points at the file; every node then fetches it.
    public void promote(String host, String config, Sha256 sha) throws IOException, InterruptedException {
        post(host, "/v1/models/" + config + "/promote", Map.of("sha", sha.toString(), "why", "lab"));
    }

    /// Does the host's store have the file under its name? It is put there only when it is whole and verified.
    public boolean holds(String host, Sha256 sha) {
        return Files.exists(file(host, sha));
    }

    /// Where the host's store has it, or would have it.
    public Path file(String host, Sha256 sha) {
        String hex = sha.hex();
        return agent(host)
                .data()
                .resolve("artifacts/objects")
                .resolve(hex.substring(0, 2))
                .resolve(hex);
    }

    /// Waits until all these hosts hold the file.
    public void awaitHolders(List<String> hosts, Sha256 sha, Duration max) throws IOException, InterruptedException {
        await(hosts + " to hold " + sha, max, () -> hosts.stream().allMatch(host -> holds(host, sha)));
    }

    /// Does the host's link of the config key's current model lead to the file?
    public boolean pointsAt(String host, String config, Sha256 sha) {
        try {
            Path link = agent(host).data().resolve("models").resolve("ringrift_best_" + config + ".pth");
            return Files.isSameFile(link, file(host, sha));
        } catch (IOException e) {
            return false;
        }
    }

    /// Waits until these hosts' links of the config key lead to the file.
    public void awaitPointers(List<String> hosts, String config, Sha256 sha, Duration max)
            throws IOException, InterruptedException {
        await(hosts + " to point at " + sha, max, () -> hosts.stream().allMatch(host -> pointsAt(host, config, sha)));
    }

    /// Asks again and again; an answer that cannot be had yet counts as no.
    private static void await(String what, Duration max, Callable<Boolean> done)
            throws IOException, InterruptedException {
        long end = System.nanoTime() + max.toNanos();
        Exception last = null;
        while (System.nanoTime() < end) {
            try {
                if (done.call()) return;
            } catch (IOException e) {
                last = e;
            } catch (InterruptedException e) {
                throw e;
            } catch (Exception e) {
                throw new IOException("waiting for " + what + ": " + e.getMessage(), e);
            }
            TimeUnit.NANOSECONDS.sleep(PAUSE.toNanos());
        }
        throw new IOException(
                "expected " + what + " within " + max + (last == null ? "" : ", but " + last.getMessage()));
    }

    /// Stops the agents; the lab is the caller's.
    @Override
    public void close() {
        agents.close();
    }
}
