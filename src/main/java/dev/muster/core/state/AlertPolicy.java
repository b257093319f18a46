package dev.muster.core.state;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;

/// When people are told of what: one value, replaced as a whole.
///
/// @param gather   after the first thing that is new in an alert: what else comes in that time is told with it
/// @param again    between two notices of one alert, unless it got critical or is over
/// @param cooldown after an alert was told to be over: until then it is not told anew, unless it is worse
/// @param clear    for so long nothing is wrong any more, before it is taken to be over
/// @param hourMax  notices in an hour that are not critical; the rest waits, and is told together
/// @param zone     of quiet hours
/// @param limits   by rule, instead of its own
/// @param off      rules that nobody wants
public record AlertPolicy(
        Duration gather,
        Duration again,
        Duration cooldown,
        Duration clear,
        int hourMax,
        String zone,
        List<QuietHours> quiet,
        Table<String, Limits> limits,
        List<String> off) {
    private static final Duration TIME_MAX = Duration.ofDays(7);
    private static final int LIST_MAX = 100;

    /// Waits and intervals are those of Prometheus' Alertmanager; cooldown and the most in an hour are the prior system's.
    public static final AlertPolicy DEFAULT = new AlertPolicy(
            Duration.ofSeconds(30),
            Duration.ofMinutes(5),
            Duration.ofMinutes(30),
            Duration.ofMinutes(2),
            10,
            "UTC",
            List.of(),
            Table.empty(),
            List.of());

    /// From where on a figure is no longer well.
    ///
    /// @param warning  absent: never
    /// @param critical absent: never
    public record Limits(Optional<Double> warning, Optional<Double> critical) {
        /// @throws IllegalArgumentException when one is no number
        public Limits {
            for (Optional<Double> limit : List.of(warning, critical))
                if (limit.filter(value -> !Double.isFinite(value)).isPresent())
                    throw new IllegalArgumentException("expected limits that are numbers, but found " + limit.get());
            if (warning.isEmpty() && critical.isEmpty())
                throw new IllegalArgumentException("expected a warning or a critical limit, but found neither");
        }

        public static Limits of(double warning, double critical) {
            return new Limits(Optional.of(warning), Optional.of(critical));
        }
    }

    /// @throws IllegalArgumentException when a field is out of its range; the message names it
    public AlertPolicy {
        quiet = List.copyOf(quiet);
        off = List.copyOf(off);
        for (Duration time : List.of(gather, again, cooldown, clear))
            if (time.isNegative() || time.compareTo(TIME_MAX) > 0)
                throw new IllegalArgumentException("expected times of 0s to " + Durations.brief(TIME_MAX)
                        + ", but found " + Durations.brief(time));
        if (hourMax < 1) throw new IllegalArgumentException("expected an hour_max of at least 1, but found " + hourMax);
        if (quiet.size() > LIST_MAX || limits.size() > LIST_MAX || off.size() > LIST_MAX)
            throw new IllegalArgumentException("expected at most " + LIST_MAX + " quiet hours, limits and rules off");
        try {
            ZoneId.of(zone);
        } catch (DateTimeException e) {
            throw new IllegalArgumentException(
                    "expected a time zone such as Europe/Berlin, but found \"" + zone + "\"", e);
        }
    }

    public ZoneId zoneId() {
        return ZoneId.of(zone);
    }
}
