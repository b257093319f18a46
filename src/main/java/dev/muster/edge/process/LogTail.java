package dev.muster.edge.process;

import dev.muster.edge.process.LogReader.Segment;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;

/// Shortens the output of an attempt that has ended.
final class LogTail {
    private LogTail() {}

    /// Keeps the last `bytes`. A reader meanwhile finds each byte in one file or the other.
    static void keep(Path dir, long bytes) throws IOException {
        List<Segment> segments = LogReader.segments(dir);
        if (segments.isEmpty()) return;
        long from = segments.getLast().end() - bytes;
        for (Segment segment : segments) {
            if (segment.end() <= from) Files.delete(segment.file());
            else if (segment.offset() < from) cut(dir, segment, from);
        }
    }

    private static void cut(Path dir, Segment segment, long from) throws IOException {
        Path fresh = dir.resolve("tail.new");
        try (FileChannel in = FileChannel.open(segment.file(), StandardOpenOption.READ);
                FileChannel out = FileChannel.open(
                        fresh,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.WRITE)) {
            for (long at = from - segment.offset(); at < segment.size(); ) {
                long moved = in.transferTo(at, segment.size() - at, out);
                if (moved <= 0) throw new IOException("expected " + segment.file() + " to stay as long as it was");
                at += moved;
            }
        } catch (IOException e) {
            Files.deleteIfExists(fresh);
            throw e;
        }
        Files.move(fresh, dir.resolve("log." + from), StandardCopyOption.ATOMIC_MOVE);
        Files.delete(segment.file());
    }
}
