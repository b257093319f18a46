package dev.muster.core.run;

import dev.muster.core.state.Watching;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// From where on a run does not go well. The defaults are the runbook's numbers, with its gaps closed.
///
/// @param utilizationHold how long the GPU has to be idle to count
/// @param startHold       the same in the first [#start] of the run
/// @param flatFor         how long a loss has to stay where it is for a warning
/// @param flatShare       per [#flatFor]: what falls by less is flat
/// @param riseShare       per [#flatFor]: what rises by more is critical
/// @param gradientHold    over which gradients are looked at: single steps may be large
/// @param abortOn         which rules stop the run when they are critical
/// @param off             which say nothing
public record WatchRules(
        Range utilization,
        Duration utilizationHold,
        Duration start,
        Duration startHold,
        Range memory,
        Duration memoryHold,
        Duration flatFor,
        double flatShare,
        double riseShare,
        Range diffusionFinal,
        Range operatorGradient,
        Range diffusionGradient,
        Duration gradientHold,
        Range cost,
        List<Watch.Rule> abortOn,
        Set<Watch.Rule> off) {
    /// Its numbers are told apart from the operator's.
    public static final String DIFFUSION_GRADIENT = "DIFFUSION_GRADIENT";

    /// Well from `warnBelow` to `warnAbove`, both included; critical below and above the others.
    public record Range(double criticalBelow, double warnBelow, double warnAbove, double criticalAbove) {
        /// @throws IllegalArgumentException when they are not in order
        public Range {
            rise("critical_below", criticalBelow, "warn_below", warnBelow);
            rise("warn_below", warnBelow, "warn_above", warnAbove);
            rise("warn_above", warnAbove, "critical_above", criticalAbove);
        }

        private static void rise(String name, double low, String next, double high) {
            if (!(low <= high))
                throw new IllegalArgumentException(
                        "expected " + name + " of at most " + high + ", which is " + next + ", but found " + low);
        }

        static Range least(double critical, double warn) {
            return new Range(critical, warn, Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY);
        }

        static Range most(double warn, double critical) {
            return new Range(Double.NEGATIVE_INFINITY, Double.NEGATIVE_INFINITY, warn, critical);
        }

        Watch.Level level(double value) {
            if (value < criticalBelow || value > criticalAbove) return Watch.Level.CRITICAL;
            return value < warnBelow || value > warnAbove ? Watch.Level.WARNING : Watch.Level.OK;
        }
    }

    /// What is kept of a curve is the mean of each quarter of a minute.
    private static final Duration TIME_MIN = Duration.ofMinutes(1);
    /// Of fewer values nobody can say whether they fall.
    private static final Duration FLAT_MIN = Duration.ofMinutes(3);

    public static final WatchRules DEFAULT = new WatchRules(
            Range.least(50, 70),
            Duration.ofMinutes(10),
            Duration.ofMinutes(15),
            Duration.ofMinutes(5),
            Range.most(90, 95),
            Duration.ofMinutes(5),
            Duration.ofMinutes(30),
            0.01,
            0.05,
            Range.most(0.01, 0.05),
            new Range(0.001, 0.01, 0.2, 1.0),
            new Range(0, 0.05, 0.5, 2.0),
            Duration.ofMinutes(5),
            Range.most(1.2, 1.5),
            List.of(Watch.Rule.TRACEBACK, Watch.Rule.NOT_A_NUMBER, Watch.Rule.START_UTILIZATION, Watch.Rule.COST),
            new TreeSet<>());

    /// @throws IllegalArgumentException when a time is too short, or too long to look back, or a share is negative
    public WatchRules {
        for (Duration time : List.of(utilizationHold, start, startHold, memoryHold, gradientHold))
            between(TIME_MIN, time);
        between(FLAT_MIN, flatFor);
        if (!(flatShare >= 0) || !(riseShare >= 0))
            throw new IllegalArgumentException(
                    "expected shares of 0 or more, but found " + flatShare + ", " + riseShare);
        abortOn = List.copyOf(abortOn);
        off = Collections.unmodifiableSortedSet(new TreeSet<>(off));
    }

    private static void between(Duration least, Duration time) {
        if (time.compareTo(least) < 0 || time.compareTo(Curve.FINE_PAST) > 0)
            throw new IllegalArgumentException("expected a time of " + least.toMinutes() + " minutes to "
                    + Curve.FINE_PAST.toHours() + " hours, but found " + time.toSeconds() + " s");
    }

    /// The runbook's, but for what was written.
    ///
    /// @throws IllegalArgumentException when the ends of a range do not rise, or a time is out of its range
    public static WatchRules of(Watching wanted) {
        WatchLimits limits = new WatchLimits(wanted.limits());
        List<Watch.Rule> stopOn = new ArrayList<>();
        for (Watch.Rule rule : Watch.Rule.values()) if (wanted.stopOn().contains(rule.name())) stopOn.add(rule);
        return new WatchRules(
                limits.range(Watch.Rule.UTILIZATION.name(), DEFAULT.utilization),
                limits.time(Watch.Rule.UTILIZATION, "for_s", DEFAULT.utilizationHold),
                limits.time(Watch.Rule.START_UTILIZATION, "within_s", DEFAULT.start),
                limits.time(Watch.Rule.START_UTILIZATION, "for_s", DEFAULT.startHold),
                limits.range(Watch.Rule.MEMORY.name(), DEFAULT.memory),
                limits.time(Watch.Rule.MEMORY, "for_s", DEFAULT.memoryHold),
                limits.time(Watch.Rule.LOSS, "for_s", DEFAULT.flatFor),
                limits.number(Watch.Rule.LOSS, "flat", DEFAULT.flatShare),
                limits.number(Watch.Rule.LOSS, "rise", DEFAULT.riseShare),
                limits.range(Watch.Rule.FINAL_LOSS.name(), DEFAULT.diffusionFinal),
                limits.range(Watch.Rule.GRADIENT.name(), DEFAULT.operatorGradient),
                limits.range(DIFFUSION_GRADIENT, DEFAULT.diffusionGradient),
                limits.time(Watch.Rule.GRADIENT, "for_s", DEFAULT.gradientHold),
                limits.range(Watch.Rule.COST.name(), DEFAULT.cost),
                stopOn,
                limits.off());
    }

    /// What may be written of a rule; empty of one that has no numbers, and of what is no rule.
    public static List<String> numbers(String rule) {
        if (rule.equals(DIFFUSION_GRADIENT))
            return List.of("critical_below", "warn_below", "warn_above", "critical_above");
        for (Watch.Rule known : Watch.Rule.values()) if (known.name().equals(rule)) return WatchLimits.known(known);
        return List.of();
    }
}
