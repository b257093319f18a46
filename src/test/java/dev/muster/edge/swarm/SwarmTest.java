package dev.muster.edge.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.state.NodeId;
import dev.muster.core.state.Sha256;
import dev.muster.core.state.Table;
import dev.muster.core.swarm.Manifest;
import dev.muster.core.swarm.SwarmPlanner;
import dev.muster.core.swarm.Traits;
import java.nio.file.Path;
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

/// One file to several nodes over real connections on loopback.
@Tag("slow")
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class SwarmTest {
    /// As many chunks as one node fetches at once, and one.
    private static final long IN_FLIGHT_BYTES = (Traits.DEFAULT.downSlots() + 1) * 128L * 1024;

    private static final int MIB = 1 << 20;

    @TempDir
    Path base;

    private Lab lab;

    @BeforeEach
    void start() {
        lab = new Lab(base);
    }

    @AfterEach
    void stop() {
        lab.close();
    }

    private List<Lab.Node> receivers(int count, Swarm.Settings settings) throws Exception {
        List<Lab.Node> nodes = new ArrayList<>();
        for (int i = 1; i <= count; i++) nodes.add(lab.start("r" + i, settings));
        return nodes;
    }

    private static void all(List<CompletableFuture<Fetched>> fetches) throws Exception {
        for (CompletableFuture<Fetched> fetch : fetches) fetch.get(60, TimeUnit.SECONDS);
    }

    @Test
    void fourReceiversGetTheFileAndItsSourceSendsFarLessThanFourCopies() throws Exception {
        byte[] file = Lab.bytes(16 * MIB + 12_345, 1);
        Sha256 sha = Lab.sha(file);
        Lab.Node source = lab.source("s", file);
        List<Lab.Node> receivers = receivers(4, Lab.settings());

        all(receivers.stream().map(node -> node.fetch(sha)).toList());

        for (Lab.Node node : receivers) assertThat(node.read(sha)).isEqualTo(file);
        assertThat(source.swarm.figures().bytesOut()).isBetween((long) file.length, 2L * file.length);
    }

    @Test
    void aNodeThatWasKilledGoesOnWithWhatItHad() throws Exception {
        byte[] file = Lab.bytes(16 * MIB, 2);
        Sha256 sha = Lab.sha(file);
        Lab.Node source = lab.source("s", file);
        Path dir = base.resolve("r");
        Lab.Node first = lab.start("r", slow(8 * MIB), dir, 0);
        CompletableFuture<Fetched> broken = first.fetch(sha);
        await("a third is there", () -> first.swarm.figures().chunks() > 40);
        first.close();
        await("it stopped", broken::isDone);
        assertThat(broken).isCompletedExceptionally();
        long had = first.swarm.figures().chunks();

        Lab.Node again = lab.start("r", Lab.settings(), dir, 0);
        Fetched how = again.fetch(sha).get(60, TimeUnit.SECONDS);

        assertThat(again.read(sha)).isEqualTo(file);
        assertThat(again.swarm.figures().chunks()).isLessThanOrEqualTo(128 - had);
        long came = again.swarm.figures().chunks() * 128 * 1024;
        assertThat(how.bytes()).as("some had begun").isBetween(came - IN_FLIGHT_BYTES, came);
        assertThat(source.swarm.figures().bytesOut()).isLessThan(file.length + IN_FLIGHT_BYTES);
    }

    @Test
    void whenItsOnlySourceDiesTheReceiversGoOnFromEachOtherAndFinishWhenItIsBack() throws Exception {
        byte[] file = Lab.bytes(8 * MIB, 3);
        Sha256 sha = Lab.sha(file);
        Path dir = base.resolve("s");
        Lab.Node source = lab.start("s", upload(4 * MIB), dir, 0);
        source.hold(file);
        List<Lab.Node> receivers = receivers(3, Lab.settings());
        List<CompletableFuture<Fetched>> fetches =
                receivers.stream().map(node -> node.fetch(sha)).toList();
        await("half is out", () -> source.swarm.figures().bytesOut() > file.length / 2);
        source.close();

        Lab.Node back = lab.start("s", Lab.settings(), dir, 0);
        all(fetches);

        for (Lab.Node node : receivers) assertThat(node.read(sha)).isEqualTo(file);
        assertThat(source.swarm.figures().bytesOut() + back.swarm.figures().bytesOut())
                .isLessThan(2L * file.length);
    }

    @Test
    void whatOneOfTwoSourcesDamagesComesFromTheOtherAndTheLiarIsStruck() throws Exception {
        byte[] file = Lab.bytes(8 * MIB, 4);
        Sha256 sha = Lab.sha(file);
        Lab.Node honest = lab.source("honest", file);
        Lab.Node liar = lab.source("liar", file);
        try (FlippingProxy proxy = FlippingProxy.before(liar.port())) {
            liar.address = "127.0.0.1:" + proxy.port();
            List<Lab.Node> receivers = receivers(2, Lab.settings());

            all(receivers.stream().map(node -> node.fetch(sha)).toList());

            for (Lab.Node node : receivers) assertThat(node.read(sha)).isEqualTo(file);
            assertThat(receivers.stream()
                            .mapToLong(node -> node.swarm.figures().corrupt())
                            .sum())
                    .isPositive();
            Exchange.Answer answer = lab.leader
                    .orElseThrow()
                    .exchange(new Exchange.Ask(
                            new NodeId("curious"),
                            sha,
                            Optional.of(new byte[8]),
                            List.of(),
                            List.of(),
                            true,
                            0,
                            0,
                            0,
                            0));
            assertThat(answer.struck()).containsExactly(liar.id);
            Table<NodeId, Integer> strikes = lab.leader.orElseThrow().strikes().require(sha);
            assertThat(strikes.keys()).containsExactly(liar.id);
            assertThat(strikes.require(liar.id)).isGreaterThanOrEqualTo(SwarmPlanner.STRIKES_MAX);
            Underway seen = lab.leader.orElseThrow().underway(sha).orElseThrow();
            for (Lab.Node node : receivers)
                assertThat(seen.receivers().require(node.id).bytes()).isEqualTo(file.length);
            assertThat(honest.swarm.figures().bytesOut()).isPositive();
        }
    }

    @Test
    void withoutALeaderTheReceiversGoOnByThemselves() throws Exception {
        byte[] file = Lab.bytes(8 * MIB, 5);
        Sha256 sha = Lab.sha(file);
        Lab.Node source = lab.start("s", upload(4 * MIB), base.resolve("s"), 0);
        source.hold(file);
        List<Lab.Node> receivers = receivers(2, Lab.settings());
        List<CompletableFuture<Fetched>> fetches =
                receivers.stream().map(node -> node.fetch(sha)).toList();
        await("it is on its way", () -> source.swarm.figures().bytesOut() > MIB);

        lab.leader = Optional.empty();

        all(fetches);
        for (Lab.Node node : receivers) assertThat(node.read(sha)).isEqualTo(file);
    }

    @Test
    void aLeaderThatTakesANodeForCompleteIsSetRight() throws Exception {
        byte[] file = Lab.bytes(8 * MIB, 12);
        Sha256 sha = Lab.sha(file);
        Lab.Node source = lab.start("s", upload(4 * MIB), base.resolve("s"), 0);
        source.hold(file);
        Lab.Node receiver = lab.start("r", Lab.settings());
        CompletableFuture<Fetched> fetch = receiver.fetch(sha);
        await("it is on its way", () -> source.swarm.figures().bytesOut() > MIB);

        List<Exchange.Got> all = IntStream.range(0, 64)
                .mapToObj(chunk -> new Exchange.Got(chunk, source.id))
                .toList();
        lab.leader
                .orElseThrow()
                .exchange(new Exchange.Ask(receiver.id, sha, Optional.empty(), all, List.of(), true, 0, 0, 0, 0));

        assertThat(fetch.get(15, TimeUnit.SECONDS).bytes()).isEqualTo(file.length);
        assertThat(receiver.read(sha)).isEqualTo(file);
    }

    @Test
    void aNewLeaderLearnsWhatEachNodeHasAndNothingComesTwice() throws Exception {
        byte[] file = Lab.bytes(16 * MIB, 6);
        Sha256 sha = Lab.sha(file);
        Lab.Node source = lab.start("s", upload(8 * MIB), base.resolve("s"), 0);
        source.hold(file);
        List<Lab.Node> receivers = receivers(2, Lab.settings());
        List<CompletableFuture<Fetched>> fetches =
                receivers.stream().map(node -> node.fetch(sha)).toList();
        await("it is on its way", () -> source.swarm.figures().bytesOut() > 4 * MIB);

        lab.newLeader();

        all(fetches);
        for (Lab.Node node : receivers) {
            assertThat(node.read(sha)).isEqualTo(file);
            assertThat(node.swarm.figures().bytesIn()).isLessThan(file.length + 17L * 128 * 1024);
        }
    }

    @Test
    void nodesBehindNatReceiveAndGive() throws Exception {
        byte[] file = Lab.bytes(8 * MIB, 7);
        Sha256 sha = Lab.sha(file);
        Lab.Node source = lab.source("s", file);
        Swarm.Settings natted = new Swarm.Settings(Lab.TOKEN, false, 0, 0, 24, Transport.SWARM);
        Lab.Node hidden = lab.start("hidden", natted);
        hidden.fetch(sha).get(60, TimeUnit.SECONDS);
        assertThat(hidden.read(sha)).isEqualTo(file);
        source.close(); // now it is the only one that has it
        lab.receipts.get(sha).remove(source.id);
        lab.newLeader();

        List<Lab.Node> receivers = receivers(2, Lab.settings());
        all(receivers.stream().map(node -> node.fetch(sha)).toList());

        for (Lab.Node node : receivers) assertThat(node.read(sha)).isEqualTo(file);
        assertThat(hidden.swarm.figures().bytesOut()).isGreaterThanOrEqualTo(file.length);
    }

    @Test
    void aNodeThatOnlyFoundOutThatNobodyReachesItGivesAllTheSame() throws Exception {
        byte[] file = Lab.bytes(4 * MIB, 8);
        Sha256 sha = Lab.sha(file);
        lab.start("hidden", Lab.settings(), base.resolve("hidden"), 0, "127.0.0.1:1")
                .hold(file);

        Lab.Node receiver = lab.start("r", Lab.settings());
        receiver.fetch(sha).get(60, TimeUnit.SECONDS);

        assertThat(receiver.read(sha)).isEqualTo(file);
    }

    @Test
    void twoFilesComeAtOnce() throws Exception {
        byte[] one = Lab.bytes(6 * MIB, 9);
        byte[] two = Lab.bytes(5 * MIB, 10);
        Lab.Node source = lab.source("s", one);
        source.hold(two);
        List<Lab.Node> receivers = receivers(2, Lab.settings());
        List<CompletableFuture<Fetched>> fetches = new ArrayList<>();
        for (Lab.Node node : receivers) {
            fetches.add(node.fetch(Lab.sha(one)));
            fetches.add(node.fetch(Lab.sha(two)));
        }

        all(fetches);

        for (Lab.Node node : receivers) {
            assertThat(node.read(Lab.sha(one))).isEqualTo(one);
            assertThat(node.read(Lab.sha(two))).isEqualTo(two);
        }
    }

    @Test
    void aNodeWithoutRoomSaysSoAndTheOthersGetTheFile() throws Exception {
        byte[] file = Lab.bytes(4 * MIB, 11);
        Sha256 sha = Lab.sha(file);
        lab.source("s", file);
        Lab.Node full = lab.start("full", Lab.settings(), base.resolve("full"), Long.MAX_VALUE / 2);
        Lab.Node fine = lab.start("fine", Lab.settings());
        CompletableFuture<Fetched> no = full.fetch(sha);

        fine.fetch(sha).get(60, TimeUnit.SECONDS);

        assertThat(fine.read(sha)).isEqualTo(file);
        assertThat(no).failsWithin(60, TimeUnit.SECONDS).withThrowableThat().withMessageContaining("free");
        assertThat(full.store.partials()).isEmpty();
    }

    @Test
    void aManifestThatLiesIsDroppedAndAnotherOneTaken() throws Exception {
        byte[] file = Lab.bytes(2 * MIB, 12);
        Sha256 sha = Lab.sha(file);
        Lab.Node source = lab.source("s", file);
        Lab.Node receiver = lab.start("r", Lab.settings());
        // As if an earlier try had taken it from somebody who lies about one chunk.
        byte[] other = file.clone();
        other[MIB] ^= 1;
        Manifests kept = new Manifests(base.resolve("r/manifests"));
        List<Sha256> chunks = new ArrayList<>(
                Manifests.parse(source.manifest(sha), sha, file.length).chunks());
        chunks.set(8, Lab.sha(Arrays.copyOfRange(other, MIB, MIB + 128 * 1024)));
        kept.keep(new Manifest(sha, file.length, 128 * 1024, chunks));

        receiver.fetch(sha).get(60, TimeUnit.SECONDS);

        assertThat(receiver.read(sha)).isEqualTo(file);
    }

    @Test
    void fromOneSourceAnEarlierTryGoesOn() throws Exception {
        byte[] file = Lab.bytes(8 * MIB, 13);
        Sha256 sha = Lab.sha(file);
        Lab.Node source = lab.source("s", file);
        Path dir = base.resolve("r");
        Lab.Node first = lab.start("r", slow(4 * MIB), dir, 0);
        CompletableFuture<Fetched> broken = first.fetch(sha);
        await("some is there", () -> first.swarm.figures().chunks() > 16);
        first.close();
        await("it stopped", broken::isDone);
        lab.leader = Optional.empty();

        Lab.Node again = lab.start("r", new Swarm.Settings(Lab.TOKEN, true, 0, 0, 24, Transport.HTTP), dir, 0);
        Fetched how = again.fetch(sha).get(60, TimeUnit.SECONDS);

        assertThat(again.read(sha)).isEqualTo(file);
        assertThat(how.by()).isEqualTo(Transport.HTTP);
        assertThat(how.bytes()).isLessThanOrEqualTo(file.length - 17 * 128 * 1024);
        assertThat(source.swarm.figures().bytesOut()).isLessThan(file.length + IN_FLIGHT_BYTES);
    }

    private static Swarm.Settings slow(long downloadRate) {
        return new Swarm.Settings(Lab.TOKEN, true, 0, downloadRate, 24, Transport.SWARM);
    }

    private static Swarm.Settings upload(long uploadRate) {
        return new Swarm.Settings(Lab.TOKEN, true, uploadRate, 0, 24, Transport.SWARM);
    }

    private static void await(String what, BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waited in vain: " + what).isLessThan(deadline);
            Thread.sleep(5);
        }
    }
}
