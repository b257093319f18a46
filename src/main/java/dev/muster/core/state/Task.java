package dev.muster.core.state;

import java.time.Instant;
import java.util.Optional;

/// One replica of a job.
///
/// @param attempts  attempts placed so far; the newest has this number
/// @param failures  attempts that failed by themselves; a fenced node's do not count
/// @param notBefore after a failure, when the next attempt may be placed
/// @param note      why it waits again or how it ended, for people
/// @param gang      of its newest try, where it runs on several nodes
public record Task(
        TaskId id,
        Status status,
        int attempts,
        int failures,
        Optional<Instant> notBefore,
        String note,
        Optional<Gang> gang) {
    public Task {
        gang = gang == null ? Optional.empty() : gang;
    }

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
        return new Task(id, Status.WAITING, 0, 0, Optional.empty(), "", Optional.empty());
    }

    /// @throws IllegalStateException when nothing was ever placed
    public AttemptId newestAttempt() {
        if (attempts == 0) throw new IllegalStateException("expected " + id + " to have an attempt, but it has none");
        return new AttemptId(id, attempts);
    }

    Task placed(Optional<Gang> members) {
        return new Task(id, Status.PLACED, attempts + 1, failures, Optional.empty(), "", members);
    }

    Task started() {
        return new Task(id, Status.RUNNING, attempts, failures, Optional.empty(), "", gang);
    }

    /// Its try ends as a whole.
    Task ending(Attempt.Ending ending) {
        Optional<Gang> broken = gang.map(members -> members.ending(ending));
        return new Task(id, status, attempts, failures, notBefore, note, broken);
    }

    Task requeued(boolean failed, Optional<Instant> earliest, String why) {
        return new Task(id, Status.WAITING, attempts, failed ? failures + 1 : failures, earliest, why, gang);
    }

    Task over(Status how, String why) {
        return new Task(id, how, attempts, failures, Optional.empty(), why, gang);
    }
}
