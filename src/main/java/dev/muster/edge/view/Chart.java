package dev.muster.edge.view;

import java.util.Arrays;

/// Numbers over time, drawn with block characters: an eighth of a line is the smallest step.
final class Chart {
    private static final String BLOCKS = " ▁▂▃▄▅▆▇█";
    private static final int EIGHTHS = 8;

    private final String title;
    private final double[] values;
    private final double most;
    private final String top;
    private final String bottom;

    /// @param most of the scale, for charts that are to be compared
    /// @param top  the scale's end, in words
    Chart(String title, double[] values, double most, String top) {
        this(title, values, most, top, "0");
    }

    /// @param bottom the scale's beginning, in words
    Chart(String title, double[] values, double most, String top, String bottom) {
        this.title = title;
        this.values = values.clone();
        this.most = most;
        this.top = top;
        this.bottom = bottom;
    }

    /// @param width  of a line
    /// @param lines  of the drawing
    /// @param first  stands below its beginning
    /// @param last   below its end
    String render(int width, int lines, String first, String last) {
        int margin = Math.max(top.length(), bottom.length()) + 1;
        int columns = columns(width, top, bottom);
        int[] heights = heights(columns, lines);
        StringBuilder text = new StringBuilder(title).append('\n');
        for (int line = lines - 1; line >= 0; line--) {
            String label = line == lines - 1 ? top : line == 0 ? bottom : "";
            StringBuilder row = new StringBuilder(" ".repeat(margin - 1 - label.length()) + label + " ");
            row.append(line == lines - 1 || line == 0 ? '┤' : '│');
            for (int height : heights) row.append(BLOCKS.charAt(Math.clamp(height - line * EIGHTHS, 0, EIGHTHS)));
            text.append(row.toString().stripTrailing()).append('\n');
        }
        int gap = columns - first.length() - last.length();
        text.append(" ".repeat(margin + 1)).append(first);
        if (gap > 0) text.append(" ".repeat(gap)).append(last);
        return text.append('\n').toString();
    }

    /// So many values have a column each.
    static int columns(int width, String top, String bottom) {
        return Math.max(10, width - Math.max(top.length(), bottom.length()) - 2);
    }

    /// In eighths of a line. What is above nothing is seen.
    private int[] heights(int columns, int lines) {
        int[] heights = new int[columns];
        for (int column = 0; column < columns; column++) {
            double value = value(column, columns);
            int height = most <= 0 ? 0 : (int) Math.round(value / most * lines * EIGHTHS);
            heights[column] = value > 0 ? Math.max(1, height) : 0;
        }
        return heights;
    }

    /// The greatest of those that share the column: a peak is not lost.
    private double value(int column, int columns) {
        if (values.length == 0) return 0;
        int from = (int) ((long) column * values.length / columns);
        int to = (int) ((long) (column + 1) * values.length / columns);
        return Arrays.stream(values, from, Math.max(from + 1, to)).max().orElse(0);
    }
}
