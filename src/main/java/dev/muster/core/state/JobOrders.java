package dev.muster.core.state;

import static dev.muster.core.state.Outcome.accepted;
import static dev.muster.core.state.Outcome.refused;

import dev.muster.core.state.Outcome.Code;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// Orders about jobs, tasks and attempts.
final class JobOrders {
    /// Tasks that may wait at once: a voter's heap of 96 MiB holds them with room to spare.
    static final int WAITING_MAX = 50_000;
    /// Ended jobs that are kept for `job show`; the oldest are forgotten first.
    static final int ENDED_MAX = 2_000;
    /// Before a failed task is placed again; doubles with each failure up to [#RETRY_MAX].
    static final Duration RETRY_FIRST = Duration.ofSeconds(2);
    static final Duration RETRY_MAX = Duration.ofMinutes(5);

    private JobOrders() {}

    /// A run's stages are submitted by the run alone: nobody would end the wait of others for its machines.
    static Outcome submit(ClusterState state, JobSpec spec, Actor by) {
        return spec.run().isEmpty()
                ? submitted(state, spec, by)
                : refused(
                        Code.INVALID,
                        "expected a job of no run, but found one of "
                                + spec.run().get() + "; `muster run launch` has a run's stages done");
    }

    static Outcome submitted(ClusterState state, JobSpec spec, Actor by) {
        int waiting = state.work().waitingCount();
        if (waiting + spec.tasks() > WAITING_MAX) {
            return refused(
                    Code.FULL,
                    "expected at most " + WAITING_MAX + " waiting tasks, but " + waiting + " wait and " + spec.tasks()
                            + " were asked for; stop some with `muster job stop`, or try again later");
        }
        Optional<JobSpec.Input> unknown = spec.inputs().stream()
                .filter(input -> !state.files().held(input.artifact()))
                .findFirst();
        if (unknown.isPresent()) {
            return refused(
                    Code.NOT_FOUND,
                    "input " + unknown.get().path() + ": no node holds artifact "
                            + unknown.get().artifact());
        }
        JobId id = new JobId(state.work().nextJob());
        List<Event> events = new ArrayList<>(room(state));
        events.add(new Event.JobSubmitted(id, spec, by.toString()));
        return new Outcome.Accepted(events, id.toString());
    }

    private static List<Event> room(ClusterState state) {
        var ended = state.work().derived().ended();
        List<Event> events = new ArrayList<>();
        int excess = ended.size() - ENDED_MAX + 1;
        for (JobId oldest : ended) {
            if (events.size() >= excess) break;
            if (!used(state, oldest)) events.add(new Event.JobForgotten(oldest));
        }
        return events;
    }

    private static boolean used(ClusterState state, JobId job) {
        return state.loops().loops().values().stream()
                        .anyMatch(loop -> loop.job().equals(Optional.of(job)))
                || state.runs().open().stream()
                        .flatMap(run -> run.stages().stream())
                        .anyMatch(stage -> stage.job().equals(Optional.of(job)));
    }

    static Outcome stop(ClusterState state, JobId id, String why) {
        Job job = state.work().jobs().find(id).orElse(null);
        if (job == null) return refused(Code.NOT_FOUND, "no job " + id + "; `muster job list` shows those there are");
        if (job.status() != Job.Status.OPEN || job.stopping().isPresent()) return accepted();
        List<Event> events = new ArrayList<>();
        events.add(new Event.JobStopping(id, why.isBlank() ? "asked for" : why));
        int active = 0;
        for (Task task : state.work().tasksOf(id).values()) {
            if (task.status() == Task.Status.WAITING) events.add(new Event.TaskCancelled(task.id()));
            if (task.status().isActive()) active++;
        }
        if (active == 0) events.add(new Event.JobCancelled(id));
        return new Outcome.Accepted(events, "");
    }

    static Outcome place(ClusterState state, AttemptId id, NodeId nodeId, Instant at) {
        Optional<Outcome> no = awaits(state, id, 1, at);
        if (no.isPresent()) return no.get();
        Node node = state.fleet().nodes().find(nodeId).orElse(null);
        if (node == null) return refused(Code.NOT_FOUND, "no node " + nodeId);
        JobSpec spec = state.work().specOf(id);
        Optional<String> misfit = Fit.misfit(spec, node, state.work().heldOn(nodeId));
        return misfit.map(why -> refused(Code.CONFLICT, why))
                .orElseGet(() -> accepted(new Event.TaskPlaced(id, nodeId)));
    }

    /// Why the task is not to be placed now, as this try and on so many nodes, or empty.
    static Optional<Outcome> awaits(ClusterState state, AttemptId id, int nodes, Instant at) {
        Task task = state.work().tasks().find(id.task()).orElse(null);
        if (task == null) return Optional.of(refused(Code.NOT_FOUND, "no task " + id.task()));
        if (task.status() != Task.Status.WAITING || task.attempts() + 1 != id.number() || id.rank() != 0) {
            return Optional.of(refused(
                    Code.STALE,
                    "expected " + id.task() + " to wait for attempt " + id.number() + ", but it is " + task.status()
                            + " after " + task.attempts() + " attempts"));
        }
        if (task.notBefore().filter(at::isBefore).isPresent()) {
            return Optional.of(refused(
                    Code.CONFLICT,
                    id.task() + " is not to be placed before "
                            + task.notBefore().get()));
        }
        int wanted = state.work().specOf(id).nodes();
        return wanted == nodes
                ? Optional.empty()
                : Optional.of(refused(
                        Code.INVALID,
                        "expected " + wanted + (wanted == 1 ? " node" : " nodes") + " for " + id.task() + ", but found "
                                + nodes));
    }

