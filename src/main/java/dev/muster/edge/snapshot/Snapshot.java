package dev.muster.edge.snapshot;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.zip.CRC32;

/// A copy of a file that somebody may be writing to, as it was at one moment.
///
/// - A SQLite database, whatever its name, is copied by SQLite's own backup.
/// - Any other file is copied and taken if it looks the same before and after.
/// - One that grew meanwhile is taken as far as it went before, if it is only appended to: that is what a file does whose
///   beginning is still what it was at an earlier look. Of a text the last line is left out unless it is whole. A file that
///   grows and was not seen before waits for the next look: it may just be written anew.
/// - One that changed otherwise waits until it rests.
public final class Snapshot {
    private static final int BUFFER_BYTES = 128 << 10;

    private Snapshot() {}

    /// What a file began with at some look.
    public record Beginning(long size, long checksum) {}

    /// What became of a try.
    public sealed interface Result {
        /// The copy lies at its target.
        ///
        /// @param look at the file before; it need not be copied again while it looks so
        /// @param beginning of a file that may be appended to
        record Taken(Look look, Optional<Beginning> beginning) implements Result {}

        /// Somebody writes to it. Whatever lies at the target is nothing.
        record Changing(String why, Beginning beginning) implements Result {}
    }

    /// Is it part of a database, and saved with it?
    public static boolean isPart(Path file) throws IOException {
        return SqliteCopy.isBeside(file);
    }

    /// @param target where nothing is yet
    /// @param before what the file began with at an earlier look
    /// @throws NoSuchFileException when the file is gone
    public static Result take(Path file, Path target, Optional<Beginning> before) throws IOException {
        Look look = Look.at(file);
        if (!SqliteCopy.is(file)) return copy(file, look, target, before);
        SqliteCopy.copy(file, target);
        return new Result.Taken(look, Optional.empty());
    }

    private static Result copy(Path file, Look look, Path target, Optional<Beginning> before) throws IOException {
        try (FileChannel out = FileChannel.open(target, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
            Copying copying = new Copying(before);
            copying.run(file, look.size(), out);
            Beginning beginning = copying.beginning();
            Look after = Look.at(file);
            if (after.equals(look) && copying.size == look.size())
                return new Result.Taken(look, Optional.of(beginning));
            if (!look.grewTo(after)) return new Result.Changing("it is written to", beginning);
            if (!copying.goesOn)
                return new Result.Changing("it grows, and is not yet known to be only appended to", beginning);
            if (copying.text() && copying.lines > 0) out.truncate(copying.lines);
            return new Result.Taken(look, Optional.of(beginning));
        }
    }

    private static final class Copying {
        private final Optional<Beginning> before;
        private final CRC32 checksum = new CRC32();
        private long size;
        private boolean goesOn;
        private boolean binary;
        /// Bytes up to the end of the last whole line.
        private long lines;

        Copying(Optional<Beginning> before) {
            this.before = before.filter(known -> known.size() > 0);
        }

        void run(Path file, long most, FileChannel out) throws IOException {
            byte[] buffer = new byte[BUFFER_BYTES];
            try (FileChannel in = FileChannel.open(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
                while (size < most) {
                    ByteBuffer part = ByteBuffer.wrap(buffer, 0, (int) Math.min(buffer.length, most - size));
                    int read = in.read(part);
                    if (read < 0) return;
                    seen(buffer, read);
                    part.flip();
                    while (part.hasRemaining()) out.write(part);
                }
            }
        }

        private void seen(byte[] bytes, int count) {
            for (int at = 0; at < count; at++) {
                if (bytes[at] == '\n') lines = size + at + 1;
                else if (bytes[at] == 0) binary = true;
            }
            long known = before.map(Beginning::size).orElse(0L);
            boolean inside = known > size && known <= size + count;
            int first = inside ? (int) (known - size) : 0;
            checksum.update(bytes, 0, first);
            if (inside) goesOn = checksum.getValue() == before.get().checksum();
            checksum.update(bytes, first, count - first);
            size += count;
        }

        Beginning beginning() {
            return new Beginning(size, checksum.getValue());
        }

        boolean text() {
            return !binary;
        }
    }
}
