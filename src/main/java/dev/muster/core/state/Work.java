package dev.muster.core.state;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.pcollections.PSortedSet;
import org.pcollections.TreePSet;

/// Jobs, their tasks and attempts, and the counts that planners would otherwise have to take by walking all of them.
public final class Work {
    static final Work EMPTY = of(1, Table.empty(), Table.empty(), Table.empty());

    private final long nextJob;
    private final Table<JobId, Job> jobs;
    private final Table<TaskId, Task> tasks;
    private final Table<AttemptId, Attempt> attempts;
    private final Derived derived;

    /// What follows from the three tables; `Invariants` compares it with a recount.
    ///
    /// @param waiting  tasks to be placed, in submission order
    /// @param active   attempts by the node that holds their lease
    /// @param held     by node
    /// @param byConfig active attempts by config key, for fair shares
    /// @param byKind   active attempts by kind, for `/status`
    /// @param ended    jobs that have ended, oldest first, for making room
    /// @param newest   all jobs: the open ones, then those that ended last; so what is recent is found without walking the rest
    public record Derived(
            PSortedSet<TaskId> waiting,
            Table<NodeId, PSortedSet<AttemptId>> active,
            Table<NodeId, Held> held,
            Table<ConfigKey, Integer> byConfig,
            Table<JobKind, Integer> byKind,
            PSortedSet<JobId> ended,
            PSortedSet<Closing> newest) {
        static final Derived EMPTY = new Derived(
                TreePSet.empty(),
                Table.empty(),
                Table.empty(),
                Table.empty(),
                Table.empty(),
                TreePSet.empty(),
                TreePSet.empty());

        Derived waiting(TaskId task, boolean waits) {
            return new Derived(
                    waits ? waiting.plus(task) : waiting.minus(task), active, held, byConfig, byKind, ended, newest);
        }

        Derived added(Job job) {
            boolean open = job.status() == Job.Status.OPEN;
            return new Derived(
                    waiting,
                    active,
                    held,
                    byConfig,
                    byKind,
                    open ? ended : ended.plus(job.id()),
                    newest.plus(Closing.of(job)));
        }

        Derived without(Job job) {
            return new Derived(
                    waiting, active, held, byConfig, byKind, ended.minus(job.id()), newest.minus(Closing.of(job)));
        }

        Derived leased(Attempt attempt, JobSpec spec, boolean holds) {
            NodeId node = attempt.node();
            PSortedSet<AttemptId> there = active.getOrDefault(node, TreePSet.empty());
            PSortedSet<AttemptId> then = holds ? there.plus(attempt.id()) : there.minus(attempt.id());
            Held before = held.getOrDefault(node, Held.NOTHING);
            Held after = holds ? before.plus(spec.resources()) : before.minus(spec.resources());
            int step = holds ? 1 : -1;
            return new Derived(
                    waiting,
                    then.isEmpty() ? active.without(node) : active.with(node, then),
                    after.attempts() == 0 ? held.without(node) : held.with(node, after),
                    spec.config().map(key -> counted(byConfig, key, step)).orElse(byConfig),
                    counted(byKind, spec.kind(), step),
                    ended,
                    newest);
        }

        private static <K extends Comparable<? super K>> Table<K, Integer> counted(
                Table<K, Integer> counts, K key, int step) {
            int now = counts.getOrDefault(key, 0) + step;
            return now == 0 ? counts.without(key) : counts.with(key, now);
        }
    }

    /// When a job ended, the newest first; an open one is before all that have.
    public record Closing(Instant at, JobId job) implements Comparable<Closing> {
        private static final Comparator<Closing> NEWEST =
                Comparator.comparing(Closing::at).reversed().thenComparing(Closing::job);

        static Closing of(Job job) {
            return new Closing(job.endedAt().orElse(Instant.MAX), job.id());
        }

        @Override
        public int compareTo(Closing other) {
            return NEWEST.compare(this, other);
        }
    }

    private Work(
            long nextJob,
            Table<JobId, Job> jobs,
            Table<TaskId, Task> tasks,
            Table<AttemptId, Attempt> attempts,
            Derived derived) {
        this.nextJob = nextJob;
        this.jobs = jobs;
        this.tasks = tasks;
        this.attempts = attempts;
        this.derived = derived;
    }

    /// From a snapshot: the derived counts are taken anew.
    public static Work of(
            long nextJob, Table<JobId, Job> jobs, Table<TaskId, Task> tasks, Table<AttemptId, Attempt> attempts) {
        Derived derived = Derived.EMPTY;
        for (Job job : jobs.values()) derived = derived.added(job);
        for (Map.Entry<TaskId, Task> entry : tasks) {
            if (entry.getValue().status() == Task.Status.WAITING) derived = derived.waiting(entry.getKey(), true);
        }
        for (Map.Entry<AttemptId, Attempt> entry : attempts) {
            Attempt attempt = entry.getValue();
            if (attempt.status().isActive()) {
                derived = derived.leased(
                        attempt, jobs.require(attempt.id().task().job()).spec(), true);
            }
        }
        return new Work(nextJob, jobs, tasks, attempts, derived);
    }

