package dev.muster.core.state;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What a stage's numbers must be for its run to go on.
///
/// @param metric   that decides; empty: only the limits do
/// @param higher   more of it is better; else less
/// @param deltaMin by how much it must be better than that of the run it is compared with, in the metric's own unit
/// @param ratios   by metric: at most so many times what it is there; of one below 0, so much of its size more
/// @param most     by metric: at most that, whatever it is elsewhere
public record Gate(
        Optional<String> metric,
        boolean higher,
        double deltaMin,
        Table<String, Double> ratios,
        Table<String, Double> most) {
    private static final int METRICS_MAX = 50;

    /// @throws IllegalArgumentException when it decides nothing, or a number is none
    public Gate {
        if (metric.isEmpty() && !ratios.isEmpty())
            throw new IllegalArgumentException(
                    "expected a metric by which a run is compared, but found only ratios to another's");
        if (metric.isEmpty() && most.isEmpty())
            throw new IllegalArgumentException("expected a gate with a metric or a limit, but found neither");
        if (ratios.size() > METRICS_MAX || most.size() > METRICS_MAX)
            throw new IllegalArgumentException("expected at most " + METRICS_MAX + " metrics in a gate");
        if (!Double.isFinite(deltaMin) || deltaMin < 0)
            throw new IllegalArgumentException("expected an improvement of 0 or more, but found " + deltaMin);
        ratios.asMap().forEach((name, ratio) -> positive(name, ratio));
        most.asMap().forEach((name, limit) -> {
            if (!Double.isFinite(limit))
                throw new IllegalArgumentException(name + ": expected a number, but found " + limit);
        });
    }

    private static void positive(String name, double ratio) {
        if (!Double.isFinite(ratio) || ratio <= 0)
            throw new IllegalArgumentException(name + ": expected a ratio above 0, but found " + ratio);
    }

    public enum Answer {
        /// By so much, and within all limits.
        BETTER,
        /// There is no other run to be compared with; within the limits.
        FIRST,
        NO
    }

    /// @param against the run it was compared with
    public record Verdict(Answer answer, Optional<RunId> against, String why) {
        public boolean passes() {
            return answer != Answer.NO;
        }
    }

    /// A number of an earlier run, and whose.
    public record Baseline(RunId run, Table<String, Double> results) {}

    /// A number that is missing, or is none, is no pass.
    public Verdict judge(Table<String, Double> results, Optional<Baseline> baseline) {
        List<String> no = new ArrayList<>();
        List<String> yes = new ArrayList<>();
        for (Map.Entry<String, Double> limit : most) atMost(limit.getKey(), limit.getValue(), "", results, no, yes);
        Optional<RunId> against = baseline.map(Baseline::run);
        boolean compared = metric.isPresent() && baseline.isPresent();
        if (compared) compare(results, baseline.get(), no, yes);
        else if (metric.isPresent() && number(results, metric.get()).isEmpty()) no.add(missing(metric.get(), results));
        if (!no.isEmpty()) return new Verdict(Answer.NO, against, String.join("; ", no));
        if (compared) return new Verdict(Answer.BETTER, against, String.join("; ", yes));
        yes.add(0, "no earlier run to compare it with");
        return new Verdict(Answer.FIRST, Optional.empty(), String.join("; ", yes));
    }

    private void compare(Table<String, Double> results, Baseline baseline, List<String> no, List<String> yes) {
        String name = metric.orElseThrow();
        Optional<Double> ours = number(results, name);
        double theirs = baseline.results().require(name);
        if (ours.isEmpty()) no.add(missing(name, results));
        else {
            double gain = higher ? ours.get() - theirs : theirs - ours.get();
            String words = name + " " + brief(ours.get()) + " against " + brief(theirs) + " of " + baseline.run();
            // The same is no better, and NaN never is.
            if (gain > 0 && gain >= deltaMin) yes.add(words);
            else
                no.add(words + ", and "
                        + (deltaMin > 0 ? brief(deltaMin) + (higher ? " more" : " less") : higher ? "more" : "less")
                        + " is asked for");
        }
        for (Map.Entry<String, Double> ratio : ratios) {
            Optional<Double> base = number(baseline.results(), ratio.getKey());
            if (base.isEmpty() && number(results, ratio.getKey()).isPresent())
                yes.add(ratio.getKey() + " is not known of " + baseline.run());
            else
                atMost(
                        ratio.getKey(),
                        base.map(known -> known + Math.abs(known) * (ratio.getValue() - 1))
                                .orElse(0.0),
                        ", " + brief(ratio.getValue()) + " times that of " + baseline.run(),
                        results,
                        no,
                        yes);
        }
    }

    private static void atMost(
            String name, double limit, String whose, Table<String, Double> results, List<String> no, List<String> yes) {
        Optional<Double> found = number(results, name);
        if (found.isEmpty()) no.add(missing(name, results));
        else if (found.get() <= limit) yes.add(name + " " + brief(found.get()) + " of at most " + brief(limit) + whose);
        else no.add(name + " is " + brief(found.get()) + ", above " + brief(limit) + whose);
    }

    /// NaN and the infinities come of training that went wrong.
    static Optional<Double> number(Table<String, Double> results, String name) {
        return results.find(name).filter(Double::isFinite);
    }

    private static String missing(String name, Table<String, Double> results) {
        return results.find(name).map(found -> name + " is " + found).orElse("the results have no " + name);
    }

    /// Four digits that count.
    private static String brief(double number) {
        BigDecimal rounded = new BigDecimal(number).round(new MathContext(4)).stripTrailingZeros();
        boolean plain = rounded.scale() < 8 && rounded.precision() - rounded.scale() < 8;
        return plain ? rounded.toPlainString() : rounded.toString();
    }
}
