package dev.muster.core.state;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// What a person, or a loop, asks for: an ordinary command, run once per task.
///
/// In `command` and `env`, `{task}`, `{index}` (of the task, from 0), `{attempt}`, `{node}` and `{job}` are replaced when an attempt starts. The process
/// starts in an empty directory of its own that holds the inputs.
///
/// @param name        for people; need not be unique
/// @param tasks       replicas, 1 to [#TASKS_MAX]
/// @param command     program and arguments; no shell
/// @param inputs      artifacts laid into the working directory before the start
/// @param outputs     files stored by SHA-256 when the process exits with 0
/// @param matches     a file of match results (`{"matches":[{player,opponent,wins,draws,losses}]}`) to be counted in ratings
/// @param priority    0 to 100, higher first
/// @param maxAttempts tries per task before the task fails, 1 to 100; a fenced node's attempt does not count as a try
/// @param grace       from SIGTERM to SIGKILL
/// @param timeout     longest run of one attempt
/// @param node        run there and nowhere else
/// @param sync        files that are saved while it runs, and with which the task's next attempt starts; absent in what
///                    earlier builds wrote, and nothing then
/// @param results     a file of numbers (`{"loss":0.1,"eval":{"nrmse":0.04}}`) that is read when the process exits with 0
/// @param gpu         part of the card's name that a node must have, as `A100`
/// @param run         for which it works: only on machines that were rented for that run
/// @param watch       what its agent looks at while it runs; nothing unless told
/// @param nodes       on which a task runs at once, one member on each, 1 to [#NODES_MAX]; absent or 0 is 1
public record JobSpec(
        String name,
        JobKind kind,
        Optional<ConfigKey> config,
        int tasks,
        List<String> command,
        Map<String, String> env,
        Resources resources,
        List<Input> inputs,
        List<Output> outputs,
        Optional<String> matches,
        int priority,
        int maxAttempts,
        Duration grace,
        Optional<Duration> timeout,
        Optional<NodeId> node,
        Optional<Sync> sync,
        Optional<String> results,
        Optional<String> gpu,
        Optional<RunId> run,
        Optional<Watching> watch,
        int nodes) {
    public static final int TASKS_MAX = 10_000;
    /// A plan looks for all of them at once, and they are placed by one event.
    public static final int NODES_MAX = 64;
    public static final int PRIORITY_DEFAULT = 50;
    public static final int ATTEMPTS_DEFAULT = 3;
    /// The prior system's `RINGRIFT_JOB_GRACE_PERIOD`.
    public static final Duration GRACE_DEFAULT = Duration.ofSeconds(60);

    /// An artifact to be laid at `path`, relative to the working directory.
    ///
    /// @param as a link to the node's copy in what earlier builds wrote
    public record Input(Sha256 artifact, String path, As as) {
        public Input {
            as = as == null ? As.LINK : as;
            if (as != As.UNPACK || !path.equals(".")) path = relative(path);
        }

        public Input(Sha256 artifact, String path) {
            this(artifact, path, As.LINK);
        }

        public boolean unpacked() {
            return as == As.UNPACK;
        }
    }

    public enum As {
        /// To be read only.
        LINK,
        /// A file of the attempt's own.
        COPY,
        /// It is a tar archive, packed by gzip or not: what it holds is laid into the folder `path`, which may be `.`, before
        /// all else.
        UNPACK
    }

    /// A file the attempt leaves at `path`, relative to the working directory.
    public record Output(String path, boolean required) {
        public Output {
            path = relative(path);
        }
    }

    /// @throws IllegalArgumentException when a field is out of its range; the message names it
    public JobSpec {
        command = List.copyOf(command);
        env = Collections.unmodifiableSortedMap(new TreeMap<>(env));
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
        matches = matches.map(JobSpec::relative);
        results = results == null ? Optional.empty() : results.map(JobSpec::relative);
        gpu = gpu == null ? Optional.empty() : gpu;
        run = run == null ? Optional.empty() : run;
        watch = watch == null ? Optional.empty() : watch;
        nodes = nodes == 0 ? 1 : nodes;
        if (name.isBlank() || name.length() > 100) throw wrong("a name of 1 to 100 characters", name);
        if (env.containsValue(null)) throw wrong("a value for each environment variable", env);
        if (tasks < 1 || tasks > TASKS_MAX) throw wrong("1 to " + TASKS_MAX + " tasks", tasks);
        if (nodes < 1 || nodes > NODES_MAX) throw wrong("1 to " + NODES_MAX + " nodes", nodes);
        if (nodes > 1 && node.isPresent()) throw wrong("no node to run on where a task has " + nodes, node.get());
        if (command.isEmpty()) throw wrong("a command with at least a program", command);
        if (priority < 0 || priority > 100) throw wrong("a priority of 0 to 100", priority);
        if (maxAttempts < 1 || maxAttempts > 100) throw wrong("1 to 100 attempts", maxAttempts);
        if (grace.isNegative()) throw wrong("a grace period of 0s or more", grace);
    }

    /// A job that saves nothing on its way.
    public JobSpec(
            String name,
            JobKind kind,
            Optional<ConfigKey> config,
            int tasks,
            List<String> command,
            Map<String, String> env,
            Resources resources,
            List<Input> inputs,
            List<Output> outputs,
            Optional<String> matches,
            int priority,
            int maxAttempts,
            Duration grace,
            Optional<Duration> timeout,
            Optional<NodeId> node) {
        this(
                name,
                kind,
                config,
                tasks,
                command,
                env,
                resources,
                inputs,
                outputs,
                matches,
                priority,
                maxAttempts,
                grace,
                timeout,
                node,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                1);
    }

    /// Does a task of it run on several nodes at once?
    public boolean gang() {
        return nodes > 1;
    }

    /// The same job, each task on so many nodes at once.
    public JobSpec on(int several) {
        Change change = new Change(this);
        change.nodes = several;
        return change.made();
    }

    /// What a member of another rank than 0 does: the same, but nothing that it leaves is taken.
    JobSpec following() {
        Change change = new Change(this);
        change.outputs = List.of();
        change.matches = Optional.empty();
        change.sync = Optional.empty();
        change.results = Optional.empty();
        change.watch = Optional.empty();
        return change.made();
    }

    /// The same job, with files to be saved.
    public JobSpec saving(Sync files) {
        Change change = new Change(this);
        change.sync = Optional.of(files);
        return change.made();
    }

    /// The same job, with other words and files to work with.
    public JobSpec with(List<String> filled, Map<String, String> variables, List<Input> files) {
        Change change = new Change(this);
        change.command = filled;
        change.env = variables;
        change.inputs = files;
        return change.made();
    }

    /// The same job, on machines that were rented for that run only.
    public JobSpec onMachinesOf(RunId owner) {
        Change change = new Change(this);
        change.run = Optional.of(owner);
        return change.made();
    }

    /// The same job, for a config key.
    public JobSpec of(ConfigKey key) {
        Change change = new Change(this);
        change.config = Optional.of(key);
        return change.made();
    }

    /// The same job, which leaves its numbers in that file.
    public JobSpec withResults(String file) {
        Change change = new Change(this);
        change.results = Optional.of(file);
        return change.made();
    }

    /// What differs from another job; the rest stays.
    private static final class Change {
        private final JobSpec of;
        private Optional<ConfigKey> config;
        private List<String> command;
        private Map<String, String> env;
        private List<Input> inputs;
        private List<Output> outputs;
        private Optional<String> matches;
        private Optional<Sync> sync;
        private Optional<String> results;
        private Optional<RunId> run;
        private Optional<Watching> watch;
        private int nodes;

        Change(JobSpec of) {
            this.of = of;
            this.config = of.config;
            this.command = of.command;
            this.env = of.env;
            this.inputs = of.inputs;
            this.outputs = of.outputs;
            this.matches = of.matches;
            this.sync = of.sync;
            this.results = of.results;
            this.run = of.run;
            this.watch = of.watch;
            this.nodes = of.nodes;
        }

        JobSpec made() {
            return new JobSpec(
                    of.name,
                    of.kind,
                    config,
                    of.tasks,
                    command,
                    env,
                    of.resources,
                    inputs,
                    outputs,
                    matches,
                    of.priority,
                    of.maxAttempts,
                    of.grace,
                    of.timeout,
                    of.node,
                    sync,
                    results,
                    of.gpu,
                    run,
                    watch,
                    nodes);
        }
    }

    /// A command with defaults for all else.
    public static JobSpec of(String name, JobKind kind, List<String> command) {
        return new JobSpec(
                name,
                kind,
                Optional.empty(),
                1,
                command,
                Map.of(),
                new Resources(1000, Bytes.ZERO, 0, Bytes.ZERO),
                List.of(),
                List.of(),
                Optional.empty(),
                PRIORITY_DEFAULT,
                ATTEMPTS_DEFAULT,
                GRACE_DEFAULT,
                Optional.empty(),
                Optional.empty());
    }

    static String relative(String path) {
        boolean climbs = List.of(path.split("/", -1)).stream().anyMatch(part -> part.isEmpty() || part.equals(".."));
        if (climbs || path.length() > 255) throw wrong("a path inside the working directory", path);
        return path;
    }

    private static IllegalArgumentException wrong(String expected, Object found) {
        return new IllegalArgumentException("expected " + expected + ", but found \"" + found + "\"");
    }
}
