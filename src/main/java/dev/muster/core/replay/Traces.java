package dev.muster.core.replay;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/// A walk along the rows of a trace, again and again.
final class Traces<R> {
    private final List<R> rows;
    private final Function<R, Duration> after;
    private final Duration length;
    private int next;
    private Duration round = Duration.ZERO;

    Traces(List<R> rows, Function<R, Duration> after, Duration length) {
        this.rows = rows;
        this.after = after;
        this.length = length;
    }

    static void check(Duration length, Duration last) {
        if (length.compareTo(Duration.ofDays(1)) < 0 || last.compareTo(length) >= 0)
            throw new IllegalArgumentException(
                    "expected a trace of whole days that holds its rows, but found " + length);
    }

    /// The rows since the last call, up to then.
    List<R> until(Duration time) {
        List<R> due = new ArrayList<>();
        while (!rows.isEmpty()) {
            if (next == rows.size()) {
                next = 0;
                round = round.plus(length);
            }
            R row = rows.get(next);
            if (round.plus(after.apply(row)).compareTo(time) > 0) return due;
            due.add(row);
            next++;
        }
        return due;
    }
}
