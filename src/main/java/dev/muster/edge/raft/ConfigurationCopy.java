package dev.muster.edge.raft;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.RaftConfigurationProto;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Who votes, a second time. Ratis writes its own record of it, `raft-meta.conf`, in place and after each election, and
/// on a full disk leaves it empty. The copy is replaced as a whole or stays as it was. It may be old: it says up to
/// which entry of the log it knows all changes, no snapshot is taken beyond that, and so what it lacks is in the log.
///
/// Written on Ratis's updater thread, and on another one while the leader sends a snapshot.
final class ConfigurationCopy {
    static final String FILE = "configuration";
    private static final int HEAD_BYTES = 2 * Long.BYTES;
    private static final Logger LOG = LoggerFactory.getLogger(ConfigurationCopy.class);

    private final Path file;
    private Optional<Known> written;
    private Optional<LogEntryProto> newest;

    /// @param covers index of the last entry of the log up to which `entry` is the newest configuration
    private record Known(long covers, LogEntryProto entry) {}

    private ConfigurationCopy(Path voterDir, Optional<Known> known) {
        this.file = voterDir.resolve(FILE);
        this.written = known;
        this.newest = known.map(Known::entry);
    }

    /// @param group the directory of the Raft group; its `raft-meta.conf` is good, or not there yet ([#mend])
    static ConfigurationCopy open(Path voterDir, Path group) throws IOException {
        ConfigurationCopy copy = new ConfigurationCopy(voterDir, read(voterDir.resolve(FILE)));
        Path record = group.resolve("current").resolve(RatisSettings.CONFIGURATION);
        Optional<Path> snapshot = SnapshotStore.newestIn(group.resolve("sm"));
        if (Files.exists(record)) {
            copy.newest = Optional.of(parse(record));
            long index = copy.newest.get().getIndex();
            copy.cover(snapshot.isPresent() ? Math.max(index, SnapshotStore.index(snapshot.get())) : index);
        }
        return copy;
    }

    /// Puts the copy in the place of a record that cannot be read, before Ratis looks at it.
    ///
    /// @param record `raft-meta.conf`
    /// @throws IOException it cannot be read, and the copy knows no better: the message is what was found
    static void mend(Path voterDir, Path record, long snapshotIndex) throws IOException {
        try {
            parse(record);
        } catch (IOException e) {
            Known known = read(voterDir.resolve(FILE))
                    .filter(copy -> copy.covers() >= snapshotIndex)
                    .orElseThrow(() -> e);
            replace(record, known.entry().toByteArray());
            LOG.warn(
                    "raft.configuration-restored file={} found=\"{}\" entry={}",
                    record,
                    e.getMessage(),
                    known.entry().getIndex());
        }
    }

    /// @throws IOException no configuration is in `record`
    private static LogEntryProto parse(Path record) throws IOException {
        LogEntryProto entry = LogEntryProto.parseFrom(Files.readAllBytes(record));
        if (!entry.hasConfigurationEntry()) throw new IOException("no voters in it");
        return entry;
    }

    private static Optional<Known> read(Path file) throws IOException {
        if (!Files.exists(file)) return Optional.empty();
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file));
        if (bytes.remaining() < HEAD_BYTES || bytes.getLong() != checksum(bytes.slice())) return Optional.empty();
        return Optional.of(new Known(bytes.getLong(), LogEntryProto.parseFrom(bytes)));
    }

    /// A disk without room is not told: the entry is in the log, until [#cover].
    synchronized void changed(long term, long index, long snapshotIndex, RaftConfigurationProto configuration) {
        newest = Optional.of(LogEntryProto.newBuilder()
                .setTerm(term)
                .setIndex(index)
                .setConfigurationEntry(configuration)
                .build());
        try {
            cover(Math.max(index, snapshotIndex));
        } catch (IOException e) {
            LOG.warn("raft.configuration-not-copied index={} reason=\"{}\"", index, e.toString());
        }
    }

    /// Called before the log up to `index` may go.
    ///
    /// @throws IOException the copy could not be written, and is as old as it was
    synchronized void cover(long index) throws IOException {
        if (newest.isEmpty()) return; // the first voters, and Ratis is told of them at each start
        Known known = new Known(index, newest.get());
        if (written.filter(known::equals).isPresent()) return;
        byte[] entry = known.entry().toByteArray();
        ByteBuffer bytes = ByteBuffer.allocate(HEAD_BYTES + entry.length);
        bytes.putLong(Long.BYTES, index).put(HEAD_BYTES, entry);
        bytes.putLong(0, checksum(bytes.slice(Long.BYTES, bytes.capacity() - Long.BYTES)));
        replace(file, bytes.array());
        written = Optional.of(known);
    }

    private static long checksum(ByteBuffer bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return crc.getValue();
    }

    private static void replace(Path file, byte[] bytes) throws IOException {
        Path fresh = file.resolveSibling(file.getFileName() + ".fresh");
        Files.write(fresh, bytes);
        SnapshotFile.sync(fresh);
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        SnapshotFile.sync(file.getParent());
    }
}
