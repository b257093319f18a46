package dev.muster.sim;

import java.util.List;
import java.util.SplittableRandom;

/// All chance of a run. A calm one draws nothing, so that a scenario's recording does not change when a draw is added.
final class Chance {
    private final SplittableRandom dice;
    private final boolean calm;

    private Chance(SplittableRandom dice, boolean calm) {
        this.dice = dice;
        this.calm = calm;
    }

    static Chance of(long seed) {
        return new Chance(new SplittableRandom(seed), false);
    }

    static Chance calm() {
        return new Chance(new SplittableRandom(0), true);
    }

    boolean isCalm() {
        return calm;
    }

    /// From `low` to `high`, both included; `low` when calm.
    long between(long low, long high) {
        return calm || high <= low ? low : dice.nextLong(low, high + 1);
    }

    int below(int bound) {
        return calm ? 0 : dice.nextInt(bound);
    }

    /// Never when calm.
    boolean of(double probability) {
        return !calm && dice.nextDouble() < probability;
    }

    /// Around `mean`; `mean` itself when calm.
    double normal(double mean, double deviation) {
        return calm ? mean : mean + deviation * dice.nextGaussian();
    }

    <T> T pick(List<T> choices) {
        return choices.get(below(choices.size()));
    }
}
