package dev.muster.market;

/// An amount of money in whole picodollars (10⁻¹² $).
///
/// Why so fine: prices are per hour, bills are per second. A rate is kept as whole picodollars per second (3.6
/// nanodollars per hour, far below what any listing distinguishes), so an amount is `rate * seconds`, without a
/// division: a ledger has the same sum however it is cut, to the last digit. A `long` holds nine million dollars.
public record Usd(long pico) implements Comparable<Usd> {
    public static final Usd ZERO = new Usd(0);

    private static final double PICO = 1e12;

    /// The nearest picodollar.
    public static Usd of(double dollars) {
        return new Usd(Math.round(dollars * PICO));
    }

    /// What so many picodollars per second come to in an hour; the unit of all prices that people see.
    static Usd perHour(long picoPerSecond) {
        return new Usd(Math.multiplyExact(picoPerSecond, 3600L));
    }

    /// Picodollars per second of a price per hour.
    static long picoPerSecond(double dollarsPerHour) {
        return Math.round(dollarsPerHour * PICO / 3600);
    }

    public double dollars() {
        return pico / PICO;
    }

    public Usd plus(Usd other) {
        return new Usd(Math.addExact(pico, other.pico));
    }

    public Usd minus(Usd other) {
        return new Usd(Math.subtractExact(pico, other.pico));
    }

    @Override
    public int compareTo(Usd other) {
        return Long.compare(pico, other.pico);
    }
}
