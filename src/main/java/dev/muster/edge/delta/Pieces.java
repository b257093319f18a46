package dev.muster.edge.delta;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.security.MessageDigest;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// Walks a file piece by piece, as a [Cutter] cuts it, and hashes it on the way if that is wanted.
final class Pieces {
    private static final int READ_BYTES = 1 << 20;

    private final FileChannel file;
    private final long fileSize;
    private final Cutter cutter;
    private final @Nullable MessageDigest digest;
    private final CRC32 crc = new CRC32();
    private final CRC32C crcC = new CRC32C();
    private final byte[] buffer;
    private int from;
    private int to;
    private int end;
    private long read;

    /// @param digest takes all bytes
    Pieces(FileChannel file, Cutter cutter, @Nullable MessageDigest digest) throws IOException {
        this.file = file;
        this.fileSize = file.size();
        this.cutter = cutter;
        this.digest = digest;
        this.buffer = new byte[cutter.bytesMax() + READ_BYTES];
    }

    /// Goes on to the next piece; false after the last.
    boolean next() throws IOException {
        from = to;
        if (end - from < cutter.bytesMax() && read < fileSize) fill();
        if (from == end) return false;
        to = cutter.cut(buffer, from, end);
        return true;
    }

    private void fill() throws IOException {
        System.arraycopy(buffer, from, buffer, 0, end - from);
        end -= from;
        from = 0;
        int n = (int) Math.min(buffer.length - end, fileSize - read);
        Bytes.read(file, read, buffer, end, n);
        if (digest != null) digest.update(buffer, end, n);
        read += n;
        end += n;
    }

    /// Holds the current piece from [#from] on.
    byte[] buffer() {
        return buffer;
    }

    int from() {
        return from;
    }

    int length() {
        return to - from;
    }

    /// The current piece's place in the file.
    long offset() {
        return read - end + from;
    }

    /// 64 bits that equal pieces share. Two CRCs, because both compilers and the interpreter do them in hardware; who finds a
    /// piece by its key compares the bytes.
    long key() {
        crc.reset();
        crc.update(buffer, from, to - from);
        crcC.reset();
        crcC.update(buffer, from, to - from);
        return crc.getValue() << 32 | crcC.getValue();
    }
}
