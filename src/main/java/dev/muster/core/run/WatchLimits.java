package dev.muster.core.run;

import dev.muster.core.state.Table;
import dev.muster.core.state.Watching;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/// The rules' numbers as a person wrote them, over the runbook's.
final class WatchLimits {
    private final Table<String, Watching.Limits> written;

    WatchLimits(Table<String, Watching.Limits> written) {
        this.written = written;
    }

    /// What a rule may be told: the ends of its range, and times in seconds.
    static List<String> known(Watch.Rule rule) {
        return switch (rule) {
            case TRACEBACK, NOT_A_NUMBER -> List.of();
            case START_UTILIZATION -> List.of("within_s", "for_s");
            case UTILIZATION -> List.of("critical_below", "warn_below", "for_s");
            case MEMORY -> List.of("warn_above", "critical_above", "for_s");
            case LOSS -> List.of("flat", "rise", "for_s");
            case FINAL_LOSS, COST -> List.of("warn_above", "critical_above");
            case GRADIENT -> List.of("critical_below", "warn_below", "warn_above", "critical_above", "for_s");
        };
    }

    Set<Watch.Rule> off() {
        Set<Watch.Rule> off = EnumSet.noneOf(Watch.Rule.class);
        for (Watch.Rule rule : Watch.Rule.values()) if (limits(rule.name()).off()) off.add(rule);
        return off;
    }

    private Watching.Limits limits(String rule) {
        return written.find(rule).orElse(Watching.Limits.USUAL);
    }

    double number(Watch.Rule rule, String name, double usual) {
        return limits(rule.name()).numbers().getOrDefault(name, usual);
    }

    Duration time(Watch.Rule rule, String name, Duration usual) {
        double seconds = number(rule, name, usual.toMillis() / 1000.0);
        return Duration.ofMillis(Math.round(seconds * 1000));
    }

    /// @param rule a rule's name, or [WatchRules#DIFFUSION_GRADIENT]
    /// @throws IllegalArgumentException when what a person wrote leaves a gap, with the usual numbers for the rest
    WatchRules.Range range(String rule, WatchRules.Range usual) {
        Table<String, Double> numbers = limits(rule).numbers();
        try {
            return new WatchRules.Range(
                    numbers.getOrDefault("critical_below", usual.criticalBelow()),
                    numbers.getOrDefault("warn_below", usual.warnBelow()),
                    numbers.getOrDefault("warn_above", usual.warnAbove()),
                    numbers.getOrDefault("critical_above", usual.criticalAbove()));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "expected critical_below, warn_below, warn_above and critical_above to rise, so that there is no gap;"
                            + " " + e.getMessage(),
                    e);
        }
    }
}