    static Outcome started(ClusterState state, Command.ReportStarted order) {
        Attempt attempt = state.work().attempts().find(order.attempt()).orElse(null);
        if (attempt == null) return forgotten(order.attempt());
        Optional<Outcome> no = fenced(order.attempt(), attempt, order.token());
        if (no.isPresent()) return no.get();
        return attempt.status() == Attempt.Status.PLACED
                ? accepted(new Event.TaskStarted(order.attempt(), order.pid()))
                : accepted();
    }

    static Outcome save(ClusterState state, Command.SaveProgress order) {
        Attempt attempt = state.work().attempts().find(order.attempt()).orElse(null);
        if (attempt == null) return forgotten(order.attempt());
        Optional<Outcome> no = fenced(order.attempt(), attempt, order.token());
        if (no.isPresent()) return no.get();
        if (state.work().specOf(order.attempt()).sync().isEmpty())
            return refused(
                    Code.INVALID,
                    "expected a job that says what is to be saved, but " + order.attempt()
                            + " belongs to one that does not");
        if (!attempt.status().isActive() || order.number() < attempt.saved().number()) return accepted();
        Event.ProgressSaved event =
                new Event.ProgressSaved(order.attempt(), attempt.node(), order.number(), order.files(), order.gone());
        int files = attempt.saved().sizeWith(order.files(), order.gone());
        return files <= Saved.FILES_MAX
                ? accepted(event)
                : refused(
                        Code.FULL,
                        "expected at most " + Saved.FILES_MAX + " saved files of " + order.attempt() + ", but found "
                                + files);
    }

    static Outcome warn(ClusterState state, Command.WarnAttempt order) {
        Attempt attempt = state.work().attempts().find(order.attempt()).orElse(null);
        if (attempt == null) return forgotten(order.attempt());
        Optional<Outcome> no = fenced(order.attempt(), attempt, order.token());
        if (no.isPresent()) return no.get();
        Table<String, Traces.Warning> known = attempt.traces().warnings();
        boolean news = order.warning().worseThan(known.find(order.rule()));
        if (!attempt.status().isActive() || !news) return accepted();
        if (!known.has(order.rule()) && known.size() >= Traces.RULES_MAX)
            return refused(
                    Code.FULL,
                    "expected warnings of at most " + Traces.RULES_MAX + " rules for " + order.attempt()
                            + ", but found another, " + order.rule());
        return accepted(new Event.AttemptWarned(order.attempt(), order.rule(), order.warning()));
    }

    static Outcome link(ClusterState state, Command.LinkAttempt order) {
        Attempt attempt = state.work().attempts().find(order.attempt()).orElse(null);
        if (attempt == null) return forgotten(order.attempt());
        Optional<Outcome> no = fenced(order.attempt(), attempt, order.token());
        if (no.isPresent()) return no.get();
        boolean known = attempt.traces().tracked().equals(Optional.of(order.tracked()));
        return known || !attempt.status().isActive()
                ? accepted()
                : accepted(new Event.AttemptLinked(order.attempt(), order.tracked()));
    }

    static Outcome finish(ClusterState state, Command.FinishAttempt order, Instant at) {
        Attempt attempt = state.work().attempts().find(order.attempt()).orElse(null);
        if (attempt == null) return forgotten(order.attempt());
        Optional<Outcome> no = fenced(order.attempt(), attempt, order.token());
        if (no.isPresent()) return no.get();
        if (!attempt.status().isActive()) return accepted();
        List<Event> events = new ArrayList<>();
        events.add(new Event.AttemptEnded(order.attempt(), order.ending()));
        JobSpec spec = state.work().specOf(order.attempt());
        if (order.ending().status() == Attempt.Status.SUCCEEDED) events.addAll(stored(attempt, order.ending(), spec));
        events.addAll(after(state, attempt, order.ending(), false, at));
        return new Outcome.Accepted(events, "");
    }

    private static List<Event> after(
            ClusterState state, Attempt attempt, Attempt.Ending ending, boolean gone, Instant at) {
        JobSpec spec = state.work().specOf(attempt.id());
        if (spec.gang()) return GangOrders.after(state, attempt, ending, gone, at);
        List<Event> events = new ArrayList<>();
        if (ending.status() == Attempt.Status.SUCCEEDED) events.addAll(matches(ending.matches(), spec));
        events.addAll(taskAfter(state, attempt.id().task(), ending, at));
        return events;
    }

