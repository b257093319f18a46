package dev.muster.core.state;

/// A rented machine's number, written `i17`; numbers are given in log order and never used again.
public record InstanceId(long number) implements Comparable<InstanceId> {
    /// @throws IllegalArgumentException when the text is not of the form `i17`
    public static InstanceId parse(String text) {
        return new InstanceId(Ids.number("an instance's id such as i17", "i", text));
    }

    @Override
    public int compareTo(InstanceId other) {
        return Long.compare(number, other.number);
    }

    @Override
    public String toString() {
        return "i" + number;
    }
}