    public long nextJob() {
        return nextJob;
    }

    public Table<JobId, Job> jobs() {
        return jobs;
    }

    public Table<TaskId, Task> tasks() {
        return tasks;
    }

    public Table<AttemptId, Attempt> attempts() {
        return attempts;
    }

    public Derived derived() {
        return derived;
    }

    public Iterable<TaskId> waiting() {
        return derived.waiting();
    }

    /// Jobs with such tasks, in submission order. Each is looked up from the one before, however many tasks it has.
    public List<JobId> waitingJobs() {
        List<JobId> found = new ArrayList<>();
        SortedSet<TaskId> rest = derived.waiting();
        while (!rest.isEmpty()) {
            JobId job = rest.first().job();
            found.add(job);
            rest = derived.waiting().tailSet(new TaskId(job, Integer.MAX_VALUE));
        }
        return found;
    }

    public int waitingCount() {
        return derived.waiting().size();
    }

    /// Attempts whose lease this node holds, in order.
    public List<AttemptId> activeOn(NodeId node) {
        return List.copyOf(derived.active().getOrDefault(node, TreePSet.empty()));
    }

    public Held heldOn(NodeId node) {
        return derived.held().getOrDefault(node, Held.NOTHING);
    }

    public int activeOf(JobKind kind) {
        return derived.byKind().getOrDefault(kind, 0);
    }

    public Table<TaskId, Task> tasksOf(JobId job) {
        return tasks.range(new TaskId(job, 0), new TaskId(job, Integer.MAX_VALUE));
    }

    public Table<AttemptId, Attempt> attemptsOf(JobId job) {
        return attempts.range(
                new AttemptId(new TaskId(job, 0), 0), new AttemptId(new TaskId(job, Integer.MAX_VALUE), 0));
    }

    /// All members of the task's newest try, or its one attempt; nothing before the first.
    public Table<AttemptId, Attempt> newestOf(Task task) {
        AttemptId first = new AttemptId(task.id(), task.attempts());
        return attempts.range(first, new AttemptId(task.id(), task.attempts() + 1));
    }

    /// Those of which what they left counts: of each task that succeeded the one that did, of several nodes that of rank 0.
    public List<Attempt> succeeded(JobId job) {
        return tasksOf(job).values().stream()
                .filter(task -> task.status() == Task.Status.SUCCEEDED)
                .map(task -> attempts.require(task.newestAttempt()))
                .toList();
    }

    /// What the task has made so far; nothing before its first attempt.
    public Saved savedOf(Task task) {
        if (task.attempts() == 0) return Saved.NOTHING;
        return attempts.find(task.newestAttempt()).map(Attempt::saved).orElse(Saved.NOTHING);
    }

    /// When an attempt that is to save its files and end may be ended without its agent; empty of any other.
    public Optional<Instant> evictionEnds(Attempt attempt) {
        return attempt.evicting()
                .map(since -> since.plus(specOf(attempt.id()).grace()).plus(Attempt.EVICTION_MAX));
    }

    public Table<AttemptId, Attempt> attemptsOf(TaskId task) {
        return attempts.range(new AttemptId(task, 0), new AttemptId(task, Integer.MAX_VALUE));
    }

    public JobSpec specOf(AttemptId attempt) {
        JobSpec spec = jobs.require(attempt.task().job()).spec();
        return attempt.rank() == 0 ? spec : spec.following();
    }

    /// As the process of the attempt is to be started.
    public JobSpec startOf(AttemptId attempt) {
        JobSpec spec = specOf(attempt);
        return tasks.require(attempt.task())
                .gang()
                .map(gang -> spec.with(spec.command(), gang.env(spec, attempt.rank()), spec.inputs()))
                .orElse(spec);
    }

    // ---- facts

    Work submitted(Event.JobSubmitted event, Instant at) {
        Job job = new Job(
                event.job(),
                event.spec(),
                event.submitter(),
                at,
                Job.Status.OPEN,
                event.spec().tasks(),
                0,
                Optional.empty(),
                Optional.empty());
        Table<TaskId, Task> more = tasks;
        Derived now = derived.added(job);
        for (int index = 0; index < event.spec().tasks(); index++) {
            TaskId id = new TaskId(event.job(), index);
            more = more.with(id, Task.waiting(id));
            now = now.waiting(id, true);
        }
        long next = Math.max(nextJob, event.job().number() + 1);
        return new Work(next, jobs.with(event.job(), job), more, attempts, now);
    }

    Work stopping(JobId job, String reason) {
        return withJob(jobs.require(job).withStopping(reason));
    }

