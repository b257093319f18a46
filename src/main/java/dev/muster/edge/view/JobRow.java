package dev.muster.edge.view;

import dev.muster.core.state.Attempt;
import dev.muster.core.state.AttemptId;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.ConfigKey;
import dev.muster.core.state.Job;
import dev.muster.core.state.JobId;
import dev.muster.core.state.JobKind;
import dev.muster.core.state.JobSpec;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Task;
import dev.muster.core.state.TaskId;
import dev.muster.core.state.Traces;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.pcollections.PSortedSet;

/// A job, as lists show it.
///
/// @param running   tasks placed or running
/// @param waiting   tasks that wait to be placed
/// @param done      tasks that succeeded
/// @param failed    tasks that failed
/// @param cancelled tasks that ended because the job was stopped
public record JobRow(
        JobId id,
        String name,
        JobKind kind,
        Optional<ConfigKey> config,
        Job.Status status,
        int tasks,
        int waiting,
        int running,
        int done,
        int failed,
        int cancelled,
        int priority,
        String submitter,
        Instant submittedAt,
        Optional<Instant> endedAt,
        Optional<String> stopping) {
    /// Active tasks by job, counted once for a whole list: a job's own tasks may be thousands.
    public static Map<JobId, Integer> running(ClusterState state) {
        Map<JobId, Integer> counts = new HashMap<>();
        Set<TaskId> seen = new HashSet<>();
        for (PSortedSet<AttemptId> attempts : state.work().derived().active().values()) {
            for (AttemptId attempt : attempts)
                if (seen.add(attempt.task())) counts.merge(attempt.task().job(), 1, Integer::sum);
        }
        return counts;
    }

    /// @param running tasks placed or running
    public static JobRow of(ClusterState state, Job job, int running) {
        int cancelled = cancelled(state, job);
        return new JobRow(
                job.id(),
                job.spec().name(),
                job.spec().kind(),
                job.spec().config(),
                job.status(),
                job.spec().tasks(),
                Math.max(0, job.open() - running),
                running,
                job.spec().tasks() - job.open() - job.failed(),
                job.failed() - cancelled,
                cancelled,
                job.spec().priority(),
                job.submitter(),
                job.submittedAt(),
                job.endedAt(),
                job.stopping());
    }

    /// Only the tasks of a job that was stopped are looked at; the state counts both sorts as one.
    private static int cancelled(ClusterState state, Job job) {
        if (job.stopping().isEmpty() || job.failed() == 0) return 0;
        return (int) state.work().tasksOf(job.id()).values().stream()
                .filter(task -> task.status() == Task.Status.CANCELLED)
                .count();
    }

    public record TaskRow(
            TaskId id, Task.Status status, int attempts, int failures, Optional<Instant> notBefore, String note) {
        /// The failure that ended a task is none that it was placed again after, so the state does not count it.
        static TaskRow of(Task task) {
            int last = task.status() == Task.Status.FAILED ? 1 : 0;
            return new TaskRow(
                    task.id(), task.status(), task.attempts(), task.failures() + last, task.notBefore(), task.note());
        }
    }

    /// @param waits what it waits for though the log has it run; empty of most

    public record AttemptRow(
            AttemptId id,
            NodeId node,
            Attempt.Status status,
            Instant placedAt,
            Optional<Instant> startedAt,
            Optional<Instant> endedAt,
            OptionalLong pid,
            OptionalInt exitCode,
            List<Attempt.Stored> outputs,
            List<Attempt.Stored> saved,
            Optional<Instant> savedAt,
            String note,
            List<Attempt.Stored> kept,
            List<WarningRow> warnings,
            Optional<Traces.Tracked> tracked,
            Optional<String> waits) {
        static AttemptRow of(Picture picture, Attempt attempt) {
            return new AttemptRow(
                    attempt.id(),
                    attempt.node(),
                    attempt.status(),
                    attempt.placedAt(),
                    attempt.startedAt(),
                    attempt.endedAt(),
                    attempt.pid(),
                    attempt.exitCode(),
                    attempt.outputs(),
                    List.copyOf(attempt.saved().files().values()),
                    attempt.saved().at(),
                    attempt.note(),
                    attempt.traces().evidence(),
                    WarningRow.of(attempt.traces().warnings()),
                    attempt.traces().tracked(),
                    picture.awaits(attempt));
        }
    }

    /// A job with its tasks and their attempts.
    public record Detail(JobRow job, JobSpec spec, List<TaskRow> tasks, List<AttemptRow> attempts) {
        public static Detail of(Picture picture, Job job) {
            ClusterState state = picture.state();
            List<TaskRow> tasks = state.work().tasksOf(job.id()).values().stream()
                    .map(TaskRow::of)
                    .toList();
            int running = (int) state.work().tasksOf(job.id()).values().stream()
                    .filter(task -> task.status().isActive())
                    .count();
            List<AttemptRow> attempts = state.work().attemptsOf(job.id()).values().stream()
                    .map(attempt -> AttemptRow.of(picture, attempt))
                    .toList();
            return new Detail(JobRow.of(state, job, running), job.spec(), tasks, attempts);
        }
    }
}
