package dev.muster.edge.view;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalDouble;

/// Numbers as people read them.
public final class Words {
    private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};

    private Words() {}

    /// The two largest units: `45s`, `3m20s`, `2h5m`, `4d3h`.
    public static String span(Duration span) {
        long seconds = Math.max(0, span.toSeconds());
        if (seconds < 60) return seconds + "s";
        if (seconds < 3600) return two(seconds / 60, "m", seconds % 60, "s");
        if (seconds < 86_400) return two(seconds / 3600, "h", seconds % 3600 / 60, "m");
        return two(seconds / 86_400, "d", seconds % 86_400 / 3600, "h");
    }

    private static String two(long large, String unit, long small, String smallUnit) {
        return small == 0 ? large + unit : large + unit + small + smallUnit;
    }

    /// How long ago; `-` when it is not known.
    public static String age(Optional<Instant> at, Instant now) {
        return at.map(time -> span(Duration.between(time, now))).orElse("-");
    }

    public static String seconds(OptionalDouble seconds) {
        return seconds.isPresent() ? span(Duration.ofMillis((long) (seconds.getAsDouble() * 1000))) : "-";
    }

    public static String bytes(long count) {
        double value = count;
        int unit = 0;
        while (value >= 1024 && unit < UNITS.length - 1) {
            value /= 1024;
            unit++;
        }
        if (value >= 100 || value == Math.rint(value)) return Math.round(value) + UNITS[unit];
        // Not String.format: it would cost a command 20 ms to load.
        long tenths = Math.round(value * 10);
        return tenths / 10 + "." + tenths % 10 + UNITS[unit];
    }

    public static String percent(OptionalDouble percent) {
        return percent.isPresent() ? Math.round(percent.getAsDouble()) + "%" : "-";
    }

    /// `1.5`, `4`.
    public static String decimal(OptionalDouble number) {
        if (number.isEmpty()) return "-";
        double value = number.getAsDouble();
        return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
    }

    /// The first twelve digits of a SHA-256; other names as they are.
    public static String brief(String sha) {
        return sha.length() == 64 ? sha.substring(0, 12) : sha;
    }

    /// `1 voter`, `3 voters`.
    public static String count(long count, String noun) {
        return count + " " + noun + (count == 1 ? "" : "s");
    }
}
