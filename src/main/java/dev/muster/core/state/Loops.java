package dev.muster.core.state;

import java.time.Instant;
import java.util.Optional;
import java.util.function.UnaryOperator;

/// Loops and their generations.
///
/// @param played games since the cluster began, as selfplay told them in its results
public record Loops(
        Table<ConfigKey, Loop> loops, Table<GenerationId, Generation> generations, Table<ConfigKey, Long> played) {
    static final Loops EMPTY = new Loops(Table.empty(), Table.empty(), Table.empty());
    /// What selfplay calls them there.
    private static final String GAMES = "games";

    /// What an earlier build did not write is empty.
    public Loops {
        played = played == null ? Table.empty() : played;
    }

    /// The generations of one config key, oldest first.
    public Table<GenerationId, Generation> of(ConfigKey config) {
        return generations.range(new GenerationId(config, 0), new GenerationId(config, Integer.MAX_VALUE));
    }

    Loops started(LoopSpec spec, Instant at) {
        Loop known = loops.find(spec.config()).orElse(null);
        if (known != null) return withLoop(known.withSpec(spec));
        return begun(new Loop(spec, true, 1, Loop.Stage.SELFPLAY, Optional.empty(), 0, Optional.empty(), at), at);
    }

    /// A run outside any loop plays games of its config, too.
    Loops attemptEnded(JobSpec spec, Attempt.Ending ending) {
        double games = ending.results().getOrDefault(GAMES, 0.0);
        boolean counts = spec.kind() == JobKind.SELFPLAY && ending.status() == Attempt.Status.SUCCEEDED && games >= 1;
        if (spec.config().isEmpty() || !counts) return this;
        ConfigKey config = spec.config().get();
        return new Loops(loops, generations, played.with(config, played.getOrDefault(config, 0L) + (long) games));
    }

    Loops stopped(ConfigKey config) {
        return withLoop(loops.require(config).withRunning(false));
    }

    Loops stageStarted(Event.StageStarted event) {
        return withLoop(loops.require(event.generation().config()).withJob(event.job()))
                .change(event.generation(), generation -> generation.withJob(event.stage(), event.job()));
    }

    Loops stageFailed(Event.StageFailed event) {
        return withLoop(loops.require(event.generation().config()).failed(event.retryAt()));
    }

    Loops played(Event.SelfplayComplete event, Instant at) {
        return moved(event.generation(), Loop.Stage.TRAINING, at)
                .change(event.generation(), generation -> generation.withGames(event.games()));
    }

    Loops trained(Event.TrainingCompleted event, Instant at) {
        return moved(event.generation(), Loop.Stage.EVALUATION, at)
                .change(event.generation(), generation -> generation.withCandidate(event.candidate()));
    }

    Loops evaluated(Event.EvaluationCompleted event, Instant at) {
        return moved(event.generation(), Loop.Stage.VERDICT, at)
                .change(event.generation(), generation -> generation.withMatches(event.matches()));
    }

    Loops promoted(GenerationId id, String why, Instant at) {
        return moved(id, Loop.Stage.DISTRIBUTION, at)
                .change(id, generation -> generation.withVerdict(Generation.Verdict.PROMOTED, why));
    }

    Loops rejected(GenerationId id, String why) {
        return change(id, generation -> generation.withVerdict(Generation.Verdict.REJECTED, why));
    }

    Loops ended(GenerationId id, Instant at) {
        Loop loop = loops.require(id.config()).at(id.number() + 1, Loop.Stage.SELFPLAY, at);
        return change(id, generation -> generation.ended(at)).begun(loop, at);
    }

    private Loops begun(Loop loop, Instant at) {
        Generation first = Generation.started(loop.current(), at);
        return new Loops(loops.with(loop.config(), loop), generations.with(loop.current(), first), played);
    }

    private Loops moved(GenerationId id, Loop.Stage to, Instant at) {
        return withLoop(loops.require(id.config()).at(id.number(), to, at));
    }

    private Loops withLoop(Loop loop) {
        return new Loops(loops.with(loop.config(), loop), generations, played);
    }

    private Loops change(GenerationId id, UnaryOperator<Generation> by) {
        return new Loops(loops, generations.with(id, by.apply(generations.require(id))), played);
    }
}
