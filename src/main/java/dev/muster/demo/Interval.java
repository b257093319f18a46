package dev.muster.demo;

/// An observed share and the interval that holds the true one 19 times out of 20.
record Interval(double share, double low, double high) {
    /// The 97.5 % point of the normal distribution.
    private static final double Z = 1.959964;

    /// Wilson's score interval (Wilson 1927). Without trials: share one half, between 0 and 1.
    static Interval wilson95(int successes, int trials) {
        if (trials == 0) return new Interval(0.5, 0, 1);
        double share = (double) successes / trials;
        double z2 = Z * Z / trials;
        double centre = (share + z2 / 2) / (1 + z2);
        double half = Z * Math.sqrt(share * (1 - share) / trials + z2 / 4 / trials) / (1 + z2);
        return new Interval(share, Math.max(0, centre - half), Math.min(1, centre + half));
    }
}
