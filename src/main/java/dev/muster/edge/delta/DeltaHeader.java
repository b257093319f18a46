package dev.muster.edge.delta;

import dev.muster.core.state.Sha256;
import java.io.DataInput;
import java.io.DataInputStream;
import java.io.DataOutput;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;

/// What a delta says of itself: from which file it makes which. Sizes are in bytes. Until the result was hashed these are
/// claims.
public record DeltaHeader(Sha256 oldSha, long oldSize, Sha256 newSha, long newSize) {
    /// @throws IllegalArgumentException when a size is negative
    public DeltaHeader {
        if (oldSize < 0 || newSize < 0) {
            throw new IllegalArgumentException("expected sizes >= 0, but found " + oldSize + " and " + newSize);
        }
    }

    /// Reads the first bytes of a delta file.
    ///
    /// @throws DeltaException when it is not a delta, or of a version that this build does not know
    public static DeltaHeader read(Path delta) throws IOException {
        try (DataInputStream in = new DataInputStream(Files.newInputStream(delta))) {
            return read(in);
        }
    }

    static DeltaHeader read(DataInput in) throws IOException {
        try {
            long magic = in.readLong();
            if ((magic & ~255L) != (DeltaFormat.MAGIC & ~255L)) {
                throw new DeltaException("expected a delta file, but found other first bytes");
            }
            if (magic != DeltaFormat.MAGIC) {
                throw new DeltaException("expected a delta of version " + DeltaFormat.VERSION + ", but found version "
                        + (magic & 255) + "; send the whole file");
            }
            long oldSize = in.readLong();
            Sha256 oldSha = sha(in);
            long newSize = in.readLong();
            return new DeltaHeader(oldSha, oldSize, sha(in), newSize);
        } catch (EOFException e) {
            throw new DeltaException("expected a delta file, but it ends within its header", e);
        } catch (IllegalArgumentException e) {
            throw new DeltaException("expected a delta file: " + e.getMessage(), e);
        }
    }

    void write(DataOutput out) throws IOException {
        out.writeLong(DeltaFormat.MAGIC);
        out.writeLong(oldSize);
        out.write(HexFormat.of().parseHex(oldSha.hex()));
        out.writeLong(newSize);
        out.write(HexFormat.of().parseHex(newSha.hex()));
    }

    private static Sha256 sha(DataInput in) throws IOException {
        byte[] bytes = new byte[32];
        in.readFully(bytes);
        return new Sha256(HexFormat.of().formatHex(bytes));
    }
}
