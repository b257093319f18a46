package dev.muster.core.state;

import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// When only what is critical is told: `22:00-07:00`, `mon-fri 22:00-07:00`. By the clock on the wall, so an hour that a change of the
/// clocks skips or doubles is skipped or doubled.
///
/// @param first of the days on which it begins
/// @param end   of the day after, where it is not after `begin`
public record QuietHours(DayOfWeek first, DayOfWeek last, LocalTime begin, LocalTime end) {
    private static final Pattern SHAPE =
            Pattern.compile("(?:([a-z]{3})(?:-([a-z]{3}))?\\s+)?(\\d{2}:\\d{2})\\s*-\\s*(\\d{2}:\\d{2})");

    /// @throws IllegalArgumentException when it is none
    public static QuietHours parse(String text) {
        Matcher shape = SHAPE.matcher(text.strip().toLowerCase(Locale.ROOT));
        if (!shape.matches()) throw wrong(text);
        try {
            DayOfWeek first = shape.group(1) == null ? DayOfWeek.MONDAY : day(shape.group(1), text);
            DayOfWeek last = shape.group(1) == null ? DayOfWeek.SUNDAY : first;
            if (shape.group(2) != null) last = day(shape.group(2), text);
            LocalTime begin = LocalTime.parse(shape.group(3));
            LocalTime end = LocalTime.parse(shape.group(4));
            if (begin.equals(end)) throw wrong(text);
            return new QuietHours(first, last, begin, end);
        } catch (DateTimeParseException e) {
            throw wrong(text);
        }
    }

    private static DayOfWeek day(String word, String text) {
        for (DayOfWeek day : DayOfWeek.values())
            if (day.name().toLowerCase(Locale.ROOT).startsWith(word)) return day;
        throw wrong(text);
    }

    private static IllegalArgumentException wrong(String text) {
        return new IllegalArgumentException(
                "expected quiet hours as 22:00-07:00 or mon-fri 22:00-07:00, but found \"" + text + "\"");
    }

    public boolean holds(Instant now, ZoneId zone) {
        ZonedDateTime local = now.atZone(zone);
        LocalTime time = local.toLocalTime();
        if (begin.isBefore(end)) return on(local.getDayOfWeek()) && !time.isBefore(begin) && time.isBefore(end);
        boolean evening = on(local.getDayOfWeek()) && !time.isBefore(begin);
        return evening || on(local.getDayOfWeek().minus(1)) && time.isBefore(end);
    }

    private boolean on(DayOfWeek day) {
        return first.compareTo(last) <= 0
                ? day.compareTo(first) >= 0 && day.compareTo(last) <= 0
                : day.compareTo(first) >= 0 || day.compareTo(last) <= 0;
    }

    @Override
    public String toString() {
        String days = first == DayOfWeek.MONDAY && last == DayOfWeek.SUNDAY
                ? ""
                : brief(first) + (first == last ? "" : "-" + brief(last)) + " ";
        return days + begin + "-" + end;
    }

    private static String brief(DayOfWeek day) {
        return day.name().substring(0, 3).toLowerCase(Locale.ROOT);
    }
}
