package dev.muster.core.state;

import java.time.Duration;
import java.util.Locale;

/// Durations as people read them: `61.2s`, `12s`, `10m`, `2h5m`.
public final class Durations {
    /// Below it one decimal of a second is worth telling.
    private static final Duration SECONDS_BELOW = Duration.ofMinutes(2);

    private Durations() {}

    /// Seconds with at most one decimal below two minutes, from there whole hours, minutes and seconds.
    public static String brief(Duration span) {
        return span.compareTo(SECONDS_BELOW) < 0 ? seconds(span) : clock(span);
    }

    private static String seconds(Duration span) {
        long tenths = Math.floorDiv(span.toMillis(), 100);
        return tenths % 10 == 0 ? tenths / 10 + "s" : String.format(Locale.ROOT, "%.1fs", tenths / 10.0);
    }

    private static String clock(Duration span) {
        StringBuilder text = new StringBuilder();
        if (span.toHours() > 0) text.append(span.toHours()).append('h');
        if (span.toMinutesPart() > 0) text.append(span.toMinutesPart()).append('m');
        if (span.toSecondsPart() > 0) text.append(span.toSecondsPart()).append('s');
        return text.toString();
    }
}
