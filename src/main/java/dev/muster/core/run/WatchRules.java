package dev.muster.core.run;

import java.time.Duration;
import java.util.List;

/// From where on a run does not go well. The defaults are the runbook's numbers, with its gaps closed.
///
/// @param utilizationHold how long the GPU has to be idle to count
/// @param startHold       the same in the first [#start] of the run
/// @param flatFor         how long a loss has to stay where it is for a warning
/// @param flatShare       per [#flatFor]: what falls by less is flat
/// @param riseShare       per [#flatFor]: what rises by more is critical
/// @param gradientHold    over which gradients are looked at: single steps may be large
/// @param abortOn         which rules stop the run when they are critical
public record WatchRules(
        Range utilization,
        Duration utilizationHold,
        Duration start,
        Duration startHold,
        Range memory,
        Duration flatFor,
        double flatShare,
        double riseShare,
        Range diffusionFinal,
        Range operatorGradient,
        Range diffusionGradient,
        Duration gradientHold,
        Range cost,
        List<Watch.Rule> abortOn) {
    /// Well from `warnBelow` to `warnAbove`, both included; critical below and above the others.
    public record Range(double criticalBelow, double warnBelow, double warnAbove, double criticalAbove) {
        /// @throws IllegalArgumentException when they are not in order
        public Range {
            if (!(criticalBelow <= warnBelow) || !(warnBelow <= warnAbove) || !(warnAbove <= criticalAbove))
                throw new IllegalArgumentException("expected rising limits, but found " + criticalBelow + ", "
                        + warnBelow + ", " + warnAbove + ", " + criticalAbove);
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

    public static final WatchRules DEFAULT = new WatchRules(
            Range.least(50, 70),
            Duration.ofMinutes(10),
            Duration.ofMinutes(15),
            Duration.ofMinutes(5),
            Range.most(90, 95),
            Duration.ofMinutes(30),
            0.01,
            0.05,
            Range.most(0.01, 0.05),
            new Range(0.001, 0.01, 0.2, 1.0),
            new Range(0, 0.05, 0.5, 2.0),
            Duration.ofMinutes(5),
            Range.most(1.2, 1.5),
            List.of(Watch.Rule.TRACEBACK, Watch.Rule.NOT_A_NUMBER, Watch.Rule.START_UTILIZATION, Watch.Rule.COST));

    /// @throws IllegalArgumentException when a time is not positive, too long to look back, or a share is negative
    public WatchRules {
        for (Duration time : List.of(utilizationHold, start, startHold, flatFor, gradientHold))
            if (!time.isPositive() || time.compareTo(Curve.FINE_PAST) > 0)
                throw new IllegalArgumentException(
                        "expected times above 0 and up to " + Curve.FINE_PAST + ", but found " + time);
        if (!(flatShare >= 0) || !(riseShare >= 0))
            throw new IllegalArgumentException(
                    "expected shares of 0 or more, but found " + flatShare + ", " + riseShare);
        abortOn = List.copyOf(abortOn);
    }

    /// The same, but for what stops a run.
    public WatchRules stoppingOn(List<Watch.Rule> rules) {
        return new WatchRules(
                utilization,
                utilizationHold,
                start,
                startHold,
                memory,
                flatFor,
                flatShare,
                riseShare,
                diffusionFinal,
                operatorGradient,
                diffusionGradient,
                gradientHold,
                cost,
                rules);
    }
}
