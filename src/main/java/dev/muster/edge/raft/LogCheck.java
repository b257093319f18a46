package dev.muster.edge.raft;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Looks at everything in a voter's directory before Ratis does, because Ratis goes on where a voter must stop:
///
/// - an entry whose length was changed so that it reaches beyond the file counts as "partially written"; Ratis drops
///   it and cuts off all that follows, committed or not;
/// - a closed segment with too few entries is a warning, and one without any is deleted;
/// - a configuration that cannot be read is an error line, and the first voters are taken instead;
/// - missing segments are noticed only if there is something after them.
///
/// On the other hand a write cut short by a power failure, which is no damage, stops Ratis with a checksum error;
/// that one is repaired here, and so is a configuration that there was no room for ([ConfigurationCopy]). The two are told apart by what follows the bad place and by the [AppliedMark].
final class LogCheck {
    private static final Logger LOG = LoggerFactory.getLogger(LogCheck.class);

    private final Path voterDir;
    private final Path group;

    private LogCheck(Path voterDir, Path group) {
        this.voterDir = voterDir;
        this.group = group;
    }

    /// @param group the directory of the Raft group below `voterDir`; need not exist yet
    /// @throws VoterFailure something is damaged
    static void run(Path voterDir, Path group) throws IOException, VoterFailure {
        new LogCheck(voterDir, group).run();
    }

    private void run() throws IOException, VoterFailure {
        OptionalLong applied = AppliedMark.read(voterDir);
        Path current = group.resolve("current");
        if (!Files.isDirectory(current)) {
            if (applied.isPresent()) throw ends(current, -1, applied.getAsLong());
            return;
        }
        Optional<Path> snapshot = SnapshotStore.newestIn(group.resolve("sm"));
        long snapshotIndex = snapshot.isPresent() ? snapshot(snapshot.get()) : -1;
        configuration(current.resolve(RatisSettings.CONFIGURATION), snapshotIndex);
        long last = segments(current, snapshotIndex, applied.orElse(-1));
        if (applied.isPresent() && Math.max(last, snapshotIndex) < applied.getAsLong())
            throw ends(current, Math.max(last, snapshotIndex), applied.getAsLong());
    }

    private VoterFailure ends(Path log, long last, long applied) {
        return damaged(
                log,
                "expected a log up to entry " + applied + ", which was applied before, found " + last
                        + " to be the last in " + log);
    }

    private void configuration(Path file, long snapshotIndex) throws IOException, VoterFailure {
        if (!Files.exists(file)) return;
        try {
            ConfigurationCopy.mend(voterDir, file, snapshotIndex);
        } catch (IOException e) {
            throw damaged(file, "expected the voters in " + file + ", found: " + e.getMessage());
        }
    }

    private long snapshot(Path path) throws VoterFailure {
        try {
            SnapshotFile file = SnapshotFile.verify(path);
            if (file.index() != SnapshotStore.index(path))
                throw new IOException("expected the snapshot of entry " + SnapshotStore.index(path) + ", found "
                        + file.index() + " in " + path);
            return file.index();
        } catch (IOException e) {
            throw damaged(path, "the snapshot is damaged: " + e.getMessage());
        }
    }

    /// The last entry of an unbroken log.
    private long segments(Path current, long snapshotIndex, long applied) throws IOException, VoterFailure {
        List<LogSegmentFile> segments = withoutLeftovers(segmentsIn(current), snapshotIndex);
        long last = segments.isEmpty() ? -1 : segments.getFirst().start() - 1;
        if (last > snapshotIndex) throw gap(segments.getFirst(), snapshotIndex);
        for (LogSegmentFile segment : segments) {
            if (segment.start() != last + 1) throw gap(segment, last);
            last = segment.end().isPresent() ? closed(segment) : open(segment, Math.max(applied, snapshotIndex));
        }
        if (last < snapshotIndex) for (LogSegmentFile segment : segments) delete(segment);
        return last;
    }

    private static List<LogSegmentFile> segmentsIn(Path current) throws IOException {
        try (Stream<Path> files = Files.list(current)) {
            return files.flatMap(file -> LogSegmentFile.of(file).stream())
                    .sorted(Comparator.comparingLong(LogSegmentFile::start))
                    .toList();
        }
    }

    /// A voter killed while it purged its log leaves old segments before a gap, since Ratis deletes the newest of
    /// them first. All that lies before the gap is in the snapshot if all of the gap is.
    private static List<LogSegmentFile> withoutLeftovers(List<LogSegmentFile> segments, long snapshotIndex)
            throws IOException {
        int from = 0;
        for (int i = 1; i < segments.size(); i++) {
            OptionalLong end = segments.get(i - 1).end();
            boolean gap = end.isPresent() && segments.get(i).start() > end.getAsLong() + 1;
            if (gap && segments.get(i).start() <= snapshotIndex + 1) from = i;
        }
        for (LogSegmentFile leftover : segments.subList(0, from)) delete(leftover);
        return segments.subList(from, segments.size());
    }

    private static void delete(LogSegmentFile segment) throws IOException {
        LOG.info("raft.covered-segment-deleted file={}", segment.path());
        Files.delete(segment.path());
    }

    private VoterFailure gap(LogSegmentFile segment, long last) {
        return damaged(
                segment.path(),
                "expected entry " + (last + 1) + " after entry " + last + ", found " + segment.start() + " in "
                        + segment.path());
    }

    private long closed(LogSegmentFile segment) throws IOException, VoterFailure {
        LogSegmentFile.Content content = segment.read(RatisSettings.APPEND_MAX_BYTES);
        long end = segment.end().orElseThrow();
        if (content.last() < end) throw bad(segment, content, "entries up to " + end);
        return end;
    }

    private long open(LogSegmentFile segment, long mustHave) throws IOException, VoterFailure {
        LogSegmentFile.Content content = segment.read(RatisSettings.APPEND_MAX_BYTES);
        if (content.more()) throw bad(segment, content, "only good entries");
        if (!content.clean()) {
            if (content.last() < mustHave)
                throw bad(segment, content, "entries up to " + mustHave + ", which was applied before,");
            cutUnfinished(segment, content);
        }
        return content.last();
    }

    private VoterFailure bad(LogSegmentFile segment, LogSegmentFile.Content content, String expected) {
        return damaged(
                segment.path(),
                "expected " + expected + " in " + segment.path() + ", found entry " + (content.last() + 1)
                        + " damaged at byte " + content.goodBytes());
    }

    /// The last write before a power failure did not get whole onto the disk, so nobody was told that it had.
    private static void cutUnfinished(LogSegmentFile segment, LogSegmentFile.Content content) throws IOException {
        LOG.warn(
                "raft.unfinished-write file={} lastEntry={} cutAtByte={}",
                segment.path(),
                content.last(),
                content.goodBytes());
        try (FileChannel file = FileChannel.open(segment.path(), StandardOpenOption.WRITE)) {
            file.truncate(content.goodBytes());
            file.force(true);
        }
    }

    private VoterFailure damaged(Path file, String found) {
        return VoterFailure.damaged(voterDir, file, found, null);
    }
}
