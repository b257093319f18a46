package dev.muster.edge.artifact;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// A file that somebody else writes beside the store, in room that is set aside, before the store takes it. Closing deletes
/// what was not kept.
public final class Draft implements AutoCloseable {
    private final ArtifactStore store;
    private final ArtifactStore.Reservation room;
    private final Path path;

    Draft(ArtifactStore store, ArtifactStore.Reservation room, Path path) {
        this.store = store;
        this.room = room;
        this.path = path;
    }

    /// Where it is to be written; nothing is there yet.
    public Path path() {
        return path;
    }

    /// Reads all of it back, and puts it into the store under what it turned out to be.
    public PutResult.Stored keep() throws IOException {
        PutResult.Stored found = read();
        store.adopt(path, found.sha256());
        return found;
    }

    /// Reads all of it back, and puts it into the store if it is the artifact that it should be.
    public FetchResult keep(Sha256 sha256, long size) throws IOException {
        PutResult.Stored found = read();
        if (!found.equals(new PutResult.Stored(sha256, size))) {
            return new FetchResult.Mismatch(sha256, size, found.sha256(), found.size());
        }
        store.adopt(path, sha256);
        return found;
    }

    private PutResult.Stored read() throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        try (InputStream in = Files.newInputStream(path)) {
            return ArtifactStore.hash(in);
        }
    }

    @Override
    public void close() throws IOException {
        room.close();
        Files.deleteIfExists(path);
    }
}
