package dev.muster.edge.raft;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;
import org.apache.ratis.io.MD5Hash;
import org.apache.ratis.server.storage.FileInfo;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.statemachine.SnapshotInfo;
import org.apache.ratis.statemachine.SnapshotRetentionPolicy;
import org.apache.ratis.statemachine.StateMachineStorage;
import org.apache.ratis.statemachine.impl.SingleFileSnapshotInfo;

/// The snapshots in a voter's directory. Knows the newest one by heart: Ratis asks for it with every batch of
/// entries.
final class SnapshotStore implements StateMachineStorage {
    private static final Pattern NAME = Pattern.compile("snapshot\\.(\\d+)_(\\d+)");

    private volatile Path dir;
    private volatile SnapshotInfo newest;

    @Override
    public void init(RaftStorage storage) {
        dir = storage.getStorageDir().getStateMachineDir().toPath();
    }

    /// Looks at the disk again and verifies the newest snapshot.
    ///
    /// @throws IOException it is there and not whole
    Optional<SnapshotFile> load() throws IOException {
        Optional<Path> path = newestIn(dir);
        Optional<SnapshotFile> file = path.isEmpty() ? Optional.empty() : Optional.of(SnapshotFile.verify(path.get()));
        file.ifPresent(found -> newest = info(found));
        return file;
    }

    void write(long term, long index, SnapshotFile.Content content) throws IOException {
        newest = info(SnapshotFile.write(dir.resolve("snapshot." + term + "_" + index), term, index, content));
    }

    /// The newest snapshot by its name.
    static Optional<Path> newestIn(Path dir) throws IOException {
        return all(dir).stream().max(Comparator.comparingLong(SnapshotStore::index));
    }

    static long index(Path snapshot) {
        Matcher name = NAME.matcher(snapshot.getFileName().toString());
        if (!name.matches()) throw new IllegalArgumentException("not a snapshot: " + snapshot);
        return Long.parseLong(name.group(2));
    }

    private static List<Path> all(Path dir) throws IOException {
        if (!Files.isDirectory(dir)) return List.of();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(dir, "snapshot.*")) {
            return StreamSupport.stream(files.spliterator(), false)
                    .filter(file -> NAME.matcher(file.getFileName().toString()).matches())
                    .toList();
        }
    }

    @Override
    public SnapshotInfo getLatestSnapshot() {
        return newest;
    }

    @Override
    public void cleanupOldSnapshots(SnapshotRetentionPolicy policy) throws IOException {
        List<Path> newestFirst = all(dir).stream()
                .sorted(Comparator.comparingLong(SnapshotStore::index).reversed())
                .toList();
        for (Path old :
                newestFirst.subList(Math.min(policy.getNumSnapshotsRetained(), newestFirst.size()), newestFirst.size()))
            Files.deleteIfExists(old);
    }

    @Override
    public void format() {
        // Ratis has emptied the directory before it calls this.
    }

    private static SnapshotInfo info(SnapshotFile file) {
        return new SingleFileSnapshotInfo(
                new FileInfo(file.path(), MD5Hash.newInstance(file.md5())), file.term(), file.index());
    }
}
