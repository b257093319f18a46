package dev.muster.edge.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.state.ArtifactKind;
import dev.muster.core.state.Command;
import dev.muster.core.state.ConfigKey;
import dev.muster.core.state.Sha256;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Generations of a model on their way between whole nodes.
@Tag("slow")
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class DeltaTransferTest {
    private static final ConfigKey HEX = new ConfigKey("hex8_2p");
    /// Waited for while a delta is made.
    private static final int LARGE = 20 << 20;

    @TempDir
    Path base;

    private static byte[] random(int size, long seed) {
        byte[] bytes = new byte[size];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    /// A thousandth of the bytes is another one, and the last tenth is new: the delta is large enough for the swarm.
    private static byte[] changed(byte[] bytes) {
        byte[] next = bytes.clone();
        for (int at = 0; at < next.length; at += 1000) next[at]++;
        byte[] last = random(next.length / 10, 9);
        System.arraycopy(last, 0, next, next.length - last.length, last.length);
        return next;
    }

    private static Sha256 put(NodeRuntime node, byte[] bytes) throws IOException {
        Shelf.Put put = node.shelf()
                .put(
                        new ByteArrayInputStream(bytes),
                        new Shelf.Wanted("m.bin", ArtifactKind.MODEL, bytes.length, Optional.empty()));
        Sha256 sha = ((Shelf.Put.Stored) put).sha();
        done(
                node,
                new Command.PutArtifact(sha, bytes.length, "m.bin", ArtifactKind.MODEL, Optional.of(HEX), node.self()));
        return sha;
    }

    private static void done(NodeRuntime node, Command command) {
        assertThat(node.submit(Cluster.order(command), Duration.ofSeconds(20))).isInstanceOf(Member.Answer.Done.class);
    }

    private void promote(Cluster cluster, Sha256 sha, Optional<Sha256> expected) {
        done(cluster.node("w1"), new Command.PromoteModel(HEX, sha, expected, 0));
        for (NodeRuntime node : cluster.running.values()) {
            Path link = cluster.data(node.self().name()).resolve("models/ringrift_best_hex8_2p.pth");
            Eventually.await(
                    () -> node.self() + " points at " + sha.brief() + ": " + node.transfers(),
                    Cluster.PATIENCE,
                    () -> held(node, sha) && Files.exists(link));
        }
    }

    private static boolean held(NodeRuntime node, Sha256 sha) {
        return node.state().files().artifacts().require(sha).receipts().has(node.self());
    }

    private Path stored(Cluster cluster, String node, Sha256 sha) {
        return cluster.data(node)
                .resolve("artifacts/objects")
                .resolve(sha.hex().substring(0, 2))
                .resolve(sha.hex());
    }

    @Test
    void aSecondGenerationComesToAllByWhatChangedAndItsDeltaGoesAfterwards() throws Exception {
        try (Cluster cluster = new Cluster(base, 3)) {
            cluster.startAll("v1", "v2", "v3", "w1", "w2");
            NodeRuntime source = cluster.node("w1");
            byte[] first = random(LARGE, 1);
            Sha256 old = put(source, first);
            promote(cluster, old, Optional.empty());
            long before = received(cluster);

            byte[] second = changed(first);
            Sha256 fresh = put(source, second);
            Sha256 delta = delta(source);
            long size = source.state().files().delta(delta).orElseThrow().size();
            promote(cluster, fresh, Optional.of(old));

            assertThat(size).isLessThan(LARGE / 5);
            assertThat(received(cluster) - before).isBetween(4 * size, 6 * size);
            for (String node : cluster.running.keySet())
                assertThat(stored(cluster, node, fresh)).hasBinaryContent(second);
            for (String node : cluster.running.keySet())
                Eventually.await(
                        "the delta is gone from " + node,
                        Cluster.PATIENCE,
                        () -> !Files.exists(stored(cluster, node, delta)));
            done(source, new Command.RollbackModel(HEX, Optional.empty()));
            Eventually.await(
                    "it is taken back",
                    Cluster.PATIENCE,
                    () -> source.state()
                            .models()
                            .models()
                            .require(HEX)
                            .current()
                            .sha()
                            .equals(old));
            assertThat(received(cluster) - before).isLessThan(6 * size);
        }
    }

    /// The one that was made.
    private static Sha256 delta(NodeRuntime node) {
        Eventually.await(
                "a delta is known",
                Cluster.PATIENCE,
                () -> !node.state().files().deltas().isEmpty());
        return node.state().files().deltas().first().orElseThrow();
    }

    private static long received(Cluster cluster) {
        return cluster.running.values().stream()
                .mapToLong(node -> node.transfers().bytesIn())
                .sum();
    }

    @Test
    void whereTheBaseIsDamagedTheWholeFileComesAndTheBaseIsFetchedAgain() throws Exception {
        try (Cluster cluster = new Cluster(base, 1)) {
            cluster.startAll("v1", "w1");
            byte[] first = random(LARGE, 2);
            Sha256 old = put(cluster.node("w1"), first);
            promote(cluster, old, Optional.empty());
            Path damaged = stored(cluster, "v1", old);
            damage(damaged);
            byte[] second = changed(first);

            Sha256 fresh = put(cluster.node("w1"), second);
            delta(cluster.node("w1"));
            promote(cluster, fresh, Optional.of(old));

            assertThat(stored(cluster, "v1", fresh)).hasBinaryContent(second);
            Eventually.await("the base is mended", Cluster.PATIENCE, () -> same(damaged, first));
            assertThat(cluster.node("v1").transfers().bytesIn()).isGreaterThan(2L * LARGE);
        }
    }

    private static boolean same(Path file, byte[] bytes) {
        try {
            return Files.exists(file) && Arrays.equals(Files.readAllBytes(file), bytes);
        } catch (IOException e) {
            return false; // on its way
        }
    }

    /// As a disk does it: the file looks as before.
    private static void damage(Path file) throws IOException {
        FileTime before = Files.getLastModifiedTime(file);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            bytes.seek(LARGE / 2);
            int old = bytes.read();
            bytes.seek(LARGE / 2);
            bytes.write(old ^ 1);
        }
        Files.setLastModifiedTime(file, before);
    }
}
