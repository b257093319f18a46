import dev.muster.edge.local.LocalCluster;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/// The control plane's figures, one JSON line on standard output; progress on standard error.
///
/// Muster's cluster (three voters, one worker) and etcd's (three members, where `etcd` is installed) run one after the
/// other on the same disk, under the same client. A durable write is a job submitted (Muster) or a 256-byte put (etcd),
/// acknowledged after a majority has it on disk. Jobs ask for more GPUs than any node has, so none of them runs.
///
/// After a kill, a client gives each attempt 500 ms and then asks the next member, on both sides.
///
/// Arguments: `--seconds N` per load (8), `--trials N` of the leader's kill (20), `--warm N` seconds of load before (20),
/// `--status N` calls of `muster status` (40), `--skip-etcd`.
public final class Control {
    private static final int[] CLIENTS = {1, 16, 128};

    private final Map<String, Integer> options = new LinkedHashMap<>(
            Map.of("--seconds", 8, "--trials", 20, "--warm", 20, "--status", 40));
    private boolean skipEtcd;
    private final AtomicLong numbers = new AtomicLong();

    public static void main(String[] args) throws Exception {
        Control control = new Control();
        control.read(args);
        System.out.println(control.run());
        System.exit(0);
    }

    private void read(String[] args) {
        for (int i = 0; i < args.length; i++) {
            if (args[i].equals("--skip-etcd")) skipEtcd = true;
            else if (options.containsKey(args[i]) && i + 1 < args.length) options.put(args[i], Integer.parseInt(args[++i]));
            else throw new IllegalArgumentException("expected one of " + options.keySet() + " or --skip-etcd, but found " + args[i]);
        }
    }

    private String run() throws Exception {
        Path dir = Files.createTempDirectory("muster-bench-");
        try {
            List<String> parts = new ArrayList<>();
            parts.add("\"cores\":" + Runtime.getRuntime().availableProcessors());
            parts.add("\"placements_per_second\":" + placements());
            parts.add("\"muster\":" + muster(Files.createDirectories(dir.resolve("muster"))));
            if (!skipEtcd && Etcd.installed()) parts.add("\"etcd\":" + etcd(Files.createDirectories(dir.resolve("etcd"))));
            return "{" + String.join(",", parts) + "}";
        } finally {
            delete(dir);
        }
    }

    /// Whole decisions: plan, handle and apply, in memory, until 5,000 tasks are placed on 1,000 nodes; median of 7.
    private static String placements() {
        List<Double> rates = new ArrayList<>();
        for (int round = 0; round < 12; round++) {
            double rate = Placements.perSecond(1_000, 5_000);
            if (round >= 5) rates.add(rate);
        }
        return String.format(Locale.ROOT, "%.0f", Load.median(rates));
    }

    private String muster(Path dir) throws Exception {
        try (LocalCluster cluster = LocalCluster.create(dir, 3, 1, 2)) {
            long start = System.nanoTime();
            cluster.startAll();
            MusterClient client = new MusterClient(cluster);
            client.awaitLeader(Duration.ofSeconds(60));
            double firstWriteMs = (System.nanoTime() - start) / 1e6;
            say("muster: cluster up after %.0f ms", firstWriteMs);
            TimeUnit.SECONDS.sleep(10);
            String memory = memory(cluster, client);
            String status = status(cluster);
            Load.run(() -> client.connect(client.leader()), 16, Duration.ofSeconds(options.get("--warm")), numbers);
            List<String> writes = new ArrayList<>();
            for (int clients : CLIENTS) {
                Load.Result result = Load.run(
                        () -> client.connect(client.leader()), clients, Duration.ofSeconds(options.get("--seconds")), numbers);
                say("muster: %s", result.json());
                writes.add(result.json());
            }
            String failover = failover(new MusterFailover(cluster, client));
            return "{\"first_leader_ms\":" + Math.round(firstWriteMs) + ",\"memory_mib\":" + memory + ",\"status_ms\":" + status
                    + ",\"submissions\":[" + String.join(",", writes) + "],\"failover_ms\":" + failover + "}";
        }
    }

