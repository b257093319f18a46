package dev.muster.edge.swarm;

import dev.muster.core.state.Sha256;
import dev.muster.core.swarm.Manifest;
import dev.muster.edge.artifact.ArtifactStore;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/// The manifests of files that are here, or on their way: one small file each, so that a large one is read once.
///
/// Binary, big-endian: the magic `MUSTERM1`, the file's SHA-256, its size (8 bytes), the size of a chunk (4 bytes), the
/// chunks' SHA-256. 32 bytes a chunk: 64 KiB for the most, 2,048. On the disk its own SHA-256 follows: chunks of others are
/// judged by it.
public final class Manifests {
    private static final long MAGIC = 0x4d55535445524d31L; // MUSTERM1
    private static final int HASH_BYTES = 32;
    private static final int HEAD_BYTES = 8 + HASH_BYTES + 8 + 4;
    /// 256 MiB chunks would not fit below it: far more than any file here has.
    static final int BYTES_MAX = 4 << 20;

    private static final int BUFFER_BYTES = 128 << 10;

    private final Path dir;
    private final Map<Sha256, Object> making = new ConcurrentHashMap<>();
    private final AtomicLong names = new AtomicLong();

    public Manifests(Path dir) throws IOException {
        this.dir = Files.createDirectories(dir);
    }

    /// The manifest kept for it.
    Optional<Manifest> find(Sha256 sha, long size) {
        try {
            byte[] kept = Files.readAllBytes(file(sha));
            int length = kept.length - HASH_BYTES;
            if (length < HEAD_BYTES) return Optional.empty();
            byte[] bytes = Arrays.copyOf(kept, length);
            if (!Arrays.equals(digest(bytes), 0, HASH_BYTES, kept, length, kept.length)) return Optional.empty();
            return Optional.of(parse(bytes, sha, size));
        } catch (IOException e) {
            return Optional.empty(); // never made, or damaged: it is made again
        }
    }

    /// The manifest of a file that is here whole; made on the first call, while others wait.
    ///
    /// @throws IOException when the file cannot be read, or has another hash
    Manifest of(Sha256 sha, FileChannel file) throws IOException {
        synchronized (making.computeIfAbsent(sha, any -> new Object())) {
            Optional<Manifest> known = find(sha, file.size());
            if (known.isPresent()) return known.get();
            Manifest made = make(sha, file);
            keep(made);
            return made;
        }
    }

    private static Manifest make(Sha256 sha, FileChannel file) throws IOException {
        long size = file.size();
        Hash whole = new Hash();
        Making making = new Making(size);
        ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
        for (long position = 0; position < size; ) {
            buffer.clear().limit((int) Math.min(BUFFER_BYTES, size - position));
            int read = file.read(buffer, position);
            if (read < 0) throw new EOFException("expected " + size + " bytes of " + sha + ", but found " + position);
            whole.update(buffer.array(), 0, read);
            making.bytes(buffer.array(), 0, read);
            position += read;
        }
        Sha256 found = whole.end();
        if (!found.equals(sha)) {
            throw new IOException("expected " + sha + " on this disk, but found " + found
                    + "; `muster artifact verify` moves it out of the way");
        }
        return making.of(sha);
    }

    /// A manifest that comes about while somebody else reads the file: whoever reads a file back need not read it once more
    /// when others want it.
    public static final class Making implements ArtifactStore.Passing {
        private final long size;
        private final int chunkBytes;
        private final Hash part = new Hash();
        private final List<Sha256> chunks = new ArrayList<>();
        private long position;

        /// @param size of the file, in bytes
        public Making(long size) {
            this.size = size;
            this.chunkBytes = Manifest.chunkBytesFor(size);
        }

