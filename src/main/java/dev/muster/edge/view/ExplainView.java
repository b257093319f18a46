package dev.muster.edge.view;

import dev.muster.core.plan.Wait;
import dev.muster.core.state.Fit;
import dev.muster.core.state.Job;
import dev.muster.core.state.JobId;
import dev.muster.core.state.JobSpec;
import dev.muster.core.state.Node;
import dev.muster.core.state.Task;
import dev.muster.core.state.TaskId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/// Why a job does what it does, or does not.
///
/// @param waiting tasks that wait, at most [#TASKS_MAX] of them
/// @param more    waiting tasks that are not listed
/// @param nodes   one line per node: could it take one of these tasks? All tasks of a job need the same
/// @param asOf    what the lines come from: the leader's plan, or only what this node knows
public record ExplainView(
        JobRow job, String summary, List<WaitingTask> waiting, int more, List<String> nodes, String asOf) {
    /// A screenful and some; the tasks of one job nearly always wait for the same thing.
    public static final int TASKS_MAX = 50;

    /// @param reason a [Wait.Reason], or empty when the leader's plan does not name the task yet
    public record WaitingTask(TaskId task, String reason, String message, Optional<Instant> notBefore) {}

    /// @param waits what the leader's plan waits for; empty without a leader
    /// @param lines the leader's line per node for the first waiting task; empty without a leader
    public static ExplainView of(Picture picture, Job job, Optional<List<Wait>> waits, Optional<List<String>> lines) {
        JobRow row = JobRow.Detail.of(picture.state(), job).job();
        Map<String, Wait> bySubject = waits.orElse(List.of()).stream()
                .collect(Collectors.toMap(Wait::subject, Function.identity(), (first, second) -> first));
        List<WaitingTask> waiting = new ArrayList<>();
        for (Task task : picture.state().work().tasksOf(job.id()).values()) {
            if (task.status() != Task.Status.WAITING) continue;
            if (waiting.size() == TASKS_MAX) break;
            waiting.add(
                    waiting(task, Optional.ofNullable(bySubject.get(task.id().toString()))));
        }
        return new ExplainView(
                row,
                summary(row),
                waiting,
                row.waiting() - waiting.size(),
                waiting.isEmpty() ? List.of() : lines.orElseGet(() -> fits(picture, job.spec())),
                waits.isPresent()
                        ? "the leader's newest plan"
                        : "what " + picture.self() + " knows; there is no leader to ask");
    }

    private static WaitingTask waiting(Task task, Optional<Wait> wait) {
        String fallback = task.note().isEmpty() ? "waits for the leader's next plan" : task.note();
        return new WaitingTask(
                task.id(),
                wait.map(found -> found.reason().name()).orElse(""),
                wait.map(Wait::message).orElse(fallback),
                task.notBefore());
    }

    private static String summary(JobRow job) {
        JobId id = job.id();
        if (job.status() != Job.Status.OPEN) return id + " has ended: " + job.status();
        if (job.stopping().isPresent())
            return id + " is being stopped: " + job.stopping().get();
        if (job.waiting() == 0)
            return id + " waits for nothing; " + job.running() + " of its tasks are placed or running";
        return id + ": " + job.waiting() + " of " + job.tasks() + " tasks wait, " + job.running() + " run";
    }

    /// One line per node, from this node's own state.
    private static List<String> fits(Picture picture, JobSpec spec) {
        return picture.state().fleet().nodes().values().stream()
                .map(node -> Fit.misfit(spec, node, picture.state().work().heldOn(node.id()))
                        .orElse(node.id() + " has room"))
                .toList();
    }

    /// Why no node, however empty, could take a task of this job; empty when one could.
    public static Optional<String> neverFits(Picture picture, JobSpec spec) {
        List<Node> nodes = List.copyOf(picture.state().fleet().nodes().values());
        if (nodes.isEmpty()) return Optional.of("the cluster has no nodes");
        List<String> why = new ArrayList<>();
        for (Node node : nodes) {
            Optional<String> never = Fit.never(spec, node);
            if (never.isEmpty()) return Optional.empty();
            why.add(never.get());
        }
        int shown = Math.min(why.size(), 5);
        String rest = why.size() > shown ? "; and " + (why.size() - shown) + " more nodes" : "";
        return Optional.of(String.join("; ", why.subList(0, shown)) + rest);
    }
}