    private String etcd(Path dir) throws Exception {
        try (Etcd etcd = new Etcd(dir)) {
            int leader = etcd.leader();
            Load.run(() -> etcd.connect(leader), 16, Duration.ofSeconds(Math.min(5, options.get("--warm"))), numbers);
            List<String> writes = new ArrayList<>();
            for (int clients : CLIENTS) {
                Load.Result result =
                        Load.run(() -> etcd.connect(leader), clients, Duration.ofSeconds(options.get("--seconds")), numbers);
                say("etcd: %s", result.json());
                writes.add(result.json());
            }
            String failover = failover(new EtcdFailover(etcd));
            return "{\"puts\":[" + String.join(",", writes) + "],\"failover_ms\":" + failover + "}";
        }
    }

    /// A cluster whose leader can be killed.
    interface Failover {
        /// Kills the leader with SIGKILL and returns when another member has acknowledged a write.
        void killAndWrite() throws Exception;

        /// Starts the killed member again and waits until it is back.
        void restore() throws Exception;
    }

    private String failover(Failover cluster) throws Exception {
        List<Double> ms = new ArrayList<>();
        for (int trial = 0; trial < options.get("--trials"); trial++) {
            long start = System.nanoTime();
            cluster.killAndWrite();
            ms.add((System.nanoTime() - start) / 1e6);
            say("%s: failover %d took %.0f ms", cluster.getClass().getSimpleName(), trial + 1, ms.getLast());
            cluster.restore();
        }
        double max = ms.stream().mapToDouble(Double::doubleValue).max().orElse(Double.NaN);
        return String.format(Locale.ROOT, "{\"trials\":%d,\"median\":%.0f,\"max\":%.0f}", ms.size(), Load.median(ms), max);
    }

    private static String memory(LocalCluster cluster, MusterClient client) throws Exception {
        List<String> parts = new ArrayList<>();
        String leader = client.leader().name();
        for (LocalCluster.Member member : cluster.members()) {
            String role = !member.voter() ? "worker" : member.name().equals(leader) ? "leader" : "voter-" + member.name();
            parts.add("\"" + role + "\":" + residentMib(member.pid()));
        }
        say("muster: resident %s", parts);
        return "{" + String.join(",", parts) + "}";
    }

    private static long residentMib(long pid) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
            if (line.startsWith("VmRSS:")) return Long.parseLong(line.replaceAll("\\D", "")) / 1024;
        }
        throw new IOException("no VmRSS for pid " + pid);
    }

    /// Wall time of the whole command, launcher and JVM included, against a worker.
    private String status(LocalCluster cluster) throws Exception {
        LocalCluster.Member worker =
                cluster.members().stream().filter(member -> !member.voter()).findFirst().orElseThrow();
        String muster = Path.of(System.getenv("MUSTER_HOME"), "muster").toString();
        List<Double> ms = new ArrayList<>();
        for (int i = -3; i < options.get("--status"); i++) {
            ProcessBuilder builder = new ProcessBuilder(muster, "status", "--node", "http://" + worker.api());
            builder.environment().put("MUSTER_TOKEN", cluster.token());
            long start = System.nanoTime();
            Process process = builder.redirectErrorStream(true).start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) throw new IOException("muster status exited with " + process.exitValue() + ": " + said);
            if (i >= 0) ms.add((System.nanoTime() - start) / 1e6);
        }
        long[] sorted = ms.stream().mapToLong(value -> (long) (value * 1e6)).sorted().toArray();
        String json = String.format(
                Locale.ROOT, "{\"calls\":%d,\"median\":%.0f,\"p95\":%.0f}", ms.size(), Load.median(ms), Load.percentile(sorted, 0.95));
        say("muster: status %s", json);
        return json;
    }

    static String request() {
        return UUID.randomUUID().toString();
    }

    private static void say(String format, Object... values) {
        System.err.printf(Locale.ROOT, format + "%n", values);
    }

    private static void delete(Path dir) throws IOException {
        try (Stream<Path> files = Files.walk(dir)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) Files.deleteIfExists(file);
        }
    }
}
