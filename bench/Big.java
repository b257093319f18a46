import dev.muster.edge.artifact.Sha256;
import dev.muster.edge.local.LocalCluster;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A file much larger than the heaps through agents to eight nodes on loopback, without limits of rate: seconds, processor
/// seconds per delivered GB, the most memory an agent had, and the rate of SHA-256 beside openssl's.
///
/// The source's own copy is there when the clock starts; it runs from the order to promote it until the last node has it
/// under its name. All copies are hashed again afterwards, by openssl where it is installed.
final class Big {
    private static final String HEAP = "64m";
    private static final int RECEIVERS = 8;
    /// Resident, of one agent: its heap, the JVM, and pages of the jar and the start-up cache.
    private static final long RSS_MAX_KIB = 350 << 10;
    private static final Duration UP_MAX = Duration.ofSeconds(120);
    private static final Duration SPREAD_MAX = Duration.ofMinutes(20);
    /// Beside the copies: logs, and what the agents keep free.
    private static final long DISK_SPARE = 3L << 30;
    private static final int BLOCK = 1 << 20;

    private final long size;
    private final LocalCluster cluster;

    private Big(Path dir, long size) throws IOException {
        this.size = size;
        this.cluster = LocalCluster.create(dir, 1, RECEIVERS, 1);
    }

    /// @param dir made for this, and the caller's to delete
    static String measure(Path dir, long size) throws Exception {
        long needed = (RECEIVERS + 1) * size + DISK_SPARE;
        long free = Files.getFileStore(dir).getUsableSpace();
        if (free < needed) throw new IOException("expected " + needed + " bytes free in " + dir + ", but found " + free);
        Big big = new Big(dir, size);
        try {
            return big.run();
        } finally {
            big.cluster.close();
        }
    }

    private String run() throws Exception {
        cluster.heap(HEAP);
        cluster.startAll();
        await("all nodes up", UP_MAX, () -> count(ask("n1", "GET", "/v1/nodes", ""), "\"life\":\"ALIVE\"") > RECEIVERS);
        String sha = put();
        double before = cpu();
        long start = System.nanoTime();
        ask("n1", "POST", "/v1/models/big/promote", "{\"sha\":\"" + sha + "\",\"why\":\"bench\"}");
        await("all to hold it", SPREAD_MAX, () -> cluster.members().stream().allMatch(node -> Files.exists(file(node, sha))));
        double seconds = (System.nanoTime() - start) / 1e9;
        double used = cpu() - before;
        long rss = 0;
        for (LocalCluster.Member node : cluster.members()) rss = Math.max(rss, highWater(node.pid()));
        long received = 0;
        for (LocalCluster.Member node : cluster.members()) received += figure(node, "received_bytes_total");
        int wrong = 0;
        for (LocalCluster.Member node : cluster.members()) if (!hash(file(node, sha)).equals(sha)) wrong++;
        double delivered = RECEIVERS * (double) size / 1e9;
        boolean pass = wrong == 0 && rss < RSS_MAX_KIB;
        return String.format(
                Locale.ROOT,
                "{\"case\":\"big\",\"n\":%d,\"bytes\":%d,\"heap\":\"%s\",\"seconds\":%.1f,\"cpu_seconds\":%.1f,"
                        + "\"cpu_seconds_per_gb\":%.2f,\"rss_max_mib\":%d,\"received_copies\":%.3f,\"by_swarm\":%d,"
                        + "\"wrong\":%d,\"sha256_mb_per_second\":%.0f,\"openssl_sha256_mb_per_second\":%s,\"pass\":%s}",
                RECEIVERS,
                size,
                HEAP,
                seconds,
                used,
                used / delivered,
                rss >> 10,
                received / (RECEIVERS * (double) size),
                bySwarm(),
                wrong,
                ours(),
                openssl(),
                pass);
    }

    /// The file is made as it is sent: it needs no tenth copy.
    private String put() throws Exception {
        HttpURLConnection connection = open("n1", "PUT", "/v1/artifacts?name=big.bin&kind=games");
        connection.setReadTimeout((int) SPREAD_MAX.toMillis());
        connection.setDoOutput(true);
        connection.setFixedLengthStreamingMode(size);
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        SplittableRandom random = new SplittableRandom();
        byte[] block = new byte[BLOCK];
        try (OutputStream out = connection.getOutputStream()) {
            for (long left = size; left > 0; left -= block.length) {
                random.nextBytes(block);
                int length = (int) Math.min(left, block.length);
                digest.update(block, 0, length);
                out.write(block, 0, length);
            }
        }
        String sha = HexFormat.of().formatHex(digest.digest());
        String answer = answer(connection);
        if (!answer.contains(sha)) throw new IOException("expected " + sha + " to be stored, but found " + answer);
        return sha;
    }

