package dev.muster.edge.dataset;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/// The superblock, which says how long the file has to be (HDF5 File Format Specification 3.0, II.A).
///
/// @param end where the file has to end
record HdfStart(long end) {
    private static final long MAGIC = 0x894844460d0a1a0aL;
    private static final int READ_BYTES = 64;
    /// Room for a user's own block before it; longer ones are nobody's.
    private static final long PLACE_MAX = 1L << 30;

    /// It stands at the beginning, or at 512 or a double of that.
    static HdfStart read(Path file, long size) throws Unsound, IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            for (long place = 0; place < size && place <= PLACE_MAX; place = place == 0 ? 512 : 2 * place) {
                ByteBuffer bytes = ByteBuffer.allocate(READ_BYTES);
                while (bytes.hasRemaining() && channel.read(bytes, place + bytes.position()) >= 0) continue;
                bytes.flip();
                if (bytes.remaining() >= 8 && bytes.getLong(0) == MAGIC) return of(bytes);
            }
        }
        throw new Unsound("an HDF5 file", "no signature of one");
    }

    private static HdfStart of(ByteBuffer bytes) throws Unsound {
        bytes.order(ByteOrder.LITTLE_ENDIAN);
        if (bytes.remaining() < READ_BYTES) throw new Unsound("an HDF5 file", "its first bytes only: it was cut off");
        int version = bytes.get(8);
        if (version < 0 || version > 3) throw new Unsound("a superblock of version 0 to 3", "version " + version);
        int width = bytes.get(version < 2 ? 13 : 9);
        if (width != 4 && width != 8) throw new Unsound("addresses of 4 or 8 bytes", width + "");
        int addresses = version == 0 ? 24 : version == 1 ? 28 : 12;
        int at = addresses + 2 * width;
        long end = width == 4 ? Integer.toUnsignedLong(bytes.getInt(at)) : bytes.getLong(at);
        if (end < 0) throw new Unsound("an end of the file", Long.toUnsignedString(end));
        return new HdfStart(end);
    }
}
