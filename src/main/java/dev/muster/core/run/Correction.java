package dev.muster.core.run;

import dev.muster.core.rent.GpuName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/// By how much the formula is wrong, learnt from what earlier runs took.
///
/// The factor is a median of ratios in logarithms, newer runs weighing more, so that one run that hung changes little.
/// What is known of less similar runs counts like one more run: of other GPUs for this GPU, of other configs on this GPU for
/// this config. Hence a first run moves the estimate half the way, and the second one, if they agree, all of it; and from the
/// second on, one outlier among them makes the estimate no worse than no correction.
///
/// @param low    of the range, as a factor like the others
/// @param runs   of the most similar kind there was
/// @param basis  in words
public record Correction(double factor, double low, double high, int runs, String basis) {
    /// Older ones are not looked at: programs change.
    public static final int HISTORY_MAX = 100;

    /// A run counts so much less for each newer one: after five, less than half.
    private static final double FADING = 0.85;

    /// Of an estimate that nothing is known of. The formula was five times too high on a newer card.
    private static final double LOW_UNKNOWN = 0.2;

    private static final double HIGH_UNKNOWN = 2;

    /// Half the range in logarithms before anything is known of the spread: it counts like [#UNKNOWN_RUNS] runs.
    private static final double SPREAD_UNKNOWN = Math.log(3);

    private static final double UNKNOWN_RUNS = 2;

    /// Also of runs that were all alike: machines by the hour differ.
    private static final double SPREAD_MIN = Math.log(1.15);

    /// Of a normal distribution: the standard deviation by the median deviation.
    private static final double SIGMA = 1.4826;

    /// @throws IllegalArgumentException when the factor is outside the range
    public Correction {
        if (!(low > 0) || !(low <= factor) || !(factor <= high))
            throw new IllegalArgumentException(
                    "expected 0 < low <= factor <= high, but found " + low + ", " + factor + ", " + high);
    }

    /// @param history in any order
    public static Correction of(List<Took> history, String series, String gpu) {
        List<Took> newest = history.stream()
                .sorted(Comparator.comparing(Took::at).reversed())
                .limit(HISTORY_MAX)
                .toList();
        String card = card(gpu);
        List<Took> elsewhere =
                newest.stream().filter(took -> !card(took.gpu()).equals(card)).toList();
        List<Took> here = newest.stream()
                .filter(took -> card(took.gpu()).equals(card) && !took.series().equals(series))
                .toList();
        List<Took> alike = newest.stream()
                .filter(took -> card(took.gpu()).equals(card) && took.series().equals(series))
                .toList();
        double prior = median(elsewhere, 0);
        if (here.isEmpty() && alike.isEmpty()) return on(elsewhere, 0, "of other GPUs");
        if (alike.isEmpty()) return on(here, prior, "of other configs on " + gpu);
        return on(alike, before(alike, median(here, prior)), "of " + series + " on " + gpu);
    }

    /// Of a time that a person wrote: what other configs took against a formula says nothing of it.
    public static Correction written(List<Took> history, String series, String gpu) {
        Correction of =
                of(history.stream().filter(took -> took.series().equals(series)).toList(), series, gpu);
        return new Correction(of.factor, of.low, of.high, of.runs, of.basis.replaceFirst("^the formula", "as written"));
    }

    /// All forms of a card (`A100 SXM4`, `A100 PCIE`) are the same here.
    static String card(String gpu) {
        return GpuName.key(gpu).replaceAll("(?<=\\d)(sxm|pcie|nvl|x)$", "");
    }

    /// One run of the series moves the formula towards what it took, whatever others took: not away, and not beyond.
    private static double before(List<Took> alike, double prior) {
        if (alike.size() > 1) return prior;
        double ratio = alike.getFirst().logRatio();
        return Math.clamp(prior, Math.min(0, ratio), Math.max(0, ratio));
    }

    private static Correction on(List<Took> runs, double prior, String whose) {
        if (runs.isEmpty())
            return new Correction(1, LOW_UNKNOWN, HIGH_UNKNOWN, 0, "the formula; no run so far, so a wide range");
        double median = median(runs, prior);
        List<Double> ratios = runs.stream().map(Took::logRatio).sorted().toList();
        double low = median - spread(ratios);
        double high = median + spread(ratios);
        // One run tells nothing of the spread: the range holds it, and what was thought before.
        if (runs.size() == 1) {
            low = Math.min(low, Math.min(prior, ratios.getFirst()) - SPREAD_MIN);
            high = Math.max(high, Math.max(prior, ratios.getLast()) + SPREAD_MIN);
        }
        String basis = "the formula times " + number(Math.exp(median)) + ", by "
                + (runs.size() == 1 ? "one run " : runs.size() + " runs ") + whose
                + (runs.size() == 1 ? "; a wide range until there are more" : "");
        return new Correction(Math.exp(median), Math.exp(low), Math.exp(high), runs.size(), basis);
    }

    /// Wide for few runs, then what they show.
    private static double spread(List<Double> ratios) {
        double middle = ratios.get(ratios.size() / 2);
        List<Double> deviations =
                ratios.stream().map(ratio -> Math.abs(ratio - middle)).sorted().toList();
        double shown = 2 * SIGMA * deviations.get(deviations.size() / 2);
        double spread = (UNKNOWN_RUNS * SPREAD_UNKNOWN + ratios.size() * shown) / (UNKNOWN_RUNS + ratios.size());
        return Math.max(SPREAD_MIN, spread);
    }

    private record Weighed(double value, double weight) {}

    /// Of the log ratios, with `prior` as one more run.
    ///
    /// @param runs newest first
    private static double median(List<Took> runs, double prior) {
        List<Weighed> all = new ArrayList<>();
        all.add(new Weighed(prior, 1));
        double weight = 1;
        for (Took took : runs) {
            all.add(new Weighed(took.logRatio(), weight));
            weight *= FADING;
        }
        all.sort(Comparator.comparingDouble(Weighed::value));
        double half = all.stream().mapToDouble(Weighed::weight).sum() / 2;
        double below = 0;
        for (int at = 0; at < all.size(); at++) {
            below += all.get(at).weight();
            if (below > half) return all.get(at).value();
            if (below == half) return (all.get(at).value() + all.get(at + 1).value()) / 2;
        }
        return prior;
    }

    /// @param likely as corrected
    public record Span(Duration least, Duration likely, Duration most) {
        /// @throws IllegalArgumentException when they are not in order
        public Span {
            if (least.compareTo(likely) > 0 || likely.compareTo(most) > 0)
                throw new IllegalArgumentException(
                        "expected least <= likely <= most, but found " + least + ", " + likely + ", " + most);
        }
    }

    public Span apply(Duration formula) {
        return new Span(times(formula, low), times(formula, factor), times(formula, high));
    }

    private static Duration times(Duration time, double factor) {
        return Duration.ofMillis(Math.round(time.toMillis() * factor));
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.2f", value);
    }
}
