package dev.muster.edge.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.muster.core.plan.DiskFloor;
import dev.muster.core.state.Actor;
import dev.muster.core.state.ArtifactKind;
import dev.muster.core.state.Bytes;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Command;
import dev.muster.core.state.ConfigKey;
import dev.muster.core.state.DeltaOf;
import dev.muster.core.state.Endpoints;
import dev.muster.core.state.Envelope;
import dev.muster.core.state.Event;
import dev.muster.core.state.Handler;
import dev.muster.core.state.Hardware;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Outcome;
import dev.muster.core.state.Role;
import dev.muster.core.state.Sha256;
import dev.muster.edge.config.ModelNames;
import dev.muster.edge.config.Token;
import dev.muster.edge.swarm.Lead;
import dev.muster.edge.swarm.Manifests;
import dev.muster.edge.swarm.Swarm;
import dev.muster.edge.swarm.Transport;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.io.TempDirFactory;

/// One node's real store and links; the cluster is the handler alone.
class CaretakerTest {
    private static final NodeId N1 = new NodeId("n1");
    private static final ConfigKey HEX = new ConfigKey("hex8_2p");
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir
    Path data;

    private final Replica replica = new Replica();
    private final PeerClient client = new PeerClient(new Token("test-token"));
    private ClusterState cluster = ClusterState.EMPTY;
    private LocalFiles files;
    private ModelLinks links;
    private RevisionFloor floor;
    private final AtomicInteger ended = new AtomicInteger();
    private Fetcher fetcher;
    private Caretaker caretaker;
    private NodeShelf shelf;

    @BeforeEach
    void start() throws IOException {
        for (String name : new String[] {"n1", "n2", "n3", "n4"}) {
            order(new Command.JoinNode(
                    new NodeId(name),
                    name,
                    Role.MIXED,
                    Hardware.cpus(1, Bytes.gib(1)),
                    1,
                    new Endpoints("127.0.0.1", 1, 1, 1)));
        }
        DataDir dirs = new DataDir(data);
        files = LocalFiles.open(dirs.artifacts(), new Manifests(dirs.manifests()), 1);
        links = ModelLinks.open(data, ModelNames.DEFAULT, files);
        floor = RevisionFloor.open(dirs.revision());
        fetcher = new Fetcher(N1, files, swarm(files), replica, ended::incrementAndGet);
        Reporter reporter = new Reporter(N1, (order, timeout) -> order(order), replica, (command, no) -> {});
        caretaker = new Caretaker(
                new Caretaker.Means(
                        N1,
                        replica,
                        floor,
                        files,
                        fetcher,
                        links,
                        AttemptJournal.open(dirs.jobs(), InstantSource.system()),
                        Room.open(data, new DiskFloor(1, 1)),
                        20,
                        InstantSource.system(),
                        (order, timeout) -> order(order)),
                reporter);
        shelf = shelf(links);
    }

    private NodeShelf shelf(ModelLinks links) {
        return new NodeShelf(N1, replica, floor, files, fetcher, links, caretaker, client);
    }

    @AfterEach
    void stop() {
        client.close();
    }

    private synchronized Member.Answer order(Envelope envelope) {
        Handler.Step step = Handler.step(cluster, Instant.now(), envelope);
        cluster = step.state();
        step.transition().ifPresent(moved -> replica.advanced(cluster, moved));
        return switch (step.outcome()) {
            case Outcome.Accepted accepted -> new Member.Answer.Done(cluster.revision(), accepted.created());
            case Outcome.Refused no -> new Member.Answer.Refused(no.code().name(), no.message());
        };
    }

    private void order(Command command) {
        assertThat(order(Envelope.of(Actor.person("ann"), "test", command))).isInstanceOf(Member.Answer.Done.class);
    }

