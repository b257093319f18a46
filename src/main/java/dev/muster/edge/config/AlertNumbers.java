package dev.muster.edge.config;

import dev.muster.core.state.Money;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/// Thresholds that stand in the prior system's files of alerts; what is not written is empty.
///
/// @param minHealthyPercent of the nodes
/// @param maxOffline        nodes
/// @param maxRecoveries     in an hour, of one node
/// @param maxHour           that the cluster may cost
/// @param maxDay            that the cluster may cost
/// @param failures          of an instance, one after the other, before it is told
/// @param cooldown          between two notices of the same
/// @param maxAlerts         in an hour
public record AlertNumbers(
        OptionalDouble minHealthyPercent,
        OptionalInt maxOffline,
        OptionalInt maxRecoveries,
        Optional<Money> maxHour,
        Optional<Money> maxDay,
        OptionalInt failures,
        Optional<Duration> cooldown,
        OptionalInt maxAlerts) {
    public static final AlertNumbers NONE = new AlertNumbers(
            OptionalDouble.empty(),
            OptionalInt.empty(),
            OptionalInt.empty(),
            Optional.empty(),
            Optional.empty(),
            OptionalInt.empty(),
            Optional.empty(),
            OptionalInt.empty());

    /// What is written here, and else what is written there.
    AlertNumbers or(AlertNumbers other) {
        return new AlertNumbers(
                minHealthyPercent.isPresent() ? minHealthyPercent : other.minHealthyPercent,
                maxOffline.isPresent() ? maxOffline : other.maxOffline,
                maxRecoveries.isPresent() ? maxRecoveries : other.maxRecoveries,
                maxHour.or(() -> other.maxHour),
                maxDay.or(() -> other.maxDay),
                failures.isPresent() ? failures : other.failures,
                cooldown.or(() -> other.cooldown),
                maxAlerts.isPresent() ? maxAlerts : other.maxAlerts);
    }
}
