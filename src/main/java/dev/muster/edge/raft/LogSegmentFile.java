package dev.muster.edge.raft;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;

/// One segment file of Ratis's log, read the way Ratis wrote it: an 8-byte header, then per entry a varint length, a
/// protobuf `LogEntryProto` that begins with its term (field 1) and index (field 2), and a CRC-32C; then zeros where
/// space was allocated ahead.
///
/// @param end of the last entry by the file's name; empty while the segment is open for writing
record LogSegmentFile(Path path, long start, OptionalLong end) {
    private static final byte[] HEADER = "RaftLog1".getBytes(StandardCharsets.US_ASCII);
    private static final Pattern NAME = Pattern.compile("log(_inprogress)?_(\\d+)(?:-(\\d+))?");
    private static final int TERM_TAG = 1 << 3;
    private static final int INDEX_TAG = 2 << 3;

    static Optional<LogSegmentFile> of(Path path) {
        Matcher name = NAME.matcher(path.getFileName().toString());
        if (!name.matches() || (name.group(1) == null) == (name.group(3) == null)) return Optional.empty();
        OptionalLong end =
                name.group(3) == null ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(name.group(3)));
        return Optional.of(new LogSegmentFile(path, Long.parseLong(name.group(2)), end));
    }

    /// What a segment holds, as far as it can be read.
    ///
    /// @param last index of the last good entry; `start - 1` if there is none
    /// @param goodBytes where the last good entry ends
    /// @param clean what follows is the end of the file or only zeros
    /// @param more a good entry of a higher index lies beyond the bad place: this is damage, not a write cut short
    record Content(long last, int goodBytes, boolean clean, boolean more) {}

    Content read(int entryMaxBytes) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(path));
        int headed = header(bytes);
        if (headed < HEADER.length)
            return new Content(start - 1, 0, onlyZeros(bytes, headed), find(bytes, headed, start, entryMaxBytes));
        long next = start;
        int at = HEADER.length;
        for (Frame frame; (frame = frame(bytes, at, entryMaxBytes)) != null && frame.index == next; next++)
            at = frame.end;
        boolean clean = onlyZeros(bytes, at);
        return new Content(next - 1, at, clean, !clean && find(bytes, at + 1, next, entryMaxBytes));
    }

    private static int header(ByteBuffer bytes) {
        int matching = 0;
        while (matching < HEADER.length && matching < bytes.limit() && bytes.get(matching) == HEADER[matching])
            matching++;
        return matching;
    }

    private static boolean onlyZeros(ByteBuffer bytes, int from) {
        for (int i = from; i < bytes.limit(); i++) if (bytes.get(i) != 0) return false;
        return true;
    }

    /// Is there a good entry of at least this index at any later byte?
    private static boolean find(ByteBuffer bytes, int from, long atLeast, int entryMaxBytes) {
        for (int at = from; at < bytes.limit(); at++) {
            Frame frame = frame(bytes, at, entryMaxBytes);
            if (frame != null && frame.index >= atLeast) return true;
        }
        return false;
    }

    private record Frame(long index, int end) {}

    /// The entry that begins at this byte, or null if none does. The tags are looked at before the checksum, so
    /// trying each byte is cheap.
    private static Frame frame(ByteBuffer bytes, int at, int entryMaxBytes) {
        long[] varint = new long[2];
        if (!varint(bytes, at, varint)) return null;
        int body = (int) varint[1];
        long end = body + varint[0];
        if (varint[0] < 2 || varint[0] > entryMaxBytes || end + Integer.BYTES > bytes.limit()) return null;
        long index = index(bytes, body, (int) end);
        if (index < 0) return null;
        CRC32C crc = new CRC32C();
        crc.update(bytes.slice(at, (int) end - at));
        return (int) crc.getValue() == bytes.getInt((int) end) ? new Frame(index, (int) end + Integer.BYTES) : null;
    }

    private static long index(ByteBuffer bytes, int body, int end) {
        long[] varint = new long[2];
        int at = body;
        if (bytes.get(at) == TERM_TAG) {
            if (!varint(bytes, at + 1, varint)) return -1;
            at = (int) varint[1];
        }
        if (at >= end || bytes.get(at) != INDEX_TAG) return at > body ? 0 : -1; // protobuf leaves out an index of 0
        return varint(bytes, at + 1, varint) ? varint[0] : -1;
    }

    /// Sets `result` to the value and to where it ends; false if no varint is there.
    private static boolean varint(ByteBuffer bytes, int at, long[] result) {
        long value = 0;
        for (int shift = 0; shift < 64 && at < bytes.limit(); shift += 7, at++) {
            byte next = bytes.get(at);
            value |= (next & 0x7fL) << shift;
            if (next >= 0) {
                result[0] = value;
                result[1] = at + 1;
                return true;
            }
        }
        return false;
    }
}
