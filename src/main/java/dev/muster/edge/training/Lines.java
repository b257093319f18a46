package dev.muster.edge.training;

import dev.muster.edge.training.MetricsFile.Row;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// A format that has one row in each line.
abstract class Lines implements MetricsFile.Format {
    /// A longer one is no row of numbers.
    private static final int LINE_MAX = 1 << 20;

    private long skipped;
    /// The rest of a line that is too long.
    private boolean tooLong;

    @Override
    public final long skipped() {
        return skipped;
    }

    @Override
    public final int take(ByteBuffer bytes, List<Row> rows) {
        int begin = 0;
        int size = bytes.remaining();
        int from = bytes.position();
        for (int at = 0; at < size; at++) {
            if (bytes.get(from + at) != '\n') continue;
            if (tooLong) tooLong = false;
            else line(text(bytes, from + begin, at - begin), rows);
            begin = at + 1;
        }
        if (size - begin > LINE_MAX) {
            if (!tooLong) skipped++;
            tooLong = true;
            begin = size;
        }
        return from + begin;
    }

    private static String text(ByteBuffer bytes, int from, int count) {
        byte[] line = new byte[count];
        bytes.get(from, line);
        return new String(line, StandardCharsets.UTF_8).strip();
    }

    private void line(String line, List<Row> rows) {
        if (!line.isEmpty() && !row(line, rows)) skipped++;
    }

    /// @return false when it is none
    abstract boolean row(String line, List<Row> rows);
}
