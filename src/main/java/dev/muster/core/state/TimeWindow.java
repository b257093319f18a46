package dev.muster.core.state;

import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Optional;

/// Hours of certain days in which a group's limits are others, as at night, when machines are cheap.
///
/// It begins and ends by the clock on the wall: where clocks go forward, a window may be an hour shorter, or absent when it
/// lies in the hour that is skipped; where they go back, an hour longer.
///
/// @param name     for people; unique
/// @param groups   that it is for; empty: all
/// @param days     on which it begins
/// @param from     on the wall
/// @param to       on the wall; not after `from`: of the next day
/// @param min      absent: the group's own
/// @param target   absent: the group's own, within the window's limits
/// @param max      absent: the group's own
/// @param priceMax absent: the group's own
public record TimeWindow(
        String name,
        List<String> groups,
        List<DayOfWeek> days,
        LocalTime from,
        LocalTime to,
        Optional<Integer> min,
        Optional<Integer> target,
        Optional<Integer> max,
        Optional<Money> priceMax) {
    /// @throws IllegalArgumentException when it is for no day, or its numbers contradict each other
    public TimeWindow {
        Ids.name("a window's name", name);
        groups = List.copyOf(groups);
        if (days.isEmpty()) throw new IllegalArgumentException("expected the window " + name + " to have days");
        days = days.stream().sorted().distinct().toList();
        if (min.orElse(0) < 0 || min.orElse(0) > max.orElse(Group.SIZE_MAX) || max.orElse(0) > Group.SIZE_MAX)
            throw new IllegalArgumentException("expected the window " + name + " to have 0 <= min <= max <= "
                    + Group.SIZE_MAX + ", but found " + min.map(String::valueOf).orElse("-") + " and "
                    + max.map(String::valueOf).orElse("-"));
        if (target.filter(wanted -> wanted < min.orElse(0) || wanted > max.orElse(Group.SIZE_MAX))
                .isPresent())
            throw new IllegalArgumentException("expected the window " + name + " to have a target of " + min.orElse(0)
                    + " to " + max.orElse(Group.SIZE_MAX) + ", but found " + target.get());
        if (priceMax.filter(money -> money.micros() <= 0).isPresent())
            throw new IllegalArgumentException(
                    "expected the window " + name + " to have a price cap above $0, but found " + priceMax.get());
    }

    public boolean isFor(String group) {
        return groups.isEmpty() || groups.contains(group);
    }

    /// Is it open at that moment?
    public boolean open(Instant at, ZoneId zone) {
        ZonedDateTime wall = at.atZone(zone);
        LocalTime time = wall.toLocalTime();
        if (from.isBefore(to)) return begins(wall.getDayOfWeek()) && !time.isBefore(from) && time.isBefore(to);
        return begins(wall.getDayOfWeek()) && !time.isBefore(from)
                || begins(wall.getDayOfWeek().minus(1)) && time.isBefore(to);
    }

    private boolean begins(DayOfWeek day) {
        return days.contains(day);
    }

    /// What it says against a group's own limits, where it has none in their place. A lower `max` is none: it goes before
    /// the group's `min` and `target`.
    public Optional<String> contradiction(Group group) {
        int most = max.orElse(group.max());
        int least = Math.min(most, min.orElse(group.min()));
        if (min.filter(wanted -> wanted > most).isPresent())
            return Optional.of("expected a min of at most " + most + ", the max of " + group.name() + ", but found "
                    + min.get() + "; a window that needs more has a max, too");
        return target.filter(wanted -> wanted < least || wanted > most)
                .map(wanted -> "expected a target of " + least + " to " + most + ", the limits of " + group.name()
                        + ", but found " + wanted + "; a window that needs others has a min or max, too");
    }

    /// Is there a moment, by the clock on the wall, at which both are open for one group?
    public boolean overlaps(TimeWindow other) {
        boolean together =
                groups.isEmpty() || other.groups.isEmpty() || groups.stream().anyMatch(other.groups::contains);
        if (!together) return false;
        for (long[] one : spans()) {
            for (long[] two : other.spans()) {
                if (one[0] < two[1] && two[0] < one[1]) return true;
            }
        }
        return false;
    }

    /// In seconds of a week, and of the one after for what goes on beyond it.
    private List<long[]> spans() {
        long day = 86_400;
        long length = from.isBefore(to)
                ? to.toSecondOfDay() - from.toSecondOfDay()
                : day - from.toSecondOfDay() + to.toSecondOfDay();
        return days.stream()
                .flatMap(begins -> {
                    long start = (begins.getValue() - 1) * day + from.toSecondOfDay();
                    return List.of(
                            new long[] {start, start + length}, new long[] {start + 7 * day, start + 7 * day + length})
                            .stream();
                })
                .toList();
    }
}
