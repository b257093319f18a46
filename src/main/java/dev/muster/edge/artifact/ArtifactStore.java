package dev.muster.edge.artifact;

import dev.muster.edge.artifact.PutResult.NoSpace;
import dev.muster.edge.artifact.PutResult.Stored;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/// Keeps files under the SHA-256 of their content, in one directory of one agent.
///
/// A file is written under `tmp/`, hashed as it passes, forced to the disk, and only then named after its hash by an
/// atomic rename: whatever is in `objects/` was whole when it got there. Storing what is already stored replaces it
/// with the same content, which also heals a copy that went bad.
///
/// Thread-safe. One store at a time per directory.
public final class ArtifactStore {
    private static final int BUFFER_BYTES = 128 << 10;
    /// A disk that goes bad makes one after the other.
    private static final int QUARANTINE_FILES_MAX = 4;
    private static final long QUARANTINE_BYTES_MAX = 1L << 30;

    private final Path objects;
    private final Path tmp;
    private final Path parts;
    private final Path quarantine;
    private final Room room;
    private final AtomicLong names = new AtomicLong();

    /// @param freeBytesMin what stays free on the disk whatever is stored: jobs and journals must still be able to
    ///                     write
    public record Limits(long freeBytesMin) {
        /// 1 GiB.
        public static Limits defaults() {
            return new Limits(1L << 30);
        }
    }

    /// How a job may use what is placed for it.
    public enum Access {
        /// A copy of its own: the job may change it.
        OWN_COPY,
        /// The store's own file under another name, at no cost, where both are on one file system; else a copy. Only
        /// for what will not write to it: its permissions say read-only, but a job that runs as root is not
        /// held by them.
        READ_ONLY
    }

    private ArtifactStore(Path dir, Room room) {
        this.objects = dir.resolve("objects");
        this.tmp = dir.resolve("tmp");
        this.parts = dir.resolve("parts");
        this.quarantine = dir.resolve("quarantine");
        this.room = room;
    }

    /// Makes the directory if needed and deletes what an agent left half-written.
    public static ArtifactStore open(Path dir, Limits limits) throws IOException {
        return open(dir, limits, () -> -1);
    }

    /// @param inodesFree files that the disk can still take; -1 where it has no such limit or does not tell
    public static ArtifactStore open(Path dir, Limits limits, LongSupplier inodesFree) throws IOException {
        Files.createDirectories(dir);
        ArtifactStore store = new ArtifactStore(dir.toAbsolutePath(), new Room(dir, limits.freeBytesMin(), inodesFree));
        for (Path part : List.of(store.objects, store.tmp, store.parts, store.quarantine)) {
            Files.createDirectories(part);
        }
        try (Stream<Path> leftOver = Files.list(store.tmp)) {
            for (Path file : leftOver.toList()) {
                Files.delete(file);
            }
        }
        return store;
    }

    /// Room that is set aside for one file; closing gives back what is left of it.
    public interface Reservation extends AutoCloseable {
        @Override
        void close();
    }

    /// Takes bytes and inodes for a file before its transfer begins, for whoever writes it elsewhere on this disk first.
    ///
    /// @return empty when there is not enough; [#noRoom] says why
    public Optional<Reservation> reserve(long bytes) throws IOException {
        if (!room.takeFile(bytes)) return Optional.empty();
        AtomicBoolean given = new AtomicBoolean();
        return Optional.of(() -> {
            if (!given.compareAndSet(false, true)) return;
            room.give(bytes);
            room.giveFile();
        });
    }

    /// Begins a file that somebody else writes, of at most so many bytes. The caller closes it.
    ///
    /// @return empty when there is no room; [#noRoom] says why
    public Optional<Draft> draft(long bytes) throws IOException {
        return reserve(bytes).map(taken -> new Draft(this, taken, tmp.resolve(Long.toString(names.incrementAndGet()))));
    }

    /// Why so many bytes cannot be taken.
    public NoSpace noRoom(long bytes) throws IOException {
        return room.noSpace(bytes);
    }

    /// When it was last asked for, to the minute or so. The store keeps it in the file's access time, which survives
    /// mounts with `noatime`, since it is set and not left to the kernel.
    public Instant lastUsed(Sha256 sha256) throws IOException {
        return Files.readAttributes(file(sha256), BasicFileAttributes.class)
                .lastAccessTime()
                .toInstant();
    }

