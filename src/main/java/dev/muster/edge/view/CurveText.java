package dev.muster.edge.view;

import dev.muster.edge.training.MetricName;
import dev.muster.edge.training.MetricsFile;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// A metric over its steps, as a drawing of characters.
public final class CurveText {
    /// Two decades; beyond them the smaller values would all lie on the ground.
    private static final double LINEAR_MAX = 100;
    /// Of the height: the least value is seen, too.
    private static final double GROUND = 0.02;

    private CurveText() {}

    /// @param axis what `x` is
    /// @param x    rising; NaN and infinities in `y` are counted and not drawn
    public record Series(String title, String axis, double[] x, double[] y) {
        /// @throws IllegalArgumentException when there are not as many of one as of the other
        public Series {
            if (x.length != y.length)
                throw new IllegalArgumentException(
                        "expected as many x as y, but found " + x.length + " and " + y.length);
            x = x.clone();
            y = y.clone();
        }
    }

    /// Over steps where they are told, else over epochs, else over rows.
    public static Series of(String metric, List<MetricsFile.Row> rows) {
        List<MetricsFile.Row> with =
                rows.stream().filter(row -> row.metrics().containsKey(metric)).toList();
        String axis = List.of(MetricName.STEP, MetricName.EPOCH).stream()
                .filter(name -> with.stream().allMatch(row -> row.metrics().containsKey(name)))
                .findFirst()
                .orElse("row");
        double[] x = new double[with.size()];
        double[] y = new double[with.size()];
        for (int at = 0; at < x.length; at++) {
            x[at] = with.get(at).metrics().getOrDefault(axis, (double) at);
            y[at] = with.get(at).metrics().getOrDefault(metric, Double.NaN);
        }
        return new Series(metric, axis, x, y);
    }

    /// @param height lines in all, with the title and the axis; four at least
    public static String render(Series series, int width, int height) {
        double[] drawn = Arrays.stream(series.y()).filter(Double::isFinite).toArray();
        if (drawn.length == 0) return series.title() + ": no values" + lost(series.y().length) + "\n";
        double least = Arrays.stream(drawn).min().orElseThrow();
        double most = Arrays.stream(drawn).max().orElseThrow();
        boolean log = least > 0 && most / least > LINEAR_MAX;
        String top = number(most);
        String bottom = number(least);
        double[] means = means(series, Chart.columns(width, top, bottom), log);
        double[] heights = new double[means.length];
        for (int column = 0; column < means.length; column++)
            heights[column] = height(means[column], log ? Math.log(least) : least, log ? Math.log(most) : most);
        String title = series.title() + (log ? " (log)" : "") + lost(series.y().length - drawn.length) + ", last "
                + number(drawn[drawn.length - 1]);
        return new Chart(title.length() > width ? title.substring(0, width - 1) + "…" : title, heights, 1, top, bottom)
                .render(
                        width,
                        Math.max(2, height - 2),
                        series.axis() + " " + number(series.x()[0]),
                        number(series.x()[series.x().length - 1]));
    }

    private static String lost(int count) {
        return count == 0 ? "" : ", " + count + " without a number";
    }

    /// Of each column's values, in logarithms where these are drawn; a column without any is filled from its left, so that a short
    /// curve is a line and not a comb.
    private static double[] means(Series series, int columns, boolean log) {
        double first = series.x()[0];
        double span = Math.max(series.x()[series.x().length - 1] - first, Double.MIN_NORMAL);
        double[] sums = new double[columns];
        int[] counts = new int[columns];
        for (int at = 0; at < series.y().length; at++) {
            double value = series.y()[at];
            if (!Double.isFinite(value)) continue;
            int column = (int) Math.clamp((series.x()[at] - first) / span * columns, 0, columns - 1);
            sums[column] += log ? Math.log(value) : value;
            counts[column]++;
        }
        double[] means = new double[columns];
        double before = Double.NaN;
        for (int column = 0; column < columns; column++) {
            if (counts[column] > 0) before = sums[column] / counts[column];
            means[column] = before;
        }
        return means;
    }

    /// From 0 to 1; nothing before the first value.
    private static double height(double value, double least, double most) {
        if (Double.isNaN(value)) return 0;
        return most <= least ? 0.5 : Math.max(GROUND, (value - least) / (most - least));
    }

    /// Three digits that count: `0.0249`, `1.2e-05`, `12000`.
    public static String number(double value) {
        if (value == Math.rint(value) && Math.abs(value) < 1e6) return Long.toString((long) value);
        double size = Math.abs(value);
        if (size >= 1e6 || size < 1e-3) return String.format(Locale.ROOT, "%.1e", value);
        String text = String.format(Locale.ROOT, "%.3g", value);
        return text.contains(".") ? text.replaceFirst("\\.?0+$", "") : text;
    }
}
