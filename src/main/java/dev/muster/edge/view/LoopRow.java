package dev.muster.edge.view;

import dev.muster.core.plan.Wait;
import dev.muster.core.state.Attempt;
import dev.muster.core.state.ConfigKey;
import dev.muster.core.state.Generation;
import dev.muster.core.state.GenerationId;
import dev.muster.core.state.JobId;
import dev.muster.core.state.Loop;
import dev.muster.core.state.LoopSpec;
import dev.muster.core.state.Match;
import dev.muster.core.state.Sha256;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Where a config key's loop stands.
///
/// @param failures of the stage in a row; from three on something is wrong that trying again does not cure
/// @param since    when the stage began
/// @param waitsFor what the leader says it waits for
public record LoopRow(
        ConfigKey config,
        boolean running,
        int generation,
        Loop.Stage stage,
        Optional<JobId> job,
        int failures,
        Optional<Instant> retryAt,
        Instant since,
        Optional<Integer> generationsMax,
        Optional<String> waitsFor) {
    public static LoopRow of(Loop loop, List<Wait> waits) {
        return new LoopRow(
                loop.config(),
                loop.running(),
                loop.generation(),
                loop.stage(),
                loop.job(),
                loop.failures(),
                loop.retryAt(),
                loop.since(),
                loop.spec().generationsMax(),
                waits.stream()
                        .filter(wait -> about(wait, loop))
                        .map(Wait::message)
                        .findFirst());
    }

    private static boolean about(Wait wait, Loop loop) {
        return wait.subject().equals(loop.current().toString())
                || wait.subject().equals(loop.config().name());
    }

    /// One turn of the loop.
    ///
    /// @param games artifacts of its selfplay
    public record Turn(
            GenerationId id,
            Instant startedAt,
            Optional<Instant> endedAt,
            Generation.Verdict verdict,
            String note,
            int games,
            Optional<Sha256> candidate,
            List<Match> matches) {
        static Turn of(Generation generation) {
            return new Turn(
                    generation.id(),
                    generation.startedAt(),
                    generation.endedAt(),
                    generation.verdict(),
                    generation.note(),
                    generation.games().size(),
                    generation.candidate().map(Attempt.Stored::sha),
                    generation.matches());
        }
    }

    /// A loop with what it was asked to do and its turns, newest first.
    public record Detail(LoopRow loop, LoopSpec spec, List<Turn> generations) {
        public static Detail of(Picture picture, Loop loop, List<Wait> waits) {
            List<Turn> turns = picture.state().loops().of(loop.config()).values().stream()
                    .map(Turn::of)
                    .toList()
                    .reversed();
            return new Detail(LoopRow.of(loop, waits), loop.spec(), turns);
        }
    }
}
