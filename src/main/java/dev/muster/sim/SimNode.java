package dev.muster.sim;

import dev.muster.core.health.Twin;
import dev.muster.core.plan.Presence;
import dev.muster.core.plan.Soft;
import dev.muster.core.state.Actor;
import dev.muster.core.state.AttemptId;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Command;
import dev.muster.core.state.Endpoints;
import dev.muster.core.state.Envelope;
import dev.muster.core.state.Hardware;
import dev.muster.core.state.Node;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Outcome;
import dev.muster.core.state.Role;
import dev.muster.core.state.Sha256;
import dev.muster.core.state.Table;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/// A machine and the program on it: power, the agent's life, what it hears from the cluster and tells it.
final class SimNode {
    /// An order that was not answered is sent again after this long.
    private static final long REPEAT_MS = 5_000;
    /// Missed answers after which an agent talks to another voter.
    private static final int PATIENCE = 3;

    final NodeId id;
    private final World world;
    private final Profile profile;
    private final SimAgent agent;
    private final SimFixes fixes;

    private boolean power = true;
    private boolean gone;
    private boolean running;
    /// Counts the agent's lives: what an earlier one planned to do is not done by the next.
    private int life;
    private String identity;
    private int identities;
    /// On disk: the newest revision this agent has acted on. It takes no older state, not even after a restart.
    private long revisionSeen;

    // ---- the agent's memory
    private ClusterState seen = ClusterState.EMPTY;
    private NodeId contact;
    private int unanswered;
    private final Map<Command, Long> sentAtMs = new HashMap<>();

    /// What a machine is.
    ///
    /// @param skewMs how far its clock is ahead
    record Profile(Role role, Hardware hardware, int maxParallelJobs, String region, long skewMs) {}

    SimNode(World world, NodeId id, Profile profile) {
        this.world = world;
        this.id = id;
        this.profile = profile;
        this.agent = new SimAgent(world, this);
        this.fixes = new SimFixes(world, this);
        newIdentity();
    }

    private void newIdentity() {
        identity = id + "-" + ++identities;
    }

    // ---- looks

    boolean running() {
        return running;
    }

    boolean power() {
        return power;
    }

    /// Was it lost for good?
    boolean gone() {
        return gone;
    }

    int life() {
        return life;
    }

    long skewMs() {
        return profile.skewMs();
    }

    ClusterState seen() {
        return seen;
    }

    SimAgent agent() {
        return agent;
    }

    SimFixes fixes() {
        return fixes;
    }

    /// Is the cluster's node of this name this machine?
    boolean member() {
        return seen.fleet()
                .nodes()
                .find(id)
                .filter(node -> node.identity().equals(identity))
                .isPresent();
    }

    // ---- life

    void start() {
        if (!power || running || gone || !hosted()) return;
        running = true;
        int mine = ++life;
        world.consensus().started(id);
        contact = firstContact();
        agent.recover();
        fixes.recover();
        world.agenda().in(world.chance().between(10, 1_000), () -> beat(mine));
    }

    /// A rented machine that its provider has switched off stays so.
    private boolean hosted() {
        return world.provider().map(there -> there.hosts(id)).orElse(true);
    }

    /// `kill -9` of the program: its memory is gone, the processes go on.
    void crash() {
        if (!running) return;
        running = false;
        life++;
        seen = ClusterState.EMPTY;
        sentAtMs.clear();
        agent.forget();
        world.leaderCrashed(id);
        world.consensus().crashed(id);
    }

    /// The machine loses power: program and processes end, without a word.
    void powerOff() {
        crash();
        if (!power) return;
        power = false;
        agent.powerLost();
    }

    void powerOn() {
        if (gone || power) return;
        power = true;
        start();
    }

    /// Never to be seen again.
    void lose() {
        powerOff();
        gone = true;
    }

    /// The data directory is empty: another identity under the same name.
    void wipe() {
        crash();
        agent.wipe();
        fixes.wipe();
        revisionSeen = 0;
        newIdentity();
        world.consensus().lostDisk(id);
        start();
    }

    // ---- heartbeat

    private NodeId firstContact() {
        if (world.consensus().configured().contains(id)) return id;
        List<NodeId> voters = world.consensus().configured();
        return voters.get((world.indexOf(id) + world.chance().below(voters.size())) % voters.size());
    }

