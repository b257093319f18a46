package dev.muster.edge.artifact;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.Optional;

/// A file on its way into the store: counted, hashed and given room as it is written.
final class Incoming implements AutoCloseable {
    /// Large enough that hashing costs more than the calls, small enough for dozens at once in a 64 MiB heap.
    private static final int BUFFER_BYTES = 128 << 10;

    /// Room is taken in steps where the size is not known beforehand.
    private static final long ROOM_STEP_BYTES = 16 << 20;

    private final Path file;
    private final Room room;
    private final MessageDigest digest = Sha256.digest();
    private long size;
    private long reserved;
    private boolean counted;

    Incoming(Path file, Room room) {
        this.file = file;
        this.room = room;
    }

    /// Takes room for a file of a known size; present says there is none.
    Optional<PutResult.NoSpace> expect(long bytes) throws IOException {
        return reserve(bytes);
    }

    /// Writes up to the end of the input, or until it has written more than `bytesMax`, and forces it to the disk.
    ///
    /// @return present if there was no room for all of it
    Optional<PutResult.NoSpace> write(InputStream in, long bytesMax) throws IOException {
        byte[] buffer = new byte[BUFFER_BYTES];
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            int read = in.read(buffer);
            while (read >= 0 && size <= bytesMax) {
                if (read > reserved) {
                    Optional<PutResult.NoSpace> no = reserve(Math.max(read, ROOM_STEP_BYTES));
                    if (no.isPresent()) {
                        return no;
                    }
                }
                digest.update(buffer, 0, read);
                ByteBuffer bytes = ByteBuffer.wrap(buffer, 0, read);
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                size += read;
                release(read);
                read = in.read(buffer);
            }
            channel.force(true);
            return Optional.empty();
        }
    }

    /// The first time with the file's inodes.
    private Optional<PutResult.NoSpace> reserve(long bytes) throws IOException {
        if (!(counted ? room.take(bytes) : room.takeFile(bytes))) {
            return Optional.of(room.noSpace(bytes));
        }
        counted = true;
        reserved += bytes;
        return Optional.empty();
    }

    private void release(long bytes) {
        reserved -= bytes;
        room.give(bytes);
    }

    Path file() {
        return file;
    }

    /// Once, after [#write(InputStream, long)].
    PutResult.Stored written() {
        return new PutResult.Stored(Sha256.of(digest), size);
    }

    /// Gives back the room and deletes the file, unless it was moved away.
    @Override
    public void close() throws IOException {
        release(reserved);
        if (counted) room.giveFile();
        counted = false;
        Files.deleteIfExists(file);
    }
}
