package dev.muster.edge.delta;

/// Cuts bytes where their content says so, so that what was inserted before them changes no cut after them.
///
/// A gear hash with FastCDC's two masks (Xia et al. 2016): before the average length a cut is four times as unlikely as
/// it would be, after it four times as likely, which keeps lengths near the average.
final class Cutter {
    private static final long[] GEAR = gear();

    private final int bytesMin;
    private final int bytesAverage;
    private final int bytesMax;
    private final long maskEarly;
    private final long maskLate;

    /// @param bytesAverage a power of two of at least 1 KiB; pieces are between a quarter of it and four times of it
    Cutter(int bytesAverage) {
        if (Integer.bitCount(bytesAverage) != 1 || bytesAverage < 1024) {
            throw new IllegalArgumentException("expected a power of two >= 1024, but found " + bytesAverage);
        }
        int bits = Integer.numberOfTrailingZeros(bytesAverage);
        this.bytesAverage = bytesAverage;
        this.bytesMin = bytesAverage / 4;
        this.bytesMax = bytesAverage * 4;
        // The top bits, which depend on the last 64 bytes.
        this.maskEarly = -1L << (64 - bits - 2);
        this.maskLate = -1L << (64 - bits + 2);
    }

    int bytesMax() {
        return bytesMax;
    }

    /// Where the piece that begins at `from` ends; `to` when there is no cut before, which is final only if `to` is the
    /// end of the file or at least `bytesMax` away.
    int cut(byte[] bytes, int from, int to) {
        int end = Math.min(to, from + bytesMax);
        int middle = Math.min(end, from + bytesAverage);
        int at = Math.min(end, from + bytesMin);
        long[] gear = GEAR;
        long hash = 0;
        long mask = maskEarly;
        for (; at < middle; at++) {
            hash = (hash << 1) + gear[bytes[at] & 255];
            if ((hash & mask) == 0) return at + 1;
        }
        mask = maskLate;
        for (; at < end; at++) {
            hash = (hash << 1) + gear[bytes[at] & 255];
            if ((hash & mask) == 0) return at + 1;
        }
        return end;
    }

    /// Random numbers that are the same in every build: SplitMix64 from 0 (Steele et al. 2014).
    private static long[] gear() {
        long[] table = new long[256];
        long seed = 0;
        for (int i = 0; i < table.length; i++) {
            seed += 0x9E3779B97F4A7C15L;
            long z = (seed ^ (seed >>> 30)) * 0xBF58476D1CE4E5B9L;
            z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
            table[i] = z ^ (z >>> 31);
        }
        return table;
    }
}