    private void beat(int mine) {
        if (life != mine || !running) return;
        if (unanswered++ >= PATIENCE || !contactVotes()) anotherContact();
        if (!member()) join();
        else world.network().send(List.of(id, contact), this::heartbeat);
        NodeId asked = contact;
        world.network().send(List.of(id, asked), () -> refresh(asked));
        agent.decideUnlessJustDone();
        agent.repair();
        fixes.turn();
        world.agenda().in(world.policy().heartbeat().toMillis(), () -> beat(mine));
    }

    private boolean contactVotes() {
        return world.consensus().configured().contains(contact);
    }

    private void anotherContact() {
        unanswered = 0;
        if (world.consensus().configured().contains(id)) {
            contact = id;
            return;
        }
        List<NodeId> voters = seen.fleet().voters().isEmpty()
                ? world.consensus().configured()
                : seen.fleet().voters();
        contact = voters.get(
                (Math.max(0, voters.indexOf(contact)) + 1 + world.chance().below(voters.size())) % voters.size());
    }

    private void heartbeat() {
        long revision = seen.revision();
        Set<AttemptId> attempts = Set.copyOf(agent.journal().keys());
        Soft.Telemetry telemetry = agent.telemetry();
        Table<Sha256, String> awaited = agent.awaited();
        Presence presence = new Presence(id + "-" + life, "machine of " + id, id.name(), "");
        int mine = life;
        world.forward(
                contact,
                leader -> world.leaderAt(leader)
                        .flatMap(there -> there.heard(
                                id,
                                new Soft.Heard(
                                        world.clockOf(leader),
                                        revision,
                                        attempts,
                                        telemetry,
                                        awaited,
                                        Optional.of(presence))))
                        .ifPresent(twin -> world.network().send(List.of(leader, id), () -> refused(mine, twin))));
    }

    /// Another agent is this node.
    private void refused(int mine, Twin twin) {
        if (life != mine || !running) return;
        world.tell("agent on " + id + " ends", twin.message(id));
        crash();
    }

    private void refresh(NodeId voter) {
        world.consensus().voter(voter).ifPresent(asked -> {
            ClusterState newest = asked.state;
            world.network().send(List.of(voter, id), () -> receive(newest));
        });
    }

    /// A voter that this agent listens to pushes what it has just applied.
    void push(NodeId from, ClusterState state) {
        if (running && from.equals(contact)) world.network().send(List.of(from, id), () -> receive(state));
    }

    private void receive(ClusterState state) {
        unanswered = 0;
        boolean older = state.revision() <= seen.revision() || state.revision() < revisionSeen;
        if (older && !world.makes(Mutation.AGENT_TAKES_OLD_STATES)) return;
        seen = state;
        revisionSeen = state.revision();
        agent.decide();
        fixes.turn();
    }

    private void join() {
        if (seen.revision() == 0) return;
        Command join = new Command.JoinNode(
                id,
                identity,
                profile.role(),
                profile.hardware(),
                profile.maxParallelJobs(),
                new Endpoints(id.name(), 8770, 8767, 8771));
        tell(join, "agent " + identity, outcome -> {});
    }

    // ---- orders

    /// Tells the cluster; at most every few seconds the same.
    void report(Command command) {
        tell(command, "agent on " + id, outcome -> {});
    }

    private void tell(Command command, String why, Consumer<Outcome> answer) {
        long now = world.agenda().nowMs();
        Long sent = sentAtMs.get(command);
        if (sent != null && now - sent < REPEAT_MS) return;
        sentAtMs.put(command, now);
        sentAtMs.values().removeIf(at -> now - at > 10 * REPEAT_MS);
        order(Envelope.of(Actor.node(id), why, command), answer);
    }

    /// Passes an order on to whoever leads, as far as this node's voter knows.
    ///
    /// @param answer called when an answer comes back to this node; perhaps never
    void order(Envelope envelope, Consumer<Outcome> answer) {
        if (!running) return;
        world.network()
                .send(
                        List.of(id, contact),
                        () -> world.forward(
                                contact,
                                leader -> world.consensus()
                                        .propose(
                                                leader,
                                                envelope,
                                                outcome -> world.network()
                                                        .send(List.of(leader, id), () -> answer.accept(outcome)))));
    }

    Optional<Node> known() {
        return seen.fleet().nodes().find(id);
    }
}
