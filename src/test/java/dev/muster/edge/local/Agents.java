package dev.muster.edge.local;

import dev.muster.core.state.Sha256;
import dev.muster.core.swarm.Manifest;
import dev.muster.edge.wire.Wire;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/// Agents as processes on loopback, asked over HTTP, and their files on the disk, where nobody's word counts.
final class Agents implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    /// For a few files at once and many small buffers, as on a small machine.
    private static final String HEAP = "64m";

    final LocalCluster cluster;
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();

    private Agents(LocalCluster cluster) {
        this.cluster = cluster;
    }

    /// Nodes `n1`, `n2`, …, the voters first, when all of them are up.
    ///
    /// @param yaml added to each node's configuration
    static Agents start(Path dir, int voters, int workers, String yaml) throws Exception {
        Agents agents = new Agents(LocalCluster.create(dir, voters, workers, 1));
        agents.cluster.heap(HEAP);
        for (LocalCluster.Member member : agents.cluster.members())
            Files.writeString(member.data().resolve("node.yaml"), yaml, StandardOpenOption.APPEND);
        agents.cluster.startAll();
        agents.awaitUp();
        return agents;
    }

    List<String> names() {
        return cluster.members().stream().map(LocalCluster.Member::name).toList();
    }

    /// Starts those that do not run, and waits until every node sees all of them, and has the cluster's state: who is there is
    /// known by gossip before.
    void awaitUp() throws Exception {
        for (LocalCluster.Member member : cluster.members()) if (!member.running()) cluster.start(member);
        for (LocalCluster.Member member : cluster.members()) {
            await(member.name() + " to see all", () -> {
                int up = 0;
                for (JsonNode node : ask(member.name(), "GET", "/v1/nodes", "").path("nodes"))
                    if (node.path("life").asString("").equals("ALIVE")) up++;
                boolean knows = !ask(member.name(), "GET", "/status", "").hasNonNull("read_only");
                return knows && up == cluster.members().size();
            });
        }
    }

    /// `kill -9`.
    void kill(String node) throws InterruptedException {
        cluster.kill(cluster.member(node));
    }

    void restart(String node) throws IOException {
        cluster.start(cluster.member(node));
    }

    String leader() throws Exception {
        String asked = cluster.members().stream()
                .filter(LocalCluster.Member::running)
                .findFirst()
                .orElseThrow()
                .name();
        return ask(asked, "GET", "/status", "").path("leader_id").asString("");
    }

    JsonNode ask(String node, String method, String path, String body) throws IOException, InterruptedException {
        return ask(node, method, path, body.getBytes(StandardCharsets.UTF_8));
    }

    private JsonNode ask(String node, String method, String path, byte[] body)
            throws IOException, InterruptedException {
        HttpResponse<byte[]> answer = http.send(
                request(node, path)
                        .method(method, HttpRequest.BodyPublishers.ofByteArray(body))
                        .build(),
                HttpResponse.BodyHandlers.ofByteArray());
        if (answer.statusCode() / 100 == 2) return Wire.MAPPER.readTree(answer.body());
        throw new IOException(node + path + " answered " + answer.statusCode() + ": "
                + new String(answer.body(), StandardCharsets.UTF_8));
    }

    private HttpRequest.Builder request(String node, String path) {
        return HttpRequest.newBuilder(
                        URI.create("http://" + cluster.member(node).api() + path))
                .timeout(Duration.ofSeconds(15))
                .header("Authorization", "Bearer " + cluster.token())
                .header("Muster-Actor", "test");
    }

    static byte[] noise(int bytes, long seed) {
        byte[] noise = new byte[bytes];
        new Random(seed).nextBytes(noise);
        return noise;
    }

    static Sha256 sha(byte[] bytes) {
        try {
            return new Sha256(HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(bytes)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /// Puts the file into the node's store.
    Sha256 put(String node, byte[] file) throws IOException, InterruptedException {
        return new Sha256(ask(node, "PUT", "/v1/artifacts?name=file&kind=games", file)
                .path("sha")
                .asString());
    }

    /// By whichever node takes the order: a leader may just have been lost.
    void promote(String node, String config, Sha256 sha) throws Exception {
        String body = Wire.MAPPER.writeValueAsString(Map.of("sha", sha.hex(), "why", "test"));
        await("the promotion of " + sha.brief(), () -> {
            ask(node, "POST", "/v1/models/" + config + "/promote", body);
            return true;
        });
    }

    Path file(String node, Sha256 sha) {
        return artifacts(node)
                .resolve("objects")
                .resolve(sha.hex().substring(0, 2))
                .resolve(sha.hex());
    }

    private Path artifacts(String node) {
        return cluster.member(node).data().resolve("artifacts");
    }

    /// Writes over one byte of the node's copy, as a disk that fails does: size and times look right.
    void flipBit(String node, Sha256 sha, long at) throws IOException {
        Path file = file(node, sha);
        FileTime before = Files.getLastModifiedTime(file);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            bytes.seek(at);
            int old = bytes.read();
            bytes.seek(at);
            bytes.write(old ^ 1);
        }
        Files.setLastModifiedTime(file, before);
    }

    /// Chunks of the file that lie on the node's disk, while it is not there whole.
    int chunksHere(String node, byte[] file) throws IOException {
        return goodChunks(node, file).size();
    }

    Set<Integer> goodChunks(String node, byte[] file) throws IOException {
        Path path = artifacts(node).resolve("parts").resolve(sha(file).hex());
        if (!Files.exists(path)) return Set.of();
        byte[] part = Files.readAllBytes(path);
        int bytes = Manifest.chunkBytesFor(file.length);
        Set<Integer> good = new TreeSet<>();
        for (int at = 0; at < file.length; at += bytes) {
            int end = Math.min(file.length, at + bytes);
            if (part.length >= end && Arrays.equals(part, at, end, file, at, end)) good.add(at / bytes);
        }
        return good;
    }

    /// Bytes of the file that the node has: whole chunks, and the beginnings of others.
    long bytesHere(String node, byte[] file) throws IOException {
        byte[] part = Files.readAllBytes(
                artifacts(node).resolve("parts").resolve(sha(file).hex()));
        int bytes = Manifest.chunkBytesFor(file.length);
        long here = 0;
        for (int at = 0; at < file.length; at += bytes) {
            int end = Math.min(file.length, at + bytes);
            int differs = Arrays.mismatch(part, at, end, file, at, end);
            here += differs < 0 ? end - at : differs;
        }
        return here;
    }

    /// Waits until the node has so large a part of the file, in chunks that are good on its disk.
    void awaitShare(String node, byte[] file, double share) throws Exception {
        int wanted = (int) (share * chunks(file));
        await(node + " to have " + wanted + " chunks", () -> chunksHere(node, file) >= wanted);
    }

    static int chunks(byte[] file) {
        return Math.ceilDiv(file.length, Manifest.chunkBytesFor(file.length));
    }

    /// Waits until the config key's link leads to exactly these bytes on each of the nodes.
    void awaitModel(List<String> nodes, String config, byte[] file) throws Exception {
        for (String node : nodes) await(node + " to point at it", () -> points(node, config, file));
    }

    boolean points(String node, String config, byte[] file) throws IOException {
        Path link = cluster.member(node).data().resolve("models/ringrift_best_" + config + ".pth");
        return Files.exists(link)
                && Files.size(link) == file.length
                && Arrays.equals(Files.readAllBytes(link), file)
                && Files.isSameFile(link, file(node, sha(file)));
    }

    /// What an agent has counted since it started, by the name that `/metrics` gives it without `muster_artifact_`.
    long figure(String node, String name) throws IOException, InterruptedException {
        String text = http.send(request(node, "/metrics").GET().build(), HttpResponse.BodyHandlers.ofString())
                .body();
        Matcher line =
                Pattern.compile("(?m)^muster_artifact_" + name + " (\\d+)").matcher(text);
        if (!line.find()) throw new IOException("expected muster_artifact_" + name + ", but found " + text);
        return Long.parseLong(line.group(1));
    }

    /// Bytes that had to come for the file, as the agent says at the end; empty while it has not come.
    Optional<Long> fetched(String node, Sha256 sha) throws IOException {
        Matcher line = Pattern.compile("artifact\\.fetched sha=" + sha.brief() + " bytes=(\\d+)")
                .matcher(log(node));
        return line.find() ? Optional.of(Long.valueOf(line.group(1))) : Optional.empty();
    }

    /// All that the node's agents have said.
    String log(String node) throws IOException {
        return Files.readString(cluster.member(node).data().resolve("agent.out"));
    }

    /// What cannot be had yet counts as no.
    static void await(String what, Callable<Boolean> condition) throws Exception {
        long end = System.nanoTime() + PATIENCE.toNanos();
        Optional<IOException> last = Optional.empty();
        while (System.nanoTime() < end) {
            try {
                if (condition.call()) return;
                last = Optional.empty();
            } catch (IOException e) {
                last = Optional.of(e);
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
        throw new AssertionError("waited " + PATIENCE + " in vain for " + what
                + last.map(e -> ", but " + e.getMessage()).orElse(""));
    }

    @Override
    public void close() {
        cluster.close();
        http.close();
    }
}
