package dev.muster.core.state;

/// A job's number, written `j17`; numbers are given in log order and never used again.
public record JobId(long number) implements Comparable<JobId> {
    /// @throws IllegalArgumentException when the text is not of the form `j17`
    public static JobId parse(String text) {
        return new JobId(Ids.number("a job id such as j17", "j", text));
    }

    @Override
    public int compareTo(JobId other) {
        return Long.compare(number, other.number);
    }

    @Override
    public String toString() {
        return "j" + number;
    }
}
