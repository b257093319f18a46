package dev.muster.edge.process;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/// Reads the output (stdout and stderr, as they came) of attempts, while they run and after.
///
/// Offsets count bytes since the start of the attempt and stay true when old segments are deleted, so a reader that
/// was cut off goes on at [Chunk#next()]. To follow: take the attempt's state, then read; an empty chunk after an
/// ended state was the last.
public final class LogReader {
    /// Most bytes in one answer: 1 MiB, so that many readers fit into a small heap.
    public static final int BYTES_MAX = 1 << 20;

    /// A shim deletes a segment each time it fills one: losing this many races in a row means something else is
    /// wrong.
    private static final int TRIES_MAX = 20;

    private final Path attempts;

    LogReader(Path attempts) {
        this.attempts = attempts;
    }

    /// A piece of output.
    ///
    /// @param offset  where `bytes` begin. Above the offset asked for if that was deleted meanwhile
    /// @param bytes   the output; not to be changed
    /// @param end     how much output there was when this was read; the last n bytes begin at `end - n`
    /// @param dropped some output of this attempt could not be written (a full disk); a line in the log says where
    public record Chunk(long offset, byte[] bytes, long end, boolean dropped) {
        /// Where to go on.
        public long next() {
            return offset + bytes.length;
        }
    }

    record Segment(long offset, Path file, long size) {
        long end() {
            return offset + size;
        }
    }

    /// Reads from `fromOffset` up to `bytesMax` (and [#BYTES_MAX]) bytes, or up to the end of a segment: what is
    /// returned may be less than there is. An offset past the end reads nothing, at the end.
    ///
    /// @throws NoSuchFileException   no such attempt, or it was forgotten
    /// @throws IllegalArgumentException a negative offset or size, or no valid key
    public Chunk read(String key, long fromOffset, int bytesMax) throws IOException {
        ProcessSpec.checkKey(key);
        if (fromOffset < 0 || bytesMax < 0) {
            throw new IllegalArgumentException(
                    "expected an offset and a size of 0 or more, but found " + fromOffset + " and " + bytesMax);
        }
        Path dir = attempts.resolve(key);
        NoSuchFileException deleted = null;
        for (int tries = 0; tries < TRIES_MAX; tries++) {
            try {
                return read(dir, fromOffset, Math.min(bytesMax, BYTES_MAX));
            } catch (NoSuchFileException e) {
                if (Files.notExists(dir)) {
                    throw e;
                }
                // The segment was deleted between the list and the read; the next list begins later.
                deleted = e;
            }
        }
        throw new IOException(
                "expected a segment of " + dir + " to stay for a read, but found them deleted faster", deleted);
    }

    private static Chunk read(Path dir, long from, int bytesMax) throws IOException {
        List<Segment> segments = segments(dir);
        long end = segments.isEmpty() ? 0 : segments.getLast().end();
        boolean dropped = Files.exists(dir.resolve("dropped"));
        for (Segment segment : segments) {
            if (from < segment.end()) {
                long offset = Math.max(from, segment.offset());
                return new Chunk(
                        offset, bytes(segment, offset, (int) Math.min(bytesMax, segment.end() - offset)), end, dropped);
            }
        }
        return new Chunk(end, new byte[0], end, dropped);
    }

    private static byte[] bytes(Segment segment, long offset, int size) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(size);
        try (FileChannel channel = FileChannel.open(segment.file(), StandardOpenOption.READ)) {
            long at = offset - segment.offset();
            while (bytes.hasRemaining()) {
                int read = channel.read(bytes, at + bytes.position());
                if (read < 0) {
                    break;
                }
            }
        }
        return Arrays.copyOf(bytes.array(), bytes.position());
    }

    /// In order.
    static List<Segment> segments(Path dir) throws IOException {
        List<Segment> segments = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(dir, "log.*")) {
            for (Path file : files) {
                try {
                    long offset = Long.parseLong(file.getFileName().toString().substring("log.".length()));
                    segments.add(new Segment(offset, file, Files.size(file)));
                } catch (NoSuchFileException _) {
                    // Deleted by its shim meanwhile.
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        segments.sort(Comparator.comparingLong(Segment::offset));
        return segments;
    }
}
