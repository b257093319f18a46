package dev.muster.core.hosts;

/// Where something stands in a file; both count from 1.
public record Place(int line, int column) implements Comparable<Place> {
    @Override
    public int compareTo(Place other) {
        return line != other.line ? Integer.compare(line, other.line) : Integer.compare(column, other.column);
    }

    /// `12:3`.
    @Override
    public String toString() {
        return line + ":" + column;
    }
}
