package dev.muster.core.rating;

/// The 95 % interval of a win rate (E. B. Wilson 1927), a draw counted as half a win.
///
/// Draws vary less than wins and losses, so with many draws the interval is wider than need be: the gate errs towards
/// asking for more games.
public final class Wilson {
    /// The normal distribution's 97.5 % point.
    static final double Z = 1.959963984540054;

    private Wilson() {}

    /// @param rate found; NaN without games
    public record Interval(double rate, double low, double high) {}

    /// 0 to 1 without games.
    public static Interval interval(long wins, long draws, long losses) {
        double games = (double) wins + draws + losses;
        if (games == 0) return new Interval(Double.NaN, 0, 1);
        double rate = (wins + 0.5 * draws) / games;
        double shrink = 1 + Z * Z / games;
        double middle = (rate + Z * Z / (2 * games)) / shrink;
        double reach = Z * Math.sqrt(rate * (1 - rate) / games + Z * Z / (4 * games * games)) / shrink;
        return new Interval(rate, Math.max(0, middle - reach), Math.min(1, middle + reach));
    }
}