    private Shelf.Put put(String text, ArtifactKind kind, Optional<Sha256> expected) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return shelf.put(new ByteArrayInputStream(bytes), new Shelf.Wanted("f.bin", kind, bytes.length, expected));
    }

    private Sha256 stored(String text, ArtifactKind kind, String... holders) throws IOException {
        Sha256 sha = ((Shelf.Put.Stored) put(text, kind, Optional.empty())).sha();
        for (String holder : holders)
            order(new Command.PutArtifact(sha, text.length(), "f", kind, Optional.empty(), new NodeId(holder)));
        return sha;
    }

    private void flipBit(Path file) throws IOException {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        byte[] bytes = Files.readAllBytes(file);
        bytes[0] ^= 1;
        Files.write(file, bytes);
    }

    /// As a job that runs as root does it, by a name that it was given for reading.
    private static void overwrite(Path file, String text) throws IOException {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        FileTime before = Files.getLastModifiedTime(file);
        Files.writeString(file, text);
        Files.setLastModifiedTime(file, FileTime.fromMillis(before.toMillis() + 1)); // a kernel's tick takes longer
    }

    private boolean receipt(Sha256 sha) {
        return replica.state().files().artifacts().require(sha).receipts().has(N1);
    }

    @Test
    void aStruckSourceReadsItsCopyAgainOnceAndLosesWhatIsDamaged() throws Exception {
        Sha256 whole = stored("weights", ArtifactKind.MODEL, "n1", "n2");
        Sha256 damaged = stored("other weights", ArtifactKind.MODEL, "n1", "n2");
        order(new Command.StrikeSource(whole, N1, 3));
        order(new Command.StrikeSource(damaged, new NodeId("n2"), 3));
        flipBit(files.path(damaged));
        caretaker.reread();
        assertThat(files.held()).as("nobody blamed this node's copy").contains(whole, damaged);

        order(new Command.StrikeSource(damaged, N1, 3));
        caretaker.reread();
        assertThat(files.held()).containsExactly(whole);
        Eventually.await("the receipt is taken back", PATIENCE, () -> !receipt(damaged));

        flipBit(files.path(whole));
        caretaker.reread();
        assertThat(files.held()).as("the same accusation").containsExactly(whole);
    }

    @Test
    void aFileThatNobodyWantsHereAnyMoreIsNotMissed() throws Exception {
        Sha256 sha = new Sha256("ab".repeat(32));
        Sha256 other = new Sha256("cd".repeat(32));
        for (Sha256 model : new Sha256[] {sha, other})
            order(new Command.PutArtifact(model, 5, "m", ArtifactKind.MODEL, Optional.of(HEX), new NodeId("n2")));
        order(new Command.PromoteModel(HEX, sha, Optional.empty(), 0));
        files.missed(sha, "disk full: no");
        files.missed(new Sha256("ef".repeat(32)), "disk full: no");
        caretaker.repair();
        assertThat(files.troubles().keys()).contains(sha).doesNotContain(new Sha256("ef".repeat(32)));
    }

    @Test
    void aFlippedBitIsFoundAndTheCopyNeitherHeldNorPlayedWithNorCounted() throws Exception {
        Sha256 sha = stored("weights", ArtifactKind.MODEL, "n1", "n2");
        order(new Command.PromoteModel(HEX, sha, Optional.empty(), 0));
        links.point(HEX, sha);
        Path file = data.resolve("models/canonical_hex8_2p.pth");
        flipBit(files.path(sha));

        Shelf.Copy copy = shelf.look(N1, sha, Shelf.Look.VERIFY);

        assertThat(copy.state()).isEqualTo(Shelf.State.CORRUPT);
        assertThat(files.has(sha)).isFalse();
        assertThat(file).doesNotExist();
        assertThat(data.resolve("artifacts/quarantine")).isNotEmptyDirectory();
        Eventually.await("the cluster to know", PATIENCE, () -> !receipt(sha));
        assertThat(replica.state().journal().recent().values())
                .filteredOn(entry -> entry.event() instanceof Event.ReplicaDropped)
                .singleElement()
                .satisfies(entry -> assertThat(entry.why()).contains("gone, or damaged and in quarantine"));

        files.receive(sha, 7, new ByteArrayInputStream("weights".getBytes(StandardCharsets.UTF_8)));
        assertThat(shelf.link(N1).links().getFirst().state()).isEqualTo("REPAIRED");
        assertThat(file).hasContent("weights");
        assertThat(shelf.look(N1, sha, Shelf.Look.VERIFY).state()).isEqualTo(Shelf.State.VERIFIED);
    }

    @Test
    void filesThatWereCutShortOrDeletedOrReplacedByALinkAreFoundAtTheNextLook() throws Exception {
        Sha256 whole = stored("whole", ArtifactKind.OTHER, "n1", "n2");
        Sha256 cut = stored("cut short", ArtifactKind.OTHER, "n1", "n2");
        Sha256 gone = stored("gone", ArtifactKind.OTHER, "n1", "n2");
        Sha256 linked = stored("linked", ArtifactKind.OTHER, "n1", "n2");
        Files.setPosixFilePermissions(files.path(cut), PosixFilePermissions.fromString("rw-r--r--"));
        Files.writeString(files.path(cut), "cut");
        Files.delete(files.path(gone));
        Path link = files.path(linked);
        Path elsewhere = Files.move(link, data.resolve("elsewhere"));
        Files.createSymbolicLink(link, elsewhere);

        caretaker.collect();

        assertThat(files.held()).containsExactly(whole);
        Eventually.await(
                "the cluster to know",
                PATIENCE,
                () -> receipt(whole) && !receipt(cut) && !receipt(gone) && !receipt(linked));
        assertThat(elsewhere).hasContent("linked");
    }

    @Test
    void aFileThatAJobWroteToThroughItsInputIsFoundAtTheNextLook() throws Exception {
        Sha256 whole = stored("whole", ArtifactKind.OTHER, "n1", "n2");
        Sha256 written = stored("old weights", ArtifactKind.OTHER, "n1", "n2");
        Path input = data.resolve("input");
        files.lay(written, input);
        overwrite(input, "new weights");
        FileTime later =
                FileTime.fromMillis(Files.getLastModifiedTime(files.path(whole)).toMillis() + 1);
        Files.setLastModifiedTime(files.path(whole), later);
        assertThat(files.changed(whole)).isTrue();

        caretaker.collect();

        assertThat(files.held()).containsExactly(whole);
        assertThat(files.changed(whole)).as("read once").isFalse();
        assertThat(data.resolve("artifacts/quarantine")).isNotEmptyDirectory();
        Eventually.await("the cluster to know", PATIENCE, () -> receipt(whole) && !receipt(written));
    }

    @Test
    void aModelThatAJobWroteToInPlaceIsNotPlayedWithAndModelLinkSaysSo() throws Exception {
        Sha256 sha = stored("weights", ArtifactKind.MODEL, "n1", "n2");
        order(new Command.PromoteModel(HEX, sha, Optional.empty(), 0));
        links.point(HEX, sha);
        Path file = data.resolve("models/canonical_hex8_2p.pth");

        overwrite(file, "weights");
        assertThat(shelf.link(N1).links().getFirst()).satisfies(link -> {
            assertThat(link.state()).isEqualTo("REPAIRED");
            assertThat(link.did()).singleElement().asString().contains("is whole");
        });
        assertThat(shelf.link(N1).links().getFirst().state()).isEqualTo("OK");

        overwrite(file, "WEIGHTS");
        assertThat(shelf.link(N1).links().getFirst()).satisfies(link -> {
            assertThat(link.state()).isEqualTo("WAITING");
            assertThat(link.did()).singleElement().asString().contains("wrote to the file in place", "fetched again");
        });
        assertThat(file).doesNotExist();
        assertThat(files.has(sha)).isFalse();
        Eventually.await("the cluster to know", PATIENCE, () -> !receipt(sha));
    }

    @Test
    void modelLinkDoesNotGoBackToAnOlderModelWhileTheNodeCatchesUp() throws Exception {
        Sha256 one = stored("one", ArtifactKind.MODEL, "n1", "n2");
        Sha256 two = stored("two", ArtifactKind.MODEL, "n1", "n2");
        order(new Command.PromoteModel(HEX, one, Optional.empty(), 0));
        // It had acted on the next promotion before it was started again.
        links.point(HEX, two);
        floor.raise(replica.state().revision() + 1);
        Path file = data.resolve("models/canonical_hex8_2p.pth");

        Shelf.Links answer = shelf.link(N1);
        assertThat(answer.why()).contains("expected revision " + floor.value(), "caught up");
        assertThat(answer.links()).isEmpty();
        assertThat(file).hasContent("two");

        order(new Command.PromoteModel(HEX, two, Optional.of(one), 0));
        assertThat(shelf.link(N1).links().getFirst().state()).isEqualTo("OK");
    }

    @Test
    void aForeignFileInAModelsPlaceSurvivesTheReading() throws Exception {
        ModelLinks here = ModelLinks.open(data, ModelNames.DEFAULT, files);
        NodeShelf shelf = shelf(here);
        Sha256 sha = stored("weights", ArtifactKind.MODEL, "n1", "n2");
        here.point(HEX, sha);
        Path file = data.resolve("models/canonical_hex8_2p.pth");
        Files.delete(file);
        Files.writeString(file, "mine");

        assertThat(shelf.look(N1, sha, Shelf.Look.VERIFY).state()).isEqualTo(Shelf.State.VERIFIED);

        assertThat(file).hasContent("mine");
        assertThat(here.all().has(HEX)).as("it is put in place again").isFalse();
        here.point(HEX, sha);
        assertThat(file.resolveSibling("canonical_hex8_2p.pth.muster-aside-1")).hasContent("mine");
    }

    @Test
    void aCopyOnAnotherFileSystemIsReadToo(@TempDir(factory = SharedMemory.class) Path elsewhere) throws Exception {
        assumeThat(Files.getFileStore(elsewhere)).isNotEqualTo(Files.getFileStore(data));
        ModelNames names = new ModelNames(
                elsewhere.resolve("models").toString(), ModelNames.DEFAULT.canonical(), ModelNames.DEFAULT.link());
        ModelLinks there = ModelLinks.open(data, names, files);
        NodeShelf shelf = shelf(there);
        Sha256 sha = stored("weights", ArtifactKind.MODEL, "n1", "n2");
        there.point(HEX, sha);
        Path file = elsewhere.resolve("models/canonical_hex8_2p.pth");
        assertThat(Files.isSameFile(file, files.path(sha))).isFalse();
        assertThat(shelf.look(N1, sha, Shelf.Look.VERIFY).state()).isEqualTo(Shelf.State.VERIFIED);

        FileTime before = Files.getLastModifiedTime(file);
        flipBit(file);
        Files.setLastModifiedTime(file, before);
        Shelf.Copy copy = shelf.look(N1, sha, Shelf.Look.VERIFY);

        assertThat(copy.state()).isEqualTo(Shelf.State.CORRUPT);
        assertThat(copy.why()).contains("canonical_hex8_2p.pth", "put in place again");
        assertThat(file).doesNotExist();
        assertThat(there.all().has(HEX)).isFalse();
        there.point(HEX, sha);
        assertThat(shelf.look(N1, sha, Shelf.Look.VERIFY).state()).isEqualTo(Shelf.State.VERIFIED);
    }

    @Test
    void aDamagedFileIsNotCopiedToAnotherFileSystem(@TempDir(factory = SharedMemory.class) Path elsewhere)
            throws Exception {
        assumeThat(Files.getFileStore(elsewhere)).isNotEqualTo(Files.getFileStore(data));
        Sha256 sha = stored("weights", ArtifactKind.MODEL, "n1", "n2");
        flipBit(files.path(sha));

        assertThatThrownBy(() -> files.lay(sha, elsewhere.resolve("copy")))
                .hasMessageContaining("expected to copy the artifact");

        assertThat(elsewhere).isEmptyDirectory();
        assertThat(files.doubted()).containsExactly(sha);
    }

    /// A file system of its own on most machines.
    static final class SharedMemory implements TempDirFactory {
        @Override
        public Path createTempDirectory(AnnotatedElementContext element, ExtensionContext context) throws IOException {
            Path memory = Path.of("/dev/shm");
            return Files.isWritable(memory)
                    ? Files.createTempDirectory(memory, "muster-test-")
                    : Files.createTempDirectory("muster-test-");
        }
    }

    @Test
    void aLostFileIsFetchedAgainByWhoIsToHoldIt() throws Exception {
        Sha256 sha = stored("games", ArtifactKind.OTHER, "n1", "n2", "n3", "n4");
        files.delete(sha);
        caretaker.repair();
        Eventually.await("the cluster to know", PATIENCE, () -> !receipt(sha));
        order(new Command.FenceNode(new NodeId("n4")));
        caretaker.repair();
        Eventually.await("a try, which nobody answers", PATIENCE, () -> {
            caretaker.repair();
            return shelf.look(N1, sha, Shelf.Look.STAT).state() == Shelf.State.FETCHING;
        });
    }

    /// Of such a size that this node looks for somebody who has it for half a minute.
    private Sha256 elsewhere(char digit, long size, ArtifactKind kind, String... holders) {
        Sha256 sha = new Sha256(String.valueOf(digit).repeat(64));
        for (String holder : holders)
            order(new Command.PutArtifact(sha, size, "f", kind, Optional.empty(), new NodeId(holder)));
        return sha;
    }

    private static final long LARGE = 1L << 30;

    @Test
    void whatIsGoneIsNotRemembered() throws Exception {
        for (int number = 1; number <= 3; number++) {
            Sha256 sha = stored("file " + number, ArtifactKind.OTHER);
            files.open(sha).close();
            files.doubt(sha);
            files.delete(sha);
        }
        Sha256 kept = stored("kept", ArtifactKind.OTHER);
        assertThat(files.remembered()).isEqualTo(1);
        assertThat(files.held()).containsExactly(kept);

        try (DeltaMaker maker = new DeltaMaker(N1, files, command -> {})) {
            for (char digit : new char[] {'a', 'b', 'c'}) {
                Sha256 missing = new Sha256(String.valueOf(digit).repeat(64));
                Eventually.await("it is tried, and fails", PATIENCE, () -> {
                    maker.make(new DeltaOf(missing, kept));
                    return maker.remembered() == 1;
                });
            }
            assertThat(maker.remembered()).isEqualTo(1);
        }
    }

    @Test
    void anHourlyLookClearsAwayWhatCameOfFilesThatNobodyAsksFor() throws Exception {
        Path part = Files.writeString(data.resolve("artifacts/parts/" + "ab".repeat(32)), "part");
        Path fresh = Files.writeString(data.resolve("artifacts/parts/" + "cd".repeat(32)), "part");
        Files.setLastModifiedTime(part, FileTime.from(Instant.now().minus(Duration.ofHours(25))));
        for (int number = 1; number <= 5; number++)
            Files.writeString(data.resolve("artifacts/quarantine/bad" + number), "x");

        caretaker.clear();

        assertThat(part).doesNotExist();
        assertThat(fresh).exists();
        assertThat(data.resolve("artifacts/quarantine").toFile().list()).hasSize(4);
    }

    @Test
    void copiesLeaveAPlaceForWhatIsUrgent() {
        elsewhere('a', LARGE, ArtifactKind.OTHER, "n2");
        elsewhere('b', LARGE, ArtifactKind.OTHER, "n2");
        Sha256 model = elsewhere('c', LARGE, ArtifactKind.OTHER, "n2", "n3", "n4");
        order(new Command.FenceNode(new NodeId("n3")));
        order(new Command.FenceNode(new NodeId("n4"))); // so it is for n1 to have a copy of each

        caretaker.repair();
        caretaker.repair();

        assertThat(fetcher.fetching()).hasSize(Fetcher.AT_ONCE_MAX - 1);
        fetcher.fetch(model, List.of(new NodeId("n2")));
        assertThat(fetcher.fetching()).hasSize(Fetcher.AT_ONCE_MAX).contains(model);
    }

    @Test
    void aCopyThatNobodyWantsHereAnyMoreIsBrokenOff() {
        order(new Command.FenceNode(new NodeId("n3")));
        order(new Command.FenceNode(new NodeId("n4")));
        Sha256 copy = elsewhere('a', LARGE, ArtifactKind.OTHER, "n2");
        caretaker.repair();
        assertThat(fetcher.fetching()).containsExactly(copy);
        caretaker.repair();
        assertThat(fetcher.fetching()).as("still wanted").containsExactly(copy);

        order(new Command.ReadmitNode(new NodeId("n3")));
        order(new Command.ReadmitNode(new NodeId("n4")));
        for (String other : new String[] {"n3", "n4"}) order(new Command.ConfirmReplica(copy, new NodeId(other)));
        caretaker.repair();
        Eventually.await("it to leave off", PATIENCE, () -> fetcher.fetching().isEmpty());
        assertThat(files.troubles().isEmpty()).isTrue();
    }

    @Test
    @Tag("slow")
    void anInputThatAJobWaitsForIsBrokenOffForAnotherWayAndForNothingElse() throws Exception {
        Sha256 input = elsewhere('a', LARGE, ArtifactKind.OTHER, "n2", "n3", "n4");
        FutureTask<Boolean> needed = new FutureTask<>(() -> {
            fetcher.need(input);
            return true;
        });
        Thread job = Thread.ofVirtual().start(needed);
        Eventually.await("it is looked for", PATIENCE, () -> fetcher.fetching().contains(input));
        fetcher.keepOnly(sha -> false);

        long start = System.nanoTime();
        assertThatThrownBy(() -> fetcher.force(input, Transport.HTTP))
                .isInstanceOf(IOException.class)
                .hasMessageNotContaining("break off");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(15));

        Eventually.await("the job waits on", PATIENCE, () -> fetcher.fetching().contains(input));
        assertThat(needed.isDone()).isFalse();
        job.interrupt();
        assertThatThrownBy(needed::get).hasCauseInstanceOf(InterruptedException.class);
        fetcher.keepOnly(sha -> false);
        Eventually.await("nobody waits", PATIENCE, () -> fetcher.fetching().isEmpty());
    }

    @Test
    @Tag("slow")
    void whatFailedIsTriedAgainAtOnceWhenSomebodyAsksForIt() {
        Sha256 sha = elsewhere('a', 5, ArtifactKind.OTHER, "n2");
        for (int time = 1; time <= 2; time++)
            assertThat(triedAndFailed(sha)).as("try " + time).isTrue();

        fetcher.fetch(sha, List.of(new NodeId("n2")));
        assertThat(fetcher.fetching()).as("a pause of two seconds").isEmpty();

        assertThat(shelf.look(N1, sha, Shelf.Look.STAT).state()).isEqualTo(Shelf.State.FAILING);
        assertThat(triedAndFailed(sha)).isTrue();
    }

    private boolean triedAndFailed(Sha256 sha) {
        shelf.look(N1, sha, Shelf.Look.VERIFY);
        int before = ended.get();
        fetcher.fetch(sha, List.of(new NodeId("n2")));
        Eventually.await("it has failed", PATIENCE, () -> !fetcher.fetching().contains(sha));
        return ended.get() > before;
    }

    @Test
    void roomIsMadeByTheOldestCopyThatOthersHoldToo() throws Exception {
        Sha256 spare = stored("spare file..", ArtifactKind.GAMES, "n1", "n2", "n3");
        Sha256 needed = stored("needed file.", ArtifactKind.GAMES, "n1", "n2");
        Sha256 fresh = stored("fresh file..", ArtifactKind.GAMES, "n1", "n2", "n3");
        files.store().use(name(needed), Instant.EPOCH);
        files.store().use(name(spare), Instant.EPOCH.plusSeconds(1));

        caretaker.collect();

        assertThat(files.held()).contains(needed).doesNotContain(spare);
        assertThat(receipt(spare)).isFalse();
        assertThat(data.resolve("artifacts/objects")).isDirectoryRecursivelyContaining("glob:**" + needed);
        assertThat(files.store().has(name(spare))).isFalse();
        caretaker.collect();
        assertThat(files.held()).doesNotContain(fresh);
        caretaker.collect();
        assertThat(files.held()).containsExactly(needed);
    }

    private static dev.muster.edge.artifact.Sha256 name(Sha256 sha) {
        return new dev.muster.edge.artifact.Sha256(sha.hex());
    }

    @Test
    void aBrokenModelIsNotKeptAndNeitherIsAnotherFileThanWasTold() throws Exception {
        assertThat(put("PK\u0003\u0004cut", ArtifactKind.MODEL, Optional.empty()))
                .isInstanceOfSatisfying(
                        Shelf.Put.Refused.class, no -> assertThat(no.code()).isEqualTo("BROKEN"));
        assertThat(put("x", ArtifactKind.OTHER, Optional.of(new Sha256("ab".repeat(32)))))
                .isInstanceOfSatisfying(
                        Shelf.Put.Refused.class, no -> assertThat(no.code()).isEqualTo("MISMATCH"));
        assertThat(files.list()).isEmpty();
    }

    @Test
    void aFullDiskIsToldWithTheCopyThatIsMissing() throws Exception {
        LocalFiles full =
                LocalFiles.open(data.resolve("full"), new Manifests(data.resolve("manifests")), Long.MAX_VALUE / 2);
        Sha256 sha = new Sha256("ab".repeat(32));
        try {
            full.receive(sha, 5, new ByteArrayInputStream(new byte[5]));
        } catch (IOException e) {
            assertThat(e).hasMessageStartingWith("disk full: ");
        }
        NodeShelf there = new NodeShelf(
                N1,
                replica,
                floor,
                full,
                new Fetcher(N1, full, swarm(full), replica, () -> {}),
                links,
                caretaker,
                client);
        Shelf.Copy copy = there.look(N1, sha, Shelf.Look.STAT);
        assertThat(copy.state()).isEqualTo(Shelf.State.FAILING);
        assertThat(copy.why()).startsWith("disk full: ");
        assertThat(there.look(new NodeId("n9"), sha, Shelf.Look.STAT).state()).isEqualTo(Shelf.State.UNREACHABLE);
    }

    private Swarm swarm(LocalFiles files) throws IOException {
        return new Swarm(
                new Manifests(new DataDir(data).manifests()),
                Swarm.Settings.of("test-token"),
                new Alone(N1),
                Lead.NEVER,
                files);
    }
}
