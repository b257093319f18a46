package dev.muster.core.state;

import java.util.List;
import java.util.Optional;

/// A loop for one config key: the three jobs of a generation and the gate between them.
///
/// @param gamesWindow    generations whose games training reads, the newest first
/// @param generationsMax after which the loop stops by itself
public record LoopSpec(
        ConfigKey config,
        StageSpec selfplay,
        StageSpec training,
        StageSpec evaluation,
        Gate gate,
        int gamesWindow,
        Optional<Integer> generationsMax) {
    /// A job with blanks, filled in for each generation.
    ///
    /// @param job     as it will be submitted, but for its command and inputs
    /// @param command groups of arguments. `{current}`, `{candidate}`, `{games}`, `{generation}`, `{config}` and `{seed}`
    ///                are filled in; a group with a blank that has no value (no current model yet) is left out
    public record StageSpec(JobSpec job, List<List<String>> command) {
        public StageSpec {
            command = command.stream().map(List::copyOf).toList();
        }
    }

    /// When a candidate becomes the current model.
    ///
    /// @param baseline        the named opponent of the first generation
    /// @param firstWinRate    against the baseline, while there is no current model
    /// @param winRate         against the current model
    /// @param lowerBound      of the Wilson 95 % interval of that win rate
    /// @param gamesMin        games that decide
    public record Gate(String baseline, double firstWinRate, double winRate, double lowerBound, int gamesMin) {
        /// The runbooks' thresholds: 0.65 for a first model, then 0.55 head to head with a lower bound of 0.50.
        public static final Gate DEFAULT = new Gate("random", 0.65, 0.55, 0.50, 100);

        public Gate {
            for (double share : new double[] {firstWinRate, winRate, lowerBound}) {
                if (!(share >= 0 && share <= 1)) {
                    throw new IllegalArgumentException("expected a share of 0 to 1, but found " + share);
                }
            }
            if (gamesMin < 1) throw new IllegalArgumentException("expected at least 1 game, but found " + gamesMin);
        }
    }

    /// @throws IllegalArgumentException when a stage could not do its part
    public LoopSpec {
        if (gamesWindow < 1)
            throw new IllegalArgumentException("expected a games window of 1 or more, but found " + gamesWindow);
        if (selfplay.job().outputs().isEmpty())
            throw new IllegalArgumentException(config + ": selfplay declares no games output");
        if (training.job().outputs().size() != 1) {
            throw new IllegalArgumentException(
                    config + ": expected training to declare one output, the model, but found "
                            + training.job().outputs().size());
        }
        if (evaluation.job().matches().isEmpty())
            throw new IllegalArgumentException(config + ": evaluation declares no matches file");
    }

    public StageSpec stage(Loop.Stage stage) {
        return switch (stage) {
            case SELFPLAY -> selfplay;
            case TRAINING -> training;
            case EVALUATION -> evaluation;
            case VERDICT, DISTRIBUTION -> throw new IllegalArgumentException(stage + " runs no job");
        };
    }
}
