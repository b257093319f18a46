package dev.muster.edge.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.state.Sha256;
import dev.muster.core.swarm.ChunkSet;
import dev.muster.core.swarm.Traits;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Nodes that say they have what they have not, and parts that are not what they were.
@Tag("slow")
@Timeout(value = 1, unit = TimeUnit.MINUTES)
class SwarmLiesTest {
    private static final int SIZE = 8 << 20;
    private static final int CHUNK = 128 << 10;
    private static final int CHUNKS = SIZE / CHUNK;

    @TempDir
    Path base;

    private final byte[] file = Lab.bytes(SIZE, 1);
    private final Sha256 sha = Lab.sha(file);
    private Lab lab;
    private Lab.Node source;

    @BeforeEach
    void start() throws Exception {
        lab = new Lab(base);
        source = lab.start(
                "s", new Swarm.Settings(Lab.TOKEN, true, 8 << 20, 0, 24, Transport.SWARM), base.resolve("s"), 0);
        source.hold(file);
    }

    @AfterEach
    void stop() {
        lab.close();
    }

    private void twoReceiversGetIt() throws Exception {
        List<Lab.Node> receivers = List.of(lab.start("r1", Lab.settings()), lab.start("r2", Lab.settings()));
        List<CompletableFuture<Fetched>> fetches =
                receivers.stream().map(node -> node.fetch(sha)).toList();
        for (CompletableFuture<Fetched> fetch : fetches) fetch.get(20, TimeUnit.SECONDS);
        for (Lab.Node node : receivers) {
            assertThat(node.read(sha)).isEqualTo(file);
            assertThat(node.swarm.figures().bytesIn()).isLessThan(SIZE + 9L * CHUNK);
        }
    }

    @Test
    void aReceiptForWhatANodeDoesNotHaveHoldsNobodyUp() throws Exception {
        lab.start("liar", Lab.settings()).receipt(sha);

        twoReceiversGetIt();
    }

    @Test
    void aReceiptOfANodeThatIsNotThereHoldsNobodyUp() throws Exception {
        lab.start("liar", Lab.settings(), base.resolve("liar"), 0, "127.0.0.1:1")
                .receipt(sha);

        twoReceiversGetIt();
    }

    @Test
    void aReceiverThatSaysItHasAllChunksHoldsNobodyUp() throws Exception {
        Lab.Node liar = lab.start("liar", Lab.settings());
        tell(liar, Optional.of(ChunkSet.all(CHUNKS).bits()), List.of());

        twoReceiversGetIt();
    }

    @Test
    void aReceiverThatSaysItGotEachChunkItWasToldOfHoldsNobodyUp() throws Exception {
        Lab.Node liar = lab.start("liar", Lab.settings());
        Exchange.Answer told = tell(liar, Optional.of(ChunkSet.none(CHUNKS).bits()), List.of());
        assertThat(told.assigned()).isNotEmpty();
        int said = 0;
        while (said < CHUNKS && !told.assigned().isEmpty()) {
            List<Exchange.Got> got = new ArrayList<>();
            for (Exchange.Assigned one : told.assigned()) got.add(new Exchange.Got(one.chunk(), one.source()));
            said += got.size();
            told = tell(liar, Optional.empty(), got);
        }
        assertThat(said).isEqualTo(CHUNKS);

        twoReceiversGetIt();
    }

    private Exchange.Answer tell(Lab.Node node, Optional<byte[]> have, List<Exchange.Got> got) {
        return lab.leader
                .orElseThrow()
                .exchange(new Exchange.Ask(node.id, sha, have, got, List.of(), true, 0, 0, 0, 1_000));
    }

    /// A receiver that ended on the way.
    ///
    /// @return chunks it had
    private long began(Path dir) throws Exception {
        Lab.Node first = lab.start("r", Lab.settings(), dir, 0);
        CompletableFuture<Fetched> broken = first.fetch(sha);
        await("a third is there", () -> first.swarm.figures().chunks() > CHUNKS / 3);
        first.close();
        await("it stopped", broken::isDone);
        assertThat(broken).isCompletedExceptionally();
        return first.swarm.figures().chunks();
    }

    private Path part(Path dir) {
        return dir.resolve("artifacts/parts").resolve(sha.hex());
    }

    @Test
    void aBitThatFlipsInAPartWhileTheAgentIsAwayCostsOneChunk() throws Exception {
        Path dir = base.resolve("r");
        began(dir);
        byte[] part = Files.readAllBytes(part(dir));
        // One that was there whole, and not counted before the agent ended, counts too.
        List<Integer> whole = IntStream.range(0, CHUNKS)
                .filter(i -> Arrays.equals(part, i * CHUNK, (i + 1) * CHUNK, file, i * CHUNK, (i + 1) * CHUNK))
                .boxed()
                .toList();
        part[whole.getFirst() * CHUNK + 5] ^= 1;
        Files.write(part(dir), part);

        Lab.Node again = lab.start("r", Lab.settings(), dir, 0);
        Fetched how = again.fetch(sha).get(20, TimeUnit.SECONDS);

        assertThat(again.read(sha)).isEqualTo(file);
        long came = again.swarm.figures().chunks();
        assertThat(came).isEqualTo(CHUNKS - whole.size() + 1);
        assertThat(how.bytes())
                .as("some had begun")
                .isBetween((came - Traits.DEFAULT.downSlots()) * CHUNK, came * CHUNK);
    }

    @Test
    void aPartThatWasCutShortGoesOnWithWhatIsLeftOfIt() throws Exception {
        Path dir = base.resolve("r");
        long had = began(dir);
        try (FileChannel part = FileChannel.open(part(dir), StandardOpenOption.WRITE)) {
            part.truncate(SIZE / 8);
        }

        Lab.Node again = lab.start("r", Lab.settings(), dir, 0);
        Fetched how = again.fetch(sha).get(20, TimeUnit.SECONDS);

        assertThat(again.read(sha)).isEqualTo(file);
        assertThat(how.bytes()).isBetween((CHUNKS - had) * CHUNK, (long) SIZE);
    }

    @Test
    void aLinkWhereThePartShouldBeIsNotWrittenThrough() throws Exception {
        Path dir = base.resolve("r");
        Path precious = Files.writeString(base.resolve("precious"), "precious");
        Lab.Node receiver = lab.start("r", Lab.settings(), dir, 0);
        Files.createSymbolicLink(part(dir), precious);

        receiver.fetch(sha).get(20, TimeUnit.SECONDS);

        assertThat(receiver.read(sha)).isEqualTo(file);
        assertThat(precious).hasContent("precious");
    }

    private static void await(String what, BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waited in vain: " + what).isLessThan(deadline);
            Thread.sleep(5);
        }
    }
}
