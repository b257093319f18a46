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
    /// Chunks that a file has at most, and more than half as many, unless its chunks are the least or largest: enough for
    /// all nodes to be busy from the first moment to the last, few enough for one planner. The last chunks pass from node to
    /// node while the rest is done: of 200 MB to eight nodes with at most 1,024 the last one is measured at 1.068 of the
    /// bound, with 2,048 at 1.052.
    private static final int CHUNKS_MAX = 2048;

    /// Smaller chunks cost more processor time per byte and gain nothing.
    static final int CHUNK_BYTES_MIN = 128 << 10;

    /// Larger chunks would be lost twelve at a time.
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

    /// The least power of two that makes at most 2,048 chunks, from 128 KiB to 4 MiB.
    public static int chunkBytesFor(long size) {
        long wanted = Math.ceilDiv(size, (long) CHUNKS_MAX);
        if (wanted <= CHUNK_BYTES_MIN) return CHUNK_BYTES_MIN;
        if (wanted >= CHUNK_BYTES_MAX) return CHUNK_BYTES_MAX;
        return (int) Long.highestOneBit(2 * wanted - 1);
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
