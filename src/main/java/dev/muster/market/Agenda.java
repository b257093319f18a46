package dev.muster.market;

import java.util.PriorityQueue;

/// What is to happen, by time; at the same time in the order it was entered.
final class Agenda {
    static final long NEVER = Long.MAX_VALUE;

    private record Entry(long at, long number, Runnable what) implements Comparable<Entry> {
        @Override
        public int compareTo(Entry other) {
            int byTime = Long.compare(at, other.at);
            return byTime != 0 ? byTime : Long.compare(number, other.number);
        }
    }

    private final PriorityQueue<Entry> entries = new PriorityQueue<>();
    private long number;

    void enter(long at, Runnable what) {
        entries.add(new Entry(at, number++, what));
    }

    /// When the next entry is due; [#NEVER] without one.
    long next() {
        Entry first = entries.peek();
        return first == null ? NEVER : first.at;
    }

    Runnable take() {
        return entries.remove().what;
    }
}
