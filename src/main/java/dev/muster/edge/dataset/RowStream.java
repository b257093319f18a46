package dev.muster.edge.dataset;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/// Numbers one after the other, row by row; 256 KiB at a time.
final class RowStream {
    private static final int BLOCK_BYTES = 256 << 10;

    private final InputStream in;
    private final NumberType type;
    private final Progress progress;
    private final byte[] block = new byte[BLOCK_BYTES];
    private final double[] values;

    RowStream(InputStream in, NumberType type, Progress progress) {
        this.in = in;
        this.type = type;
        this.progress = progress;
        this.values = new double[BLOCK_BYTES / type.bytes()];
    }

    /// @throws Unsound when it ends too early
    void pour(Shape shape, Sample sample, Tally tally) throws Unsound, IOException {
        long rows = shape.rows();
        if (shape.count() == 0) return;
        long each = shape.count() / rows;
        for (long row = 0; row < rows; ) {
            long next = row;
            boolean wanted = sample.has(row, rows);
            if (sample.isAll(rows)) next = rows;
            else while (next < rows && sample.has(next, rows) == wanted) next++;
            if (wanted) rows(row, next, each, tally);
            else skip((next - row) * each);
            row = next;
        }
    }

    private void rows(long from, long to, long each, Tally tally) throws Unsound, IOException {
        long row = from;
        long inRow = 0;
        for (long left = (to - from) * each; left > 0; ) {
            int count = (int) Math.min(left, values.length);
            read(count);
            for (int at = 0; at < count; ) {
                int part = (int) Math.min(each == 1 ? count : each - inRow, count - at);
                tally.add(row, values, at, at + part);
                at += part;
                if (each == 1) {
                    row += part;
                } else if ((inRow += part) == each) {
                    inRow = 0;
                    row++;
                }
            }
            left -= count;
        }
    }

    private void read(int count) throws Unsound, IOException {
        int bytes = count * type.bytes();
        int read = in.readNBytes(block, 0, bytes);
        if (read < bytes) throw new Unsound("all of its numbers", "the end of the file before the last");
        type.read(ByteBuffer.wrap(block), values, count);
        progress.on(bytes);
    }

    private void skip(long count) throws IOException {
        in.skipNBytes(count * type.bytes());
        progress.on(count * type.bytes());
    }
}
