package dev.muster.edge.swarm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.core.state.Sha256;
import dev.muster.core.swarm.Manifest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArrivalTest {
    private static final int CHUNK = 128 << 10;

    @TempDir
    Path base;

    private final byte[] file = Lab.bytes(3 * CHUNK + 1000, 1);
    private final Sha256 sha = Lab.sha(file);
    private final Counters counters = new Counters();
    private Lab lab;
    private Lab.Node node;
    private Manifest manifest;

    @BeforeEach
    void start() throws IOException {
        lab = new Lab(base);
        node = lab.start("n", Lab.settings());
        Path path = Files.write(base.resolve("file"), file);
        try (FileChannel channel = FileChannel.open(path)) {
            manifest = new Manifests(base.resolve("m")).of(sha, channel);
        }
    }

    @AfterEach
    void stop() {
        lab.close();
    }

    private byte[] chunk(int index) {
        return Arrays.copyOfRange(file, index * CHUNK, Math.min(file.length, (index + 1) * CHUNK));
    }

    private Arrival.End bring(Arrival arrival, Arrival.Place place, byte[] bytes) throws IOException {
        arrival.write(place, ByteBuffer.wrap(bytes), 0);
        return arrival.end(place, Lab.sha(bytes));
    }

    @Test
    void aChunkThatComesTwiceAtOnceNeverOverwritesTheVerifiedOne() throws Exception {
        try (Arrival arrival = Arrival.open(node.files(), manifest, counters)) {
            Arrival.Place slow = arrival.begin(1).orElseThrow();
            Arrival.Place quick = arrival.begin(1).orElseThrow();

            assertThat(bring(arrival, quick, chunk(1))).isEqualTo(Arrival.End.GOOD);

            assertThat(arrival.write(slow, ByteBuffer.wrap(new byte[CHUNK]), 0)).isFalse();
            assertThat(arrival.begin(1)).isEmpty();
            for (int other : new int[] {0, 2, 3}) {
                assertThat(bring(arrival, arrival.begin(other).orElseThrow(), chunk(other)))
                        .isEqualTo(Arrival.End.GOOD);
            }
            arrival.finish();
        }
        assertThat(node.read(sha)).isEqualTo(file);
    }

    @Test
    void theSecondOfTwoIsNotCountedAndLeavesNothingBehindTheFilesEnd() throws Exception {
        try (Arrival arrival = Arrival.open(node.files(), manifest, counters)) {
            Arrival.Place first = arrival.begin(0).orElseThrow();
            Arrival.Place second = arrival.begin(0).orElseThrow();
            assertThat(bring(arrival, first, chunk(0))).isEqualTo(Arrival.End.GOOD);
            assertThat(bring(arrival, second, chunk(0))).isEqualTo(Arrival.End.TWICE);
            Arrival.Place late = arrival.begin(3).orElseThrow();
            for (int other : new int[] {1, 2, 3}) {
                bring(arrival, arrival.begin(other).orElseThrow(), chunk(other));
            }
            arrival.finish();

            assertThat(arrival.write(late, ByteBuffer.wrap(chunk(3)), 0)).isFalse();
        }
        assertThat(node.read(sha)).isEqualTo(file);
        assertThat(counters.figures().twice()).isOne();
    }

    @Test
    void aCorruptChunkIsNotServedAndComesAgain() throws Exception {
        try (Arrival arrival = Arrival.open(node.files(), manifest, counters)) {
            assertThat(bring(arrival, arrival.begin(2).orElseThrow(), new byte[CHUNK]))
                    .isEqualTo(Arrival.End.CORRUPT);
            assertThat(arrival.has(2L * CHUNK, 2L * CHUNK)).isFalse();
            assertThat(bring(arrival, arrival.begin(2).orElseThrow(), chunk(2))).isEqualTo(Arrival.End.GOOD);
            assertThat(arrival.has(2L * CHUNK, 3L * CHUNK - 1)).isTrue();
            assertThat(arrival.has(2L * CHUNK, 3L * CHUNK)).isFalse();
        }
        // The next agent finds what was good.
        try (Arrival again = Arrival.open(node.files(), manifest, counters)) {
            assertThat(again.have().count()).isOne();
            assertThat(again.has(2)).isTrue();
        }
    }

    @Test
    void aChunkThatWasCutOffGoesOnWhereItWasAlsoInTheNextAgent() throws Exception {
        byte[] whole = chunk(1);
        try (Arrival arrival = Arrival.open(node.files(), manifest, counters)) {
            Arrival.Place place = arrival.begin(1).orElseThrow();
            arrival.write(place, ByteBuffer.wrap(whole, 0, 30_000), 0);
            arrival.cancel(place);
            Arrival.Place again = arrival.begin(1).orElseThrow();
            assertThat(again.start()).isEqualTo(30_000);
            arrival.write(again, ByteBuffer.wrap(whole, 30_000, 20_000), 30_000);
        } // killed: nobody cancels
        try (Arrival next = Arrival.open(node.files(), manifest, counters)) {
            Arrival.Place place = next.begin(1).orElseThrow();
            assertThat(place.start()).isBetween(49_900, 50_000); // some of its last bytes may be zeros
            Hash hash = new Hash();
            next.start(place, ByteBuffer.allocate(1000), hash);
            ByteBuffer rest = ByteBuffer.wrap(whole, place.start(), CHUNK - place.start());
            next.write(place, rest.duplicate(), place.start());
            hash.update(whole, place.start(), CHUNK - place.start());
            assertThat(next.end(place, hash.end())).isEqualTo(Arrival.End.GOOD);
            assertThat(next.begin(0).orElseThrow().start()).isZero();
        }
    }

    @Test
    void aBeginningThatProvesWrongComesAgainWholeAndNobodyIsBlamedForIt() throws Exception {
        try (Arrival arrival = Arrival.open(node.files(), manifest, counters)) {
            Arrival.Place liars = arrival.begin(1).orElseThrow();
            arrival.write(liars, ByteBuffer.wrap(Lab.bytes(30_000, 9)), 0);
            arrival.cancel(liars);
            Arrival.Place honest = arrival.begin(1).orElseThrow();

            assertThat(bring(arrival, honest, new byte[CHUNK])).isEqualTo(Arrival.End.UNPROVEN);

            assertThat(counters.figures().corrupt()).isZero();
            Arrival.Place whole = arrival.begin(1).orElseThrow();
            assertThat(whole.start()).isZero();
            assertThat(bring(arrival, whole, chunk(1))).isEqualTo(Arrival.End.GOOD);
        }
    }

    @Test
    void aManifestIsReadBackAndOneOfAnotherFileOrWithOtherChunksIsRefused() throws Exception {
        byte[] bytes = Manifests.bytes(manifest);
        assertThat(Manifests.parse(bytes, sha, file.length)).isEqualTo(manifest);
        Manifests kept = new Manifests(base.resolve("kept"));
        kept.keep(manifest);
        assertThat(kept.find(sha, file.length)).contains(manifest);
        Path path = base.resolve("kept").resolve(sha.hex());
        byte[] damaged = Files.readAllBytes(path);
        damaged[bytes.length - 1] ^= 1;
        Files.write(path, damaged);
        assertThat(kept.find(sha, file.length)).isEmpty();
        assertThatThrownBy(() -> Manifests.parse(bytes, sha, file.length + 1)).hasMessageContaining("expected");
        assertThatThrownBy(() -> Manifests.parse(Arrays.copyOf(bytes, bytes.length - 32), sha, file.length))
                .hasMessageContaining("length");
        assertThatThrownBy(() -> Manifests.parse(new byte[3], sha, file.length)).hasMessageContaining("found none");
    }

    @Test
    void aRateIsKept() throws Exception {
        Limiter limiter = new Limiter(10_000_000);
        long start = System.nanoTime();
        for (int i = 0; i < 40; i++) limiter.take(100_000);
        assertThat(System.nanoTime() - start).isBetween(250_000_000L, 5_000_000_000L);
    }
}
