package dev.muster.demo;

import java.util.Arrays;
import java.util.random.RandomGenerator;

/// What a search asks about a position nobody has won yet: how likely is each move, and who is ahead?
interface Evaluator {
    /// Fills `priors` (one entry a cell, 0 for taken cells, sum 1) and returns the value for the player to move, -1
    /// to 1.
    float evaluate(Position position, float[] priors);

    /// Knows nothing but the rules: all moves are alike, and one random playout is the value.
    static Evaluator playouts(RandomGenerator random) {
        return (position, priors) -> {
            Arrays.fill(priors, 0);
            float each = 1f / Long.bitCount(position.empty());
            for (long rest = position.empty(); rest != 0; rest &= rest - 1) {
                priors[Long.numberOfTrailingZeros(rest)] = each;
            }
            return position.randomPlayout(random);
        };
    }
}
