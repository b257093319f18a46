package dev.muster.edge.artifact;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;

/// How much of the disk may still be written, when several write at once.
final class Room {
    private final FileStore disk;
    private final long floor;
    private long reserved;

    Room(Path dir, long floor) throws IOException {
        this.disk = Files.getFileStore(dir);
        this.floor = floor;
    }

    /// Sets bytes aside that are not written yet. False, and nothing is set aside, if that would go below the floor.
    synchronized boolean take(long bytes) throws IOException {
        if (bytes > free() - floor) {
            return false;
        }
        reserved += bytes;
        return true;
    }

    /// Bytes that were taken and are written now, or will not be.
    synchronized void give(long bytes) {
        reserved -= bytes;
    }

    synchronized PutResult.NoSpace noSpace(long bytes) throws IOException {
        return new PutResult.NoSpace(bytes + floor, free());
    }

    private long free() throws IOException {
        return Math.max(0, disk.getUsableSpace() - reserved);
    }
}
