package dev.muster.core.replay;

import dev.muster.core.state.JobKind;
import dev.muster.core.state.Money;
import dev.muster.core.state.Table;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;

/// What came of a policy.
///
/// @param days    in the policy's time zone; the first and the last may be parts of one
/// @param length  in days, each as long as it was: one on which clocks change has 23 hours or 25
/// @param done    tasks that ended, by kind
/// @param left    tasks that did not, at the end
/// @param refused what each cap kept from being rented, most first
/// @param unused  why no machine was ever rented for a group, by its name
/// @param passed  caps of days and months that were not kept, in order of time
/// @param samples at even times, from the beginning on
public record Replayed(
        String name,
        Money spent,
        List<Day> days,
        double length,
        Table<JobKind, Integer> done,
        int left,
        Waiting waiting,
        Machines machines,
        List<Refused> refused,
        Table<String, String> unused,
        List<Passed> passed,
        List<Sample> samples) {
    public Replayed {
        days = List.copyOf(days);
        refused = List.copyOf(refused);
        passed = List.copyOf(passed);
        samples = List.copyOf(samples);
    }

    /// @param most    machines at once
    /// @param rented  all machines' time together, from running on
    /// @param idle    of it, without work
    /// @param refused for so long a cap kept a machine from being rented
    public record Day(
            LocalDate date, Money spent, int done, int most, Duration rented, Duration idle, Duration refused) {}

    /// From a task's submission to its first start, of those that were started.
    public record Waiting(Duration mean, Duration median, Duration p95, Duration most) {}

    /// @param ordered machines in all
    /// @param outbid  times that one was taken away
    public record Machines(int ordered, int most, Duration rented, Duration idle, int outbid) {
        /// Share of the time that was paid for and worked in; 1 where nothing was paid for.
        public double used() {
            return rented.isZero() ? 1 : 1 - (double) idle.toMinutes() / rented.toMinutes();
        }
    }

    /// @param cap  `day`, or `selfplay: hour` for a group's own
    /// @param time for so long it kept a machine from being rented
    public record Refused(String cap, Money limit, Duration time) {}

    /// @param date the day, or the last one of the month
    /// @param cap  `day`, or `selfplay: month` for a group's own
    /// @param drains whether machines were ended for it; else what ran went on
    public record Passed(LocalDate date, String cap, Money limit, Money spent, boolean drains) {
        public Money by() {
            return spent.minus(limit);
        }
    }

    /// @param machines that are rented
    /// @param groups   the same, by group
    /// @param busy     with work
    /// @param waiting  tasks
    /// @param spent    since the beginning
    public record Sample(Instant at, int machines, Table<String, Integer> groups, int busy, int waiting, Money spent) {}

    public int tasks() {
        return done.values().stream().mapToInt(Integer::intValue).sum();
    }
}
