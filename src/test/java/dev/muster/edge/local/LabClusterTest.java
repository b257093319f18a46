package dev.muster.edge.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.state.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// One voter and four workers, each on a host of its own at 50 Mbit/s, one behind a router: a promoted file gets to all of
/// them, through what goes wrong in networks.
@Tag("slow")
@Tag("lab")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LabClusterTest {
    private static final List<String> ALL = List.of("h0", "h1", "h2", "h3", "h4");
    private static final String BEHIND_ROUTER = "h3";
    private static final int FILE_BYTES = 16 << 20;
    private static final Duration UP_MAX = Duration.ofSeconds(90);
    /// One holder sends four copies in 11 s; the rest is for a busy machine.
    private static final Duration SPREAD_MAX = Duration.ofSeconds(120);

    @TempDir
    private static Path dir;

    private Lab lab;
    private LabCluster cluster;

    /// Once for all tests: a cluster takes longer to start than a file to spread.
    @BeforeAll
    void up() throws Exception {
        LabTest.assumeLab();
        lab = Lab.up(LabTest.SCRIPT, 4, "50mbit");
        lab.nat(BEHIND_ROUTER);
        cluster = LabCluster.start(lab, dir, Set.of("h0"));
        cluster.awaitNodes("h0", UP_MAX);
    }

    @AfterAll
    void down() {
        if (cluster != null) cluster.close();
        if (lab != null) lab.close();
    }

    @Test
    void aPromotedFileReachesEveryHostAlsoBehindARouter() throws Exception {
        long before = down(ALL);
        Sha256 sha = publish(1);
        cluster.promote("h0", "hex8_2p", sha);
        cluster.awaitHolders(ALL, sha, SPREAD_MAX);
        for (String host : ALL) assertThat(hash(cluster.file(host, sha))).isEqualTo(sha.hex());
        // Four copies came over the wire.
        assertThat(down(ALL) - before).isGreaterThan(4L * FILE_BYTES);
    }

    @Test
    void aHostThatWasCutOffForThreeSecondsHasTheFileToo() throws Exception {
        Sha256 sha = publish(2);
        cluster.promote("h0", "square8_2p", sha);
        awaitArriving("h4");
        lab.partition(List.of("h4"), List.of("all"));
        long before = down(List.of("h4"));
        long cut = System.nanoTime();
        while (System.nanoTime() - cut < Duration.ofSeconds(3).toNanos()) Thread.sleep(20);
        assertThat(cluster.holds("h4", sha)).isFalse();
        assertThat(down(List.of("h4")) - before).isLessThan(1 << 20);
        lab.heal();
        cluster.awaitHolders(ALL, sha, SPREAD_MAX);
    }

    @Test
    void aHostWhoseAgentIsKilledOnTheWayHasTheFileToo() throws Exception {
        Sha256 sha = publish(3);
        cluster.promote("h0", "hex6_2p", sha);
        awaitArriving("h2");
        cluster.kill("h2");
        assertThat(cluster.holds("h2", sha)).isFalse();
        cluster.restart("h2");
        cluster.awaitHolders(ALL, sha, SPREAD_MAX);
        assertThat(hash(cluster.file("h2", sha))).isEqualTo(sha.hex());
    }

    private Sha256 publish(long seed) throws IOException, InterruptedException {
        byte[] bytes = new byte[FILE_BYTES];
        new Random(seed).nextBytes(bytes);
        return cluster.publish("h0", Files.write(dir.resolve("model-" + seed), bytes));
    }

    private long down(List<String> hosts) throws IOException, InterruptedException {
        Map<String, Lab.Traffic> traffic = lab.traffic();
        return hosts.stream().mapToLong(host -> traffic.get(host).downBytes()).sum();
    }

    private void awaitArriving(String host) throws IOException, InterruptedException {
        long before = down(List.of(host));
        long end = System.nanoTime() + SPREAD_MAX.toNanos();
        while (down(List.of(host)) - before < FILE_BYTES / 8) {
            assertThat(System.nanoTime())
                    .as("the file begins to arrive at %s", host)
                    .isLessThan(end);
            Thread.sleep(20);
        }
    }

    private static String hash(Path file) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
            in.transferTo(OutputStream.nullOutputStream());
        }
        return HexFormat.of().formatHex(digest.digest());
    }
}
