package dev.muster.edge.plot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.edge.view.CurveText.Series;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;

class PlotsTest {
    private final Plots plots = new Plots();

    private String svg(double... y) {
        double[] x = IntStream.range(0, y.length).asDoubleStream().toArray();
        return plots.svg(new Series("a \"<b>", "step", x, y)).orElse("");
    }

    private static Element read(String svg) throws Exception {
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)))
                .getDocumentElement();
    }

    @Test
    void aDrawingIsWholeAndInThePagesColours() throws Exception {
        String svg = svg(3, Double.NaN, 2, Double.POSITIVE_INFINITY, 1);
        assertThat(plots.trouble()).isEmpty();
        assertThat(read(svg).getAttribute("viewBox")).isEqualTo("0 0 720 260");
        assertThat(svg)
                .contains("var(--curve)", "var(--ink)", "var(--grid)")
                .doesNotContain("<text", "rgb(1,", "<image");
    }

    @Test
    void aLongCurveStaysSmallAndKeepsWhatSticksOut() throws Exception {
        double[] noise = IntStream.range(0, 200_000)
                .mapToDouble(at -> 1 + Math.sin(at * 0.7) * 0.3)
                .toArray();
        int calm = svg(noise).length();
        assertThat(calm).isLessThan(250_000);
        noise[123_457] = 50;
        assertThat(svg(noise)).as("its axis goes up to it").isNotEqualTo(svg(Arrays.copyOf(noise, 123_457)));
    }

    @Test
    void oddCurvesAreDrawnAndNoneIsNot() throws Exception {
        for (double[] curve : new double[][] {{1, 1, 1}, {0, 0}, {-5, -5}, {1e-9, 1e9}, {1e300, -1e300}, {5e-324, 1}})
            read(svg(curve));
        assertThat(plots.trouble()).isEmpty();
        assertThat(svg()).isEmpty();
        assertThat(svg(1)).isEmpty();
        assertThat(svg(Double.NaN, Double.NaN)).isEmpty();
    }
}
