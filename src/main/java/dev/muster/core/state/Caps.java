package dev.muster.core.state;

import java.util.Optional;

/// The most that may be spent, by all machines or by one group's. What has no cap is not limited by it.
///
/// @param hour  of what all machines cost together at any moment, per hour
/// @param day   from midnight to midnight, in the time zone of [Scaling]
/// @param month of the calendar
public record Caps(Optional<Money> hour, Optional<Money> day, Optional<Money> month) {
    public static final Caps NONE = new Caps(Optional.empty(), Optional.empty(), Optional.empty());

    /// @throws IllegalArgumentException when one is below nothing
    public Caps {
        check("hour", hour);
        check("day", day);
        check("month", month);
    }

    private static void check(String name, Optional<Money> cap) {
        if (cap.filter(money -> money.micros() < 0).isPresent())
            throw new IllegalArgumentException("expected a cap per " + name + " of $0 or more, but found " + cap.get());
    }

    public boolean none() {
        return equals(NONE);
    }
}
