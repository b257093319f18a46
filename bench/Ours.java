import dev.muster.core.state.Sha256;
import dev.muster.edge.local.Lab;
import dev.muster.edge.local.LabCluster;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/// An agent on every host; `h0` holds the file, and the clock starts with the order to promote it. The file is put right
/// before that, or the nodes would have begun to bring it to its usual number of copies. Before all that the agents have
/// distributed other files, because agents run for weeks: after one of 64 MiB the compilers of 17 agents still take a
/// tenth of two cores (p2: 1.22 after one, 1.11 after four).
final class Ours implements Contender {
    private static final String CONFIG = "hex8_2p";
    private static final Duration UP_MAX = Duration.ofSeconds(120);
    private static final Duration DELTA_MAX = Duration.ofSeconds(60);
    private static final int WARM_BYTES = 64 << 20;
    private static final int WARM_FILES = 4;
    /// From the moment all have the warm file to the clock: what follows a distribution is over by then.
    private static final int SETTLE_SECONDS = 2;

    private final Lab lab;
    private final Path dir;
    private final Path file;
    private final ArtifactCase scenario;
    private LabCluster cluster;
    private Sha256 sha;
    private Optional<Map<String, Lab.Traffic>> offered = Optional.empty();

    Ours(Lab lab, Path dir, Path file, ArtifactCase scenario) {
        this.lab = lab;
        this.dir = dir;
        this.file = file;
        this.scenario = scenario;
    }

    @Override
    public void prepare() throws Exception {
        boolean leaderDies = scenario.trouble == ArtifactCase.Trouble.LEADER_KILLED;
        cluster = LabCluster.start(lab, dir, leaderDies ? Set.of("h1", "h2", "h3") : Set.of("h0"));
        cluster.awaitNodes("h0", UP_MAX);
        if (scenario.trouble == ArtifactCase.Trouble.GENERATION) {
            generation();
            return;
        }
        for (int i = 1; i < WARM_FILES; i++) warm();
        Sha256 warm = warm();
        switch (scenario.trouble) {
            case AGAIN -> {
                sha = cluster.publish("h0", file);
                cluster.promote("h0", CONFIG, sha);
                cluster.awaitHolders(lab.hosts(), sha, max(Files.size(file)));
                cluster.post("h0", "/v1/models/" + CONFIG + "/rollback", Map.of("why", "bench"));
                cluster.awaitPointers(lab.hosts(), CONFIG, warm, UP_MAX);
            }
            case NONE, LATENCY, NAT, SLOW_UPLINKS, TWO_KILLED, LEADER_KILLED, RESTART, CORRUPT_SOURCE, GENERATION -> {}
        }
        TimeUnit.SECONDS.sleep(SETTLE_SECONDS);
    }

    /// All have the first generation; the second one's delta is made, and its copies as a candidate are where they are to be.
    private void generation() throws Exception {
        Sha256 first = cluster.putModel("h0", Generations.first(dir), CONFIG);
        cluster.promote("h0", CONFIG, first);
        cluster.awaitHolders(lab.hosts(), first, max(Files.size(file)));
        cluster.awaitPointers(lab.hosts(), CONFIG, first, UP_MAX);
        TimeUnit.SECONDS.sleep(SETTLE_SECONDS);
        offered = Optional.of(lab.traffic());
        sha = cluster.putModel("h0", file, CONFIG);
        cluster.awaitDelta("h0", sha, DELTA_MAX);
        cluster.awaitCopies("h0", sha, max(Files.size(file)));
        TimeUnit.SECONDS.sleep(SETTLE_SECONDS);
    }

    @Override
    public Optional<Map<String, Lab.Traffic>> offered() {
        return offered;
    }

    private Sha256 warm() throws IOException, InterruptedException {
        int most = scenario == ArtifactCase.N48 ? WARM_BYTES / 4 : WARM_BYTES;
        byte[] bytes = new byte[(int) Math.min(most, Files.size(file))];
        new Random().nextBytes(bytes);
        Sha256 warm = cluster.publish("h0", Files.write(dir.resolve("warm"), bytes));
        cluster.promote("h0", CONFIG, warm);
        cluster.awaitHolders(lab.hosts(), warm, max(bytes.length));
        cluster.awaitPointers(lab.hosts(), CONFIG, warm, UP_MAX);
        return warm;
    }

    /// What one source alone would take, and as long again.
    private Duration max(long bytes) {
        double seconds = 2 * lab.hosts().size() * bytes * 8 / (scenario.mbit * 1e6);
        return Duration.ofSeconds(60 + (long) seconds);
    }

    /// Every 16th of the file has a wrong byte.
    private static void corrupt(Path stored) throws IOException {
        try (RandomAccessFile bytes = new RandomAccessFile(stored.toFile(), "rw")) {
            for (long at = 0; at < bytes.length(); at += bytes.length() / 16) {
                bytes.seek(at);
                int old = bytes.read();
                bytes.seek(at);
                bytes.write(old ^ 1);
            }
        }
    }

    @Override
    public long go() throws IOException, InterruptedException {
        if (sha == null) sha = cluster.publish("h0", file);
        if (scenario.trouble == ArtifactCase.Trouble.CORRUPT_SOURCE) {
            cluster.publish("h1", file);
            corrupt(cluster.file("h1", sha));
        }
        long start = System.nanoTime();
        cluster.promote("h0", CONFIG, sha);
        return start;
    }

    @Override
    public boolean holds(String host) {
        if (scenario.trouble == ArtifactCase.Trouble.AGAIN) return cluster.pointsAt(host, CONFIG, sha);
        return cluster.holds(host, sha);
    }

    @Override
    public Path file(String host) {
        return cluster.file(host, sha);
    }

    @Override
    public void kill(String host) throws InterruptedException {
        cluster.kill(host);
    }

    long received(String host) throws IOException, InterruptedException {
        return cluster.received(host);
    }

    void restart(String host) throws IOException {
        cluster.restart(host);
    }

    String leader() throws IOException, InterruptedException {
        return cluster.leader("h0");
    }

    @Override
    public void close() {
        if (cluster != null) cluster.close();
    }
}
