package dev.muster.demo;

import java.util.SplittableRandom;

/// Streams of chance: the same (seed, number) gives the same stream, and neighbouring seeds share none.
final class Seeds {
    private Seeds() {}

    static SplittableRandom random(long seed, long number) {
        return new SplittableRandom(new SplittableRandom(seed).nextLong() + number * 0x632BE59BD9B4E019L);
    }
}
