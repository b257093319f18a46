package dev.muster.sim;

import dev.muster.core.plan.Policy;
import dev.muster.core.state.Actor;
import dev.muster.core.state.Attempt;
import dev.muster.core.state.AttemptId;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Command;
import dev.muster.core.state.Desired;
import dev.muster.core.state.Event;
import dev.muster.core.state.Handler;
import dev.muster.core.state.JobSpec;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Observed;
import dev.muster.core.state.Outcome;
import dev.muster.core.state.Sha256;
import dev.muster.core.state.TaskId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What must never happen, whatever the faults: the log is compared with what the world knows really happened. The
/// books here are kept from the facts alone, apart from the state that is checked.
final class Checks {
    private final Policy policy;
    private final Map<Long, NodeId> leaderOfTerm = new HashMap<>();
    private final Map<AttemptId, NodeId> startedOn = new HashMap<>();
    private final Set<AttemptId> alive = new HashSet<>();
    private final Map<AttemptId, NodeId> leases = new HashMap<>();
    private final Set<AttemptId> fenced = new HashSet<>();
    /// Tasks on several nodes: each member has a success of its own.
    private final Set<TaskId> gangs = new HashSet<>();
    /// Ended by the log without a word of their agents.
    private final Set<AttemptId> givenUp = new HashSet<>();
    private final Set<Long> fixes = new HashSet<>();
    private final Set<TaskId> succeeded = new HashSet<>();
    private final Map<String, Integer> effects = new HashMap<>();
    private final Map<NodeId, Instant> fences = new HashMap<>();

    Checks(Policy policy) {
        this.policy = policy;
    }

    // ---- consensus

    /// @param holders configured voters that have the entry on disk
    void committed(NodeId leader, long term, List<NodeId> holders, List<NodeId> configured) {
        if (holders.size() * 2 <= configured.size()) {
            throw new Violation(
                    "no majority, no commit",
                    leader + " commits in term " + term + " with " + holders + " of " + configured);
        }
        NodeId known = leaderOfTerm.putIfAbsent(term, leader);
        if (known != null && !known.equals(leader)) {
            throw new Violation("one leader per term", known + " and " + leader + " both commit in term " + term);
        }
    }

    void truncated(NodeId voter, int index, int commit) {
        if (index <= commit) {
            throw new Violation(
                    "no committed order is lost", voter + " drops entry " + index + " of " + commit + " committed");
        }
    }

    /// @param entry at this place of the voter's log, which it is about to apply
    void sameEntry(NodeId voter, int index, Entry entry, List<Entry> committed) {
        if (index > committed.size() || committed.get(index - 1) != entry) {
            throw new Violation("no forks", voter + " applies another entry " + index + " than was committed");
        }
    }

    void sameState(NodeId voter, ClusterState own, ClusterState truth) {
        if (!SameState.equal(own, truth)) {
            throw new Violation(
                    "same log, same state",
                    voter + " came to another state at revision " + own.revision() + ": "
                            + SameState.difference(own, truth));
        }
    }

    // ---- processes

    void processStarted(AttemptId attempt, NodeId node) {
        NodeId before = startedOn.putIfAbsent(attempt, node);
        if (before != null) {
            throw new Violation(
                    "a process is started once", attempt + " was started on " + before + " and is started on " + node);
        }
        alive.add(attempt);
    }

    void processEnded(AttemptId attempt) {
        alive.remove(attempt);
    }

    /// An agent tells a process to end: the log has to hold the reason, or its time was up.
    void stopped(AttemptId attempt, String why, JobSpec spec, Duration ran, ClusterState truth) {
        boolean unwanted = truth.work()
                .jobs()
                .find(attempt.task().job())
                .map(job -> job.stopping().isPresent())
                .orElse(true);
        boolean replaced = truth.work()
                .attempts()
                .find(attempt)
                .map(known -> !known.status().isActive())
                .orElse(false);
        boolean evicted =
                truth.work().attempts().find(attempt).flatMap(Attempt::evicting).isPresent();
        boolean late = spec.timeout().filter(limit -> ran.compareTo(limit) >= 0).isPresent();
        if (!unwanted && !replaced && !evicted && !late) {
            throw new Violation(
                    "only the log stops a process",
                    attempt + " is stopped after " + ran + " for \"" + why + "\", but the log knows no reason");
        }
    }

