package dev.muster.core.swarm;

import java.util.Arrays;

/// Bit sets as plain arrays of words: the planner combines a few of them in each of a million decisions.
final class Bits {
    private Bits() {}

    static int words(int bits) {
        return (bits + 63) >>> 6;
    }

    static boolean has(long[] words, int bit) {
        return (words[bit >>> 6] & 1L << bit) != 0;
    }

    static void set(long[] words, int bit) {
        words[bit >>> 6] |= 1L << bit;
    }

    static void clear(long[] words, int bit) {
        words[bit >>> 6] &= ~(1L << bit);
    }

    static void put(long[] words, int bit, boolean value) {
        if (value) set(words, bit);
        else clear(words, bit);
    }

    /// Sets the first `n` bits.
    static void fill(long[] words, int n) {
        Arrays.fill(words, 0, n >>> 6, -1L);
        if ((n & 63) != 0) words[n >>> 6] = (1L << n) - 1;
    }

    static void or(long[] into, long[] other) {
        for (int i = 0; i < into.length; i++) into[i] |= other[i];
    }

    static boolean isEmpty(long[] words) {
        for (long word : words) if (word != 0) return false;
        return true;
    }

    /// The first bit at `from` or after it, or -1.
    static int next(long[] words, int from) {
        for (int w = from >>> 6; w < words.length; w++) {
            long word = w == from >>> 6 ? words[w] & -1L << from : words[w];
            if (word != 0) return w * 64 + Long.numberOfTrailingZeros(word);
        }
        return -1;
    }

    /// The first bit in both, at `from` or after it and then from 0 on, or -1. Either may be the shorter.
    static int nextInBoth(long[] a, long[] b, int from) {
        int length = Math.min(a.length, b.length);
        int start = from >>> 6;
        if (start >= length) return firstInBoth(a, b, 0, length);
        long word = a[start] & b[start] & -1L << from;
        if (word != 0) return start * 64 + Long.numberOfTrailingZeros(word);
        int found = firstInBoth(a, b, start + 1, length);
        return found >= 0 ? found : firstInBoth(a, b, 0, start + 1);
    }

    private static int firstInBoth(long[] a, long[] b, int from, int to) {
        for (int w = from; w < to; w++) {
            long word = a[w] & b[w];
            if (word != 0) return w * 64 + Long.numberOfTrailingZeros(word);
        }
        return -1;
    }
}
