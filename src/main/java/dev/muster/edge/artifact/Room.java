package dev.muster.edge.artifact;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.LongSupplier;

/// How much of the disk may still be written, when several write at once.
final class Room {
    /// Inodes that stay free whatever is stored: the journal and jobs make files too.
    private static final long INODES_FLOOR = 1_000;

    private static final long INODES_PER_FILE = 2;

    private final FileStore disk;
    private final long floor;
    private final LongSupplier inodesFree;
    private long reserved;
    private long inodesReserved;

    /// @param inodesFree files that the disk can still take; -1 where it has no such limit or does not tell
    Room(Path dir, long floor, LongSupplier inodesFree) throws IOException {
        this.disk = Files.getFileStore(dir);
        this.floor = floor;
        this.inodesFree = inodesFree;
    }

    /// Sets bytes aside that are not written yet. False, and nothing is set aside, if that would go below the floor.
    synchronized boolean take(long bytes) throws IOException {
        if (bytes > free() - floor) {
            return false;
        }
        reserved += bytes;
        return true;
    }

    /// As [#take], with the inodes of a file and of the folder it may need.
    synchronized boolean takeFile(long bytes) throws IOException {
        long inodes = inodesFree.getAsLong();
        if (inodes >= 0 && inodes - inodesReserved < INODES_FLOOR + INODES_PER_FILE || !take(bytes)) return false;
        inodesReserved += INODES_PER_FILE;
        return true;
    }

    synchronized void giveFile() {
        inodesReserved -= INODES_PER_FILE;
    }

    /// Bytes that were taken and are written now, or will not be.
    synchronized void give(long bytes) {
        reserved -= bytes;
    }

    synchronized PutResult.NoSpace noSpace(long bytes) throws IOException {
        return new PutResult.NoSpace(bytes + floor, free(), inodesFree.getAsLong());
    }

    private long free() throws IOException {
        return Math.max(0, disk.getUsableSpace() - reserved);
    }
}