    /// An agent forgets an attempt: its process has to be gone, and its result in the log or refused by it.
    void discarded(AttemptId attempt, ClusterState truth) {
        if (alive.contains(attempt)) {
            throw new Violation("no process is forgotten", attempt + " is discarded while its process runs");
        }
        boolean awaited = truth.work()
                .attempts()
                .find(attempt)
                .map(known -> known.status().isActive())
                .orElse(false);
        if (awaited)
            throw new Violation("no result is lost", attempt + " is discarded, but the log still awaits its end");
    }

    // ---- fixes

    /// An agent begins a fix: each token once, and only what the log ordered for that node.
    void fixBegun(NodeId node, long token, ClusterState truth) {
        if (!fixes.add(token))
            throw new Violation("a fix is done once", "the fix " + token + " is begun again on " + node);
        boolean ordered = truth.fleet()
                .fixes()
                .find(token)
                .filter(fix -> fix.node().equals(node))
                .isPresent();
        if (!ordered)
            throw new Violation("only the log orders a fix", node + " begins " + token + ", which nobody ordered");
    }

    // ---- files

    /// A node switches to a file: it has to hold it, whole.
    void pointed(NodeId node, Sha256 sha, boolean holdsWhole) {
        if (!holdsWhole) {
            throw new Violation(
                    "a name points at a verified file",
                    node + " points at " + sha.brief() + ", which it does not hold");
        }
    }

    /// The pointer of a config key moved.
    ///
    /// @param holders machines, wherever they are now, whose disk has the file, whole
    void promoted(Sha256 sha, List<NodeId> holders) {
        if (holders.isEmpty()) {
            throw new Violation(
                    "a name points at a verified file", "a model points at " + sha.brief() + ", which no disk holds");
        }
    }

    // ---- steps

    /// One step of the log, already applied.
    void step(Logged logged, ClusterState before, Handler.Step step) {
        if (step.transition().isEmpty()) return;
        step.transition().get().request().ifPresent(this::appliedOnce);
        for (Event event : step.transition().get().events()) event(event, logged, before);
    }

    private void appliedOnce(String request) {
        if (effects.merge(request, 1, Integer::sum) > 1) {
            throw new Violation("an order is applied once", "request " + request + " was applied twice");
        }
    }

    /// How often an order took effect: never more than once, and once if it was answered with yes.
    int effectsOf(String request) {
        return effects.getOrDefault(request, 0);
    }

    /// An answer of yes is true: the order is in the log, once.
    void answered(String request, Outcome outcome) {
        if (outcome instanceof Outcome.Accepted && effectsOf(request) != 1) {
            throw new Violation(
                    "no committed order is lost",
                    request + " was answered with yes, but took effect " + effectsOf(request) + " times");
        }
    }

    private void event(Event event, Logged logged, ClusterState before) {
        Optional<Actor> actor = logged.body() instanceof Logged.Body.Order(var envelope)
                ? Optional.of(envelope.actor())
                : Optional.empty();
        switch (event) {
            case Event.TaskPlaced(AttemptId attempt, NodeId node) -> placed(attempt, node);
            case Event.GangPlaced gang -> {
                gangs.add(gang.attempt().task());
                for (int rank = 0; rank < gang.nodes().size(); rank++)
                    placed(gang.attempt().member(rank), gang.nodes().get(rank));
            }
            case Event.TaskSucceeded(TaskId task) -> {
                if (gangs.contains(task)) succeeded(task);
            }
            case Event.AttemptEnded(AttemptId attempt, Attempt.Ending ending) -> ended(attempt, ending, logged);
            case Event.NodeFenced(NodeId node) -> fenced(node, actor.orElseThrow(), before, logged.at());
            case Event.NodeRemoved(NodeId node) -> {
                gone(node);
                if (!finishes(logged)) personOnly(event, actor);
            }
            case Event.NodeDeclared declared -> personOnly(event, actor);
            case Event.NodeDraining draining -> personOnly(event, actor);
            case Event.NodeReady ready -> personOnly(event, actor);
            case Event.NodeRetired retired -> personOnly(event, actor);
            case Event.VoterWanted wanted -> personOnly(event, actor);
            case Event.VoterUnwanted unwanted -> personOnly(event, actor);
            default -> {}
        }
    }