    private Path file(LocalCluster.Member node, String sha) {
        return node.data().resolve("artifacts/objects").resolve(sha.substring(0, 2)).resolve(sha);
    }

    private String ask(String node, String method, String path, String body) throws IOException {
        HttpURLConnection connection = open(node, method, path);
        connection.setReadTimeout(60_000);
        if (!body.isEmpty()) {
            connection.setDoOutput(true);
            connection.setRequestProperty("Content-Type", "application/json");
            connection.getOutputStream().write(body.getBytes(StandardCharsets.UTF_8));
        }
        return answer(connection);
    }

    private HttpURLConnection open(String node, String method, String path) throws IOException {
        URI uri = URI.create("http://" + cluster.member(node).api() + path);
        HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection();
        connection.setRequestMethod(method);
        connection.setConnectTimeout(2_000);
        connection.setRequestProperty("Authorization", "Bearer " + cluster.token());
        connection.setRequestProperty("Muster-Actor", "bench");
        return connection;
    }

    private static String answer(HttpURLConnection connection) throws IOException {
        boolean good = connection.getResponseCode() / 100 == 2;
        try (InputStream in = good ? connection.getInputStream() : connection.getErrorStream()) {
            String text = in == null ? "" : new String(in.readAllBytes(), StandardCharsets.UTF_8);
            if (good) return text;
            throw new IOException(connection.getURL() + " answered " + connection.getResponseCode() + ": " + text);
        }
    }

    private static int count(String text, String word) {
        return text.split(Pattern.quote(word), -1).length - 1;
    }

    private long figure(LocalCluster.Member node, String name) throws IOException {
        Matcher line = Pattern.compile("(?m)^muster_artifact_" + name + " (\\d+)").matcher(ask(node.name(), "GET", "/metrics", ""));
        return line.find() ? Long.parseLong(line.group(1)) : 0;
    }

    /// Receivers that say that it came by the swarm, and not by the way that is taken when the swarm fails.
    private long bySwarm() throws IOException {
        long by = 0;
        for (LocalCluster.Member node : cluster.members())
            by += count(Files.readString(node.data().resolve("agent.out")), "transport=swarm");
        return by;
    }

    private double cpu() {
        return cluster.members().stream().mapToDouble(node -> Cpu.process(node.pid())).sum();
    }

    private static long highWater(long pid) throws IOException {
        Matcher line = Pattern.compile("VmHWM:\\s+(\\d+) kB").matcher(Files.readString(Path.of("/proc/" + pid + "/status")));
        if (!line.find()) throw new IOException("expected VmHWM of " + pid);
        return Long.parseLong(line.group(1));
    }

    private static String hash(Path file) throws Exception {
        if (Programs.installed("openssl")) return output("openssl", "dgst", "-sha256", "-r", file.toString()).split(" ")[0];
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        byte[] block = new byte[BLOCK];
        try (InputStream in = Files.newInputStream(file)) {
            for (int read = in.read(block); read >= 0; read = in.read(block)) digest.update(block, 0, read);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /// MB of 10^6 bytes per processor second, as `openssl speed` counts, of the digest that agents use.
    private static double ours() {
        MessageDigest digest = Sha256.digest();
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        byte[] block = new byte[128 << 10];
        double best = 0;
        for (int round = 0; round < 5; round++) {
            long start = threads.getCurrentThreadCpuTime();
            for (int i = 0; i < 4_000; i++) digest.update(block, 0, block.length);
            best = Math.max(best, 4_000.0 * block.length * 1e3 / (threads.getCurrentThreadCpuTime() - start));
        }
        return best;
    }

    /// The same of `openssl speed`; null where it is not installed.
    private static String openssl() throws Exception {
        if (!Programs.installed("openssl")) return "null";
        double best = 0;
        for (int round = 0; round < 3; round++) {
            String text = output("openssl", "speed", "-seconds", "1", "-bytes", "131072", "sha256");
            Matcher line = Pattern.compile("(?m)^sha256\\s+([0-9.]+)k").matcher(text);
            if (line.find()) best = Math.max(best, Double.parseDouble(line.group(1)) / 1e3);
        }
        return String.format(Locale.ROOT, "%.0f", best);
    }

    private static String output(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        process.getOutputStream().close();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) throw new IOException(List.of(command) + " ended with " + process.exitValue());
        return text;
    }

    private interface Condition {
        boolean holds() throws IOException;
    }

    private void await(String what, Duration max, Condition condition) throws Exception {
        long end = System.nanoTime() + max.toNanos();
        String last = "";
        while (System.nanoTime() < end) {
            try {
                if (condition.holds()) return;
            } catch (IOException e) {
                last = "; last: " + e.getMessage();
            }
            TimeUnit.MILLISECONDS.sleep(50);
        }
        throw new IOException("expected " + what + " within " + max + last);
    }
}
