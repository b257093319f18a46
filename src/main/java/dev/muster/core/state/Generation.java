package dev.muster.core.state;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// One turn of a loop: what it played, trained and measured, and what became of it.
///
/// @param jobs      the last job of each stage that ran one, by stage
/// @param games     artifacts of its selfplay
/// @param candidate the model it trained
/// @param matches   its evaluation's counts
/// @param note      why it was promoted or rejected
public record Generation(
        GenerationId id,
        Instant startedAt,
        Table<Loop.Stage, JobId> jobs,
        List<Sha256> games,
        Optional<Attempt.Stored> candidate,
        List<Match> matches,
        Verdict verdict,
        String note,
        Optional<Instant> endedAt) {
    public enum Verdict {
        PENDING,
        PROMOTED,
        REJECTED
    }

    public Generation {
        games = List.copyOf(games);
        matches = List.copyOf(matches);
    }

    static Generation started(GenerationId id, Instant at) {
        return new Generation(
                id, at, Table.empty(), List.of(), Optional.empty(), List.of(), Verdict.PENDING, "", Optional.empty());
    }

    Generation withJob(Loop.Stage stage, JobId job) {
        return new Generation(id, startedAt, jobs.with(stage, job), games, candidate, matches, verdict, note, endedAt);
    }

    Generation withGames(List<Sha256> played) {
        return new Generation(id, startedAt, jobs, played, candidate, matches, verdict, note, endedAt);
    }

    Generation withCandidate(Attempt.Stored trained) {
        return new Generation(id, startedAt, jobs, games, Optional.of(trained), matches, verdict, note, endedAt);
    }

    Generation withMatches(List<Match> counted) {
        return new Generation(id, startedAt, jobs, games, candidate, counted, verdict, note, endedAt);
    }

    Generation withVerdict(Verdict decided, String why) {
        return new Generation(id, startedAt, jobs, games, candidate, matches, decided, why, endedAt);
    }

    Generation ended(Instant at) {
        return new Generation(id, startedAt, jobs, games, candidate, matches, verdict, note, Optional.of(at));
    }
}
