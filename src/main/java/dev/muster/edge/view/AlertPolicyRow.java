package dev.muster.edge.view;

import dev.muster.core.state.AlertPolicy;
import dev.muster.core.state.QuietHours;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// When people are told of what, as it is written.
///
/// @param quiet  as `22:00-07:00`, in `zone`
/// @param limits by rule, instead of its own
/// @param off    rules that nobody wants
public record AlertPolicyRow(
        Duration gather,
        Duration again,
        Duration cooldown,
        Duration clear,
        int hourMax,
        String zone,
        List<String> quiet,
        Map<String, Limits> limits,
        List<String> off) {
    /// @param warning  absent: never
    /// @param critical absent: never
    public record Limits(Optional<Double> warning, Optional<Double> critical) {
        static Limits of(AlertPolicy.Limits limits) {
            return new Limits(limits.warning(), limits.critical());
        }
    }

    public static AlertPolicyRow of(AlertPolicy policy) {
        Map<String, Limits> limits = new TreeMap<>();
        policy.limits().asMap().forEach((rule, figures) -> limits.put(rule, Limits.of(figures)));
        return new AlertPolicyRow(
                policy.gather(),
                policy.again(),
                policy.cooldown(),
                policy.clear(),
                policy.hourMax(),
                policy.zone(),
                policy.quiet().stream().map(QuietHours::toString).toList(),
                limits,
                policy.off());
    }
}
