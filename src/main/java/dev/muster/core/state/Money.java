package dev.muster.core.state;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.time.Duration;

/// An amount in millionths of a US dollar, so that sums are exact. Negative where somebody is owed.
///
/// Written `$0.123`; two to six decimals. A price per hour is a `Money` too, and its field's name says so.
public record Money(long micros) implements Comparable<Money> {
    public static final Money ZERO = new Money(0);

    private static final int DECIMALS = 6;
    private static final long MICROS = 1_000_000;
    private static final long BRIEF = 100;
    private static final BigInteger HOUR_MILLIS =
            BigInteger.valueOf(Duration.ofHours(1).toMillis());

    /// Provider's months have 720 hours: a storage price per month is this many hours'.
    public static final int MONTH_HOURS = 720;

    public static Money ofDollars(long dollars) {
        return new Money(Math.multiplyExact(dollars, MICROS));
    }

    /// `0.123`, `$0.123`, `-25`; what is finer than a millionth is rounded half up.
    ///
    /// @throws IllegalArgumentException when it is no such number, or larger than nine million million dollars
    public static Money parse(String text) {
        String number = text.strip().replace("$", "").replace("_", "");
        try {
            if (number.length() > 40 || !number.matches("[+-]?[0-9.]+([eE][+-]?[0-9]{1,2})?"))
                throw new NumberFormatException();
            return new Money(new BigDecimal(number)
                    .setScale(DECIMALS, RoundingMode.HALF_UP)
                    .movePointRight(DECIMALS)
                    .longValueExact());
        } catch (ArithmeticException | NumberFormatException e) {
            throw new IllegalArgumentException("expected an amount such as $0.50, but found \"" + text + "\"", e);
        }
    }

    public Money plus(Money other) {
        return new Money(Math.addExact(micros, other.micros));
    }

    public Money minus(Money other) {
        return new Money(Math.subtractExact(micros, other.micros));
    }

    public Money max(Money other) {
        return compareTo(other) >= 0 ? this : other;
    }

    public Money times(long count) {
        return new Money(Math.multiplyExact(micros, count));
    }

    /// `numerator / denominator` of it, rounded half up to a millionth.
    ///
    /// @throws ArithmeticException when the denominator is 0
    public Money share(long numerator, long denominator) {
        return share(BigInteger.valueOf(numerator), BigInteger.valueOf(denominator));
    }

    private Money share(BigInteger numerator, BigInteger denominator) {
        return new Money(new BigDecimal(BigInteger.valueOf(micros).multiply(numerator))
                .divide(new BigDecimal(denominator), 0, RoundingMode.HALF_UP)
                .longValueExact());
    }

    /// What a price per hour comes to in so long.
    public Money perHourFor(Duration time) {
        return share(BigInteger.valueOf(time.toMillis()), HOUR_MILLIS);
    }

    /// For showing and comparing; never for sums.
    public double dollars() {
        return micros / (double) MICROS;
    }

    @Override
    public int compareTo(Money other) {
        return Long.compare(micros, other.micros);
    }

    /// To a hundredth of a cent, as in tables.
    public String brief() {
        return new Money(Math.floorDiv(micros + BRIEF / 2, BRIEF) * BRIEF).toString();
    }

    /// `$0.123`, `$1.00`, `-$25.00`.
    @Override
    public String toString() {
        String number =
                BigDecimal.valueOf(micros, DECIMALS).abs().stripTrailingZeros().toPlainString();
        int decimals = number.indexOf('.') < 0 ? 0 : number.length() - number.indexOf('.') - 1;
        String padded = decimals >= 2
                ? number
                : BigDecimal.valueOf(micros, DECIMALS).abs().setScale(2).toPlainString();
        return (micros < 0 ? "-$" : "$") + padded;
    }
}
