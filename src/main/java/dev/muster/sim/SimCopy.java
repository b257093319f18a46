package dev.muster.sim;

import dev.muster.core.health.Admission;
import dev.muster.core.health.Twin;
import dev.muster.core.plan.Presence;
import dev.muster.core.plan.Soft;
import dev.muster.core.state.Actor;
import dev.muster.core.state.Attempt;
import dev.muster.core.state.AttemptId;
import dev.muster.core.state.Command;
import dev.muster.core.state.Envelope;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Table;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;

/// An agent that was started on another machine from a copy of a node's data directory. It asks before it does anything.
/// One that is let in does what any agent does first: it looks for the processes of its journal, finds none on its
/// machine, and tells so; which is the end of the node's jobs, wherever they run.
final class SimCopy {
    private static final long ASK_MS = 1_000;
    /// The way back; the copy is no node of the world, to which the network would bring it.
    private static final long ANSWER_MS = 2;

    private final World world;
    private final NodeId node;
    private final NodeId machine;
    private final Presence presence;
    private final Map<AttemptId, Long> journal = new TreeMap<>();
    private long beganMs;
    private boolean ended;

    SimCopy(World world, NodeId node) {
        this.world = world;
        this.node = node;
        this.machine = new NodeId(node + "-copy");
        this.presence = new Presence(machine.name(), "machine of " + machine, machine.name(), "");
        world.node(node)
                .agent()
                .journal()
                .forEach(entry -> journal.put(
                        entry.getKey(),
                        world.state()
                                .work()
                                .attempts()
                                .find(entry.getKey())
                                .map(Attempt::token)
                                .orElse(0L)));
    }

    void start() {
        world.tell("copy " + node, "");
        world.network().place(machine, "eu");
        beganMs = world.agenda().nowMs();
        ask();
    }

    private void ask() {
        if (ended) return;
        atLeader(leader -> {
            Admission.Word word = leader.word(node, presence);
            world.agenda().in(ANSWER_MS, () -> answered(word));
        });
        world.agenda().in(ASK_MS, this::ask);
    }

    private interface AtLeader {
        void tell(SimLeader leader);
    }

    private void atLeader(AtLeader what) {
        NodeId contact = world.consensus().configured().getFirst();
        world.network()
                .send(
                        List.of(machine, contact),
                        () -> world.forward(
                                contact, leader -> world.leaderAt(leader).ifPresent(what::tell)));
    }

    private void answered(Admission.Word word) {
        if (ended) return;
        Duration asking = Duration.ofMillis(world.agenda().nowMs() - beganMs);
        switch (Admission.decide(
                node, Admission.Last.ELSEWHERE, List.of(word), Optional.empty(), asking, world.policy())) {
            case Admission.Verdict.Enter() -> enter();
            case Admission.Verdict.Ask(String why) -> {}
            case Admission.Verdict.Refuse(String why) -> end("refused", why);
        }
    }

    private void enter() {
        end("let in", "nobody else is " + node);
        journal.forEach((attempt, token) -> tell(new Command.FinishAttempt(
                attempt,
                token,
                new Attempt.Ending(
                        Attempt.Status.FAILED, OptionalInt.empty(), List.of(), List.of(), "its process is gone"))));
        beat();
    }

    private void beat() {
        atLeader(leader -> leader.heard(
                        node,
                        new Soft.Heard(
                                world.clockOf(leader.id()),
                                world.state().revision(),
                                Set.of(),
                                Soft.Telemetry.UNKNOWN,
                                Table.empty(),
                                Optional.of(presence)))
                .ifPresent(this::late));
        world.agenda().in(world.policy().heartbeat().toMillis(), this::beat);
    }

    private void late(Twin twin) {
        world.tell("copy of " + node + " ends", twin.message(node));
    }

    private void tell(Command command) {
        atLeader(leader -> world.consensus()
                .propose(leader.id(), Envelope.of(Actor.node(node), "agent on " + machine, command), outcome -> {}));
    }

    private void end(String how, String why) {
        ended = true;
        world.tell("copy of " + node + " " + how, why);
    }
}
