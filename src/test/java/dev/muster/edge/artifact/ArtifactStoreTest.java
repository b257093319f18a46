package dev.muster.edge.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.edge.artifact.ArtifactStore.Access;
import dev.muster.edge.artifact.ArtifactStore.Limits;
import dev.muster.edge.artifact.FetchResult.Mismatch;
import dev.muster.edge.artifact.PlaceResult.Placed;
import dev.muster.edge.artifact.PutResult.NoSpace;
import dev.muster.edge.artifact.PutResult.Stored;
import dev.muster.edge.artifact.VerifyResult.Corrupt;
import dev.muster.edge.artifact.VerifyResult.Verified;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArtifactStoreTest {
    /// printf hello | sha256sum
    private static final Sha256 HELLO = new Sha256("2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");

    private static final Sha256 OTHER = new Sha256("0".repeat(64));
    private static final Stored STORED = new Stored(HELLO, 5);

    @TempDir
    Path temp;

    private Path dir;
    private Path work;
    private ArtifactStore store;

    @BeforeEach
    void open() throws IOException {
        dir = temp.resolve("store");
        work = Files.createDirectory(temp.resolve("work"));
        store = ArtifactStore.open(dir, new Limits(1 << 20));
    }

    private static InputStream bytes(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }

    private Path object(Sha256 sha256) {
        return dir.resolve("objects").resolve(sha256.hex().substring(0, 2)).resolve(sha256.hex());
    }

    private void nothingIsLeftInTmp() {
        assertThat(dir.resolve("tmp")).isEmptyDirectory();
    }

    @Test
    void aFileAndAStreamAreStoredUnderTheirHash() throws IOException {
        Path file = Files.writeString(work.resolve("file"), "hello");

        assertThat(store.put(file)).isEqualTo(STORED);
        assertThat(store.put(bytes("hello"))).isEqualTo(STORED);

        assertThat(store.has(HELLO)).isTrue();
        assertThat(store.path(HELLO)).contains(object(HELLO));
        assertThat(object(HELLO)).hasContent("hello");
        assertThat(store.list()).containsExactly(STORED);
        nothingIsLeftInTmp();
    }

    @Test
    void anEmptyFileIsAnArtifactLikeAnyOther() throws IOException {
        Stored empty = (Stored) store.put(bytes(""));

        assertThat(empty.size()).isZero();
        assertThat(store.verify(empty.sha256())).isEqualTo(new Verified(0));
    }

    @Test
    void whatIsNotThereIsNotFound() throws IOException {
        assertThat(store.has(HELLO)).isFalse();
        assertThat(store.path(HELLO)).isEmpty();
        assertThat(store.open(HELLO)).isEmpty();
        assertThat(store.verify(HELLO)).isEqualTo(new VerifyResult.Missing());
        assertThat(store.delete(HELLO)).isFalse();
        assertThat(store.linkInto(HELLO, work.resolve("x"), Access.OWN_COPY)).isEqualTo(new PlaceResult.Missing());
        assertThat(store.list()).isEmpty();
    }

    @Test
    void anOpenArtifactStaysReadableWhenItIsDeleted() throws IOException {
        store.put(bytes("hello"));

        try (FileChannel channel = store.open(HELLO).orElseThrow()) {
            assertThat(store.delete(HELLO)).isTrue();

            channel.position(1);
            assertThat(Channels.newInputStream(channel).readAllBytes())
                    .asString()
                    .isEqualTo("ello");
        }
        assertThat(store.has(HELLO)).isFalse();
    }

    @Test
    void aFetchOfTheRightBytesIsStored() throws IOException {
        assertThat(store.fetch(HELLO, 5, bytes("hello"))).isEqualTo(STORED);

        assertThat(store.verify(HELLO)).isEqualTo(new Verified(5));
    }

    @Test
    void aFetchOfWhatIsThereReadsNothing() throws IOException {
        store.put(bytes("hello"));
        InputStream unread = bytes("hello");

        assertThat(store.fetch(HELLO, 5, unread)).isEqualTo(STORED);
        assertThat(unread.available()).isEqualTo(5);
    }

    @Test
    void aFetchOfOtherBytesIsRefusedAndLeavesNothing() throws IOException {
        assertThat(store.fetch(OTHER, 5, bytes("hello"))).isEqualTo(new Mismatch(OTHER, 5, HELLO, 5));
        assertThat(store.fetch(HELLO, 6, bytes("hello"))).isEqualTo(new Mismatch(HELLO, 6, HELLO, 5));
        assertThat(store.fetch(HELLO, 4, bytes("hello"))).isEqualTo(new Mismatch(HELLO, 4, HELLO, 5));

        assertThat(store.list()).isEmpty();
        nothingIsLeftInTmp();
    }

    @Test
    void aSenderOfTooMuchIsCutOff() throws IOException {
        InputStream endless = new InputStream() {
            @Override
            public int read() {
                return 'x';
            }

            @Override
            public int read(byte[] into, int from, int length) {
                return length;
            }
        };

        Mismatch mismatch = (Mismatch) store.fetch(HELLO, 5, endless);

        assertThat(mismatch.foundSize()).isBetween(6L, 1L << 20);
        assertThat(mismatch.message()).startsWith("expected 5 bytes with SHA-256 2cf24d");
        nothingIsLeftInTmp();
    }

    @Test
    void aStreamThatBreaksLeavesNothing() {
        InputStream broken = new InputStream() {
            private boolean started;

            @Override
            public int read() {
                throw new UnsupportedOperationException("the store reads blocks");
            }

            @Override
            public int read(byte[] into, int from, int length) throws IOException {
                if (started) {
                    throw new IOException("connection reset");
                }
                started = true;
                return 1000;
            }
        };

        assertThatThrownBy(() -> store.fetch(HELLO, 2000, broken)).hasMessage("connection reset");
        nothingIsLeftInTmp();
    }

    @Test
    void whatNoLongerHasItsHashGoesToQuarantine() throws IOException {
        store.put(bytes("hello"));
        Files.setPosixFilePermissions(object(HELLO), PosixFilePermissions.fromString("rw-r--r--"));
        Files.writeString(object(HELLO), "jello");

        Corrupt corrupt = (Corrupt) store.verify(HELLO);

        assertThat(corrupt.size()).isEqualTo(5);
        assertThat(corrupt.quarantined()).hasParent(dir.resolve("quarantine")).hasContent("jello");
        assertThat(store.has(HELLO)).isFalse();
        assertThat(store.put(bytes("hello"))).isEqualTo(STORED);
        assertThat(store.verify(HELLO)).isEqualTo(new Verified(5));
    }

    @Test
    void aLinkWhereAFileShouldBeIsNoFileAndWhatItLeadsToIsLeftAlone() throws IOException {
        Path precious = Files.writeString(work.resolve("precious"), "hello");
        Files.createDirectories(object(HELLO).getParent());
        Files.createSymbolicLink(object(HELLO), precious);

        assertThat(store.has(HELLO)).isFalse();
        assertThat(store.open(HELLO)).isEmpty();
        assertThat(store.list()).isEmpty();
        assertThat(store.verify(HELLO)).isEqualTo(new VerifyResult.Missing());
        assertThat(store.linkInto(HELLO, work.resolve("model"), Access.READ_ONLY))
                .isEqualTo(new PlaceResult.Missing());

        assertThat(store.fetch(HELLO, 5, bytes("hello"))).isEqualTo(STORED);
        assertThat(object(HELLO)).isRegularFile().hasContent("hello");
        assertThat(Files.isSymbolicLink(object(HELLO))).isFalse();
        assertThat(Files.getPosixFilePermissions(precious)).contains(PosixFilePermission.OWNER_WRITE);
    }

    @Test
    void aLinkWhereAPartShouldBeIsNotWrittenThrough() throws IOException {
        Path precious = Files.writeString(work.resolve("precious"), "precious and long");
        Files.createSymbolicLink(dir.resolve("parts").resolve(HELLO.hex()), precious);

        try (Partial part = store.partial(HELLO, 5)) {
            assertThat(part.resumed()).isFalse();
            assertThat(part.reserve(5)).isEmpty();
            part.write(ByteBuffer.wrap("hello".getBytes(StandardCharsets.UTF_8)), 0);
            part.keep();
        }

        assertThat(store.verify(HELLO)).isEqualTo(new Verified(5));
        assertThat(precious).hasContent("precious and long");
    }

    @Test
    void aPutHealsACopyThatWentBad() throws IOException {
        store.put(bytes("hello"));
        Files.setPosixFilePermissions(object(HELLO), PosixFilePermissions.fromString("rw-r--r--"));
        Files.writeString(object(HELLO), "jello");

        store.put(bytes("hello"));

        assertThat(store.verify(HELLO)).isEqualTo(new Verified(5));
    }

    @Test
    void aJobThatWritesToItsCopyDoesNotChangeTheStore() throws IOException {
        store.put(bytes("hello"));
        Path mine = work.resolve("model");

        assertThat(store.linkInto(HELLO, mine, Access.OWN_COPY)).isEqualTo(new Placed(false));
        assertThat(Files.getPosixFilePermissions(mine)).isEqualTo(PosixFilePermissions.fromString("rw-r--r--"));
        Files.writeString(mine, "mine now");

        assertThat(store.verify(HELLO)).isEqualTo(new Verified(5));
        assertThat(work).isDirectoryNotContaining("glob:**.muster-*");
    }

    @Test
    void theQuarantineKeepsAFewFilesAndNoLargeOnes() throws IOException {
        Path quarantine = dir.resolve("quarantine");
        for (int number = 1; number <= 6; number++) Files.writeString(quarantine.resolve("bad" + number), "x");
        assertThat(store.clearQuarantine()).hasSize(2);
        assertThat(store.clearQuarantine()).isEmpty();
        assertThat(quarantine).isDirectoryContaining("glob:**bad*");

        Path large = quarantine.resolve("large");
        try (FileChannel sparse = FileChannel.open(large, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            sparse.write(ByteBuffer.wrap(new byte[1]), 2L << 30);
        }
        assertThat(store.clearQuarantine()).contains(large);
        assertThat(large).doesNotExist();
    }

    @Test
    void aCopyThatDoesNotHaveTheHashIsNotPlaced() throws IOException {
        store.put(bytes("hello"));
        Files.setPosixFilePermissions(object(HELLO), PosixFilePermissions.fromString("rw-r--r--"));
        Files.writeString(object(HELLO), "jello");

        assertThat(store.linkInto(HELLO, work.resolve("model"), Access.OWN_COPY))
                .isInstanceOfSatisfying(
                        PlaceResult.Damaged.class,
                        damaged -> assertThat(damaged.size()).isEqualTo(5));

        assertThat(work).isEmptyDirectory();
    }

    @Test
    void aReadOnlyPlaceIsTheStoresOwnFile() throws IOException {
        store.put(bytes("hello"));
        Path mine = work.resolve("model");

        assertThat(store.linkInto(HELLO, mine, Access.READ_ONLY)).isEqualTo(new Placed(true));

        assertThat(Files.isSameFile(mine, object(HELLO))).isTrue();
        assertThat(Files.getPosixFilePermissions(mine)).isEqualTo(PosixFilePermissions.fromString("r--r--r--"));
        store.delete(HELLO);
        assertThat(mine).hasContent("hello");
    }

    @Test
    void nothingIsPlacedOverAnotherFile() throws IOException {
        store.put(bytes("hello"));
        Path taken = Files.writeString(work.resolve("taken"), "mine");

        for (Access access : Access.values()) {
            assertThatThrownBy(() -> store.linkInto(HELLO, taken, access))
                    .isInstanceOf(FileAlreadyExistsException.class);
        }
        assertThat(taken).hasContent("mine");
    }

    @Test
    void belowTheFloorNothingIsWritten() throws IOException {
        store.put(bytes("hello"));
        long free = Files.getFileStore(dir).getUsableSpace();
        ArtifactStore full = ArtifactStore.open(dir, new Limits(free + (1L << 40)));
        Path file = Files.writeString(work.resolve("file"), "hello");

        for (Object no : List.of(
                full.put(file),
                full.put(bytes("x")),
                full.fetch(OTHER, 5, bytes("hello")),
                full.linkInto(HELLO, work.resolve("copy"), Access.OWN_COPY))) {
            assertThat(no).isInstanceOfSatisfying(NoSpace.class, it -> {
                assertThat(it.expected()).isGreaterThan(free + (1L << 40));
                assertThat(it.found()).isLessThan(it.expected());
            });
        }
        nothingIsLeftInTmp();
        assertThat(work).isDirectoryNotContaining("glob:**copy*");
    }

    @Test
    void roomIsSetAsideForWhatIsStillBeingWritten() throws IOException {
        long free = Files.getFileStore(dir).getUsableSpace();
        Room room = new Room(dir, 0, () -> -1);

        assertThat(room.take(free / 4 * 3)).isTrue();
        assertThat(room.take(free / 4 * 3)).isFalse();
        room.give(free / 4 * 3);
        assertThat(room.take(free / 4 * 3)).isTrue();
    }

    @Test
    void aFullDiskIsToldWithTheSettingAndInSizesForPeople() {
        assertThat(new NoSpace(3L << 29, (1L << 30) + 1, -1).message())
                .isEqualTo(
                        "disk full: expected 1.5GiB free in the artifact store, limits.disk_reserve included, but found"
                                + " 1GiB, 511.9MiB too few; make room there, or lower limits.artifacts_max");
        assertThat(new NoSpace(1 << 20, 0, -1).message())
                .contains("expected 1MiB ")
                .contains("found 0B, 1MiB");
        assertThat(new NoSpace(Long.MAX_VALUE, 1023, -1).message()).contains("but found 1023B, 8388607.9TiB too few");
    }

    @Test
    void inodesAreSetAsideBeforeATransferBegins() throws IOException {
        ArtifactStore store = ArtifactStore.open(dir, new Limits(0), () -> 1_003);

        try (ArtifactStore.Reservation held = store.reserve(10).orElseThrow()) {
            assertThat(held).isNotNull();
            assertThat(store.reserve(10)).isEmpty();
            assertThat(store.put(bytes("hello")))
                    .isInstanceOfSatisfying(
                            NoSpace.class,
                            no -> assertThat(no.message())
                                    .startsWith("disk full: expected more than 1000 free inodes"));
        }
        assertThat(store.put(bytes("hello"))).isInstanceOf(PutResult.Stored.class);
        assertThat(store.put(bytes("hello"))).isInstanceOf(PutResult.Stored.class);
    }

    @Test
    void bytesAreSetAsideBeforeTheFirstIsRead() throws IOException {
        long free = Files.getFileStore(dir).getUsableSpace();
        assertThat(ArtifactStore.open(dir, new Limits(0)).put(bytes("hello"), 4 * free))
                .isInstanceOf(NoSpace.class);
        assertThat(ArtifactStore.open(dir, new Limits(0)).reserve(4 * free)).isEmpty();
    }

    @Test
    void roomIsGivenBackHoweverAPutEnds() throws IOException {
        long free = Files.getFileStore(dir).getUsableSpace();
        long floor = free - (8L << 30);
        ArtifactStore tight = ArtifactStore.open(dir, new Limits(floor));

        for (int i = 0; i < 50; i++) {
            tight.put(bytes("hello"));
            tight.fetch(OTHER, 5, bytes("hello"));
        }

        assertThat(tight.fetch(OTHER, 2L << 30, bytes("hello"))).isInstanceOf(Mismatch.class);
        assertThat(tight.fetch(OTHER, 1L << 40, bytes("hello"))).isInstanceOf(NoSpace.class);
    }

    @Test
    void whatAnAgentLeftHalfWrittenIsDeletedAtOpen() throws IOException {
        store.put(bytes("hello"));
        Files.writeString(dir.resolve("tmp").resolve("17"), "half of someth");

        ArtifactStore again = ArtifactStore.open(dir, new Limits(0));

        nothingIsLeftInTmp();
        assertThat(again.list()).containsExactly(STORED);
    }

    @Test
    void manyMayStoreTheSameAndOthersAtOnce() throws Exception {
        int threads = 16;
        CyclicBarrier together = new CyclicBarrier(threads);
        List<Future<FetchResult>> results = new ArrayList<>();
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < threads; i++) {
                String text = i % 2 == 0 ? "hello" : "other " + i;
                results.add(executor.submit(() -> {
                    together.await();
                    return text.equals("hello") ? store.fetch(HELLO, 5, bytes(text)) : (Stored) store.put(bytes(text));
                }));
            }
        }

        for (Future<FetchResult> result : results) {
            assertThat(result.get()).isInstanceOf(Stored.class);
        }
        assertThat(store.list()).hasSize(1 + threads / 2);
        for (Stored stored : store.list()) {
            assertThat(store.verify(stored.sha256())).isEqualTo(new Verified(stored.size()));
        }
        nothingIsLeftInTmp();
    }

    @Test
    void strangersInTheDirectoryAreNotListed() throws IOException {
        store.put(bytes("hello"));
        Files.writeString(object(HELLO).resolveSibling("README"), "x");

        assertThat(store.list()).containsExactly(STORED);
        try (Stream<Path> files = Files.list(object(HELLO).getParent())) {
            assertThat(files).hasSize(2);
        }
    }

    @Test
    void aHashIsSixtyFourLowerCaseDigits() {
        for (String bad : List.of("", "../../etc/passwd", HELLO.hex().toUpperCase(), HELLO.hex() + "0")) {
            assertThatThrownBy(() -> new Sha256(bad))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("but found " + bad);
        }
    }
}
