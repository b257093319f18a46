package dev.muster.edge.view;

import dev.muster.core.plan.Wait;
import dev.muster.core.state.Fit;
import dev.muster.core.state.Job;
import dev.muster.core.state.JobId;
import dev.muster.core.state.JobSpec;
import dev.muster.core.state.Node;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Task;
import dev.muster.core.state.TaskId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/// Why a job does what it does, or does not.
///
/// @param groups  all waiting tasks, those that wait for the same thing together
/// @param waiting tasks that wait, at most [#TASKS_MAX] of them
/// @param more    waiting tasks that are not listed
/// @param nodes   one line per node: could it take one of these tasks? All tasks of a job need the same
/// @param asOf    what the lines come from: the leader's plan, or only what this node knows
public record ExplainView(
        JobRow job,
        String summary,
        List<Group> groups,
        List<WaitingTask> waiting,
        int more,
        List<String> nodes,
        String asOf) {
    /// A screenful and some; the tasks of one job nearly always wait for the same thing.
    public static final int TASKS_MAX = 50;

    /// Why a backoff's message ends with its own time: tasks that failed alike are one group all the same.
    private static final String BACKOFF_TIME = "; not before ";

    /// @param reason a [Wait.Reason], or empty when the leader's plan does not name the task yet
    public record WaitingTask(TaskId task, String reason, String message, Optional<Instant> notBefore) {}

    /// Tasks that wait for the same thing.
    ///
    /// @param tasks     how many
    /// @param notBefore the earliest of theirs
    public record Group(
            int tasks, TaskId first, TaskId last, String reason, String message, Optional<Instant> notBefore) {
        private Group and(WaitingTask task) {
            Optional<Instant> earliest = notBefore
                    .filter(mine -> task.notBefore().filter(mine::isAfter).isEmpty())
                    .or(task::notBefore);
            return new Group(tasks + 1, first, task.task(), reason, message, earliest);
        }
    }

    /// @param waits what the leader's plan waits for; empty without a leader
    /// @param lines the leader's line per node for the first waiting task; empty without a leader
    public static ExplainView of(Picture picture, Job job, Optional<List<Wait>> waits, Optional<List<String>> lines) {
        JobRow row = JobRow.Detail.of(picture, job).job();
        List<String> nodes = lines.orElseGet(() -> fits(picture, job.spec()));
        List<WaitingTask> waiting = waiting(picture, job, waits.orElse(List.of()), crowd(picture, job.spec(), nodes));
        List<WaitingTask> shown = waiting.subList(0, Math.min(TASKS_MAX, waiting.size()));
        return new ExplainView(
                row,
                summary(row),
                groups(waiting),
                shown,
                waiting.size() - shown.size(),
                waiting.isEmpty() ? List.of() : nodes,
                waits.isPresent()
                        ? "the leader's newest plan"
                        : "what " + picture.self() + " knows; there is no leader to ask");
    }

    /// @param crowd what holds all of them up that the plan found no room for, where it can be said in one
    private static List<WaitingTask> waiting(Picture picture, Job job, List<Wait> waits, Optional<String> crowd) {
        Map<String, Wait> bySubject =
                waits.stream().collect(Collectors.toMap(Wait::subject, Function.identity(), (first, second) -> first));
        List<WaitingTask> waiting = new ArrayList<>();
        // A plan names a thousand tasks one by one; the ones behind them need the same and wait for the same.
        Optional<Wait> sibling = Optional.empty();
        for (Task task : picture.state().work().tasksOf(job.id()).values()) {
            if (task.status() != Task.Status.WAITING) continue;
            Optional<Wait> own = Optional.ofNullable(bySubject.get(task.id().toString()));
            if (own.filter(wait -> isForAll(wait.reason())).isPresent()) sibling = own;
            Optional<Instant> notBefore = task.notBefore().filter(picture.now()::isBefore);
            Optional<Wait> wait = own.isPresent() || notBefore.isPresent() ? own : sibling;
            waiting.add(waiting(task, notBefore, wait, crowd));
        }
        return waiting;
    }

    private static boolean isForAll(Wait.Reason reason) {
        return reason == Wait.Reason.NO_ROOM || reason == Wait.Reason.NEVER_FITS;
    }

    private static WaitingTask waiting(
            Task task, Optional<Instant> notBefore, Optional<Wait> wait, Optional<String> crowd) {
        String fallback = "waits for the leader's next plan"
                + (task.note().isEmpty() ? "" : "; the last attempt ended with: " + task.note());
        String message = wait.map(found -> found.reason() == Wait.Reason.NO_ROOM
                        ? crowd.orElse(found.message())
                        : withoutTime(found.message()))
                .orElse(fallback);
        return new WaitingTask(
                task.id(), wait.map(found -> found.reason().name()).orElse(""), message, notBefore);
    }

    /// The time is in a field of its own.
    private static String withoutTime(String message) {
        int time = message.lastIndexOf(BACKOFF_TIME);
        return time < 0 ? message : message.substring(0, time);
    }

    private static List<Group> groups(List<WaitingTask> waiting) {
        Map<String, Group> groups = new LinkedHashMap<>();
        for (WaitingTask task : waiting) {
            groups.compute(
                    task.reason() + " " + task.message(),
                    (same, group) -> group == null
                            ? new Group(1, task.task(), task.task(), task.reason(), task.message(), task.notBefore())
                            : group.and(task));
        }
        return List.copyOf(groups.values());
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

    /// What holds up the nodes that could run the job, equal obstacles together; empty when one of them has room, or the
    /// lines are not about all of them.
    ///
    /// @param lines one per node, beginning with its name
    private static Optional<String> crowd(Picture picture, JobSpec spec, List<String> lines) {
        if (spec.gang()) return Optional.empty(); // it also waits where one has room; the plan counts them
        Map<String, List<String>> obstacles = new LinkedHashMap<>();
        int able = 0;
        for (Node node : picture.state().fleet().nodes().values()) {
            if (Fit.never(spec, node).isPresent()) continue;
            String name = node.id() + " ";
            Optional<String> line =
                    lines.stream().filter(text -> text.startsWith(name)).findFirst();
            if (line.isEmpty()
                    || line.get().startsWith(name + "fits: ")
                    || line.get().equals(name + "has room")) {
                return Optional.empty();
            }
            obstacles
                    .computeIfAbsent(line.get().substring(name.length()), same -> new ArrayList<>())
                    .add(node.id().name());
            able++;
        }
        return able == 0 ? Optional.empty() : Optional.of(crowd(able, obstacles));
    }

    private static String crowd(int able, Map<String, List<String>> obstacles) {
        boolean busy =
                obstacles.keySet().stream().allMatch(found -> found.startsWith("runs ") || found.contains(" free"));
        String who = able == 1
                ? "the only node that could run it " + (busy ? "is busy: " : "takes nothing now: ")
                : busy
                        ? "all " + able + " nodes that could run it are busy: "
                        : "none of the " + able + " nodes that could run it takes it now: ";
        if (able > 1 && obstacles.size() == 1)
            return who + "each " + obstacles.keySet().iterator().next();
        return who
                + obstacles.entrySet().stream()
                        .map(found -> names(found.getValue()) + " " + found.getKey())
                        .collect(Collectors.joining("; "));
    }

    /// One by its name, more by their number: a fleet has hundreds.
    private static String names(List<String> nodes) {
        return nodes.size() == 1 ? nodes.getFirst() : nodes.size() + " nodes: each";
    }

    /// Why no node, however empty, could take a task of this job, or not as many as it runs on; empty when one could, and while there is no node yet:
    /// in a cluster just begun, jobs wait for the first.
    public static Optional<String> neverFits(Picture picture, JobSpec spec) {
        List<Node> nodes = List.copyOf(picture.state().fleet().nodes().values());
        if (nodes.isEmpty()) return Optional.empty();
        if (spec.node().isPresent()) {
            NodeId wanted = spec.node().get();
            Optional<Node> node = picture.state().fleet().nodes().find(wanted);
            return node.isEmpty() ? Optional.of("no node " + wanted) : Fit.never(spec, node.get());
        }
        List<String> why = new ArrayList<>();
        for (Node node : nodes) Fit.never(spec, node).ifPresent(why::add);
        int able = nodes.size() - why.size();
        if (able >= spec.nodes()) return Optional.empty();
        if (spec.gang())
            why.addFirst(
                    "needs " + spec.nodes() + " nodes at once, and " + able + " of " + nodes.size() + " could be one");
        int shown = Math.min(why.size(), 5);
        String rest = why.size() > shown ? "; and " + (why.size() - shown) + " more nodes" : "";
        return Optional.of(String.join("; ", why.subList(0, shown)) + rest);
    }
}
