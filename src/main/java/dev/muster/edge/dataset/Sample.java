package dev.muster.edge.dataset;

/// Which rows are looked at.
///
/// @param rows so many, evenly spread; [Long#MAX_VALUE] for all
public record Sample(long rows) {
    public static final Sample ALL = new Sample(Long.MAX_VALUE);
    /// Far more than a sample is; the product with any number of rows can be counted.
    public static final long ROWS_MAX = 1_000_000;

    public Sample {
        if (rows != Long.MAX_VALUE && (rows < 1 || rows > ROWS_MAX))
            throw new IllegalArgumentException("expected 1 to " + ROWS_MAX + " rows, but found " + rows);
    }

    boolean isAll(long of) {
        return rows >= of;
    }

    boolean has(long row, long of) {
        return isAll(of) || place(row + 1, of) > place(row, of);
    }

    /// Is there one from `from` on, and before `to`?
    boolean hasAny(long from, long to, long of) {
        return isAll(of) || place(to, of) > place(from, of);
    }

    private long place(long row, long of) {
        return Math.multiplyHigh(row, rows) == 0 && row <= Long.MAX_VALUE / rows
                ? row * rows / of
                : (long) ((double) row * rows / of);
    }
}
