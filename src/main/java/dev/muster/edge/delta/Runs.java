package dev.muster.edge.delta;

import java.util.Arrays;

/// Stretches of the new file that stand in the old file too, in the new file's order: 24 bytes each.
final class Runs {
    private long[] news = new long[256];
    private long[] olds = new long[256];
    private long[] lengths = new long[256];
    private int count;

    /// Continues the last run where it can.
    void add(long newOffset, long oldOffset, long length) {
        if (count > 0 && newEnd(count - 1) == newOffset && oldEnd(count - 1) == oldOffset) {
            lengths[count - 1] += length;
            return;
        }
        if (count == news.length) {
            news = Arrays.copyOf(news, count * 2);
            olds = Arrays.copyOf(olds, count * 2);
            lengths = Arrays.copyOf(lengths, count * 2);
        }
        news[count] = newOffset;
        olds[count] = oldOffset;
        lengths[count++] = length;
    }

    int count() {
        return count;
    }

    long newOffset(int run) {
        return news[run];
    }

    long oldOffset(int run) {
        return olds[run];
    }

    long length(int run) {
        return lengths[run];
    }

    long newEnd(int run) {
        return news[run] + lengths[run];
    }

    long oldEnd(int run) {
        return olds[run] + lengths[run];
    }
}
