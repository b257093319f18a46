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
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// One voter and four workers, each on a host of its own at 50 Mbit/s: a promoted file gets to all of them, through what
/// goes wrong in networks.
@Tag("slow")
@Tag("lab")
class LabClusterTest {
    private static final List<String> ALL = List.of("h0", "h1", "h2", "h3", "h4");
    private static final int FILE_BYTES = 16 << 20;
    private static final Duration UP_MAX = Duration.ofSeconds(90);
    /// One holder sends four copies in 11 s; the rest is for a busy machine.
    private static final Duration SPREAD_MAX = Duration.ofSeconds(120);

    @TempDir
    private Path dir;

    private Lab lab;
    private LabCluster cluster;

    @BeforeEach
    void up() throws Exception {
        LabTest.assumeLab();
        lab = Lab.up(LabTest.SCRIPT, 4, "50mbit");
    }

    @AfterEach
    void down() {
        if (cluster != null) cluster.close();
        if (lab != null) lab.close();
    }

    @Test
    void aPromotedFileReachesEveryHost() throws Exception {
        Sha256 sha = start();
        cluster.promote("h0", "hex8_2p", sha);
        cluster.awaitHolders(ALL, sha, SPREAD_MAX);
        for (String host : ALL) assertThat(hash(cluster.file(host, sha))).isEqualTo(sha.hex());
        // Four copies came over the wire, each within its host's link.
        long down = lab.traffic().values().stream().mapToLong(Lab.Traffic::downBytes).sum();
        assertThat(down).isGreaterThan(4L * FILE_BYTES);
    }

    @Test
    void aHostThatWasCutOffForThreeSecondsHasTheFileToo() throws Exception {
        Sha256 sha = start();
        cluster.promote("h0", "hex8_2p", sha);
        awaitArriving("h4");
        lab.partition(List.of("h4"), List.of("all"));
        long cut = System.nanoTime();
        long before = lab.traffic().get("h4").downBytes();
        while (System.nanoTime() - cut < Duration.ofSeconds(3).toNanos()) Thread.sleep(20);
        assertThat(cluster.holds("h4", sha)).isFalse();
        assertThat(lab.traffic().get("h4").downBytes() - before).isLessThan(1 << 20);
        lab.heal();
        cluster.awaitHolders(ALL, sha, SPREAD_MAX);
    }

    @Test
    void aHostBehindARouterHasTheFileToo() throws Exception {
        lab.nat("h3");
        Sha256 sha = start();
        cluster.promote("h0", "hex8_2p", sha);
        cluster.awaitHolders(ALL, sha, SPREAD_MAX);
    }

    /// Starts the agents; the voter publishes a file.
    private Sha256 start() throws IOException, InterruptedException {
        byte[] bytes = new byte[FILE_BYTES];
        new Random(7).nextBytes(bytes);
        Path file = Files.write(dir.resolve("model"), bytes);
        cluster = LabCluster.start(lab, dir, Set.of("h0"));
        cluster.awaitNodes("h0", UP_MAX);
        return cluster.publish("h0", file, UP_MAX);
    }

    private void awaitArriving(String host) throws IOException, InterruptedException {
        long before = lab.traffic().get(host).downBytes();
        long end = System.nanoTime() + SPREAD_MAX.toNanos();
        while (lab.traffic().get(host).downBytes() - before < FILE_BYTES / 8) {
            assertThat(System.nanoTime()).as("the file begins to arrive at %s", host).isLessThan(end);
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
