package dev.muster.core.state;

import java.time.Instant;
import java.util.Optional;

/// One replica of a job.
///
/// @param attempts  attempts placed so far; the newest has this number
/// @param failures  attempts that failed by themselves; a fenced node's do not count
/// @param notBefore after a failure, when the next attempt may be placed
/// @param note      why it waits again or how it ended, for people
public record Task(TaskId id, Status status, int attempts, int failures, Optional<Instant> notBefore, String note) {
    public enum Status {
        WAITING,
        PLACED,
        RUNNING,
        SUCCEEDED,
        FAILED,
        CANCELLED;

        public boolean isOver() {
            return this == SUCCEEDED || this == FAILED || this == CANCELLED;
        }

        public boolean isActive() {
            return this == PLACED || this == RUNNING;
        }
    }

    static Task waiting(TaskId id) {
        return new Task(id, Status.WAITING, 0, 0, Optional.empty(), "");
    }

    /// @throws IllegalStateException when nothing was ever placed
    public AttemptId newestAttempt() {
        if (attempts == 0) throw new IllegalStateException("expected " + id + " to have an attempt, but it has none");
        return new AttemptId(id, attempts);
    }

    Task placed() {
        return new Task(id, Status.PLACED, attempts + 1, failures, Optional.empty(), "");
    }

    Task started() {
        return new Task(id, Status.RUNNING, attempts, failures, Optional.empty(), "");
    }

    Task requeued(boolean failed, Optional<Instant> earliest, String why) {
        return new Task(id, Status.WAITING, attempts, failed ? failures + 1 : failures, earliest, why);
    }

    Task over(Status how, String why) {
        return new Task(id, how, attempts, failures, Optional.empty(), why);
    }
}