    Work jobEnded(JobId job, Job.Status how, Instant at) {
        Job before = jobs.require(job);
        Job after = before.ended(how, at);
        return new Work(
                nextJob,
                jobs.with(job, after),
                tasks,
                attempts,
                derived.without(before).added(after));
    }

    Work forgotten(JobId job) {
        Table<TaskId, Task> fewerTasks = tasks;
        for (TaskId task : tasksOf(job).keys()) fewerTasks = fewerTasks.without(task);
        Table<AttemptId, Attempt> fewerAttempts = attempts;
        for (AttemptId attempt : attemptsOf(job).keys()) fewerAttempts = fewerAttempts.without(attempt);
        return new Work(nextJob, jobs.without(job), fewerTasks, fewerAttempts, derived.without(jobs.require(job)));
    }

    /// @param given whether some node gives the file
    Work placed(AttemptId id, NodeId node, long token, Predicate<Sha256> given, Instant at) {
        Task task = tasks.require(id.task()).placed(Optional.empty());
        return placed(task).leased(id, node, token, given, at);
    }

    /// @param given whether some node gives the file
    Work placed(Event.GangPlaced event, long token, Predicate<Sha256> given, Instant at) {
        Gang gang = Gang.placed(event.address(), event.port());
        Work now = placed(tasks.require(event.attempt().task()).placed(Optional.of(gang)));
        for (int rank = 0; rank < event.nodes().size(); rank++)
            now = now.leased(event.attempt().member(rank), event.nodes().get(rank), token, given, at);
        return now;
    }

    private Work placed(Task task) {
        return new Work(nextJob, jobs, tasks.with(task.id(), task), attempts, derived.waiting(task.id(), false));
    }

    /// It begins with what the attempt before, of rank 0, has saved.
    private Work leased(AttemptId id, NodeId node, long token, Predicate<Sha256> given, Instant at) {
        Saved saved = attempts.find(new AttemptId(id.task(), id.number() - 1))
                .map(before -> before.saved().inherited(given))
                .orElse(Saved.NOTHING);
        Attempt attempt = Attempt.placed(id, node, token, saved, at);
        Derived now = derived.leased(attempt, specOf(id), true);
        return new Work(nextJob, jobs, tasks, attempts.with(id, attempt), now);
    }

    /// All of its members that have not ended are to end.
    Work gangEnding(AttemptId id, Attempt.Ending ending, Instant at) {
        Task task = tasks.require(id.task()).ending(ending);
        Work now = new Work(nextJob, jobs, tasks.with(task.id(), task), attempts, derived);
        for (Attempt member : newestOf(task).values())
            if (member.status().isActive() && member.evicting().isEmpty())
                now = now.evicting(member.id(), ending.note(), at);
        return now;
    }

    Work started(AttemptId id, long pid, Instant at) {
        Attempt attempt = attempts.require(id).started(pid, at);
        Task task = tasks.require(id.task()).started();
        return new Work(nextJob, jobs, tasks.with(task.id(), task), attempts.with(id, attempt), derived);
    }

    /// @param elsewhere whether a node other than the attempt's has a copy of the file
    Work saved(Event.ProgressSaved event, Predicate<Sha256> elsewhere, Instant at) {
        Attempt attempt = attempts.require(event.attempt());
        return with(attempt.withSaved(attempt.saved().with(event, elsewhere, at)));
    }

    Work shown(AttemptId id, UnaryOperator<Traces> news) {
        Attempt attempt = attempts.require(id);
        return with(attempt.with(news.apply(attempt.traces())));
    }

    Work evicting(AttemptId id, String why, Instant at) {
        return with(attempts.require(id).evicting(why, at));
    }

    Work attemptEnded(AttemptId id, Attempt.Ending ending, Instant at) {
        Attempt before = attempts.require(id);
        Attempt after = before.ended(ending, at);
        return new Work(nextJob, jobs, tasks, attempts.with(id, after), derived.leased(before, specOf(id), false));
    }

    Work requeued(Event.TaskRequeued event) {
        Task task = tasks.require(event.task()).requeued(event.failed(), event.notBefore(), event.reason());
        return new Work(nextJob, jobs, tasks.with(task.id(), task), attempts, derived.waiting(task.id(), true));
    }

    Work taskOver(TaskId id, Task.Status how, String why) {
        Task task = tasks.require(id).over(how, why);
        Job job = jobs.require(id.job()).taskEnded(how == Task.Status.SUCCEEDED);
        return new Work(nextJob, jobs.with(job.id(), job), tasks.with(id, task), attempts, derived.waiting(id, false));
    }

    private Work with(Attempt attempt) {
        return new Work(nextJob, jobs, tasks, attempts.with(attempt.id(), attempt), derived);
    }

    private Work withJob(Job job) {
        return new Work(nextJob, jobs.with(job.id(), job), tasks, attempts, derived);
    }
}
