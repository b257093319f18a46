package dev.muster.core.swarm;

import dev.muster.core.state.Sha256;
import java.util.List;
import java.util.Objects;

/// A file cut into chunks of equal size; the last may be shorter. An empty file has none.
///
/// @param sha the whole file's
/// @param size of the file, in bytes
/// @param chunkBytes bytes of every chunk but the last
/// @param chunks the SHA-256 of each chunk, in order
public record Manifest(Sha256 sha, long size, int chunkBytes, List<Sha256> chunks) {
    /// Chunks that a file should have: enough for all nodes to be busy from the first moment to the last, few enough
    /// for one planner. Measured with 256 to 1024.
    private static final int CHUNKS_WANTED = 512;

    /// Smaller chunks cost more processor time per byte and gain nothing.
    static final int CHUNK_BYTES_MIN = 128 << 10;

    /// Larger chunks would sit in memory eight at a time.
    static final int CHUNK_BYTES_MAX = 4 << 20;

    /// @throws IllegalArgumentException when the number of chunks does not follow from the sizes
    public Manifest {
        chunks = List.copyOf(chunks);
        if (size < 0 || chunkBytes < 1) {
            throw new IllegalArgumentException("expected a size and chunks of at least one byte, but found " + size
                    + " bytes in chunks of " + chunkBytes);
        }
        long count = Math.ceilDiv(size, (long) chunkBytes);
        if (count != chunks.size()) {
            throw new IllegalArgumentException("expected " + count + " chunks of " + chunkBytes + " bytes in " + size
                    + " bytes, but found " + chunks.size());
        }
    }

    /// The power of two nearest to a 512th of the file, from 128 KiB to 4 MiB.
    public static int chunkBytesFor(long size) {
        long wanted = size / CHUNKS_WANTED;
        if (wanted <= CHUNK_BYTES_MIN) return CHUNK_BYTES_MIN;
        if (wanted >= CHUNK_BYTES_MAX) return CHUNK_BYTES_MAX;
        long below = Long.highestOneBit(wanted);
        return (int) (wanted - below < 2 * below - wanted ? below : 2 * below);
    }

    public int count() {
        return chunks.size();
    }

    /// Where a chunk begins in the file, in bytes.
    ///
    /// @throws IndexOutOfBoundsException when there is no such chunk
    public long offset(int chunk) {
        Objects.checkIndex(chunk, count());
        return (long) chunk * chunkBytes;
    }

    /// Bytes of a chunk.
    ///
    /// @throws IndexOutOfBoundsException when there is no such chunk
    public int length(int chunk) {
        return (int) Math.min(chunkBytes, size - offset(chunk));
    }
}
