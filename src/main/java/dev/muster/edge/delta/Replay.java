package dev.muster.edge.delta;

import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import dev.muster.core.state.Sha256;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/// Carries out the instructions of one delta that nobody vouches for. See [DeltaFormat].
final class Replay implements AutoCloseable {
    private final DeltaHeader header;
    private final FileChannel old;
    private final DataInputStream in;
    private final OutputStream out;
    private final MessageDigest digest = Shas.digest();
    private final ZstdDecompressCtx zstd = new ZstdDecompressCtx();
    private final byte[] packed = new byte[DeltaFormat.BLOCK_BYTES_MAX];
    private final byte[] planes = new byte[DeltaFormat.BLOCK_BYTES_MAX];
    private final byte[] block = new byte[DeltaFormat.BLOCK_BYTES_MAX];
    private final byte[] base = new byte[DeltaFormat.BLOCK_BYTES_MAX];
    private long oldAt;
    private long made;

    Replay(DeltaHeader header, FileChannel old, DataInputStream in, OutputStream out) {
        this.header = header;
        this.old = old;
        this.in = in;
        this.out = out;
    }

    /// Writes the whole result.
    ///
    /// @throws DeltaException when an instruction is malformed or the result is not what the header says
    void run() throws IOException {
        try {
            boolean more = true;
            while (more) {
                more = step();
            }
        } catch (EOFException e) {
            throw malformed("it ends within an instruction", e);
        } catch (ZstdException e) {
            throw malformed("a block cannot be unpacked: " + e.getMessage(), e);
        }
        Sha256 found = Shas.name(digest);
        if (made != header.newSize() || !found.equals(header.newSha())) {
            throw malformed("it makes " + made + " bytes " + found + " and not " + header.newSha(), null);
        }
    }

    private boolean step() throws IOException {
        int code = in.readUnsignedByte();
        int kind = code & 7;
        int width = 1 << (code >> 3 & 3);
        int phase = code >> 5;
        if (phase >= width) throw malformed("phase " + phase + " of words of " + width + " bytes", null);
        switch (kind) {
            case DeltaFormat.END -> end();
            case DeltaFormat.COPY -> copy();
            case DeltaFormat.RAW -> raw();
            case DeltaFormat.PLAIN -> plain(width, phase);
            case DeltaFormat.XOR, DeltaFormat.SUB -> difference(kind, width, phase);
            default -> throw malformed("unknown instruction " + code, null);
        }
        return kind != DeltaFormat.END;
    }

    private void end() throws IOException {
        if (in.read() >= 0) throw malformed("bytes after its end", null);
    }

    private void copy() throws IOException {
        long from = offset();
        long length = length(header.newSize());
        checkOld(from, length);
        for (long at = 0; at < length; ) {
            int n = (int) Math.min(block.length, length - at);
            Bytes.read(old, from + at, block, 0, n);
            make(block, n);
            at += n;
        }
        oldAt = from + length;
    }

    private void raw() throws IOException {
        int length = (int) length(DeltaFormat.BLOCK_BYTES_MAX);
        in.readFully(block, 0, length);
        make(block, length);
        oldAt += length;
    }

    private void plain(int width, int phase) throws IOException {
        int length = unpack(width, phase);
        make(block, length);
        oldAt += length;
    }

    private void difference(int kind, int width, int phase) throws IOException {
        long from = offset();
        int length = unpack(width, phase);
        checkOld(from, length);
        Bytes.read(old, from, base, 0, length);
        if (kind == DeltaFormat.XOR) {
            Planes.xor(block, base, length);
        } else {
            Planes.add(block, base, phase, length, width);
        }
        make(block, length);
        oldAt = from + length;
    }

    /// Leaves the words in `block` and says how many bytes they are.
    private int unpack(int width, int phase) throws IOException {
        int length = (int) length(DeltaFormat.BLOCK_BYTES_MAX);
        if (phase > length) throw malformed("phase " + phase + " of " + length + " bytes", null);
        long packedLength = var();
        if (packedLength < 1 || packedLength >= length) {
            throw malformed(length + " bytes packed into " + packedLength, null);
        }
        in.readFully(packed, 0, (int) packedLength);
        int found = zstd.decompressByteArray(planes, 0, length, packed, 0, (int) packedLength);
        if (found != length) throw malformed("a block of " + length + " bytes unpacks to " + found, null);
        Planes.join(planes, block, phase, length, width);
        return length;
    }

    private void make(byte[] bytes, int length) throws IOException {
        out.write(bytes, 0, length);
        digest.update(bytes, 0, length);
        made += length;
    }

    private long length(long max) throws IOException {
        long length = var();
        if (length < 1 || length > max || length > header.newSize() - made) {
            throw malformed(
                    "an instruction for " + length + " bytes, where 1 to " + Math.min(max, header.newSize() - made)
                            + " are left",
                    null);
        }
        return length;
    }

    private void checkOld(long from, long length) throws DeltaException {
        if (from < 0 || from > header.oldSize() - length) {
            throw malformed(length + " bytes at " + from + " of an old file of " + header.oldSize(), null);
        }
    }

    private long offset() throws IOException {
        long zigzag = var();
        return oldAt + ((zigzag >>> 1) ^ -(zigzag & 1));
    }

    private long var() throws IOException {
        long value = 0;
        for (int shift = 0; shift < 70; shift += 7) {
            int b = in.readUnsignedByte();
            value |= (long) (b & 127) << shift;
            if (b < 128) return value;
        }
        throw malformed("a number of more than ten bytes", null);
    }

    private DeltaException malformed(String found, @Nullable Throwable cause) {
        return new DeltaException(
                "expected a delta that makes " + header.newSha().brief() + ", but found at byte " + made
                        + " of the result: " + found + "; send the whole file",
                cause);
    }

    @Override
    public void close() {
        zstd.close();
    }
}
