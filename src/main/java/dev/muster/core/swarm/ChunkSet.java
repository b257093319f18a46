package dev.muster.core.swarm;

import java.util.Arrays;
import java.util.Objects;

/// Which chunks of a file somebody holds: a bit for each, and how many are set. Mutable, and not thread-safe.
public final class ChunkSet {
    private final int size;
    private final long[] words;
    private int count;

    private ChunkSet(int size, long[] words) {
        this.size = size;
        this.words = words;
        for (long word : words) count += Long.bitCount(word);
    }

    /// @param n chunks of the file
    /// @throws IllegalArgumentException when `n` is negative
    public static ChunkSet none(int n) {
        if (n < 0) throw new IllegalArgumentException("expected a number of chunks, but found " + n);
        return new ChunkSet(n, new long[Bits.words(n)]);
    }

    public static ChunkSet all(int n) {
        ChunkSet set = none(n);
        Bits.fill(set.words, n);
        set.count = n;
        return set;
    }

    /// Reads what [#bits] wrote.
    ///
    /// @throws IllegalArgumentException when the bytes are not as many as `n` chunks need, or name a chunk beyond `n`
    public static ChunkSet of(int n, byte[] bits) {
        ChunkSet set = none(n);
        if (bits.length != (n + 7) / 8) {
            throw new IllegalArgumentException(
                    "expected " + (n + 7) / 8 + " bytes for " + n + " chunks, but found " + bits.length);
        }
        for (int i = 0; i < bits.length; i++) set.words[i / 8] |= (bits[i] & 0xffL) << 8 * (i % 8);
        if (n % 64 != 0 && set.words[n / 64] >>> n % 64 != 0) {
            throw new IllegalArgumentException("expected chunks below " + n + ", but found one above");
        }
        return new ChunkSet(n, set.words);
    }

    /// One bit a chunk, the lowest bit of the first byte for chunk 0; the last byte is filled up with zeros.
    public byte[] bits() {
        byte[] bits = new byte[(size + 7) / 8];
        for (int i = 0; i < bits.length; i++) bits[i] = (byte) (words[i / 8] >>> 8 * (i % 8));
        return bits;
    }

    /// @throws IndexOutOfBoundsException when there is no such chunk
    public boolean has(int chunk) {
        return Bits.has(words, Objects.checkIndex(chunk, size));
    }

    /// Whether the chunk was new.
    ///
    /// @throws IndexOutOfBoundsException when there is no such chunk
    public boolean add(int chunk) {
        if (has(chunk)) return false;
        Bits.set(words, chunk);
        count++;
        return true;
    }

    /// Whether the chunk was there.
    ///
    /// @throws IndexOutOfBoundsException when there is no such chunk
    public boolean remove(int chunk) {
        if (!has(chunk)) return false;
        Bits.clear(words, chunk);
        count--;
        return true;
    }

    /// Chunks of the file.
    public int size() {
        return size;
    }

    /// Chunks held.
    public int count() {
        return count;
    }

    public boolean complete() {
        return count == size;
    }

    public ChunkSet copy() {
        return new ChunkSet(size, words.clone());
    }

    /// The bits themselves, for whoever only reads.
    long[] words() {
        return words;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ChunkSet that && size == that.size && Arrays.equals(words, that.words);
    }

    @Override
    public int hashCode() {
        return 31 * size + Arrays.hashCode(words);
    }

    @Override
    public String toString() {
        return count + " of " + size + " chunks";
    }
}
