package dev.muster.edge.training;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeSet;

/// How one loss went, by the metrics that were written.
///
/// @param loss       its name, as `operator/loss`
/// @param initial    the first number
/// @param last       the last one
/// @param least      on the way
/// @param values     numbers in all
/// @param notNumbers NaN and infinities
/// @param gradient   of the same stage; empty where none was written
/// @param seconds    from the first to the last row, where times were written
public record Convergence(
        String loss,
        double initial,
        double last,
        double least,
        int values,
        int notNumbers,
        Optional<Gradient> gradient,
        OptionalDouble seconds) {
    /// Gradients above it are unstable; the prior system's.
    public static final double GRADIENT_MAX = 10;

    /// These are of evaluations: they have no trend to be judged by.
    private static final Set<String> EVALUATIONS = Set.of("val", "valid", "validation", "eval", "test");

    public enum Word {
        EXCELLENT,
        GOOD,
        MODERATE,
        LITTLE,
        /// It rose, or began at or below 0, or is no number at the end.
        NONE
    }

    /// @param most infinite ones are counted and not among these
    public record Gradient(double mean, double most, int infinite) {
        public boolean stable() {
            return most <= GRADIENT_MAX;
        }
    }

    /// Of its first value, in percent; empty when that is not above 0.
    public OptionalDouble reduction() {
        return initial > 0 ? OptionalDouble.of((initial - last) / initial * 100) : OptionalDouble.empty();
    }

    /// By the prior system's bounds: 90, 50 and 20 percent.
    public Word word() {
        double percent = reduction().orElse(Double.NaN);
        if (percent >= 90) return Word.EXCELLENT;
        if (percent >= 50) return Word.GOOD;
        if (percent >= 20) return Word.MODERATE;
        return percent > 0 ? Word.LITTLE : Word.NONE;
    }

    /// What comes before the slash of its name; empty where there is none.
    public String stage() {
        int slash = loss.lastIndexOf('/');
        return slash < 0 ? "" : loss.substring(0, slash);
    }

    /// Of each loss of a training that has a number at all, by name.
    public static List<Convergence> of(List<MetricsFile.Row> rows) {
        List<Convergence> all = new ArrayList<>();
        for (String name : names(rows)) {
            boolean loss = name.equals("loss") || name.endsWith("/loss");
            if (loss && !EVALUATIONS.contains(stage(name))) of(name, rows).ifPresent(all::add);
        }
        return all;
    }

    private static String stage(String name) {
        return name.contains("/") ? name.substring(0, name.indexOf('/')) : "";
    }

    public static Set<String> names(List<MetricsFile.Row> rows) {
        Set<String> names = new TreeSet<>();
        for (MetricsFile.Row row : rows) names.addAll(row.metrics().keySet());
        return names;
    }

    private static Optional<Convergence> of(String loss, List<MetricsFile.Row> rows) {
        double[] all = values(loss, rows);
        double[] numbers = finite(all);
        if (numbers.length == 0) return Optional.empty();
        double least = numbers[0];
        for (double number : numbers) least = Math.min(least, number);
        return Optional.of(new Convergence(
                loss,
                numbers[0],
                numbers[numbers.length - 1],
                least,
                numbers.length,
                all.length - numbers.length,
                gradient(loss, rows),
                seconds(loss, rows)));
    }

    private static Optional<Gradient> gradient(String loss, List<MetricsFile.Row> rows) {
        double[] all = values(loss.substring(0, loss.length() - "loss".length()) + "grad_norm", rows);
        double[] numbers = finite(all);
        if (all.length == 0) return Optional.empty();
        double sum = 0;
        double most = 0;
        for (double number : numbers) {
            sum += number;
            most = Math.max(most, number);
        }
        return Optional.of(new Gradient(sum / Math.max(1, numbers.length), most, all.length - numbers.length));
    }

    private static OptionalDouble seconds(String loss, List<MetricsFile.Row> rows) {
        double[] times = finite(rows.stream()
                .map(MetricsFile.Row::metrics)
                .filter(metrics -> metrics.containsKey(loss) && metrics.containsKey(MetricName.TIME))
                .mapToDouble(metrics -> metrics.getOrDefault(MetricName.TIME, Double.NaN))
                .toArray());
        return times.length < 2 ? OptionalDouble.empty() : OptionalDouble.of(times[times.length - 1] - times[0]);
    }

    private static double[] values(String name, List<MetricsFile.Row> rows) {
        return rows.stream()
                .map(row -> (Map<String, Double>) row.metrics())
                .filter(metrics -> metrics.containsKey(name))
                .mapToDouble(metrics -> metrics.getOrDefault(name, Double.NaN))
                .toArray();
    }

    private static double[] finite(double[] values) {
        return Arrays.stream(values).filter(Double::isFinite).toArray();
    }
}
