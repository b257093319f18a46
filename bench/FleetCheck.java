import dev.muster.edge.local.LocalCluster;
import dev.muster.edge.view.Doc;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// `muster node check` of a whole fleet: wall time of the command, launcher and JVM included, asked of a node that does
/// not lead. A round counts only when every node's report was measured for it.
final class FleetCheck {
    private static final int VOTERS = 3;
    /// Agents that start together take the processors for so long on two cores; each has its first round behind it then.
    private static final Duration SETTLE = Duration.ofMinutes(8);
    /// Until the start's own work is done; a machine that is busy with something else is measured all the same, and said so.
    private static final Duration QUIET = Duration.ofMinutes(4);
    private static final double LOAD_PER_CORE_MAX = 1.5;
    /// Agents at once in the start: more only wait for each other.
    private static final int STARTING_MAX = 4;

    private FleetCheck() {}

    static String run(int hosts, int rounds) throws Exception {
        Path dir = Files.createTempDirectory("muster-fleet-");
        try (LocalCluster cluster = LocalCluster.create(dir, VOTERS, hosts - VOTERS, 2)) {
            long start = System.nanoTime();
            int started = 0;
            for (LocalCluster.Member member : cluster.members()) {
                cluster.start(member);
                if (++started % STARTING_MAX == 0) TimeUnit.SECONDS.sleep(2);
            }
            Look last = settled(cluster, hosts);
            System.err.printf("check: %d agents are up after %d s%n", hosts, (System.nanoTime() - start) / 1_000_000_000);
            boolean quiet = quiet();
            List<Double> seconds = new ArrayList<>();
            int fresh = hosts;
            for (int round = 0; round < rounds; round++) {
                TimeUnit.SECONDS.sleep(3);
                last = look(cluster);
                seconds.add(last.seconds());
                fresh = Math.min(fresh, last.fresh());
                System.err.printf(Locale.ROOT, "check: %.2f s, %d fresh, exit %d%n", last.seconds(), last.fresh(), last.exit());
            }
            return String.format(
                    Locale.ROOT,
                    "{\"case\":\"check\",\"hosts\":%d,\"rounds\":%d,\"wall_s\":{\"median\":%.2f,\"max\":%.2f},"
                            + "\"fresh_min\":%d,\"cores\":%d,\"load\":%.1f,\"valid\":%s,\"within_3s\":%s}",
                    hosts,
                    rounds,
                    Load.median(seconds),
                    seconds.stream().max(Comparator.naturalOrder()).orElseThrow(),
                    fresh,
                    Runtime.getRuntime().availableProcessors(),
                    load(),
                    quiet,
                    Load.median(seconds) <= 3 && fresh == hosts);
        } finally {
            delete(dir);
        }
    }

    private static boolean quiet() throws InterruptedException {
        double most = LOAD_PER_CORE_MAX * Runtime.getRuntime().availableProcessors();
        long end = System.nanoTime() + QUIET.toNanos();
        while (load() > most && System.nanoTime() < end) TimeUnit.SECONDS.sleep(5);
        return load() <= most;
    }

    private static double load() {
        return ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
    }

    /// @param fresh nodes whose report was measured for this look
    private record Look(double seconds, int exit, int nodes, int fresh, int gaps) {}

    private static Look settled(LocalCluster cluster, int hosts) throws Exception {
        long end = System.nanoTime() + SETTLE.toNanos();
        Look look = new Look(0, -1, 0, 0, 0);
        while (System.nanoTime() < end) {
            TimeUnit.SECONDS.sleep(5);
            look = look(cluster);
            if (look.nodes() == hosts && look.fresh() == hosts && look.gaps() == 0) return look;
        }
        throw new IOException("expected " + hosts + " nodes with fresh reports, but found " + look);
    }

    private static Look look(LocalCluster cluster) throws Exception {
        LocalCluster.Member asked = cluster.members().stream()
                .filter(member -> !member.voter())
                .findFirst()
                .orElseThrow();
        String muster = Path.of(System.getenv("MUSTER_HOME"), "muster").toString();
        ProcessBuilder builder =
                new ProcessBuilder(muster, "node", "check", "--json", "--node", "http://" + asked.api());
        builder.environment().put("MUSTER_TOKEN", cluster.token());
        builder.redirectError(ProcessBuilder.Redirect.DISCARD);
        long start = System.nanoTime();
        Process process = builder.start();
        byte[] said = process.getInputStream().readAllBytes();
        int exit = process.waitFor();
        double seconds = (System.nanoTime() - start) / 1e9;
        if (said.length == 0) return new Look(seconds, exit, 0, 0, 0);
        Doc rounds = Doc.json(said).get("rounds");
        int fresh = (int) rounds.list("nodes").stream()
                .filter(node -> node.decimal("age_seconds").orElse(1_000) <= seconds)
                .count();
        return new Look(seconds, exit, rounds.list("nodes").size(), fresh, rounds.list("gaps").size());
    }

    private static void delete(Path dir) throws IOException {
        try (Stream<Path> files = Files.walk(dir)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) Files.deleteIfExists(file);
        }
    }
}
