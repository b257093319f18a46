package dev.muster.core.state;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A number of bytes, written `512MiB`, `20GiB`, `1500000B`; decimal units (`20GB`) are read as powers of ten.
public record Bytes(long count) implements Comparable<Bytes> {
    public static final Bytes ZERO = new Bytes(0);

    private static final Pattern TEXT =
            Pattern.compile("(\\d+(?:\\.\\d+)?)\\s*([KMGT]?i?B?)", Pattern.CASE_INSENSITIVE);
    private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB"};

    /// @throws IllegalArgumentException when negative
    public Bytes {
        if (count < 0) throw new IllegalArgumentException("expected a size of 0 or more bytes, but found " + count);
    }

    public static Bytes gib(long count) {
        return new Bytes(count << 30);
    }

    public static Bytes mib(long count) {
        return new Bytes(count << 20);
    }

    /// @throws IllegalArgumentException when the text is not a number with a unit
    public static Bytes parse(String text) {
        Matcher matcher = TEXT.matcher(text.strip());
        if (!matcher.matches()) {
            throw new IllegalArgumentException("expected a size such as 512MiB or 20GiB, but found \"" + text + "\"");
        }
        String unit = matcher.group(2).toUpperCase(Locale.ROOT);
        long base = unit.contains("I") ? 1024 : 1000;
        int power = unit.isEmpty() ? 0 : "BKMGT".indexOf(unit.charAt(0));
        return new Bytes((long) (Double.parseDouble(matcher.group(1)) * Math.pow(base, power)));
    }

    public Bytes plus(Bytes other) {
        return new Bytes(count + other.count);
    }

    /// @throws IllegalArgumentException when `other` is larger
    public Bytes minus(Bytes other) {
        return new Bytes(count - other.count);
    }

    @Override
    public int compareTo(Bytes other) {
        return Long.compare(count, other.count);
    }

    /// The largest binary unit that leaves at most one decimal: `1.5GiB`, `0B`.
    @Override
    public String toString() {
        int unit = 0;
        double value = count;
        while (value >= 1024 && unit < UNITS.length - 1) {
            value /= 1024;
            unit++;
        }
        return value == Math.rint(value)
                ? (long) value + UNITS[unit]
                : String.format(Locale.ROOT, "%.1f%s", value, UNITS[unit]);
    }
}
