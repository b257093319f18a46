package dev.muster.core.state;

import java.util.Comparator;

/// One replica of a job, written `j17.0`; `index` counts from 0.
public record TaskId(JobId job, int index) implements Comparable<TaskId> {
    private static final Comparator<TaskId> ORDER =
            Comparator.comparing(TaskId::job).thenComparingInt(TaskId::index);

    /// @throws IllegalArgumentException when the text is not of the form `j17.0`
    public static TaskId parse(String text) {
        int dot = text.indexOf('.');
        if (dot < 0) throw new IllegalArgumentException("expected a task id such as j17.0, but found \"" + text + "\"");
        return new TaskId(JobId.parse(text.substring(0, dot)), (int)
                Ids.number("a task id such as j17.0", "", text.substring(dot + 1)));
    }

    @Override
    public int compareTo(TaskId other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return job + "." + index;
    }
}
