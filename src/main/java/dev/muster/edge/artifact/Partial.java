package dev.muster.edge.artifact;

import dev.muster.edge.artifact.PutResult.NoSpace;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/// A file that arrives piece by piece, in any order, and outlives the agent: `parts/{sha}` has its full length from the
/// start, and what of it is good only its reader can tell. Room is set aside for what is still to be written.
///
/// Reads and writes at positions are safe from several threads. Close it before it is opened again.
public final class Partial implements AutoCloseable {
    private final ArtifactStore store;
    private final Room room;
    private final Sha256 sha;
    private final long size;
    private final Path file;
    private final FileChannel channel;
    private final boolean resumed;
    private long reserved;

    Partial(ArtifactStore store, Room room, Sha256 sha, long size, Path file) throws IOException {
        this.store = store;
        this.room = room;
        this.sha = sha;
        this.size = size;
        this.file = file;
        // A link would have us write over what it leads to.
        if (Files.isSymbolicLink(file)) Files.delete(file);
        this.resumed = Files.exists(file) && Files.size(file) >= size;
        this.channel = FileChannel.open(
                file,
                StandardOpenOption.CREATE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE,
                LinkOption.NOFOLLOW_LINKS);
    }

    /// Whether an earlier agent has written here.
    public boolean resumed() {
        return resumed;
    }

    /// Takes room for what is still to come, and gives the file its length.
    ///
    /// @param missing bytes to come
    /// @return present if there is no room
    public Optional<NoSpace> reserve(long missing) throws IOException {
        if (!room.take(missing)) return Optional.of(room.noSpace(missing));
        synchronized (this) {
            reserved += missing;
        }
        if (channel.size() < size) channel.write(ByteBuffer.allocate(1), size - 1);
        return Optional.empty();
    }

    /// Bytes that room was set aside for have been written, and are good.
    public synchronized void arrived(long bytes) {
        long now = Math.min(bytes, reserved);
        reserved -= now;
        room.give(now);
    }

    public void write(ByteBuffer bytes, long position) throws IOException {
        long at = position;
        while (bytes.hasRemaining()) at += channel.write(bytes, at);
    }

    /// Reads until the buffer is full.
    ///
    /// @throws EOFException when the file ends before that
    public void read(ByteBuffer into, long position) throws IOException {
        long at = position;
        while (into.hasRemaining()) {
            int read = channel.read(into, at);
            if (read < 0) throw new EOFException("expected " + into.remaining() + " more bytes in " + file);
            at += read;
        }
    }

    /// Opens it once more, for a reader that may outlast this.
    public FileChannel reader() throws IOException {
        return FileChannel.open(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
    }

    /// Begins to write it to the disk, so that [#keep] is quick.
    public void force() throws IOException {
        channel.force(false);
    }

    /// Puts it into the store. The caller has read all of it and found its hash.
    public void keep() throws IOException {
        channel.truncate(size);
        channel.force(true);
        store.adopt(file, sha);
    }

    /// Gives back the room, and leaves the file for the next try.
    @Override
    public synchronized void close() throws IOException {
        room.give(reserved);
        reserved = 0;
        channel.close();
    }

    /// Deletes what has come.
    public void discard() throws IOException {
        Files.deleteIfExists(file);
    }
}
