package dev.muster.core.state;

import java.util.Comparator;

/// One try of a task on one node, written `j17.0.1`; `number` counts from 1. Where a task runs on several nodes, a try has a
/// member on each: `j17.0.1` is that of rank 0, `j17.0.1.2` that of rank 2.
public record AttemptId(TaskId task, int number, int rank) implements Comparable<AttemptId> {
    private static final Comparator<AttemptId> ORDER = Comparator.comparing(AttemptId::task)
            .thenComparingInt(AttemptId::number)
            .thenComparingInt(AttemptId::rank);
    private static final String EXPECTED = "an attempt id such as j17.0.1, or j17.0.1.2 of a member";

    /// Of rank 0: the only one, unless the task runs on several nodes.
    public AttemptId(TaskId task, int number) {
        this(task, number, 0);
    }

    /// @throws IllegalArgumentException when the text is not of the form `j17.0.1` or `j17.0.1.2`
    public static AttemptId parse(String text) {
        String[] parts = text.split("\\.", -1);
        if (parts.length < 3 || parts.length > 4)
            throw new IllegalArgumentException("expected " + EXPECTED + ", but found \"" + text + "\"");
        int rank = parts.length == 4 ? (int) Ids.number(EXPECTED, "", parts[3]) : 0;
        TaskId task = TaskId.parse(parts[0] + "." + parts[1]);
        return new AttemptId(task, (int) Ids.number(EXPECTED, "", parts[2]), rank);
    }

    /// The member of that rank of the same try.
    public AttemptId member(int other) {
        return new AttemptId(task, number, other);
    }

    @Override
    public int compareTo(AttemptId other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return task + "." + number + (rank > 0 ? "." + rank : "");
    }
}
