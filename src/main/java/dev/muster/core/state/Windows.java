package dev.muster.core.state;

import java.time.Duration;
import java.time.Instant;

/// When the day and the month began that budgets are counted in: worked out by whoever gives an order, because what
/// voters know of time zones may differ.
public record Windows(Instant day, Instant month) {
    /// A day can have 25 hours; an hour more for clocks that are off.
    private static final Duration DAY_MAX = Duration.ofHours(26);

    private static final Duration MONTH_MAX = Duration.ofDays(32);
    private static final Duration AHEAD_MAX = Duration.ofMinutes(5);

    /// Can they be right at that moment?
    boolean holds(Instant at) {
        return holds(day, DAY_MAX, at) && holds(month, MONTH_MAX, at) && !month.isAfter(day);
    }

    private static boolean holds(Instant began, Duration longest, Instant at) {
        return !began.isAfter(at.plus(AHEAD_MAX)) && !began.isBefore(at.minus(longest));
    }
}