    /// It was asked for at this time.
    public void use(Sha256 sha256, Instant at) throws IOException {
        Files.getFileAttributeView(file(sha256), BasicFileAttributeView.class).setTimes(null, FileTime.from(at), null);
    }

    /// Copies a file into the store. It should not change meanwhile; what was read is what is stored.
    public PutResult put(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file);
                Incoming incoming = incoming()) {
            Optional<NoSpace> no = incoming.expect(Files.size(file));
            return no.isPresent() ? no.get() : put(in, incoming);
        }
    }

    /// Stores all that the stream gives; does not close it.
    public PutResult put(InputStream in) throws IOException {
        try (Incoming incoming = incoming()) {
            return put(in, incoming);
        }
    }

    /// As [#put(InputStream)], with room for `size` bytes set aside before the first is read.
    public PutResult put(InputStream in, long size) throws IOException {
        try (Incoming incoming = incoming()) {
            Optional<NoSpace> no = incoming.expect(size);
            return no.isPresent() ? no.get() : put(in, incoming);
        }
    }

    private PutResult put(InputStream in, Incoming incoming) throws IOException {
        Optional<NoSpace> no = write(in, Long.MAX_VALUE, incoming);
        return no.isPresent() ? no.get() : keep(incoming, incoming.written());
    }

    /// Stores what the stream gives if it is exactly the artifact asked for; does not close it. If the store has it
    /// already, nothing is read.
    public FetchResult fetch(Sha256 sha256, long size, InputStream in) throws IOException {
        if (size < 0) {
            throw new IllegalArgumentException("expected a size of 0 or more for " + sha256 + ", but found " + size);
        }
        if (has(sha256)) {
            return new Stored(sha256, Files.size(file(sha256)));
        }
        try (Incoming incoming = incoming()) {
            Optional<NoSpace> no = incoming.expect(size);
            if (no.isEmpty()) {
                no = write(in, size, incoming);
            }
            if (no.isPresent()) {
                return no.get();
            }
            Stored found = incoming.written();
            return found.equals(new Stored(sha256, size))
                    ? keep(incoming, found)
                    : new FetchResult.Mismatch(sha256, size, found.sha256(), found.size());
        }
    }

    /// Begins or takes up a file that arrives in pieces. One at a time for each hash; the caller closes it.
    public Partial partial(Sha256 sha256, long size) throws IOException {
        return new Partial(this, room, sha256, size, parts.resolve(sha256.hex()));
    }

    /// Writes a file, or goes on with what an earlier try left of it.
    public interface Writer {
        void write(Path file) throws IOException, InterruptedException;
    }

    /// Has a file written beside the store, and takes it when all of it has the hash. What came stays for the next try of
    /// the same way. One at a time for each hash and way.
    ///
    /// @param way names the file that is written
    public FetchResult aside(Sha256 sha256, long size, String way, Writer writer)
            throws IOException, InterruptedException {
        return new Aside(this, parts, sha256, size, way).fill(writer);
    }

    /// Files that arrived in part, by whatever way, and when they were last written to.
    public Map<Sha256, Instant> partials() throws IOException {
        Map<Sha256, Instant> found = new TreeMap<>();
        try (Stream<Path> files = Files.list(parts)) {
            for (Path file : files.toList()) {
                Optional<Sha256> of = Aside.of(file.getFileName().toString());
                Instant written = Files.getLastModifiedTime(file).toInstant();
                of.ifPresent(sha -> found.merge(sha, written, (one, other) -> one.isAfter(other) ? one : other));
            }
        }
        return found;
    }

    /// Deletes what has arrived of it, by whatever way.
    public void deletePartial(Sha256 sha256) throws IOException {
        Aside.clear(parts, sha256, "");
    }

    private Incoming incoming() {
        return new Incoming(tmp.resolve(Long.toString(names.incrementAndGet())), room);
    }

    /// A disk may be full before its figures say so (quotas, other writers).
    private Optional<NoSpace> write(InputStream in, long bytesMax, Incoming incoming) throws IOException {
        try {
            return incoming.write(in, bytesMax);
        } catch (IOException e) {
            if (String.valueOf(e.getMessage()).matches("(?s).*(No space left|quota exceeded).*")) {
                return Optional.of(room.noSpace(BUFFER_BYTES));
            }
            throw e;
        }
    }

    private Stored keep(Incoming incoming, Stored stored) throws IOException {
        adopt(incoming.file(), stored.sha256());
        return stored;
    }

    /// Names a file that was read and hashed after its hash.
    void adopt(Path file, Sha256 sha256) throws IOException {
        setPermissions(file, "r--r--r--");
        Path folder = folder(sha256);
        if (Files.notExists(folder)) {
            Files.createDirectories(folder);
            force(objects);
        }
        Files.move(file, file(sha256), StandardCopyOption.ATOMIC_MOVE);
        force(folder);
    }

    /// Is it there? Says nothing about its bytes: see [#verify(Sha256)]. A link in its place is nothing: what it leads to
    /// is somebody else's, and changes without the store.
    public boolean has(Sha256 sha256) {
        return Files.isRegularFile(file(sha256), LinkOption.NOFOLLOW_LINKS);
    }

    /// Where it is, to be read and never written; empty if it is not there. It may be deleted at any time.
    public Optional<Path> path(Sha256 sha256) {
        return has(sha256) ? Optional.of(file(sha256)) : Optional.empty();
    }

    /// Opens it for reading, at any position; empty if it is not there. Stays readable if it is deleted meanwhile. The
    /// caller closes it.
    public Optional<FileChannel> open(Sha256 sha256) throws IOException {
        if (!has(sha256)) return Optional.empty();
        try {
            return Optional.of(FileChannel.open(file(sha256), StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS));
        } catch (NoSuchFileException _) {
            return Optional.empty();
        }
    }

    /// Reads all of it again. What does not have its hash is moved to `quarantine/` and is no longer in the store.
    public VerifyResult verify(Sha256 sha256) throws IOException {
        return verify(sha256, (bytes, from, length) -> {});
    }

    /// Sees a file's bytes while they are read, from the first to the last.
    @FunctionalInterface
    public interface Passing {
        void bytes(byte[] bytes, int from, int length);
    }

    /// The same, and somebody looks on.
    public VerifyResult verify(Sha256 sha256, Passing passing) throws IOException {
        if (!has(sha256)) return new VerifyResult.Missing();
        Stored found;
        try (InputStream in = Files.newInputStream(file(sha256), LinkOption.NOFOLLOW_LINKS)) {
            found = hash(in, passing);
        } catch (NoSuchFileException _) {
            return new VerifyResult.Missing();
        }
        if (found.sha256().equals(sha256)) {
            return new VerifyResult.Verified(found.size());
        }
        Path target = quarantine.resolve(sha256 + "-found-" + found.sha256());
        try {
            Files.move(file(sha256), target, StandardCopyOption.ATOMIC_MOVE);
        } catch (NoSuchFileException _) {
            return new VerifyResult.Missing();
        }
        force(quarantine);
        force(folder(sha256));
        return new VerifyResult.Corrupt(found.sha256(), found.size(), target);
    }

    /// Keeps the files that went bad last, for people, and deletes older ones.
    ///
    /// @return what it deleted
    /// @throws IOException when the folder cannot be read or a file not be deleted
    public List<Path> clearQuarantine() throws IOException {
        List<Path> deleted = new ArrayList<>();
        long bytes = 0;
        int kept = 0;
        for (Path file : newestFirst(quarantine)) {
            long size = Files.size(file);
            if (kept < QUARANTINE_FILES_MAX && bytes + size <= QUARANTINE_BYTES_MAX) {
                kept++;
                bytes += size;
            } else {
                Files.deleteIfExists(file);
                deleted.add(file);
            }
        }
        return deleted;
    }

    private static List<Path> newestFirst(Path folder) throws IOException {
        Map<Path, FileTime> moved = new HashMap<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) moved.put(file, (FileTime) Files.getAttribute(file, "unix:ctime"));
        }
        return moved.keySet().stream()
                .sorted(Comparator.<Path, FileTime>comparing(moved::get)
                        .reversed()
                        .thenComparing(file -> file))
                .toList();
    }

    /// Reads a file that may lie anywhere.
    public static Sha256 sha256(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
            return hash(in).sha256();
        }
    }

    static Stored hash(InputStream in) throws IOException {
        return hash(in, (bytes, from, length) -> {});
    }

    private static Stored hash(InputStream in, Passing passing) throws IOException {
        MessageDigest digest = Sha256.digest();
        byte[] buffer = new byte[BUFFER_BYTES];
        long size = 0;
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
            digest.update(buffer, 0, read);
            passing.bytes(buffer, 0, read);
            size += read;
        }
        return new Stored(Sha256.of(digest), size);
    }

    /// All that is there, in the order of the hashes.
    public List<Stored> list() throws IOException {
        List<Stored> all = new ArrayList<>();
        try (Stream<Path> files = Files.find(objects, 2, (_, attributes) -> attributes.isRegularFile())) {
            for (Path file : files.toList()) {
                String name = file.getFileName().toString();
                if (Sha256.isValid(name) && Files.exists(file)) {
                    all.add(new Stored(new Sha256(name), Files.size(file)));
                }
            }
        }
        all.sort(Comparator.comparing(Stored::sha256));
        return all;
    }

    /// Deletes it. Whether it may be deleted (is it the last copy?) is not for the store to know.
    ///
    /// @return false if it was not there
    public boolean delete(Sha256 sha256) throws IOException {
        boolean deleted = Files.deleteIfExists(file(sha256));
        if (deleted) {
            force(folder(sha256));
        }
        return deleted;
    }

    /// Puts it at `target` for a job, in whole or not at all. The directory must exist.
    ///
    /// @throws FileAlreadyExistsException something is at `target`
    public PlaceResult linkInto(Sha256 sha256, Path target, Access access) throws IOException {
        if (!has(sha256)) {
            return new PlaceResult.Missing();
        }
        if (Files.exists(target)) {
            throw new FileAlreadyExistsException(target.toString());
        }
        try {
            return access == Access.READ_ONLY && hardLink(sha256, target)
                    ? new PlaceResult.Placed(true)
                    : copy(sha256, target, access);
        } catch (NoSuchFileException e) {
            if (has(sha256)) {
                throw e;
            }
            return new PlaceResult.Missing();
        }
    }

    private boolean hardLink(Sha256 sha256, Path target) throws IOException {
        try {
            Files.createLink(target, file(sha256));
            return true;
        } catch (FileAlreadyExistsException | NoSuchFileException e) {
            throw e;
        } catch (FileSystemException | UnsupportedOperationException _) {
            // Another file system, or one without links.
            return false;
        }
    }

    /// Hashes what it copies and forces it to the disk: a copy counts as the artifact for as long as it looks the same.
    private PlaceResult copy(Sha256 sha256, Path target, Access access) throws IOException {
        long size = Files.size(file(sha256));
        if (!room.take(size)) {
            return room.noSpace(size);
        }
        Path unfinished = target.resolveSibling("." + target.getFileName() + ".muster-" + names.incrementAndGet());
        try {
            Stored copied = copy(file(sha256), unfinished);
            if (!copied.sha256().equals(sha256)) return new PlaceResult.Damaged(copied.sha256(), copied.size());
            setPermissions(unfinished, access == Access.OWN_COPY ? "rw-r--r--" : "r--r--r--");
            Files.move(unfinished, target, StandardCopyOption.ATOMIC_MOVE);
            return new PlaceResult.Placed(false);
        } finally {
            room.give(size);
            Files.deleteIfExists(unfinished);
        }
    }

    private static Stored copy(Path from, Path to) throws IOException {
        MessageDigest digest = Sha256.digest();
        ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
        long size = 0;
        try (FileChannel in = FileChannel.open(from, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
                FileChannel out = FileChannel.open(to, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
            while (in.read(buffer.clear()) >= 0) {
                digest.update(buffer.flip());
                size += buffer.rewind().remaining();
                while (buffer.hasRemaining()) out.write(buffer);
            }
            out.force(true);
        }
        return new Stored(Sha256.of(digest), size);
    }

    /// `objects/ab/ab12…`: 256 directories keep each small enough for any file system.
    private Path file(Sha256 sha256) {
        return folder(sha256).resolve(sha256.hex());
    }

    private Path folder(Sha256 sha256) {
        return objects.resolve(sha256.hex().substring(0, 2));
    }

    private static void setPermissions(Path file, String permissions) throws IOException {
        if (Files.getFileStore(file).supportsFileAttributeView("posix")) {
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
        }
    }

    /// A rename is on the disk only when its directory is (fsync(2)).
    private static void force(Path dir) throws IOException {
        try (FileChannel channel = FileChannel.open(dir, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
