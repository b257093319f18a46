package dev.muster.edge.delta;

import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// Writes instructions; see [DeltaFormat]. Counts them by kind.
final class DeltaWriter implements Closeable {
    private final DataOutputStream out;
    private final long[] blocks = new long[DeltaFormat.SUB + 1];
    private final long[] made = new long[DeltaFormat.SUB + 1];
    private long oldAt;
    private long copyFrom;
    private long copyLength;
    private long size;

    DeltaWriter(Path file, DeltaHeader header) throws IOException {
        this.out = new DataOutputStream(new BufferedOutputStream(
                Files.newOutputStream(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), 64 << 10));
        header.write(out);
        size = DeltaFormat.HEADER_BYTES;
    }

    /// Neighbouring copies become one.
    void copy(long oldOffset, long length) throws IOException {
        if (length == 0) return;
        if (copyLength > 0 && copyFrom + copyLength == oldOffset) {
            copyLength += length;
            return;
        }
        endCopy();
        copyFrom = oldOffset;
        copyLength = length;
    }

    void raw(byte[] bytes, int length) throws IOException {
        begin(DeltaFormat.RAW, 1, 0, length);
        putVar(length);
        put(bytes, length);
        oldAt += length;
    }

    /// @param oldOffset where the bytes lie that it is laid over; not used by PLAIN
    void packed(int kind, int width, int phase, long oldOffset, int length, byte[] packed, int packedLength)
            throws IOException {
        begin(kind, width, phase, length);
        if (kind != DeltaFormat.PLAIN) {
            putOffset(oldOffset);
        }
        putVar(length);
        putVar(packedLength);
        put(packed, packedLength);
        oldAt += length;
    }

    void end() throws IOException {
        endCopy();
        out.write(DeltaFormat.END);
        size++;
        out.flush();
    }

    long size() {
        return size;
    }

    DeltaEncoder.Blocks counts() {
        return new DeltaEncoder.Blocks(
                of(DeltaFormat.COPY),
                of(DeltaFormat.XOR),
                of(DeltaFormat.SUB),
                of(DeltaFormat.PLAIN),
                of(DeltaFormat.RAW));
    }

    private DeltaEncoder.Count of(int kind) {
        return new DeltaEncoder.Count(blocks[kind], made[kind]);
    }

    @Override
    public void close() throws IOException {
        out.close();
    }

    private void begin(int kind, int width, int phase, long length) throws IOException {
        if (kind != DeltaFormat.COPY) endCopy();
        blocks[kind]++;
        made[kind] += length;
        out.write(DeltaFormat.code(kind, width, phase));
        size++;
    }

    private void endCopy() throws IOException {
        if (copyLength == 0) return;
        begin(DeltaFormat.COPY, 1, 0, copyLength);
        putOffset(copyFrom);
        putVar(copyLength);
        oldAt += copyLength;
        copyLength = 0;
    }

    private void putOffset(long offset) throws IOException {
        long d = offset - oldAt;
        putVar((d << 1) ^ (d >> 63));
        oldAt = offset;
    }

    private void put(byte[] bytes, int length) throws IOException {
        out.write(bytes, 0, length);
        size += length;
    }

    private void putVar(long value) throws IOException {
        long rest = value;
        for (; (rest & ~127L) != 0; rest >>>= 7) {
            out.write((int) (rest & 127 | 128));
            size++;
        }
        out.write((int) rest);
        size++;
    }
}
