package dev.muster.edge.view;

import dev.muster.core.plan.RentReport;
import dev.muster.core.plan.Wait;
import dev.muster.core.state.Attempt;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Gate;
import dev.muster.core.state.Instance;
import dev.muster.core.state.InstanceId;
import dev.muster.core.state.JobId;
import dev.muster.core.state.Money;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Run;
import dev.muster.core.state.RunId;
import dev.muster.core.state.RunSpec;
import dev.muster.core.state.Table;
import dev.muster.core.state.Task;
import dev.muster.core.state.Traces;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// A training run. Amounts are dollars.
///
/// @param stage     that runs or is next; empty of one that is over
/// @param done      stages that are done, of all
/// @param spent     by its machines, up to now
/// @param settled   its provider has charged for all of it
/// @param totalMax  in all
/// @param estimated hours that it was thought to take when it was launched
/// @param estimatedCost likewise, in dollars
/// @param hours     since its launch, or from there to its end
/// @param machines  it has now
/// @param message   what it waits for, or how it ended; may be empty
public record RunRow(
        RunId id,
        String series,
        Run.Status status,
        Optional<String> stage,
        int done,
        int stages,
        double spent,
        boolean settled,
        Optional<Double> totalMax,
        Optional<Double> estimated,
        Optional<Double> estimatedCost,
        double hours,
        Instant launchedAt,
        Optional<Instant> endedAt,
        List<InstanceId> machines,
        boolean champion,
        String message) {
    public static RunRow of(Picture picture, Run run, List<Wait> waits) {
        ClusterState state = picture.state();
        Instant until = run.endedAt().orElse(picture.now());
        return new RunRow(
                run.id(),
                run.spec().series(),
                run.status(),
                run.open() ? run.current().map(Run.Stage::name) : Optional.empty(),
                (int) run.stages().stream()
                        .filter(stage -> stage.phase().made())
                        .count(),
                run.stages().size(),
                spent(picture, run).dollars(),
                run.cost().isPresent(),
                run.spec().totalMax().map(Money::dollars),
                run.spec().estimate().map(estimate -> hours(estimate.time())),
                run.spec().estimate().map(estimate -> estimate.cost().dollars()),
                Math.max(0, hours(Duration.between(run.launchedAt(), until))),
                run.launchedAt(),
                run.endedAt(),
                machines(state, run).map(Instance::id).toList(),
                run.champion(),
                run.open() ? message(picture, run, waits) : run.note());
    }

    private static double hours(Duration time) {
        return time.toMillis() / 3_600_000.0;
    }

    private static Money spent(Picture picture, Run run) {
        return run.cost()
                .orElseGet(() -> picture.state()
                        .rentals()
                        .spent(run.launchedAt(), picture.now(), run.id().name()));
    }

    private static Stream<Instance> machines(ClusterState state, Run run) {
        return state.rentals().open().stream()
                .filter(one -> one.group().equals(Optional.of(run.id().name())));
    }

    private static String message(Picture picture, Run run, List<Wait> waits) {
        if (run.stopping().isPresent()) return "stops: " + run.stopping().get();
        return waits(picture, run, waits).stream().findFirst().orElse("");
    }

    /// A node that is not heard; else what the leader says of it, of its machines, and of the task that it waits for.
    private static List<String> waits(Picture picture, Run run, List<Wait> waits) {
        List<String> silent = attempts(picture.state(), run).stream()
                .flatMap(attempt -> picture.awaits(attempt).stream())
                .distinct()
                .map(why -> run.current().map(Run.Stage::name).orElse("") + " " + why)
                .toList();
        return silent.isEmpty() ? said(picture.state(), run, waits) : silent;
    }

    private static Collection<Attempt> attempts(ClusterState state, Run run) {
        return run.current()
                .flatMap(Run.Stage::job)
                .map(job -> state.work().attemptsOf(job).values())
                .orElse(List.of());
    }

    private static List<String> said(ClusterState state, Run run, List<Wait> waits) {
        List<String> subjects = new ArrayList<>();
        machines(state, run).forEach(one -> subjects.add(one.id().toString()));
        subjects.add(run.id().toString());
        run.current()
                .flatMap(Run.Stage::job)
                .ifPresent(job -> state.work()
                        .tasksOf(job)
                        .values()
                        .forEach(task -> subjects.add(task.id().toString())));
        return subjects.stream()
                .flatMap(subject -> waits.stream().filter(wait -> wait.subject().equals(subject)))
                .sorted(Comparator.comparing(wait -> wait.reason() == Wait.Reason.STAGE))
                .map(wait -> (wait.subject().equals(run.id().toString()) ? "" : wait.subject() + " ") + wait.message())
                .toList();
    }

    /// So far, as [Run.Stage#ran] counts it in the end.
    private static Duration soFar(Picture picture, JobId job) {
        return Attempt.ran(picture.state().work().attemptsOf(job).values(), Optional.of(picture.now()));
    }

    /// One stage of a run.
    ///
    /// @param node    on which it runs, or ran last
    /// @param attempt its newest
    /// @param tries   attempts so far
    /// @param ran     for how long they have run
    /// @param from    the run whose outputs were taken instead
    /// @param saved   files that were saved on its way, as they are now
    /// @param kept    of its attempts, however they ended: the ends of their output, how busy the node was
    /// @param tracked where an experiment tracker shows it
    /// @param load    of the node, while it runs there
    /// @param waiting its job is to run, and no node has it
    public record StageRow(
            String name,
            Run.Phase phase,
            Optional<JobId> job,
            Optional<String> attempt,
            int tries,
            Optional<NodeId> node,
            Optional<Instant> startedAt,
            Optional<Instant> endedAt,
            Duration ran,
            String gpu,
            Table<String, Double> results,
            Optional<Gate.Verdict> verdict,
            Optional<RunId> from,
            List<Attempt.Stored> outputs,
            List<Attempt.Stored> saved,
            String key,
            String failure,
            String note,
            List<Attempt.Stored> kept,
            List<WarningRow> warnings,
            Optional<Traces.Tracked> tracked,
            Optional<Load> load,
            boolean waiting) {
        static StageRow of(Picture picture, Run.Stage stage) {
            ClusterState state = picture.state();
            Optional<Task> task = stage.job()
                    .flatMap(job -> state.work().tasksOf(job).values().stream().findFirst());
            Optional<Attempt> last = task.filter(one -> one.attempts() > 0)
                    .flatMap(one -> state.work().attempts().find(one.newestAttempt()));
            boolean over = stage.endedAt().isPresent();
            Traces traces = over
                    ? stage.traces()
                    : stage.job()
                            .map(job -> Traces.of(state.work().attemptsOf(job).values()))
                            .orElse(Traces.NOTHING);
            return new StageRow(
                    stage.name(),
                    stage.phase(),
                    stage.job(),
                    last.map(attempt -> attempt.id().toString()),
                    task.map(Task::attempts).orElse(0),
                    last.map(Attempt::node),
                    stage.startedAt(),
                    stage.endedAt(),
                    over
                            ? stage.ran()
                            : stage.job().map(job -> soFar(picture, job)).orElse(stage.ran()),
                    stage.gpu(),
                    stage.results(),
                    stage.verdict(),
                    stage.from(),
                    stage.outputs(),
                    task.map(one -> List.copyOf(
                                    state.work().savedOf(one).files().values()))
                            .filter(files -> !files.isEmpty())
                            .orElse(stage.saved()),
                    stage.key(),
                    stage.failure(),
                    over ? stage.note() : task.map(Task::note).orElse(""),
                    traces.evidence(),
                    WarningRow.of(traces.warnings()),
                    traces.tracked(),
                    last.filter(attempt -> attempt.status() == Attempt.Status.RUNNING)
                            .map(attempt -> Load.of(picture.telemetry(attempt.node()))),
                    !over
                            && task.filter(one -> one.status() == Task.Status.WAITING)
                                    .isPresent());
        }
    }

    /// A run with its stages, its machines, and what it was launched as.
    ///
    /// @param waits  what it waits for
    /// @param before the best of its series when it ended, but for itself
    public record Detail(
            RunRow run,
            String submitter,
            List<StageRow> stages,
            List<InstanceRow> instances,
            List<String> waits,
            Optional<RunId> champion,
            Optional<RunId> before,
            RunSpec spec,
            List<WarningRow> warnings) {
        public static Detail of(Picture picture, Run run, List<Wait> waits, Optional<RentReport> report) {
            ClusterState state = picture.state();
            return new Detail(
                    RunRow.of(picture, run, waits),
                    run.submitter(),
                    run.stages().stream()
                            .map(stage -> StageRow.of(picture, stage))
                            .toList(),
                    state.rentals().instances().values().stream()
                            .filter(one ->
                                    one.group().equals(Optional.of(run.id().name())))
                            .map(one -> InstanceRow.of(picture, one, report))
                            .toList(),
                    run.open() ? RunRow.waits(picture, run, waits) : List.of(),
                    state.runs().champions().find(run.spec().series()),
                    state.runs().bestBefore(run).map(Run::id),
                    run.spec(),
                    WarningRow.of(run.warnings()));
        }
    }
}
