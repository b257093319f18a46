package dev.muster.edge.node;

import static dev.muster.core.Orders.HEX;
import static dev.muster.core.Orders.join;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.state.Actor;
import dev.muster.core.state.ArtifactKind;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Command;
import dev.muster.core.state.DeltaOf;
import dev.muster.core.state.Envelope;
import dev.muster.core.state.Handler;
import dev.muster.core.state.MadeDelta;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Outcome;
import dev.muster.core.state.Sha256;
import dev.muster.edge.artifact.PutResult;
import dev.muster.edge.swarm.Fetched;
import dev.muster.edge.swarm.Lead;
import dev.muster.edge.swarm.Manifests;
import dev.muster.edge.swarm.Swarm;
import dev.muster.edge.swarm.Transport;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Deltas made and undone in one node's real store; nobody else can be reached.
class DeltaFilesTest {
    private static final NodeId N1 = new NodeId("n1");
    private static final NodeId N2 = new NodeId("n2");
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final int SIZE = 2 << 20;

    @TempDir
    Path data;

    private final Replica replica = new Replica();
    private final List<Command> reports = new CopyOnWriteArrayList<>();
    private ClusterState cluster = ClusterState.EMPTY;
    private LocalFiles files;
    private Swarm swarm;
    private DeltaReceiver receiver;
    private DeltaMaker maker;
    private byte[] first = new byte[0];
    private byte[] second = new byte[0];
    private Sha256 old;
    private Sha256 fresh;

    /// Both nodes hold the old file, n2 holds the new one.
    @BeforeEach
    void twoGenerations() throws IOException {
        DataDir dirs = new DataDir(data);
        files = LocalFiles.open(dirs.artifacts(), new Manifests(dirs.manifests()), 1);
        swarm = new Swarm(
                new Manifests(dirs.manifests()), Swarm.Settings.of("test-token"), new Alone(N1), Lead.NEVER, files);
        receiver = new DeltaReceiver(N1, files, swarm, replica);
        maker = new DeltaMaker(N1, files, reports::add);
        first = new byte[SIZE];
        new Random(1).nextBytes(first);
        second = first.clone();
        for (int at = 0; at < SIZE; at += 1000) second[at]++;
        old = keep(first);
        fresh = keep(second);
        order(join("n1"));
        order(join("n2"));
        for (NodeId node : List.of(N1, N2)) order(put(old, node));
        order(put(fresh, N2));
    }

    @AfterEach
    void stop() {
        maker.close();
        swarm.close();
    }

    private Sha256 keep(byte[] bytes) throws IOException {
        PutResult.Stored stored = (PutResult.Stored) files.put(new ByteArrayInputStream(bytes), bytes.length);
        Sha256 sha = new Sha256(stored.sha256().hex());
        files.hold(sha);
        return sha;
    }

    private static Command put(Sha256 sha, NodeId node) {
        return new Command.PutArtifact(sha, SIZE, "m.bin", ArtifactKind.MODEL, Optional.of(HEX), node);
    }

    private void order(Command command) {
        Handler.Step step = Handler.step(cluster, Instant.now(), Envelope.of(Actor.person("ann"), "", command));
        assertThat(step.outcome()).isInstanceOf(Outcome.Accepted.class);
        cluster = step.state();
        step.transition().ifPresent(moved -> replica.advanced(cluster, moved));
    }

    private MadeDelta made() {
        DeltaOf of = new DeltaOf(fresh, old);
        maker.make(of);
        Eventually.await("it is told", PATIENCE, () -> !reports.isEmpty());
        Command.RecordDelta told = (Command.RecordDelta) reports.getFirst();
        assertThat(told.of()).isEqualTo(of);
        return told.delta();
    }

    /// n2 is said to have made it; its bytes are here already, and the new file is not.
    private void offer(Sha256 delta, long size) throws IOException {
        order(new Command.RecordDelta(new DeltaOf(fresh, old), new MadeDelta(Optional.of(delta), size, N2)));
        files.delete(fresh);
    }

    @Test
    void whatIsMadeHereMakesTheSameFileThere() throws Exception {
        MadeDelta delta = made();
        assertThat(delta.maker()).isEqualTo(N1);
        assertThat(delta.size()).isLessThan(SIZE / 4);
        assertThat(files.path(delta.sha().orElseThrow())).hasSize(delta.size());
        offer(delta.sha().orElseThrow(), delta.size());

        Optional<Fetched> fetched = receiver.fetch(fresh, SIZE);

        assertThat(fetched).map(Fetched::by).contains(Transport.DELTA);
        assertThat(files.held()).contains(fresh);
        assertThat(files.path(fresh)).hasBinaryContent(second);
    }

    @Test
    void whatWasMadeIsToldAgainAndMadeAgainOnlyIfItWasLost() throws Exception {
        MadeDelta delta = made();
        reports.clear();
        assertThat(made()).isEqualTo(delta);
        files.delete(delta.sha().orElseThrow());
        reports.clear();
        assertThat(made()).isEqualTo(delta);
        assertThat(files.has(delta.sha().orElseThrow())).isTrue();
    }

    @Test
    void noiseIsNotWorthADelta() throws Exception {
        new Random(2).nextBytes(second);
        fresh = keep(second);
        assertThat(made()).isEqualTo(MadeDelta.none(N1));
    }

    @Test
    void aFileThatIsDamagedHereMakesNoDelta() throws Exception {
        damage(fresh);
        maker.make(new DeltaOf(fresh, old));
        Eventually.await("it is doubted", PATIENCE, () -> files.doubted().contains(fresh));
        assertThat(reports).isEmpty();
    }

    @Test
    void whereTheBaseIsDamagedTheWholeFileIsToCome() throws Exception {
        MadeDelta delta = made();
        offer(delta.sha().orElseThrow(), delta.size());
        damage(old);

        assertThat(receiver.fetch(fresh, SIZE)).isEmpty();

        assertThat(files.doubted()).containsExactly(old);
        assertThat(files.held()).doesNotContain(fresh);
        assertThat(receiver.fetch(fresh, SIZE)).isEmpty();
        assertThat(files.doubted()).as("not tried twice").isEmpty();
    }

    @Test
    void whereADeltaIsNoneTheWholeFileIsToCome() throws Exception {
        byte[] noise = new byte[100_000];
        new Random(3).nextBytes(noise);
        offer(keep(noise), noise.length);

        assertThat(receiver.fetch(fresh, SIZE)).isEmpty();
        assertThat(files.held()).doesNotContain(fresh);
    }

    @Test
    void whereNobodyHasTheDeltaTheWholeFileIsToComeAtOnce() throws Exception {
        offer(new Sha256("ab".repeat(32)), 1000);
        long start = System.nanoTime();

        assertThat(receiver.fetch(fresh, SIZE)).isEmpty();

        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(PATIENCE);
        assertThat(files.held()).doesNotContain(fresh);
    }

    @Test
    void whatBeganWholeEndsWhole() throws Exception {
        MadeDelta delta = made();
        offer(delta.sha().orElseThrow(), delta.size());
        files.partial(fresh, SIZE).close();

        assertThat(receiver.fetch(fresh, SIZE)).isEmpty();
    }

    private void damage(Sha256 sha) throws IOException {
        Path file = files.path(sha);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            bytes.seek(SIZE / 2 + 1);
            bytes.write(first[SIZE / 2 + 1] ^ 1);
        }
    }
}
