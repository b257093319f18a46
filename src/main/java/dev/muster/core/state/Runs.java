package dev.muster.core.state;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// Training runs: those that are open, and the last that ended.
///
/// @param champions the best run of each series
public record Runs(Table<RunId, Run> runs, Table<String, RunId> champions) {
    /// At once.
    public static final int OPEN_MAX = 200;
    /// Ended ones that are kept to be compared with; a run is some 10 KB of every snapshot.
    static final int ENDED_MAX = 500;

    static final Runs EMPTY = new Runs(Table.empty(), Table.empty());

    /// The run of that name; what is no run's id is the name of none.
    public Optional<Run> named(String name) {
        return Ids.isName(name) ? runs.find(new RunId(name)) : Optional.empty();
    }

    public List<Run> open() {
        return runs.values().stream().filter(Run::open).toList();
    }

    /// Of one series, the newest first.
    public List<Run> of(String series) {
        return runs.values().stream()
                .filter(run -> run.spec().series().equals(series))
                .sorted(Comparator.comparing(Run::launchedAt).reversed().thenComparing(Run::id))
                .toList();
    }

    /// The best of its series that had ended before it did; of those that are not forgotten.
    public Optional<Run> bestBefore(Run run) {
        return runs.values().stream()
                .filter(one ->
                        one.champion() && one.spec().series().equals(run.spec().series()))
                .filter(one -> !one.id().equals(run.id()) && one.endedAt().isPresent())
                .filter(one -> run.endedAt().isEmpty()
                        || one.endedAt().get().isBefore(run.endedAt().get()))
                .max(Comparator.comparing(one -> one.endedAt().orElseThrow()));
    }

    /// With which a run's stage is compared: the series' champion, or else the newest other run that has succeeded. Never
    /// itself, by whatever name: what a run took from another is not compared with what that one made.
    ///
    /// @param maker the run that made the results, see [Run.Stage#maker]
    public Optional<Gate.Baseline> baseline(Run run, String stage, RunId maker, String metric) {
        Optional<Run> champion = champions.find(run.spec().series()).flatMap(runs::find);
        return Stream.concat(champion.stream(), of(run.spec().series()).stream())
                .filter(other ->
                        other.status() == Run.Status.SUCCEEDED && !other.id().equals(run.id()))
                .flatMap(other -> other.stage(stage).stream()
                        .filter(made -> !made.maker(other.id()).equals(maker))
                        .filter(made -> Gate.number(made.results(), metric).isPresent())
                        .map(made -> new Gate.Baseline(other.id(), made.results())))
                .findFirst();
    }

    /// What an earlier run of the series has made of the same.
    public Optional<Map.Entry<RunId, Run.Stage>> made(Run run, String stage, String key) {
        return of(run.spec().series()).stream()
                .filter(other -> !other.id().equals(run.id()))
                .flatMap(other -> other.stage(stage).stream()
                        .filter(made -> made.phase().made() && made.key().equals(key))
                        .map(made -> Map.entry(other.id(), made)))
                .findFirst();
    }

    /// Has an earlier run of the series made that stage, of whatever?
    public boolean everMade(Run run, String stage) {
        return of(run.spec().series()).stream()
                .filter(other -> !other.id().equals(run.id()))
                .flatMap(other -> other.stage(stage).stream())
                .anyMatch(one -> one.phase().made());
    }

    // ---- facts

    Runs applied(Event.OfRuns event, Instant at) {
        return switch (event) {
            case Event.RunLaunched launched ->
                new Runs(runs.with(launched.run(), Run.launched(launched, at)), champions);
            case Event.RunStageStarted started ->
                change(started.run(), started.stage(), stage -> stage.started(started.job(), started.key(), at));
            case Event.RunStageReused reused -> reused(reused, at);
            case Event.RunStageDone done -> change(done.run(), done.stage(), stage -> stage.done(done, at));
            case Event.RunStageFailed failed -> change(failed.run(), failed.stage(), stage -> stage.failed(failed, at));
            case Event.RunStageSkipped(RunId run, String name, String reason) ->
                change(run, name, stage -> stage.skipped(reason, at));
            case Event.RunWarned(RunId run, String rule, Traces.Warning warning) ->
                with(runs.require(run).warned(rule, warning));
            case Event.RunStopping(RunId run, String reason) ->
                with(runs.require(run).stopping(reason));
            case Event.RunEnded ended -> ended(ended, at);
            case Event.RunResumed resumed -> resumed(resumed, at);
            case Event.RunSettled(RunId run, Money cost) ->
                with(runs.require(run).settled(cost));
            case Event.RunForgotten(RunId run) -> new Runs(runs.without(run), champions);
        };
    }

    private Runs reused(Event.RunStageReused event, Instant at) {
        Run.Stage other = runs.require(event.from()).stage(event.stage()).orElseThrow();
        RunId maker = other.maker(event.from());
        return change(event.run(), event.stage(), stage -> stage.reused(other, maker, event.verdict(), at));
    }

    /// What made it the best may be made anew.
    private Runs resumed(Event.RunResumed event, Instant at) {
        Run run = runs.require(event.run());
        boolean best = champions.find(run.spec().series()).equals(Optional.of(run.id()));
        return new Runs(
                runs.with(run.id(), run.resumed(event.spec(), event.from(), at)),
                best ? champions.without(run.spec().series()) : champions);
    }

    private Runs ended(Event.RunEnded event, Instant at) {
        Run run = runs.require(event.run()).ended(event.status(), event.reason(), event.champion(), at);
        Table<String, RunId> best = event.champion() ? champions.with(run.spec().series(), run.id()) : champions;
        return new Runs(runs.with(run.id(), run), best);
    }

    private Runs change(RunId id, String stage, java.util.function.UnaryOperator<Run.Stage> by) {
        Run run = runs.require(id);
        return with(run.with(by.apply(run.stage(stage).orElseThrow())));
    }

    private Runs with(Run run) {
        return new Runs(runs.with(run.id(), run), champions);
    }
}
