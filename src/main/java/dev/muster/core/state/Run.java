package dev.muster.core.state;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A training run, from its launch to its last bill. It is a persisted state machine, as [Loop] is: the leader's planner
/// looks where it stands and moves it on, whoever launched it.
///
/// @param stages   in the spec's order
/// @param stopping why it was asked to stop
/// @param since    when it was launched, or last resumed
/// @param note     how it ended, for people
/// @param champion when it ended, it was better than the best of its series
/// @param cost     of its machines in all, once their bills are settled
/// @param warnings by rule, each at its worst since it last went on; absent in what earlier builds wrote, and none then
public record Run(
        RunId id,
        RunSpec spec,
        String submitter,
        Instant launchedAt,
        Instant since,
        Status status,
        List<Stage> stages,
        Optional<String> stopping,
        Optional<Instant> endedAt,
        String note,
        boolean champion,
        Optional<Money> cost,
        Table<String, Traces.Warning> warnings) {
    public enum Status {
        OPEN,
        /// All stages are done.
        SUCCEEDED,
        /// A gate said no.
        REJECTED,
        FAILED,
        /// A person stopped it, or one of its limits did.
        STOPPED
    }

    public enum Phase {
        WAITING,
        /// It has its job.
        RUNNING,
        DONE,
        /// What an earlier run made of the same inputs is taken.
        REUSED,
        FAILED,
        /// A gate before it said no.
        SKIPPED;

        /// Has it made what the stages after it begin with?
        public boolean made() {
            return this == DONE || this == REUSED;
        }
    }

    /// How far one stage has come.
    ///
    /// @param job     while it runs, and the last one afterwards
    /// @param key     of what it was made: the same for two stages that do the same with the same inputs
    /// @param outputs it has left
    /// @param saved   files its job had saved when it failed: the next one begins with them
    /// @param results the numbers of its results file
    /// @param from    the run that made the outputs that were taken, though another may have taken them before
    /// @param ran     for how long its job's attempts have run
    /// @param gpu     of the node it ran on last
    /// @param failure what kind of failure it was, as in [Attempt.Ending]
    /// @param traces  of its job, once that is over; absent in what earlier builds wrote, and nothing then
    public record Stage(
            String name,
            Phase phase,
            Optional<JobId> job,
            String key,
            List<Attempt.Stored> outputs,
            List<Attempt.Stored> saved,
            Table<String, Double> results,
            Optional<Gate.Verdict> verdict,
            Optional<RunId> from,
            Optional<Instant> startedAt,
            Optional<Instant> endedAt,
            Duration ran,
            String gpu,
            String failure,
            String note,
            Traces traces) {
        public Stage {
            traces = traces == null ? Traces.NOTHING : traces;
            outputs = List.copyOf(outputs);
            saved = List.copyOf(saved);
        }

        /// The run that made what it has left.
        RunId maker(RunId own) {
            return from.orElse(own);
        }

        static Stage waiting(String name, List<Attempt.Stored> saved) {
            return new Stage(
                    name,
                    Phase.WAITING,
                    Optional.empty(),
                    "",
                    List.of(),
                    saved,
                    Table.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Duration.ZERO,
                    "",
                    "",
                    "",
                    Traces.NOTHING);
        }

        Stage started(JobId id, String of, Instant at) {
            return new Stage(
                    name,
                    Phase.RUNNING,
                    Optional.of(id),
                    of,
                    List.of(),
                    saved,
                    Table.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.of(at),
                    Optional.empty(),
                    ran,
                    gpu,
                    "",
                    "",
                    Traces.NOTHING);
        }

        Stage done(Event.RunStageDone event, Instant at) {
            return new Stage(
                    name,
                    Phase.DONE,
                    job,
                    key,
                    event.outputs(),
                    List.of(),
                    event.results(),
                    event.verdict(),
                    Optional.empty(),
                    startedAt,
                    Optional.of(at),
                    ran.plus(event.ran()),
                    event.gpu(),
                    "",
                    "",
                    event.traces());
        }

        Stage reused(Stage other, RunId of, Optional<Gate.Verdict> judged, Instant at) {
            return new Stage(
                    name,
                    Phase.REUSED,
                    Optional.empty(),
                    other.key,
                    other.outputs,
                    List.of(),
                    other.results,
                    judged,
                    Optional.of(of),
                    Optional.of(at),
                    Optional.of(at),
                    Duration.ZERO,
                    "",
                    "",
                    "",
                    Traces.NOTHING);
        }

        Stage failed(Event.RunStageFailed event, Instant at) {
            return over(
                    Phase.FAILED,
                    event.saved(),
                    ran.plus(event.ran()),
                    event.failure(),
                    event.reason(),
                    event.traces(),
                    at);
        }

        Stage skipped(String why, Instant at) {
            return over(Phase.SKIPPED, List.of(), ran, "", why, Traces.NOTHING, at);
        }

        private Stage over(
                Phase how,
                List<Attempt.Stored> kept,
                Duration time,
                String kind,
                String why,
                Traces shown,
                Instant at) {
            return new Stage(
                    name,
                    how,
                    job,
                    key,
                    List.of(),
                    kept,
                    Table.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    startedAt,
                    Optional.of(at),
                    time,
                    gpu,
                    kind,
                    why,
                    shown);
        }
    }

    public Run {
        stages = List.copyOf(stages);
        warnings = warnings == null ? Table.empty() : warnings;
    }

    static Run launched(Event.RunLaunched event, Instant at) {
        List<Stage> stages = event.spec().stages().stream()
                .map(stage -> Stage.waiting(stage.name(), List.of()))
                .toList();
        return new Run(
                event.run(),
                event.spec(),
                event.submitter(),
                at,
                at,
                Status.OPEN,
                stages,
                Optional.empty(),
                Optional.empty(),
                "",
                false,
                Optional.empty(),
                Table.empty());
    }

    /// What an estimate of it is of: on machines of its own from its launch to its end, as it is paid for and shown; on nodes that
    /// are there its attempts alone, for they may have waited for others. Empty unless it ran whole, and in one go: how long
    /// the goes before a resumption took is not kept.
    public Optional<Duration> took() {
        boolean judged = status == Status.SUCCEEDED || status == Status.REJECTED;
        boolean whole = stages.stream().allMatch(stage -> stage.phase() == Phase.DONE);
        if (!judged || !whole || !since.equals(launchedAt)) return Optional.empty();
        Duration ran = stages.stream().map(Stage::ran).reduce(Duration.ZERO, Duration::plus);
        return spec.machines().isPresent() ? endedAt.map(end -> Duration.between(launchedAt, end)) : Optional.of(ran);
    }

    public boolean open() {
        return status == Status.OPEN;
    }

    /// The first stage that is not over; empty when all are.
    public Optional<Stage> current() {
        return stages.stream()
                .filter(stage -> stage.phase() == Phase.WAITING || stage.phase() == Phase.RUNNING)
                .findFirst();
    }

    public Optional<Stage> stage(String name) {
        return stages.stream().filter(stage -> stage.name().equals(name)).findFirst();
    }

    /// What the stages before that one have left, each path as it was left last.
    public List<Attempt.Stored> before(String name) {
        Table<String, Attempt.Stored> files = Table.empty();
        for (Stage stage : stages) {
            if (stage.name().equals(name)) break;
            for (Attempt.Stored file : stage.outputs()) files = files.with(file.path(), file);
        }
        return List.copyOf(files.values());
    }

    /// As it will be once it has taken that stage from another run.
    public Run taking(RunId from, Stage made) {
        return with(stage(made.name()).orElseThrow().reused(made, made.maker(from), Optional.empty(), launchedAt));
    }

    Run with(Stage changed) {
        Change change = new Change(this);
        change.stages = new ArrayList<>(stages);
        change.stages.set(spec.stage(changed.name()), changed);
        return change.made();
    }

    Run stopping(String why) {
        Change change = new Change(this);
        change.stopping = Optional.of(why);
        return change.made();
    }

    Run ended(Status how, String why, boolean best, Instant at) {
        Change change = new Change(this);
        change.status = how;
        change.endedAt = Optional.of(at);
        change.note = why;
        change.champion = best;
        return change.made();
    }

    /// Open again: from the first of these stages on, all are run anew; others that have failed begin with what was saved.
    Run resumed(RunSpec terms, Optional<Integer> from, Instant at) {
        List<Stage> next = new ArrayList<>();
        for (int number = 0; number < stages.size(); number++) {
            Stage stage = stages.get(number);
            boolean anew = from.isPresent() && number >= from.get();
            if (anew) next.add(Stage.waiting(stage.name(), List.of()));
            else next.add(stage.phase().made() ? stage : Stage.waiting(stage.name(), stage.saved()));
        }
        return new Run(
                id,
                terms,
                submitter,
                launchedAt,
                at,
                Status.OPEN,
                next,
                Optional.empty(),
                Optional.empty(),
                "",
                false,
                Optional.empty(),
                Table.empty());
    }

    Run warned(String rule, Traces.Warning warning) {
        Change change = new Change(this);
        change.warnings = warnings.with(rule, warning);
        return change.made();
    }

    Run settled(Money total) {
        Change change = new Change(this);
        change.cost = Optional.of(total);
        return change.made();
    }

    /// What differs from another; the rest stays.
    private static final class Change {
        private final Run of;
        private Status status;
        private List<Stage> stages;
        private Optional<String> stopping;
        private Optional<Instant> endedAt;
        private String note;
        private boolean champion;
        private Optional<Money> cost;
        private Table<String, Traces.Warning> warnings;

        Change(Run of) {
            this.of = of;
            this.status = of.status;
            this.stages = of.stages;
            this.stopping = of.stopping;
            this.endedAt = of.endedAt;
            this.note = of.note;
            this.champion = of.champion;
            this.cost = of.cost;
            this.warnings = of.warnings;
        }

        Run made() {
            return new Run(
                    of.id,
                    of.spec,
                    of.submitter,
                    of.launchedAt,
                    of.since,
                    status,
                    stages,
                    stopping,
                    endedAt,
                    note,
                    champion,
                    cost,
                    warnings);
        }
    }
}
