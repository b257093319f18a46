package dev.muster.core.state;

import java.util.Comparator;

/// One try of a task on one node, written `j17.0.1`; `number` counts from 1.
public record AttemptId(TaskId task, int number) implements Comparable<AttemptId> {
    private static final Comparator<AttemptId> ORDER =
            Comparator.comparing(AttemptId::task).thenComparingInt(AttemptId::number);

    /// @throws IllegalArgumentException when the text is not of the form `j17.0.1`
    public static AttemptId parse(String text) {
        int dot = text.lastIndexOf('.');
        if (dot < 0) {
            throw new IllegalArgumentException("expected an attempt id such as j17.0.1, but found \"" + text + "\"");
        }
        return new AttemptId(TaskId.parse(text.substring(0, dot)), (int)
                Ids.number("an attempt id such as j17.0.1", "", text.substring(dot + 1)));
    }

    @Override
    public int compareTo(AttemptId other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return task + "." + number;
    }
}
