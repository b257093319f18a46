package dev.muster.edge.plot;

import dev.muster.edge.view.CurveText;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.apache.batik.svggen.SVGGeneratorContext;
import org.apache.batik.svggen.SVGGraphics2D;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.XYStyler;
import org.knowm.xchart.style.markers.SeriesMarkers;
import org.w3c.dom.Document;

/// One curve by XChart, written down by Batik.
final class CurvePlot {
    private static final int WIDTH = 720;
    private static final int HEIGHT = 260;
    /// About two for each pixel; of more, only the least and the most of each part are drawn.
    private static final int POINTS_MAX = 1_000;
    /// As in characters: beyond two decades the smaller values would all lie on the ground.
    private static final double LINEAR_MAX = 100;
    /// Each decade has its lines; a curve over more has a number in it that is none.
    private static final double LOG_MAX = 1e30;
    /// Tenths of a pixel are what one sees.
    private static final int DIGITS = 1;

    private static final Color INK = new Color(1, 1, 1);
    private static final Color GRID = new Color(2, 2, 2);
    private static final Color CURVE = new Color(3, 3, 3);
    private static final Color NONE = new Color(0, 0, 0, 0);

    private static final Font SMALL = new Font(Font.SANS_SERIF, Font.PLAIN, 11);

    private CurvePlot() {}

    /// Empty when there are not two numbers.
    static Optional<String> svg(CurveText.Series series) {
        double[] x = series.x();
        double[] y = series.y();
        int[] drawn = IntStream.range(0, y.length)
                .filter(at -> Double.isFinite(y[at]) && Double.isFinite(x[at]))
                .toArray();
        if (drawn.length < 2) return Optional.empty();
        int[] kept = thinned(drawn, y);
        double[] across = Arrays.stream(kept).mapToDouble(at -> x[at]).toArray();
        double[] up = Arrays.stream(kept).mapToDouble(at -> y[at]).toArray();
        System.setProperty("java.awt.headless", "true");
        return Optional.of(written(chart(series, across, up), series.title()));
    }

    /// In the order of their steps, with all that sticks out.
    private static int[] thinned(int[] drawn, double[] y) {
        if (drawn.length <= POINTS_MAX) return drawn;
        int parts = POINTS_MAX / 2;
        int[] kept = new int[2 * parts];
        int count = 0;
        for (int part = 0; part < parts; part++) {
            int from = (int) ((long) drawn.length * part / parts);
            int to = (int) ((long) drawn.length * (part + 1) / parts);
            int least = drawn[from];
            int most = drawn[from];
            for (int at = from; at < to; at++) {
                if (y[drawn[at]] < y[least]) least = drawn[at];
                if (y[drawn[at]] > y[most]) most = drawn[at];
            }
            kept[count++] = Math.min(least, most);
            if (least != most) kept[count++] = Math.max(least, most);
        }
        return Arrays.copyOf(kept, count);
    }

    private static XYChart chart(CurveText.Series series, double[] x, double[] y) {
        XYChart chart = new XYChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .xAxisTitle(series.axis())
                .build();
        double least = Arrays.stream(y).min().orElseThrow();
        double most = Arrays.stream(y).max().orElseThrow();
        colour(chart.getStyler());
        chart.getStyler().setYAxisLogarithmic(least > 0 && most / least > LINEAR_MAX && most / least < LOG_MAX);
        if (most - least < Math.abs(most) * 1e-9 || most == least) flat(chart.getStyler(), most);
        chart.addSeries(series.title(), x, y)
                .setMarker(SeriesMarkers.NONE)
                .setLineColor(CURVE)
                .setLineStyle(new BasicStroke(1.5f, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
        return chart;
    }

    /// One value is a line in the middle.
    private static void flat(XYStyler styler, double value) {
        double room = Math.max(Math.abs(value) * 0.1, 1e-9);
        styler.setYAxisMin(value - room).setYAxisMax(value + room);
    }

    private static void colour(XYStyler styler) {
        styler.setLegendVisible(false)
                .setChartTitleVisible(false)
                .setChartBackgroundColor(NONE)
                .setChartFontColor(INK);
        styler.setPlotBackgroundColor(NONE).setPlotBorderColor(GRID);
        styler.setPlotGridLinesColor(GRID)
                .setPlotGridLinesStroke(new BasicStroke(0.5f))
                .setAxisTickMarksColor(GRID)
                .setAxisTickLabelsColor(INK)
                .setXAxisTickLabelsColor(INK)
                .setYAxisTickLabelsColor(INK)
                .setXAxisTickMarkSpacingHint(90)
                .setAxisTickLabelsFont(SMALL);
        styler.setAxisTitleFont(SMALL).setXAxisTitleColor(INK).setYAxisTitleColor(INK);
    }

    private static String written(XYChart chart, String title) {
        SVGGeneratorContext context = SVGGeneratorContext.createDefault(document());
        context.setPrecision(DIGITS);
        context.setComment("");
        SVGGraphics2D graphics = new SVGGraphics2D(context, true);
        chart.paint(graphics, WIDTH, HEIGHT);
        StringWriter text = new StringWriter();
        try {
            graphics.stream(text, true);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // in memory there is none
        }
        return page(text.toString(), title);
    }

    private static Document document() {
        try {
            return DocumentBuilderFactory.newInstance()
                    .newDocumentBuilder()
                    .getDOMImplementation()
                    .createDocument("http://www.w3.org/2000/svg", "svg", null);
        } catch (ParserConfigurationException e) {
            throw new IllegalStateException("every JDK reads XML", e);
        }
    }

    /// Without its head, with the page's colours, as wide as there is room.
    private static String page(String written, String title) {
        String box = "<svg role=\"img\" aria-label=\"" + title.replaceAll("[&<>\"]", " ") + "\" viewBox=\"0 0 " + WIDTH
                + " " + HEIGHT + "\" ";
        return written.substring(written.indexOf("<svg "))
                .replaceFirst("<svg ", box)
                .replaceFirst("<!--.*?-->", "")
                .replace("\n", " ")
                .replace("rgb(1,1,1)", "var(--ink)")
                .replace("rgb(2,2,2)", "var(--grid)")
                .replace("rgb(3,3,3)", "var(--curve)");
    }
}
