package dev.muster.core.replay;

import dev.muster.core.state.JobKind;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;

/// What was asked of the machines, in order of time. A trace that is shorter than the replay begins anew.
///
/// @param length of the trace: whole days
public record Demand(List<Row> rows, Duration length) {
    /// Tasks that are submitted together.
    ///
    /// @param after the trace began
    /// @param each  one task's run
    /// @param gpus  of each task
    public record Row(Duration after, JobKind kind, int tasks, Duration each, int gpus) {
        /// @throws IllegalArgumentException when a number is out of its range
        public Row {
            if (after.isNegative()) throw new IllegalArgumentException("expected a time after the trace began");
            if (tasks < 1 || tasks > 10_000)
                throw new IllegalArgumentException("expected 1 to 10000 tasks, but found " + tasks);
            if (each.compareTo(Duration.ofMinutes(1)) < 0 || each.compareTo(Duration.ofDays(30)) > 0)
                throw new IllegalArgumentException(
                        "expected a task to run for a minute to 30 days, but found " + each.toMinutes() + " minutes");
            if (gpus < 0 || gpus > 64) throw new IllegalArgumentException("expected 0 to 64 GPUs, but found " + gpus);
        }
    }

    public Demand {
        rows = rows.stream().sorted(Comparator.comparing(Row::after)).toList();
        Traces.check(length, rows.isEmpty() ? Duration.ZERO : rows.getLast().after());
    }
}
