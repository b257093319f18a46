package dev.muster.core.state;

import java.time.Instant;
import java.util.Optional;

/// Where a config key's loop stands. It is a persisted state machine: the leader's planner looks at it and moves it on;
/// no event has to arrive for it to move.
///
/// @param job      of this stage, once submitted
/// @param failures of this stage in a row
/// @param retryAt  after a failure, when the stage may be tried again
public record Loop(
        LoopSpec spec,
        boolean running,
        int generation,
        Stage stage,
        Optional<JobId> job,
        int failures,
        Optional<Instant> retryAt,
        Instant since) {
    public enum Stage {
        SELFPLAY,
        TRAINING,
        EVALUATION,
        /// The games are counted; the gate decides.
        VERDICT,
        /// The promoted model is on its way to every node.
        DISTRIBUTION;

        /// Does this stage run a job?
        public boolean works() {
            return this == SELFPLAY || this == TRAINING || this == EVALUATION;
        }
    }

    public ConfigKey config() {
        return spec.config();
    }

    public GenerationId current() {
        return new GenerationId(config(), generation);
    }

    Loop at(int number, Stage next, Instant now) {
        return new Loop(spec, running, number, next, Optional.empty(), 0, Optional.empty(), now);
    }

    Loop withJob(JobId id) {
        return new Loop(spec, running, generation, stage, Optional.of(id), failures, Optional.empty(), since);
    }

    Loop failed(Instant retry) {
        return new Loop(spec, running, generation, stage, Optional.empty(), failures + 1, Optional.of(retry), since);
    }

    Loop withRunning(boolean on) {
        return new Loop(spec, on, generation, stage, job, failures, retryAt, since);
    }

    Loop withSpec(LoopSpec newer) {
        return new Loop(newer, true, generation, stage, job, failures, retryAt, since);
    }
}
