package dev.muster.edge.artifact;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;
import java.util.stream.Stream;

/// A file that somebody else writes, `parts/{sha}.{way}`, and that counts once all of it was read here and has its hash.
/// What came stays for the next try of the same way, unless it turned out wrong.
final class Aside {
    private final ArtifactStore store;
    private final Path parts;
    private final Sha256 sha;
    private final long size;
    private final Path file;

    Aside(ArtifactStore store, Path parts, Sha256 sha, long size, String way) {
        this.store = store;
        this.parts = parts;
        this.sha = sha;
        this.size = size;
        this.file = parts.resolve(sha.hex() + "." + way);
    }

    FetchResult fill(ArtifactStore.Writer writer) throws IOException, InterruptedException {
        if (store.has(sha)) return new PutResult.Stored(sha, size);
        long came = length();
        if (came > size) clear(parts, sha, file.getFileName().toString());
        long missing = size - (came > size ? 0 : came);
        Optional<ArtifactStore.Reservation> room = store.reserve(missing);
        if (room.isEmpty()) return store.noRoom(missing);
        try (ArtifactStore.Reservation _ = room.get()) {
            writer.write(file);
        }
        return take();
    }

    /// Nothing that is no file of its own: another program was told this name, and it is about to be renamed into the
    /// store.
    private long length() throws IOException {
        if (Files.notExists(file, LinkOption.NOFOLLOW_LINKS)) return 0;
        BasicFileAttributes found = Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        if (!found.isRegularFile()) throw new IOException("expected a file at " + file + ", but found something else");
        return found.size();
    }

    private FetchResult take() throws IOException {
        long found = length();
        PutResult.Stored read = read();
        if (found != size || !read.sha256().equals(sha)) {
            clear(parts, sha, file.getFileName().toString());
            return new FetchResult.Mismatch(sha, size, read.sha256(), read.size());
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        store.adopt(file, sha);
        clear(parts, sha, "");
        return read;
    }

    private PutResult.Stored read() throws IOException {
        try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
            return ArtifactStore.hash(in);
        }
    }

    /// Deletes what came of a file, by whatever way.
    ///
    /// @param from only what has names that begin so; empty for all
    static void clear(Path parts, Sha256 sha, String from) throws IOException {
        try (Stream<Path> files = Files.list(parts)) {
            for (Path part : files.toList()) {
                String name = part.getFileName().toString();
                if (of(name).filter(sha::equals).isPresent() && name.startsWith(from)) Files.deleteIfExists(part);
            }
        }
    }

    /// The file that a name in `parts/` belongs to, `{sha}` or `{sha}.{way}`.
    static Optional<Sha256> of(String name) {
        int dot = name.indexOf('.');
        String hex = dot < 0 ? name : name.substring(0, dot);
        return Sha256.isValid(hex) ? Optional.of(new Sha256(hex)) : Optional.empty();
    }
}
