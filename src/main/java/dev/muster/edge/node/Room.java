package dev.muster.edge.node;

import dev.muster.core.plan.DiskFloor;
import dev.muster.core.state.Bytes;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Random;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// How much room the data directory has, and a ballast: a file that is thrown off when there is none, so that the agent
/// can write down what it does about it.
///
/// Thread-safe.
final class Room {
    /// Some thousand journal entries.
    private static final long BALLAST_MAX = 16L << 20;
    private static final int CHUNK = 1 << 20;

    private static final Logger LOG = LoggerFactory.getLogger(Room.class);

    private final Path data;
    private final FileStore disk;
    private final DiskFloor floor;
    private final Path ballast;
    private final long ballastSize;

    private Room(Path data, FileStore disk, DiskFloor floor) {
        this.data = data;
        this.disk = disk;
        this.floor = floor;
        this.ballast = data.resolve("ballast");
        this.ballastSize = Math.min(BALLAST_MAX, floor.reserve() / 4);
    }

    /// Where the disk is full already, the ballast goes at once: an agent has to be able to start.
    static Room open(Path data, DiskFloor floor) throws IOException {
        Room room = new Room(data, Files.getFileStore(data), floor);
        room.relieve();
        return room;
    }

    DiskFloor floor() {
        return floor;
    }

    /// Bytes that this node may still write; -1 when the disk does not tell.
    long free() {
        try {
            return disk.getUsableSpace();
        } catch (IOException e) {
            LOG.debug("the file system of {} does not tell", data, e);
            return -1;
        }
    }

    /// Is the disk full?
    boolean isShort() {
        long free = free();
        return free >= 0 && free < floor.reserve();
    }

    /// Why nothing new begins here; empty when it may.
    Optional<String> closed() {
        long free = free();
        if (free < 0) return Optional.of("disk unreadable: nobody knows how much room there is in " + data);
        return free >= floor.work()
                ? Optional.empty()
                : Optional.of("disk full: expected at least " + new Bytes(floor.work()) + " free in " + data
                        + " (policy.disk_free_min), but found " + new Bytes(free) + "; make room there");
    }

    /// Throws the ballast off when what is left is less than it.
    synchronized void relieve() {
        try {
            if (isShort() && free() < ballastSize && Files.deleteIfExists(ballast)) {
                LOG.warn("disk.ballast-off bytes={} dir={}", ballastSize, data);
            }
        } catch (IOException e) {
            LOG.warn("disk.ballast-stays reason=\"{}\"", e.toString());
        }
    }

    /// Takes ballast again when there is plenty of room.
    synchronized void restock() {
        if (Files.exists(ballast) || free() < floor.work() + ballastSize) return;
        try {
            write();
        } catch (IOException e) {
            LOG.warn("disk.no-ballast reason=\"{}\"", e.toString());
            try {
                Files.deleteIfExists(ballast);
            } catch (IOException again) {
                LOG.debug("half a ballast stays", again);
            }
        }
    }

    /// Noise, since some file systems keep nothing of zeros.
    private void write() throws IOException {
        byte[] noise = new byte[CHUNK];
        new Random(ballastSize).nextBytes(noise);
        try (OutputStream out = new FileOutputStream(ballast.toFile())) {
            for (long left = ballastSize; left > 0; left -= CHUNK) out.write(noise, 0, (int) Math.min(left, CHUNK));
        }
    }
}
