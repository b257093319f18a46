package dev.muster.edge.local;

import static dev.muster.edge.local.Agents.await;
import static dev.muster.edge.local.Agents.chunks;
import static dev.muster.edge.local.Agents.noise;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.muster.core.state.ArtifactKind;
import dev.muster.core.state.Sha256;
import dev.muster.core.swarm.Manifest;
import dev.muster.edge.node.SmallDisk;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.opentest4j.TestAbortedException;

/// What goes wrong while a promoted file is on its way to five agents, each a process with 64 MiB of heap. Each sends at
/// 4 MiB a second, so that a file of 20 MiB takes some five seconds.
@Tag("slow")
@Timeout(value = 3, unit = TimeUnit.MINUTES)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SwarmFaultsTest {
    private static final int SIZE = 20 << 20;
    private static final int CHUNK = Manifest.chunkBytesFor(SIZE);
    /// Chunks that may be on their way to a node at one time, with those that are asked for twice at the end.
    private static final int IN_FLIGHT = 16;
    private static final int END_GAME = 4;

    private static final List<String> VOTERS = List.of("n1", "n2", "n3");
    private static final String SOURCE = "n4";
    private static final String OTHER = "n5";

    @TempDir
    private static Path dir;

    private Optional<SmallDisk> disk = Optional.empty();
    private Agents agents;

    @BeforeAll
    void start() throws Exception {
        try {
            disk = Optional.of(SmallDisk.mount(dir.resolve(OTHER), 400));
        } catch (TestAbortedException e) {
            // The test that needs it is skipped.
        }
        agents = Agents.start(dir, 3, 2, """
                limits: {upload_rate: 4MiB, disk_reserve: 2MiB}
                policy: {disk_free_min: 4MiB}
                """);
    }

    @AfterAll
    void stop() {
        if (agents != null) agents.close();
        disk.ifPresent(SmallDisk::close);
    }

    @BeforeEach
    void allAreUp() throws Exception {
        agents.awaitUp();
    }

    private List<String> allBut(String... away) {
        List<String> nodes = new ArrayList<>(agents.names());
        nodes.removeAll(List.of(away));
        return nodes;
    }

    private Sha256 promoted(String config, byte[] file) throws Exception {
        Sha256 sha = agents.put(SOURCE, file);
        agents.promote(SOURCE, config, sha);
        return sha;
    }

    @Test
    void aReceiverThatIsKilledFetchesOnlyWhatItDoesNotHave() throws Exception {
        byte[] file = noise(SIZE, 1);
        long before = agents.figure(OTHER, "received_bytes_total");
        Sha256 sha = promoted("receiver", file);
        agents.awaitShare(OTHER, file, 0.4);
        long received = agents.figure(OTHER, "received_bytes_total") - before;
        agents.kill(OTHER);
        int had = agents.chunksHere(OTHER, file);
        assertThat(had).isBetween(chunks(file) / 4, chunks(file) - IN_FLIGHT);
        long here = agents.bytesHere(OTHER, file);
        // What it had received, and has not written, was in its memory.
        assertThat(received - here).isLessThanOrEqualTo(2L * CHUNK);

        agents.restart(OTHER);
        agents.awaitModel(agents.names(), "receiver", file);

        await("it says how", () -> agents.fetched(OTHER, sha).isPresent());
        assertThat(agents.fetched(OTHER, sha).orElseThrow()).isBetween(SIZE - here, SIZE - here + 2L * CHUNK);
        assertThat(agents.figure(OTHER, "received_bytes_total"))
                .as("with what is asked for twice at the end")
                .isLessThanOrEqualTo(SIZE - here + (long) END_GAME * CHUNK);
    }

    @Test
    void aSourceThatIsKilledGoesOnWhereItWasAndNobodyBeginsAnew() throws Exception {
        byte[] file = noise(SIZE, 2);
        Sha256 sha = agents.put(SOURCE, file);
        long before = agents.figure(SOURCE, "sent_bytes_total");
        agents.promote(SOURCE, "source", sha);
        await("half is out", () -> agents.figure(SOURCE, "sent_bytes_total") - before > SIZE / 2);
        long sent = agents.figure(SOURCE, "sent_bytes_total") - before;
        agents.kill(SOURCE);
        assertThat(allBut(SOURCE)).noneMatch(node -> Files.exists(agents.file(node, sha)));

        agents.restart(SOURCE);
        agents.awaitModel(agents.names(), "source", file);

        for (String node : allBut(SOURCE)) {
            await(node + " says how", () -> agents.fetched(node, sha).isPresent());
            assertThat(agents.fetched(node, sha).orElseThrow()).as(node).isLessThanOrEqualTo(SIZE);
        }
        assertThat(sent + agents.figure(SOURCE, "sent_bytes_total")).isLessThan(2L * SIZE);
    }

    @Test
    void aSourceThatDiesWhenAllItsChunksAreOutIsNotMissed() throws Exception {
        byte[] file = noise(SIZE, 3);
        Sha256 sha = promoted("orphans", file);
        await("others have all of it together", () -> covered(allBut(SOURCE), file));
        agents.kill(SOURCE);

        agents.awaitModel(allBut(SOURCE), "orphans", file);

        assertThat(agents.log(OTHER)).doesNotContain("artifact.not-fetched sha=" + sha.brief());
    }

    /// Has each chunk come to one of them? Their files are read side by side.
    private boolean covered(List<String> nodes, byte[] file) throws Exception {
        Set<Integer> together = new TreeSet<>();
        for (String node : nodes) {
            if (Files.exists(agents.file(node, Agents.sha(file)))) return true;
            together.addAll(agents.goodChunks(node, file));
        }
        return together.size() == chunks(file);
    }

    @Test
    void whenTheLeaderIsKilledNobodyBeginsAnew() throws Exception {
        byte[] file = noise(SIZE, 4);
        Sha256 sha = promoted("leader", file);
        agents.awaitShare(OTHER, file, 0.3);
        String leader = agents.leader();
        assertThat(VOTERS).contains(leader);
        agents.kill(leader);
        int had = agents.chunksHere(leader, file);

        agents.awaitModel(allBut(leader), "leader", file);

        for (String node : allBut(leader, SOURCE)) {
            await(node + " says how", () -> agents.fetched(node, sha).isPresent());
            assertThat(agents.fetched(node, sha)).as(node).contains((long) SIZE);
        }
        agents.restart(leader);
        agents.awaitModel(List.of(leader), "leader", file);
        await("it says how", () -> agents.fetched(leader, sha).isPresent());
        assertThat(agents.fetched(leader, sha).orElseThrow())
                .isBetween((long) (chunks(file) - had - IN_FLIGHT) * CHUNK, (long) (chunks(file) - had) * CHUNK);
    }

    @Test
    void ofTwoPromotionsInARowTheLastOneIsCurrentEverywhereAlsoWhenTheFirstComesLater() throws Exception {
        byte[] first = noise(SIZE, 5);
        byte[] second = noise(SIZE / 4, 6);
        promoted("twice", first);
        agents.awaitShare(OTHER, first, 0.2);
        promoted("twice", second);

        agents.awaitModel(agents.names(), "twice", second);
        // Of the first one as many copies are made as any model has; nobody else goes on with it.
        await("three hold the first one", () -> holding(first) >= ArtifactKind.MODEL.copies());
        for (String node : agents.names())
            assertThat(agents.points(node, "twice", second)).as(node).isTrue();
        assertThat(agents.ask(SOURCE, "GET", "/v1/models/twice/distribution", "")
                        .path("line")
                        .asString())
                .isEqualTo("5/5 nodes have " + Agents.sha(second).brief());
    }

    private int holding(byte[] file) throws Exception {
        return agents.ask(SOURCE, "GET", "/v1/artifacts/" + Agents.sha(file) + "/locations", "")
                .path("holders")
                .size();
    }

    @Test
    void aDiskThatFillsUpOnTheWayKeepsNobodyElseFromTheFileAndItComesOnceThereIsRoom() throws Exception {
        assumeThat(disk).as("skipped: mounting a small tmpfs needs root").isPresent();
        byte[] file = noise(SIZE, 7);
        Sha256 sha = promoted("full", file);
        agents.awaitShare(OTHER, file, 0.2);
        Path foreign = dir.resolve(OTHER).resolve("foreign");
        SmallDisk.fill(foreign);

        agents.awaitModel(allBut(OTHER), "full", file);
        await(
                "the reason is told",
                () -> agents.ask(SOURCE, "GET", "/v1/models/full/distribution", "")
                        .path("line")
                        .asString()
                        .equals("4/5 nodes have " + sha.brief() + "; 1 failing: disk full"));
        assertThat(agents.chunksHere(OTHER, file)).isZero(); // what is of no use gives its room back
        assertThat(agents.cluster.member(OTHER).running()).isTrue();

        Files.delete(foreign);
        agents.awaitModel(List.of(OTHER), "full", file);
    }

    @Test
    void bitsThatFlippedOnASourcesDiskReachNobodyAndItMendsItsCopy() throws Exception {
        byte[] file = noise(SIZE, 8);
        Sha256 sha = agents.put(SOURCE, file);
        agents.put(OTHER, file);
        // Its manifest is made while it is good, as of every file that came by the swarm.
        agents.promote(SOURCE, "flipped", sha);
        agents.awaitShare("n1", file, 0.1);
        for (int chunk = chunks(file) / 2; chunk < chunks(file); chunk++)
            agents.flipBit(SOURCE, sha, (long) chunk * CHUNK + 77);

        agents.awaitModel(allBut(SOURCE), "flipped", file);

        StringBuilder told = new StringBuilder();
        for (String node : VOTERS) told.append(agents.log(node));
        assertThat(told.toString()).contains("artifact.source-struck sha=" + sha.brief() + " source=" + SOURCE);
        agents.awaitModel(List.of(SOURCE), "flipped", file); // it was told to read its copy
        assertThat(agents.log(SOURCE)).contains("artifact.corrupt sha=" + sha);
    }

    @Test
    void aCopyThatWasCutShortIsFoundAndFetchedAgain() throws Exception {
        byte[] file = noise(SIZE / 2, 9);
        Sha256 sha = agents.put(SOURCE, file);
        agents.put(OTHER, file);
        Path copy = agents.file(SOURCE, sha);
        Files.setPosixFilePermissions(copy, PosixFilePermissions.fromString("rw-r--r--"));
        try (FileChannel cut = FileChannel.open(copy, StandardOpenOption.WRITE)) {
            cut.truncate(SIZE / 4);
        }
        agents.promote(OTHER, "cut", sha);

        agents.awaitModel(allBut(SOURCE), "cut", file);
        agents.awaitModel(List.of(SOURCE), "cut", file); // its next look finds the length wrong
        assertThat(agents.log(SOURCE)).contains("artifact.corrupt sha=" + sha);
    }
}