    private void ended(AttemptId attempt, Attempt.Ending ending, Logged logged) {
        leases.remove(attempt);
        boolean reported = logged.body() instanceof Logged.Body.Order(var envelope)
                && envelope.command() instanceof Command.FinishAttempt finish
                && finish.attempt().equals(attempt);
        if (!reported) {
            givenUp.add(attempt);
            return;
        }
        if (fenced.contains(attempt)) {
            throw new Violation(
                    "a fenced attempt's result is refused", attempt + " was fenced and ends " + ending.status());
        }
        if (alive.contains(attempt)) {
            throw new Violation(
                    "unreachable is not failed",
                    attempt + " is reported " + ending.status() + " while its process runs");
        }
        if (ending.status() == Attempt.Status.SUCCEEDED && !gangs.contains(attempt.task())) succeeded(attempt.task());
    }

    private void succeeded(TaskId task) {
        if (!succeeded.add(task)) throw new Violation("one success per task", task + " succeeded a second time");
    }

    /// No member of an earlier try runs, as far as anybody who is asked can tell.
    private void placed(AttemptId attempt, NodeId node) {
        leases.put(attempt, node);
        for (AttemptId other : alive) {
            boolean earlier = other.task().equals(attempt.task()) && other.number() != attempt.number();
            if (earlier && !fenced.contains(other) && !givenUp.contains(other))
                throw new Violation(
                        "one try of a task at a time", attempt + " is placed while " + other + " still runs");
        }
    }

    private void gone(NodeId node) {
        List<AttemptId> lost = leases.entrySet().stream()
                .filter(lease -> lease.getValue().equals(node))
                .map(Map.Entry::getKey)
                .toList();
        fenced.addAll(lost);
    }

    private void fenced(NodeId node, Actor by, ClusterState before, Instant at) {
        gone(node);
        if (by.kind() == Actor.Kind.PERSON || down(node, before)) return;
        fences.values().removeIf(earlier -> !earlier.plus(policy.fenceWindow()).isAfter(at));
        fences.keySet().removeIf(earlier -> down(earlier, before));
        fences.put(node, at);
        long inService = before.fleet().nodes().values().stream()
                .filter(other -> other.desired() != Desired.RETIRED)
                .filter(other -> !other.fenced() || fences.containsKey(other.id()))
                .count();
        int max = Math.max(1, (int) Math.floor(inService * policy.fenceShare()));
        if (fences.size() > max) {
            throw new Violation(
                    "a mass change is braked",
                    fences.size() + " nodes fenced within " + policy.fenceWindow() + ", of " + inService + " at most "
                            + max + " may be: " + node);
        }
    }

    /// A rented machine is gone, and its node with it.
    private static boolean finishes(Logged logged) {
        return logged.body() instanceof Logged.Body.Order(var envelope)
                && envelope.command() instanceof Command.FinishInstance;
    }

    /// Its provider says that its machine does not run, or it is gone: that is no guess.
    private static boolean down(NodeId node, ClusterState before) {
        return before.rentals().instances().values().stream()
                .filter(instance -> instance.node().equals(Optional.of(node)))
                .anyMatch(instance -> !instance.open() || !instance.observed().equals(Optional.of(Observed.RUNNING)));
    }

    private static void personOnly(Event event, Optional<Actor> actor) {
        if (actor.map(by -> by.kind() != Actor.Kind.PERSON).orElse(true)) {
            throw new Violation("only people change what is desired", actor + " caused " + event);
        }
    }

    /// What core's own invariants found.
    void broken(List<String> found) {
        if (!found.isEmpty()) throw new Violation("state", String.join("; ", new ArrayList<>(found)));
    }
}
