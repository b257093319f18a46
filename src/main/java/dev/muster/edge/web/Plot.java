package dev.muster.edge.web;

import dev.muster.edge.view.CurveText;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/// Drawings as SVG in the page's own colours, without a library and without AWT in an agent: a curve, columns, points with their
/// intervals. Each says in words what it shows, for those who do not see it; its numbers stand in a table beside it.
final class Plot {
    private static final int WIDTH = 720;
    private static final int HEIGHT = 220;
    private static final int LEFT = 58;
    private static final int RIGHT = 14;
    private static final int TOP = 12;
    private static final int BOTTOM = 28;
    private static final int LINES = 4;
    /// About one for each pixel; of more, the least and the most of each part are drawn.
    private static final int POINTS_MAX = 600;
    /// Beyond two decades the smaller values would all lie on the ground.
    private static final double LINEAR_MAX = 100;

    private final Html html = new Html();
    private final double[] across;
    private final double[] up;
    private final boolean log;

    /// @param log the upward scale is in decades
    private Plot(String words, double[] across, double[] up, boolean log) {
        this.across = across;
        this.up = up;
        this.log = log;
        html.tag("svg", "plot")
                .with("viewBox", "0 0 " + WIDTH + " " + HEIGHT)
                .with("role", "img")
                .with("aria-label", words);
    }

    /// One value, with the range in which it lies by 95 in 100.
    ///
    /// @param now it is the current one
    record Point(double x, double y, double low, double high, boolean now) {}

    /// @param words below a column; only the first and the last are shown
    record Column(String words, double value) {}

    /// Empty when there are not two numbers.
    static Optional<Html> curve(CurveText.Series series) {
        int[] drawn = IntStream.range(0, series.y().length)
                .filter(at -> Double.isFinite(series.y()[at]) && Double.isFinite(series.x()[at]))
                .toArray();
        if (drawn.length < 2) return Optional.empty();
        int[] kept = thinned(drawn, series.y());
        double[] x = Arrays.stream(kept).mapToDouble(at -> series.x()[at]).toArray();
        double[] y = Arrays.stream(kept).mapToDouble(at -> series.y()[at]).toArray();
        double least = Arrays.stream(y).min().orElseThrow();
        double most = Arrays.stream(y).max().orElseThrow();
        String words = series.title() + " over " + series.axis() + ": from " + label(y[0]) + " to "
                + label(y[y.length - 1]) + ", least " + label(least) + ", most " + label(most);
        Plot plot = new Plot(words, range(x), range(y), least > 0 && most / least > LINEAR_MAX);
        plot.scales(series.axis());
        StringBuilder path = new StringBuilder();
        for (int at = 0; at < x.length; at++)
            path.append(at == 0 ? 'M' : 'L')
                    .append(tenth(plot.right(x[at])))
                    .append(' ')
                    .append(tenth(plot.height(y[at])));
        plot.html.tag("path", "curve").with("d", path.toString()).end();
        return Optional.of(plot.html.end());
    }

    /// @param axis what `x` is
    static Html points(String words, String axis, List<Point> points) {
        double[] x = points.stream().mapToDouble(Point::x).toArray();
        double[] y = points.stream()
                .flatMapToDouble(point -> Arrays.stream(new double[] {point.low(), point.high()}))
                .toArray();
        Plot plot = new Plot(words, range(x), range(y), false);
        plot.scales(axis);
        for (Point point : points) {
            String right = tenth(plot.right(point.x()));
            plot.html.tag("line", "reach").with("x1", right).with("x2", right);
            plot.html
                    .with("y1", tenth(plot.height(point.low())))
                    .with("y2", tenth(plot.height(point.high())))
                    .end();
            plot.html.tag("circle", point.now() ? "now" : "dot").with("cx", right);
            plot.html
                    .with("cy", tenth(plot.height(point.y())))
                    .with("r", point.now() ? "5" : "3.5")
                    .end();
        }
        return plot.html.end();
    }

