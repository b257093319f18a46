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
}
