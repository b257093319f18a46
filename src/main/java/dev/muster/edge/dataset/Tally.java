package dev.muster.edge.dataset;

import java.util.Arrays;

/// What streams by: how many, how large, and what is no number. A row is all that stands at one place of the first axis.
final class Tally {
    /// More rows at once than this are not looked at one by one.
    private static final int BAND_MAX = 1 << 20;

    /// There are rows, of two numbers or more.
    private final boolean rows;
    /// Each number is a row of its own.
    private final boolean flat;

    private long looked;
    private long nan;
    private long infinite;
    private long firstBad = -1;
    private double least = Double.POSITIVE_INFINITY;
    private double most = Double.NEGATIVE_INFINITY;
    private double sum;
    private long constantRows;
    private long firstConstant = -1;

    /// The rows that are being filled; those of one row of chunks are filled together.
    private long bandFrom;

    private int bandRows;
    private boolean banded;
    private double[] low = new double[1];
    private double[] high = new double[1];

    Tally(Shape shape) throws Unsound {
        long count = shape.count();
        this.rows = shape.rank() > 1 && count > 0 && count / shape.rows() > 1;
        this.flat = shape.rank() == 1;
    }

    /// Rows from here on come in pieces, until the next band.
    void band(long from, int count) {
        banded = true;
        open(from, count);
    }

    private void open(long from, int count) {
        if (!rows) return;
        close();
        bandFrom = from;
        bandRows = count > BAND_MAX ? 0 : count;
        if (low.length < bandRows) {
            low = new double[bandRows];
            high = new double[bandRows];
        }
        Arrays.fill(low, 0, bandRows, Double.POSITIVE_INFINITY);
        Arrays.fill(high, 0, bandRows, Double.NEGATIVE_INFINITY);
    }

    /// Some numbers of one row, or of rows from here on where each number is a row.
    void add(long row, double[] values, int from, int to) {
        double low = Double.POSITIVE_INFINITY;
        double high = Double.NEGATIVE_INFINITY;
        double part = 0;
        int odd = 0;
        for (int i = from; i < to; i++) {
            double value = values[i];
            if (value - value == 0) {
                part += value;
                low = value < low ? value : low;
                high = value > high ? value : high;
            } else {
                odd++;
            }
        }
        looked += to - from;
        sum += part;
        least = Math.min(least, low);
        most = Math.max(most, high);
        if (odd > 0) odd(row, values, from, to);
        if (rows) spread(row, odd > 0 ? Double.NEGATIVE_INFINITY : low, high);
    }

    private void odd(long row, double[] values, int from, int to) {
        for (int i = from; i < to; i++) {
            if (Double.isFinite(values[i])) continue;
            if (Double.isNaN(values[i])) nan++;
            else infinite++;
            if (firstBad < 0) firstBad = flat ? row + i - from : row;
        }
    }

    private void spread(long row, double least, double most) {
        if (!banded && (bandRows == 0 || row != bandFrom)) open(row, 1);
        int at = (int) (row - bandFrom);
        if (at >= bandRows) return;
        low[at] = Math.min(low[at], least);
        high[at] = Math.max(high[at], most);
    }

    private void close() {
        for (int at = 0; at < bandRows; at++) {
            if (low[at] != high[at]) continue;
            constantRows++;
            if (firstConstant < 0) firstConstant = bandFrom + at;
        }
        bandRows = 0;
    }

    Summary.Numbers end() {
        close();
        long finite = looked - nan - infinite;
        return new Summary.Numbers(
                looked,
                nan,
                infinite,
                firstBad,
                finite == 0 ? Double.NaN : least,
                finite == 0 ? Double.NaN : most,
                finite == 0 ? Double.NaN : sum / finite,
                constantRows,
                firstConstant);
    }
}