    private static List<Event> stored(Attempt attempt, Attempt.Ending ending, JobSpec spec) {
        List<Event> events = new ArrayList<>();
        for (Attempt.Stored stored : ending.outputs()) {
            events.add(new Event.ArtifactStored(
                    stored.sha(),
                    stored.size(),
                    stored.path(),
                    spec.config(),
                    Optional.of(attempt.id()),
                    attempt.node()));
        }
        return events;
    }

    /// They are counted once the task has succeeded.
    static List<Event> matches(List<Match> matches, JobSpec spec) {
        return spec.config().isPresent() && !matches.isEmpty()
                ? List.of(new Event.MatchesRecorded(spec.config().get(), matches))
                : List.of();
    }

    /// What becomes of a task of which nothing runs any more.
    static List<Event> taskAfter(ClusterState state, TaskId id, Attempt.Ending ending, Instant at) {
        Job job = state.work().jobs().require(id.job());
        Task task = state.work().tasks().require(id);
        return switch (ending.status()) {
            case SUCCEEDED -> over(job, new Event.TaskSucceeded(id), false);
            case STOPPED, LOST, FAILED -> {
                if (job.stopping().isPresent()) yield over(job, new Event.TaskCancelled(id), true);
                boolean counts = ending.status() != Attempt.Status.LOST;
                int failures = task.failures() + (counts ? 1 : 0);
                if (counts && (ending.permanent() || failures >= job.spec().maxAttempts())) {
                    yield over(job, new Event.TaskFailed(id, ending.note()), true);
                }
                Optional<Instant> earliest = counts ? Optional.of(at.plus(backoff(failures))) : Optional.empty();
                yield List.of(new Event.TaskRequeued(id, counts, earliest, ending.note()));
            }
            case PLACED, RUNNING -> throw new IllegalArgumentException(ending.status() + " is no end");
        };
    }

    private static List<Event> over(Job job, Event taskEnd, boolean failed) {
        if (job.open() > 1) return List.of(taskEnd);
        if (job.stopping().isPresent()) return List.of(taskEnd, new Event.JobCancelled(job.id()));
        int failures = job.failed() + (failed ? 1 : 0);
        return List.of(
                taskEnd,
                failures == 0
                        ? new Event.JobSucceeded(job.id())
                        : new Event.JobFailed(
                                job.id(), failures + " of " + job.spec().tasks() + " tasks failed"));
    }

    private static Duration backoff(int failures) {
        Duration wait = RETRY_FIRST.multipliedBy(1L << Math.min(failures - 1, 20));
        return wait.compareTo(RETRY_MAX) > 0 ? RETRY_MAX : wait;
    }

    /// The attempts of a node that is gone: ended as lost, their tasks back in the queue, no failure counted.
    static List<Event> lost(ClusterState state, NodeId node, Instant at, String why) {
        List<Event> events = new ArrayList<>();
        ClusterState now = state;
        for (AttemptId id : state.work().activeOn(node)) {
            List<Event> ends = evicted(now, id, at, why);
            events.addAll(ends);
            // Two tasks of one stopping job may end here; the second has to see that the first has ended.
            now = now.advance(
                    new Transition(at, Optional.empty(), new Actor(Actor.Kind.LEADER, "lost"), why, "LOST", "", ends));
        }
        return events;
    }

    /// One attempt ends as lost, no failure counted. Its task is back in the queue, unless other members of it are still
    /// to end.
    static List<Event> evicted(ClusterState state, AttemptId id, Instant at, String why) {
        Attempt.Ending ending = new Attempt.Ending(Attempt.Status.LOST, OptionalInt.empty(), List.of(), List.of(), why);
        List<Event> events = new ArrayList<>();
        events.add(new Event.AttemptEnded(id, ending));
        events.addAll(after(state, state.work().attempts().require(id), ending, true, at));
        return events;
    }

    private static Outcome forgotten(AttemptId id) {
        return refused(Code.NOT_FOUND, "no attempt " + id + "; its job was forgotten");
    }

    /// A report is for the attempt as it was leased: another token, or an attempt that was lost meanwhile, is refused.
    private static Optional<Outcome> fenced(AttemptId id, Attempt attempt, long token) {
        if (attempt.token() != token) {
            return Optional.of(
                    refused(Code.STALE, "expected token " + attempt.token() + " of " + id + ", but found " + token));
        }
        if (attempt.status() == Attempt.Status.LOST) {
            return Optional.of(refused(Code.STALE, id + " was replaced: " + attempt.note()));
        }
        return Optional.empty();
    }

    /// Jobs that wait or run, for the loops' and people's checks.
    static boolean isOpen(ClusterState state, JobId id) {
        return state.work()
                .jobs()
                .find(id)
                .map(job -> job.status() == Job.Status.OPEN)
                .orElse(false);
    }

    /// All outputs a job's successful attempts stored, in task order.
    static List<Map.Entry<AttemptId, Attempt.Stored>> outputs(ClusterState state, JobId id) {
        List<Map.Entry<AttemptId, Attempt.Stored>> found = new ArrayList<>();
        for (Attempt attempt : state.work().succeeded(id)) {
            for (Attempt.Stored stored : attempt.outputs()) found.add(Map.entry(attempt.id(), stored));
        }
        return found;
    }
}
