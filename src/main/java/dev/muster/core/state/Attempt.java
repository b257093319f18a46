package dev.muster.core.state;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/// One try of a task on one node.
///
/// The node's lease on the attempt runs from the placement until the attempt ends or the node is fenced; `token` is the
/// lease's fencing token. A report that carries another token is refused.
///
/// @param token   the revision at which the attempt was placed: larger than any earlier attempt's
/// @param pid     of the process's session, once it runs
/// @param outputs what was stored when it succeeded
/// @param matches the games it counted, where its spec names a `matches` file
/// @param note    why it ended, for people
/// @param saved   what it has made so far, where its job declares what is to be saved; absent in what earlier builds wrote,
///                and nothing then
/// @param evicting since when it is to end because its machine goes
/// @param results the numbers of its spec's `results` file
/// @param failure what kind of failure ended it, as in [Ending]
/// @param traces  what it has shown, and what is kept of it; nothing in what earlier builds wrote
public record Attempt(
        AttemptId id,
        NodeId node,
        long token,
        Status status,
        Instant placedAt,
        Optional<Instant> startedAt,
        Optional<Instant> endedAt,
        OptionalLong pid,
        OptionalInt exitCode,
        List<Stored> outputs,
        List<Match> matches,
        String note,
        Saved saved,
        Optional<Instant> evicting,
        Table<String, Double> results,
        String failure,
        Traces traces) {
    /// After its grace period, the agent of an attempt that is to end saves its files and reports it within this.
    public static final Duration EVICTION_MAX = Duration.ofMinutes(2);

    /// What an earlier build did not write is nothing.
    public Attempt {
        saved = saved == null ? Saved.NOTHING : saved;
        results = results == null ? Table.empty() : results;
        failure = failure == null ? "" : failure;
        traces = traces == null ? Traces.NOTHING : traces;
    }

    /// Of a job that saves nothing on its way.
    public Attempt(
            AttemptId id,
            NodeId node,
            long token,
            Status status,
            Instant placedAt,
            Optional<Instant> startedAt,
            Optional<Instant> endedAt,
            OptionalLong pid,
            OptionalInt exitCode,
            List<Stored> outputs,
            List<Match> matches,
            String note) {
        this(
                id,
                node,
                token,
                status,
                placedAt,
                startedAt,
                endedAt,
                pid,
                exitCode,
                outputs,
                matches,
                note,
                Saved.NOTHING,
                Optional.empty(),
                Table.empty(),
                "",
                Traces.NOTHING);
    }

    /// For how long these have run in all, one after the other; on several nodes, those of rank 0.
    ///
    /// @param now up to which the one that runs counts; empty: not at all
    public static Duration ran(Collection<Attempt> attempts, Optional<Instant> now) {
        Duration ran = Duration.ZERO;
        for (Attempt attempt : attempts) {
            Optional<Instant> from = attempt.startedAt();
            Optional<Instant> to = attempt.endedAt().or(() -> now);
            if (attempt.id().rank() == 0 && from.isPresent() && to.isPresent())
                ran = ran.plus(Duration.between(from.get(), to.get()));
        }
        return ran;
    }

    public enum Status {
        PLACED,
        RUNNING,
        SUCCEEDED,
        FAILED,
        /// Ended because the job was stopped.
        STOPPED,
        /// The node was fenced, or lost the process without an exit status.
        LOST;

        public boolean isActive() {
            return this == PLACED || this == RUNNING;
        }
    }

    /// An output as it was stored: its path in the working directory, its bytes' SHA-256 and their number.
    public record Stored(String path, Sha256 sha, long size) {}

    /// How an attempt ended, as its agent reports it.
    ///
    /// @param status    SUCCEEDED, FAILED, STOPPED or LOST
    /// @param exitCode  128 + signal number when a signal ended it; empty when unknown
    /// @param matches   the counted results of the spec's `matches` file
    /// @param permanent with FAILED: another try would end the same way, so none is made. Absent in logs and journals of
    ///                  builds that did not know it, and false then
    /// @param results   the numbers of the spec's `results` file by their names, those of groups with dots (`eval.nrmse`);
    ///                  absent in what earlier builds wrote, and none then
    /// @param failure   what kind of failure it is, in one word, as `OUT_OF_MEMORY`; empty when it is none, or unknown
    /// @param traces    what was seen of it last, and the files that are kept of it however it ended, in the store of its node;
    ///                  absent in what earlier builds wrote, and nothing then
    public record Ending(
            Status status,
            OptionalInt exitCode,
            List<Stored> outputs,
            List<Match> matches,
            String note,
            boolean permanent,
            Table<String, Double> results,
            String failure,
            Traces traces) {
        /// Most match lines of one attempt: a gauntlet has tens of opponents, a tournament of 100 models 4,950 pairs.
        public static final int MATCHES_MAX = 5_000;
        /// Each is some 50 bytes of every snapshot.
        public static final int RESULTS_MAX = 500;

        /// @throws IllegalArgumentException when the status is not an end, or there are too many matches, results or files
        public Ending {
            results = results == null ? Table.empty() : results;
            failure = failure == null ? "" : failure;
            traces = traces == null ? Traces.NOTHING : traces;
            if (traces.evidence().size() > Traces.FILES_MAX || traces.warnings().size() > Traces.RULES_MAX)
                throw new IllegalArgumentException("expected at most " + Traces.FILES_MAX + " files and "
                        + Traces.RULES_MAX + " warnings, but found "
                        + traces.evidence().size() + " and " + traces.warnings().size());
            if (results.size() > RESULTS_MAX)
                throw new IllegalArgumentException(
                        "expected at most " + RESULTS_MAX + " results, but found " + results.size());
            outputs = List.copyOf(outputs);
            matches = List.copyOf(matches);
            if (status.isActive()) throw new IllegalArgumentException("expected an end, but found " + status);
            if (matches.size() > MATCHES_MAX) {
                throw new IllegalArgumentException(
                        "expected at most " + MATCHES_MAX + " match lines, but found " + matches.size());
            }
            if (permanent && status != Status.FAILED) {
                throw new IllegalArgumentException("expected only a failure to be permanent, but found " + status);
            }
        }

        /// An end that says nothing about another try.
        public Ending(Status status, OptionalInt exitCode, List<Stored> outputs, List<Match> matches, String note) {
            this(status, exitCode, outputs, matches, note, false, Table.empty(), "");
        }

        /// Of which nothing is kept but its outputs.
        public Ending(
                Status status,
                OptionalInt exitCode,
                List<Stored> outputs,
                List<Match> matches,
                String note,
                boolean permanent,
                Table<String, Double> results,
                String failure) {
            this(status, exitCode, outputs, matches, note, permanent, results, failure, Traces.NOTHING);
        }

        /// The same end in other words.
        public Ending noted(String words) {
            return new Ending(status, exitCode, outputs, matches, words, permanent, results, failure, traces);
        }

        /// The same end, which another try would only repeat.
        public Ending forGood() {
            return new Ending(status, exitCode, outputs, matches, note, true, results, failure, traces);
        }

        /// The same end, of that kind of failure.
        public Ending as(String kind) {
            return new Ending(status, exitCode, outputs, matches, note, permanent, results, kind, traces);
        }

        /// The same end, with what was seen and is kept of it.
        public Ending with(Traces seen) {
            return new Ending(status, exitCode, outputs, matches, note, permanent, results, failure, seen);
        }
    }

    static Attempt placed(AttemptId id, NodeId node, long token, Saved saved, Instant at) {
        return new Attempt(
                id,
                node,
                token,
                Status.PLACED,
                at,
                Optional.empty(),
                Optional.empty(),
                OptionalLong.empty(),
                OptionalInt.empty(),
                List.of(),
                List.of(),
                "",
                saved,
                Optional.empty(),
                Table.empty(),
                "",
                Traces.NOTHING);
    }

    Attempt started(long newPid, Instant at) {
        return new Attempt(
                id,
                node,
                token,
                Status.RUNNING,
                placedAt,
                Optional.of(at),
                endedAt,
                OptionalLong.of(newPid),
                exitCode,
                outputs,
                matches,
                note,
                saved,
                evicting,
                results,
                failure,
                traces);
    }

    Attempt withSaved(Saved more) {
        return new Attempt(
                id, node, token, status, placedAt, startedAt, endedAt, pid, exitCode, outputs, matches, note, more,
                evicting, results, failure, traces);
    }

    Attempt evicting(String why, Instant at) {
        return new Attempt(
                id,
                node,
                token,
                status,
                placedAt,
                startedAt,
                endedAt,
                pid,
                exitCode,
                outputs,
                matches,
                why,
                saved,
                Optional.of(at),
                results,
                failure,
                traces);
    }

    Attempt ended(Ending ending, Instant at) {
        return new Attempt(
                id,
                node,
                token,
                ending.status(),
                placedAt,
                startedAt,
                Optional.of(at),
                pid,
                ending.exitCode(),
                ending.outputs(),
                ending.matches(),
                ending.note(),
                saved,
                evicting,
                ending.results(),
                ending.failure(),
                traces.and(ending.traces()));
    }

    Attempt with(Traces shown) {
        return new Attempt(
                id, node, token, status, placedAt, startedAt, endedAt, pid, exitCode, outputs, matches, note, saved,
                evicting, results, failure, shown);
    }
}
