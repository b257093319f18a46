package dev.muster.edge.view;

import dev.muster.core.state.AttemptId;
import dev.muster.core.state.Custody;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// What would be lost if a node vanished now.
///
/// @param attempts of which some work is not saved
/// @param files    that no other node in service holds, `bytes` in all
public record RiskRow(List<Unsaved> attempts, int files, long bytes) {
    /// @param seconds since its last save that brought something new, else since its start; absent before that
    /// @param saved   files with which its next attempt would begin
    /// @param saving  whether its job says what is to be saved
    public record Unsaved(AttemptId attempt, Optional<Double> seconds, int saved, boolean saving) {
        private static Unsaved of(Custody.Unsaved one, Instant now) {
            Optional<Double> seconds = one.time(now).map(Duration::toMillis).map(millis -> millis / 1000.0);
            return new Unsaved(one.attempt(), seconds, one.saved(), one.saving());
        }
    }

    static RiskRow of(Custody.Risk risk, Instant now) {
        List<Unsaved> attempts =
                risk.attempts().stream().map(one -> Unsaved.of(one, now)).toList();
        return new RiskRow(attempts, risk.files(), risk.bytes().count());
    }
}
