package dev.muster.core.drain;

import dev.muster.core.keepalive.Alarm;
import dev.muster.core.plan.Action;
import dev.muster.core.plan.Plan;
import dev.muster.core.plan.Soft;
import dev.muster.core.plan.Wait;
import dev.muster.core.state.Artifact;
import dev.muster.core.state.Attempt;
import dev.muster.core.state.AttemptId;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Command;
import dev.muster.core.state.Custody;
import dev.muster.core.state.Durations;
import dev.muster.core.state.Instance;
import dev.muster.core.state.InstanceId;
import dev.muster.core.state.Node;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Replicas;
import dev.muster.core.state.Sha256;
import dev.muster.core.state.Trouble;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Lets rented machines go that are to be stopped or ended. Nobody is asked to copy anything: what a leaving node holds
/// counts as held nowhere, so the others fetch it by themselves.
public final class Drainer {
    /// After which a person should hear of a machine that cannot go.
    private static final Duration HELD_MAX = Duration.ofMinutes(15);

    /// After which the events tell of what holds a machine, where nobody can copy it; otherwise copying has its time.
    public static final Duration HINDERED_MAX = Duration.ofMinutes(2);

    private static final int FILES_TOLD = 3;

    private Drainer() {}

    public static Plan decide(ClusterState state, Soft soft, Instant now) {
        List<Action> actions = new ArrayList<>();
        List<Wait> waits = new ArrayList<>();
        for (Instance instance : state.rentals().instances().values()) {
            boolean drains = instance.leaving()
                    && instance.seen().isPresent()
                    && instance.released().isEmpty();
            if (drains) drain(state, soft, instance, now, actions, waits);
        }
        return new Plan(actions, waits);
    }

    private static void drain(
            ClusterState state, Soft soft, Instance instance, Instant now, List<Action> actions, List<Wait> waits) {
        List<AttemptId> running = instance.node().map(state.work()::activeOn).orElse(List.of());
        if (!instance.abandon() && !running.isEmpty()) {
            evict(state, instance, running, now, actions, waits);
            return;
        }
        Optional<String> held = instance.abandon()
                ? Optional.empty()
                : instance.node()
                        .filter((NodeId node) -> state.fleet().nodes().has(node))
                        .flatMap(node -> Custody.holds(state, node, FILES_TOLD)
                                .or(() -> abroad(state, soft, node, instance.willAt(), now)));
        if (held.isEmpty()) {
            String why = instance.abandon() ? "a person said so" : "nothing is only there";
            actions.add(new Action.Propose(new Command.ReleaseInstance(instance.id()), why));
            return;
        }
        Duration time = Duration.between(instance.willAt(), now);
        boolean stuck = time.compareTo(state.rentals().scaling().drainMax().plus(HELD_MAX)) >= 0;
        Optional<String> hindered =
                hindrance(state, Optional.of(soft), instance.node().orElseThrow());
        String message = "is not " + (instance.will() == Instance.Will.END ? "ended" : "stopped") + ": " + held.get()
                + hindered.map(why -> "; " + why).orElse("; others fetch it");
        waits.add(new Wait(
                instance.id().toString(),
                stuck ? Wait.Reason.STUCK : Wait.Reason.INSTANCE,
                message + (stuck || hindered.isPresent() ? ways(instance.id()) : "")));
        Duration most =
                hindered.isPresent() ? HINDERED_MAX : state.rentals().scaling().drainMax();
        if (time.compareTo(most) >= 0)
            Alarm.of(state.rentals(), Trouble.INSTANCE_HELD, instance.id().toString(), message, now)
                    .ifPresent(actions::add);
    }

