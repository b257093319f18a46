package dev.muster.core.agent;

import dev.muster.core.state.Attempt;
import dev.muster.core.state.AttemptId;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Command;
import dev.muster.core.state.Durations;
import dev.muster.core.state.Job;
import dev.muster.core.state.Node;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// A node's attempts: what the state leases to it against what its journal has.
final class Leases {
    /// Files of one order: some 15 KB.
    private static final int FILES_TOLD_MAX = 100;

    private final ClusterState state;
    private final LocalView local;
    private final Instant now;
    private final List<AgentAction> actions = new ArrayList<>();
    private int room;

    private Leases(ClusterState state, LocalView local, int attemptsMax, Instant now) {
        this.state = state;
        this.local = local;
        this.now = now;
        this.room = attemptsMax
                - (int) local.attempts().values().stream()
                        .filter(record -> record.phase() != LocalAttempt.Phase.ENDED)
                        .count();
    }

    static List<AgentAction> decide(ClusterState state, LocalView local, int attemptsMax, Instant now) {
        Leases leases = new Leases(state, local, attemptsMax, now);
        for (Map.Entry<AttemptId, LocalAttempt> entry : local.attempts()) leases.recorded(entry.getValue());
        for (AttemptId id : state.work().activeOn(local.self())) {
            if (!local.attempts().has(id))
                leases.unrecorded(state.work().attempts().require(id));
        }
        return leases.actions;
    }

    private void recorded(LocalAttempt record) {
        Optional<Attempt> lease = state.work()
                .attempts()
                .find(record.id())
                .filter(attempt -> attempt.status().isActive())
                .filter(attempt ->
                        attempt.token() == record.token() && attempt.node().equals(local.self()));
        lease.ifPresentOrElse(attempt -> leased(record, attempt), () -> unleased(record));
    }

    private void leased(LocalAttempt record, Attempt attempt) {
        boolean started = record.phase() == LocalAttempt.Phase.RUNNING || record.phase() == LocalAttempt.Phase.STOPPING;
        if (started && attempt.status() == Attempt.Status.PLACED && record.pid().isPresent()) {
            report(new Command.ReportStarted(
                    record.id(), record.token(), record.pid().getAsLong()));
        }
        Optional<Command> save = save(record, attempt);
        save.ifPresent(this::report);
        switch (record.phase()) {
            case PREPARING, RUNNING -> reasonToStop(record, attempt).ifPresent(why -> stop(record, why));
            case STOPPING -> {}
            case ENDED -> {
                // The task may be placed again as soon as its end is known: what it has made has to be known before.
                if (save.isEmpty())
                    report(new Command.FinishAttempt(
                            record.id(), record.token(), record.ending().orElseThrow()));
            }
        }
    }

    /// What was saved here and the cluster does not know yet, so much of it as one order takes.
    private static Optional<Command> save(LocalAttempt record, Attempt attempt) {
        List<Attempt.Stored> files = record.saved().newSince(attempt.saved());
        List<String> gone = record.saved().goneSince(attempt.saved());
        if (files.isEmpty() && gone.isEmpty()) return Optional.empty();
        List<Attempt.Stored> first = files.subList(0, Math.min(FILES_TOLD_MAX, files.size()));
        return Optional.of(new Command.SaveProgress(
                record.id(), record.token(), record.saved().number(), first, gone));
    }

    private Optional<String> reasonToStop(LocalAttempt record, Attempt attempt) {
        Optional<String> asked = job(record.id()).stopping();
        if (asked.isPresent()) return asked.map(why -> "job stopped: " + why);
        if (attempt.evicting().isPresent()) return Optional.of(LocalAttempt.evicted(attempt.note()));
        if (record.phase() != LocalAttempt.Phase.RUNNING) return Optional.empty();
        Duration ran = Duration.between(record.since(), now);
        return record.spec()
                .timeout()
                .filter(most -> ran.compareTo(most) > 0)
                .map(most -> "ran longer than its timeout of " + Durations.brief(most));
    }

    /// The attempt is not this node's any more, unless the state is older than the attempt.
    private void unleased(LocalAttempt record) {
        if (record.token() > state.revision()) return;
        switch (record.phase()) {
            case PREPARING, RUNNING -> stop(record, whyUnleased(record));
            case STOPPING -> {}
            case ENDED -> actions.add(new AgentAction.Discard(record.id()));
        }
    }

    private String whyUnleased(LocalAttempt record) {
        Attempt attempt = state.work().attempts().find(record.id()).orElse(null);
        if (attempt == null) return "its job was forgotten";
        if (attempt.token() != record.token())
            return "replaced: the cluster knows " + record.id() + " as another attempt";
        return attempt.status() == Attempt.Status.LOST
                ? "replaced: " + attempt.note()
                : "the cluster has it as " + attempt.status();
    }

    private void unrecorded(Attempt attempt) {
        Optional<String> stopping = job(attempt.id()).stopping();
        if (attempt.status() == Attempt.Status.RUNNING) {
            end(attempt, Attempt.Status.LOST, "this node has no record of the attempt");
        } else if (stopping.isPresent()) {
            end(attempt, Attempt.Status.STOPPED, "stopped before it began: " + stopping.get());
        } else if (attempt.evicting().isPresent()) {
            end(attempt, Attempt.Status.LOST, "evicted before it began: " + attempt.note());
        } else if (room > 0 && !fenced()) {
            actions.add(new AgentAction.Begin(
                    attempt.id(), attempt.token(), state.work().startOf(attempt.id()), attempt.saved()));
            room--;
        }
    }

    private boolean fenced() {
        return state.fleet().nodes().find(local.self()).map(Node::fenced).orElse(true);
    }

    private Job job(AttemptId id) {
        return state.work().jobs().require(id.task().job());
    }

    private void stop(LocalAttempt record, String why) {
        actions.add(new AgentAction.Stop(record.id(), why));
    }

    private void end(Attempt attempt, Attempt.Status how, String why) {
        report(new Command.FinishAttempt(
                attempt.id(),
                attempt.token(),
                new Attempt.Ending(how, OptionalInt.empty(), List.of(), List.of(), why)));
    }

    private void report(Command command) {
        actions.add(new AgentAction.Report(command));
    }
}
