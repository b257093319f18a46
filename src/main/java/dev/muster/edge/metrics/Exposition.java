package dev.muster.edge.metrics;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/// Prometheus' text format 0.0.4: the samples of one name stand together, below its help and type.
final class Exposition {
    private final Map<Metric, StringBuilder> samples = new EnumMap<>(Metric.class);

    /// @param labels the values of the metric's labels, in their order
    /// @throws IllegalArgumentException too few or too many of them
    void add(Metric metric, double value, String... labels) {
        if (labels.length != metric.labels().size())
            throw new IllegalArgumentException(
                    "expected values of " + metric.labels() + ", but found " + labels.length + " of them");
        if (Double.isNaN(value)) return;
        StringBuilder text = samples.computeIfAbsent(metric, any -> new StringBuilder());
        text.append(metric.text());
        for (int at = 0; at < labels.length; at++) {
            text.append(at == 0 ? '{' : ',').append(metric.labels().get(at)).append("=\"");
            text.append(escaped(labels[at])).append('"');
        }
        if (labels.length > 0) text.append('}');
        text.append(' ').append(number(value)).append('\n');
    }

    private static String escaped(String value) {
        return value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    }

    private static String number(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e15
                ? Long.toString((long) value)
                : Double.toString(value);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(16_384);
        samples.forEach((metric, lines) -> text.append("# HELP ")
                .append(metric.text())
                .append(' ')
                .append(metric.help())
                .append("\n# TYPE ")
                .append(metric.text())
                .append(' ')
                .append(metric.type().name().toLowerCase(Locale.ROOT))
                .append('\n')
                .append(lines));
        return text.toString();
    }
}