        @Override
        public void bytes(byte[] bytes, int from, int length) {
            for (int done = 0; done < length; ) {
                long end = Math.min(size, (position / chunkBytes + 1) * chunkBytes);
                int now = (int) Math.min(length - done, Math.max(1, end - position));
                part.update(bytes, from + done, now);
                done += now;
                position += now;
                if (position == end) chunks.add(part.end());
            }
        }

        /// @throws IllegalArgumentException when other than `size` bytes have passed
        Manifest of(Sha256 sha) {
            if (position != size)
                throw new IllegalArgumentException("expected " + size + " bytes, but " + position + " passed");
            return new Manifest(sha, size, chunkBytes, chunks);
        }
    }

    /// Keeps what came about.
    ///
    /// @param sha the file's, which was verified by the same reading
    /// @throws IllegalArgumentException when the file was not as large as was said
    public void keep(Sha256 sha, Making making) throws IOException {
        keep(making.of(sha));
    }

    void keep(Manifest manifest) throws IOException {
        Path unfinished = dir.resolve(".new-" + names.incrementAndGet());
        byte[] bytes = bytes(manifest);
        Files.write(unfinished, bytes);
        Files.write(unfinished, digest(bytes), StandardOpenOption.APPEND);
        Files.move(unfinished, file(manifest.sha()), StandardCopyOption.ATOMIC_MOVE);
    }

    void drop(Sha256 sha) throws IOException {
        Files.deleteIfExists(file(sha));
    }

    /// Those that are kept.
    List<Sha256> list() throws IOException {
        List<Sha256> found = new ArrayList<>();
        try (Stream<Path> files = Files.list(dir)) {
            for (Path file : files.toList()) {
                if (file.getFileName().toString().matches("[0-9a-f]{64}")) {
                    found.add(new Sha256(file.getFileName().toString()));
                } else {
                    Files.deleteIfExists(file); // an agent ended while it wrote it
                }
            }
        }
        return found;
    }

    private Path file(Sha256 sha) {
        return dir.resolve(sha.hex());
    }

    static byte[] bytes(Manifest manifest) {
        ByteBuffer out = ByteBuffer.allocate(HEAD_BYTES + HASH_BYTES * manifest.count());
        out.putLong(MAGIC).put(raw(manifest.sha())).putLong(manifest.size()).putInt(manifest.chunkBytes());
        manifest.chunks().forEach(chunk -> out.put(raw(chunk)));
        return out.array();
    }

    /// @throws IOException when it is no manifest, or one of another file
    static Manifest parse(byte[] bytes, Sha256 sha, long size) throws IOException {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        if (bytes.length < HEAD_BYTES || in.getLong() != MAGIC) throw no(sha, "found none");
        Sha256 of = hash(in);
        long found = in.getLong();
        int chunkBytes = in.getInt();
        // Everybody cuts a file alike: the leader counts chunks by the size alone.
        if (!of.equals(sha) || found != size || chunkBytes != Manifest.chunkBytesFor(size)) {
            throw no(sha, "found one of " + of + " with " + found + " bytes in chunks of " + chunkBytes);
        }
        if (in.remaining() != (size + chunkBytes - 1) / chunkBytes * HASH_BYTES) throw no(sha, "its length is wrong");
        List<Sha256> chunks = new ArrayList<>();
        while (in.hasRemaining()) chunks.add(hash(in));
        return new Manifest(sha, size, chunkBytes, chunks);
    }

    private static IOException no(Sha256 sha, String found) {
        return new IOException("expected the manifest of " + sha + ", but " + found);
    }

    private static byte[] digest(byte[] bytes) {
        Hash digest = new Hash();
        digest.update(bytes, 0, bytes.length);
        return raw(digest.end());
    }

    private static byte[] raw(Sha256 sha) {
        return HexFormat.of().parseHex(sha.hex());
    }

    private static Sha256 hash(ByteBuffer in) {
        byte[] raw = new byte[HASH_BYTES];
        in.get(raw);
        return new Sha256(HexFormat.of().formatHex(raw));
    }
}