    static Html columns(String words, List<Column> columns) {
        double most = columns.stream().mapToDouble(Column::value).max().orElse(0);
        Plot plot =
                new Plot(words, new double[] {0, columns.size()}, new double[] {0, most <= 0 ? 1 : most * 1.05}, false);
        plot.lines();
        double wide = (double) (WIDTH - LEFT - RIGHT) / Math.max(1, columns.size());
        for (int at = 0; at < columns.size(); at++) {
            double top = plot.height(Math.max(0, columns.get(at).value()));
            plot.html
                    .tag("rect", "column")
                    .with("x", tenth(LEFT + at * wide + wide * 0.12))
                    .with("width", tenth(wide * 0.76));
            plot.html
                    .with("y", tenth(top))
                    .with("height", tenth(HEIGHT - BOTTOM - top))
                    .end();
        }
        if (!columns.isEmpty())
            plot.ends(columns.getFirst().words(), columns.getLast().words(), "");
        return plot.html.end();
    }

    private static double[] range(double[] values) {
        double least = Arrays.stream(values).min().orElse(0);
        double most = Arrays.stream(values).max().orElse(1);
        double room = most > least ? 0 : Math.max(Math.abs(most) * 0.1, 1e-9);
        return new double[] {least - room, most + room};
    }

    /// In their order, with all that sticks out.
    private static int[] thinned(int[] drawn, double[] y) {
        if (drawn.length <= POINTS_MAX) return drawn;
        int parts = POINTS_MAX / 2;
        IntStream.Builder kept = IntStream.builder();
        for (int part = 0; part < parts; part++) {
            int from = (int) ((long) drawn.length * part / parts);
            int to = (int) ((long) drawn.length * (part + 1) / parts);
            int least = drawn[from];
            int most = drawn[from];
            for (int at = from; at < to; at++) {
                if (y[drawn[at]] < y[least]) least = drawn[at];
                if (y[drawn[at]] > y[most]) most = drawn[at];
            }
            kept.add(Math.min(least, most));
            if (least != most) kept.add(Math.max(least, most));
        }
        return kept.build().toArray();
    }

    private double right(double x) {
        return LEFT + (x - across[0]) / (across[1] - across[0]) * (WIDTH - LEFT - RIGHT);
    }

    private double height(double y) {
        double share = log ? Math.log(y / up[0]) / Math.log(up[1] / up[0]) : (y - up[0]) / (up[1] - up[0]);
        return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM);
    }

    private void scales(String axis) {
        lines();
        ends(label(across[0]), label(across[1]), axis + (log ? ", upward in decades" : ""));
    }

    private void lines() {
        for (int line = 0; line <= LINES; line++) {
            double share = (double) line / LINES;
            double value = log ? up[0] * Math.pow(up[1] / up[0], share) : up[0] + (up[1] - up[0]) * share;
            String at = tenth(height(value));
            html.tag("line", "grid")
                    .with("x1", LEFT)
                    .with("x2", WIDTH - RIGHT)
                    .with("y1", at)
                    .with("y2", at)
                    .end();
            words(LEFT - 8, height(value) + 4, "end", label(value));
        }
    }

    private void ends(String first, String last, String axis) {
        words(LEFT, HEIGHT - 8, "start", first);
        words(WIDTH - RIGHT, HEIGHT - 8, "end", last);
        if (!axis.isEmpty()) words((LEFT + WIDTH) / 2.0, HEIGHT - 8, "middle", axis);
    }

    private void words(double x, double y, String anchor, String words) {
        html.tag("text")
                .with("x", tenth(x))
                .with("y", tenth(y))
                .with("text-anchor", anchor)
                .text(words)
                .end();
    }

    /// Three digits that count.
    private static String label(double value) {
        if (Math.abs(value) >= 1_000 && Math.abs(value) < 1e6) return Figures.whole(Math.round(value));
        return CurveText.number(Math.abs(value) < 1e-12 ? 0 : value);
    }

    /// Of a pixel.
    private static String tenth(double value) {
        long tenths = Math.round(value * 10);
        return (tenths < 0 ? "-" : "") + Math.abs(tenths) / 10 + "." + Math.abs(tenths) % 10;
    }
}
