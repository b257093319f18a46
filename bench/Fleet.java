import dev.muster.edge.local.LocalCluster;
import dev.muster.edge.wire.Wire;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/// Many agents as processes on loopback: a JSON line per case on standard output, progress on standard error.
///
/// - `detect`: one agent after the other is killed; how long until every other node's `/status` says that it is not
///   alive, and until gossip is certain. The last round kills the leader. Where `serf` is installed, as many of its agents
///   go through the same ([Serf]).
/// - `starve`: twice as many endless loops as processors for some time; how often a living node was suspected, held dead,
///   fenced.
/// - `check`: wall time of `muster node check` of all ([FleetCheck]).
///
/// Arguments: `--case detect` (or `starve`, `check`), `--nodes N` (43), `--voters N` (3), `--rounds N` (5), `--seconds N` or
/// `--minutes N` of `starve` (60 s), `--heap 48m` of each agent, `--dir DIR` for the data directories (made anew; the
/// temporary directory).
public final class Fleet implements AutoCloseable {
    /// So many JVMs start at once; more would wait for each other.
    private static final int STARTS_AT_ONCE = 6;

    private static final Duration UP_MAX = Duration.ofMinutes(20);
    private static final int ASK_MS = 10_000;

    private String scenario = "detect";
    int nodes = 43;
    int voters = 3;
    int rounds = 5;
    Duration time = Duration.ofSeconds(60);
    private String heap = "48m";
    private Path base = Path.of(System.getProperty("java.io.tmpdir"));

    public static void main(String[] args) throws Exception {
        Fleet fleet = new Fleet();
        fleet.read(args);
        System.out.println(
                switch (fleet.scenario) {
                    case "detect" -> new Detect(fleet).run();
                    case "starve" -> new Starve(fleet).run();
                    case "check" -> FleetCheck.run(fleet.nodes, fleet.rounds);
                    default ->
                        throw new IllegalArgumentException(
                                "expected --case detect, starve or check, but found \"" + fleet.scenario + "\"");
                });
        System.exit(0);
    }

    private void read(String[] args) {
        for (int i = 0; i + 1 < args.length; i += 2) {
            String value = args[i + 1];
            switch (args[i]) {
                case "--case" -> scenario = value;
                case "--nodes" -> nodes = Integer.parseInt(value);
                case "--voters" -> voters = Integer.parseInt(value);
                case "--rounds" -> rounds = Integer.parseInt(value);
                case "--seconds" -> time = Duration.ofSeconds(Long.parseLong(value));
                case "--minutes" -> time = Duration.ofMinutes(Long.parseLong(value));
                case "--heap" -> heap = value;
                case "--dir" -> base = Path.of(value);
                default -> throw new IllegalArgumentException("expected an option of Fleet, but found " + args[i]);
            }
        }
    }

    // ---- what cases have in common

    private Path dir;
    private LocalCluster cluster;

    /// Starts all agents and waits until each of them sees all others alive.
    Fleet start() throws IOException, InterruptedException {
        dir = Files.createTempDirectory(base, "muster-fleet-");
        cluster = LocalCluster.create(dir, voters, nodes - voters, 1);
        cluster.heap(heap);
        List<LocalCluster.Member> order = cluster.members().stream()
                .sorted(Comparator.comparing(member -> !member.voter()))
                .toList();
        long begun = System.nanoTime();
        for (int i = 0; i < order.size(); i++) {
            if (i > 0 && i % STARTS_AT_ONCE == 0) {
                int started = i;
                await(started + " nodes up", UP_MAX, () -> alive(order.getFirst()) >= started);
                say("%d of %d are up after %.0f s", started, nodes, seconds(begun));
            }
            cluster.start(order.get(i));
        }
        awaitAll();
        say("all see all after %.0f s", seconds(begun));
        return this;
    }

    LocalCluster cluster() {
        return cluster;
    }

    /// Every node sees every node alive.
    void awaitAll() throws IOException, InterruptedException {
        for (LocalCluster.Member member : cluster.members()) {
            await(member.name() + " to see all", UP_MAX, () -> alive(member) >= nodes);
        }
    }

    private int alive(LocalCluster.Member asked) throws IOException {
        int alive = 0;
        for (JsonNode node : status(asked).path("nodes")) {
            if (node.path("is_alive").asBoolean(false)) alive++;
        }
        return alive;
    }

    JsonNode status(LocalCluster.Member asked) throws IOException {
        HttpURLConnection connection = (HttpURLConnection)
                URI.create("http://" + asked.api() + "/status").toURL().openConnection();
        connection.setConnectTimeout(ASK_MS);
        connection.setReadTimeout(ASK_MS);
        connection.setRequestProperty("Authorization", "Bearer " + cluster.token());
        try (InputStream in = connection.getInputStream()) {
            return Wire.MAPPER.readTree(in.readAllBytes());
        }
    }

    String leader() throws IOException, InterruptedException {
        String[] found = {""};
        await("a leader", UP_MAX, () -> {
            found[0] = status(cluster.members().getFirst()).path("leader_id").asString("");
            return !found[0].isEmpty();
        });
        return found[0];
    }

    /// Lines of all agents' logs so far in which the word stands.
    long logged(String word) throws IOException {
        long count = 0;
        for (LocalCluster.Member member : cluster.members()) {
            try (Stream<Path> logs = Files.list(member.data().resolve("logs"))) {
                for (Path log : logs.filter(file -> file.toString().endsWith(".log")).toList()) {
                    try (Stream<String> lines = Files.lines(log)) {
                        count += lines.filter(line -> line.contains(word)).count();
                    }
                }
            }
        }
        return count;
    }

    static void await(String what, Duration max, Callable<Boolean> done) throws IOException, InterruptedException {
        long end = System.nanoTime() + max.toNanos();
        Exception last = null;
        while (System.nanoTime() < end) {
            try {
                if (done.call()) return;
            } catch (InterruptedException e) {
                throw e;
            } catch (Exception e) {
                last = e;
            }
            TimeUnit.MILLISECONDS.sleep(250);
        }
        throw new IOException("expected " + what + " within " + max + (last == null ? "" : ", but " + last));
    }

    static double seconds(long sinceNanos) {
        return (System.nanoTime() - sinceNanos) / 1e9;
    }

    static void say(String format, Object... values) {
        System.err.println("fleet: " + String.format(Locale.ROOT, format, values));
    }

    /// Ends the agents and removes what they wrote.
    @Override
    public void close() throws IOException {
        if (cluster != null) cluster.close();
        try (Stream<Path> files = Files.walk(dir)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) Files.deleteIfExists(file);
        }
    }
}