    /// What is on rented machines only, while nodes of one's own are to fetch it. Those that cannot take it (a full disk)
    /// keep the machine for [#HINDERED_MAX] only: a copy on another rented one has to do then, or it would never end.
    private static Optional<String> abroad(ClusterState state, Soft soft, NodeId node, Instant since, Instant now) {
        boolean patient = now.isBefore(since.plus(HINDERED_MAX));
        List<Artifact> abroad = Custody.abroad(state, node).stream()
                .filter(file -> patient
                        || Replicas.homes(state, file).stream()
                                .anyMatch(home -> soft.trouble(home, file.sha()).isEmpty()))
                .toList();
        if (abroad.isEmpty()) return Optional.empty();
        Artifact first = abroad.getFirst();
        return Optional.of("only rented machines hold " + Custody.named(first)
                + (abroad.size() > 1 ? " and " + (abroad.size() - 1) + " more" : "") + " of " + node + ", and "
                + Replicas.homes(state, first).getFirst() + " is to");
    }

    private static String ways(InstanceId id) {
        return "; `muster instance start " + id + "` keeps it, and `muster instance destroy " + id
                + " --abandon-data` ends it all the same";
    }

    /// Why what only this node holds does not get to any other; empty as long as it may, and when there is nothing.
    ///
    /// @param soft what the leader heard; empty where that is not known
    public static Optional<String> hindrance(ClusterState state, Optional<Soft> soft, NodeId node) {
        List<Artifact> sole = Custody.sole(state, node);
        if (sole.isEmpty()) return Optional.empty();
        if (state.fleet().nodes().find(node).filter(Node::fenced).isPresent())
            return Optional.of(node + " is silent, and nobody can copy from it: have its agent run again");
        Sha256 first = sole.getFirst().sha();
        List<NodeId> others = Replicas.of(state, first).others();
        if (others.isEmpty())
            return Optional.of("there is no other node in service to copy it to: bring one, or rent one");
        List<String> troubles = others.stream()
                .flatMap(other -> soft.flatMap(known -> known.trouble(other, first)).stream()
                        .map(why -> other + ": " + why))
                .toList();
        return troubles.size() < others.size()
                ? Optional.empty()
                : Optional.of("no other node can take it ("
                        + String.join(", ", troubles.subList(0, Math.min(FILES_TOLD, troubles.size())))
                        + "): make room there, or bring a node that has some");
    }

    private static void evict(
            ClusterState state,
            Instance instance,
            List<AttemptId> running,
            Instant now,
            List<Action> actions,
            List<Wait> waits) {
        Duration most = state.rentals().scaling().drainMax();
        Instant at = instance.willAt().plus(most);
        int free = 0;
        List<AttemptId> asked = new ArrayList<>();
        for (AttemptId id : running) {
            Attempt attempt = state.work().attempts().require(id);
            Optional<String> why = reason(state, instance, attempt, now, at);
            why.ifPresent(text -> actions.add(new Action.Propose(new Command.EvictAttempt(id, attempt.token()), text)));
            if (attempt.evicting().isPresent()) asked.add(id);
            else if (why.isEmpty()) free++;
        }
        String subject = instance.id().toString();
        if (!asked.isEmpty())
            waits.add(new Wait(
                    subject,
                    Wait.Reason.INSTANCE,
                    asked.getFirst() + (asked.size() > 1 ? " and " + (asked.size() - 1) + " more" : "")
                            + " there saves what it has, and ends"));
        if (free > 0)
            waits.add(new Wait(
                    subject,
                    Wait.Reason.INSTANCE,
                    (free == 1 ? "1 attempt runs" : free + " attempts run") + " there and may end by itself for "
                            + Durations.brief(Duration.between(now, at))));
    }

    /// Why the attempt is to end now: one whose job says what is to be saved loses nothing by it.
    private static Optional<String> reason(
            ClusterState state, Instance instance, Attempt attempt, Instant now, Instant at) {
        Optional<Instant> due = state.work().evictionEnds(attempt);
        if (due.isPresent())
            return due.filter(end -> !now.isBefore(end))
                    .map(end ->
                            instance.id() + " is leaving, and " + attempt.id() + " did not end when it was asked to");
        if (state.work().specOf(attempt.id()).sync().isPresent())
            return Optional.of(instance.id() + " is leaving, and the next attempt goes on with what is saved");
        Duration most = state.rentals().scaling().drainMax();
        return now.isBefore(at)
                ? Optional.empty()
                : Optional.of(instance.id() + " is leaving, and had " + Durations.brief(most) + " to end");
    }
}
