package dev.muster.core.state;

import java.time.Instant;
import java.util.Optional;

/// What a person asked for, and how far it has come.
///
/// @param open    tasks that have not ended; a derived count
/// @param failed  tasks that ended without success; a derived count
/// @param stopping why a person (or the loop) asked it to stop
public record Job(
        JobId id,
        JobSpec spec,
        String submitter,
        Instant submittedAt,
        Status status,
        int open,
        int failed,
        Optional<String> stopping,
        Optional<Instant> endedAt) {
    public enum Status {
        /// At least one task has not ended.
        OPEN,
        SUCCEEDED,
        FAILED,
        CANCELLED
    }

    Job taskEnded(boolean succeeded) {
        return new Job(
                id, spec, submitter, submittedAt, status, open - 1, succeeded ? failed : failed + 1, stopping, endedAt);
    }

    Job withStopping(String why) {
        return new Job(id, spec, submitter, submittedAt, status, open, failed, Optional.of(why), endedAt);
    }

    Job ended(Status how, Instant at) {
        return new Job(id, spec, submitter, submittedAt, how, open, failed, stopping, Optional.of(at));
    }
}
