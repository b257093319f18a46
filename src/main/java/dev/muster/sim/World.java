package dev.muster.sim;

import dev.muster.core.Invariants;
import dev.muster.core.plan.Policy;
import dev.muster.core.plan.Wait;
import dev.muster.core.state.Attempt;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Command;
import dev.muster.core.state.Envelope;
import dev.muster.core.state.Event;
import dev.muster.core.state.Handler;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Outcome;
import dev.muster.core.state.Sha256;
import dev.muster.core.state.Table;
import dev.muster.market.Market;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/// The whole cluster: one virtual clock, one queue, one source of chance. What happens is told to [Story]; what must
/// not happen is noticed by [Checks], which ends the run with a [Violation].
///
/// Add nodes, [#begin], give orders and faults, [#run], look at [#state] and [#log].
public final class World {
    /// The whole state is recounted after each step while it has fewer tasks than this, then after every so many steps.
    private static final int RECOUNT_TASKS = 50;
    private static final int RECOUNT_EVERY = 50;

    private Policy policy;
    private final Chance chance;
    private final Agenda agenda = new Agenda();
    private final Network network;
    private final Works works;
    private final Checks checks;
    private final Story story = new Story();
    private final Desk desk;
    private final Map<NodeId, SimNode> nodes = new LinkedHashMap<>();
    private final Map<NodeId, Integer> indexes = new HashMap<>();
    private final Map<NodeId, SimLeader> leaders = new TreeMap<>();
    private final List<NodeId> firstVoters = new ArrayList<>();
    private Optional<Consensus> consensus = Optional.empty();
    private double crashAtLaunch;
    private double transferLoss;
    private boolean deaf;
    private Mutation mutation = Mutation.NONE;
    private String lastRefusal = "";
    private Table<NodeId, Instant> gone = Table.empty();
    private Optional<SimProvider> provider = Optional.empty();
    private final SimPeople people = new SimPeople(this);

    private World(Policy policy, Chance chance) {
        this.policy = policy;
        this.chance = chance;
        this.network = new Network(
                agenda, chance, id -> nodes.containsKey(id) && nodes.get(id).running());
        this.works = new Works(chance);
        this.checks = new Checks(policy);
        this.desk = new Desk(this);
    }

    /// A world in which nothing happens by chance, for scenarios.
    static World calm(Policy policy) {
        return new World(policy, Chance.calm());
    }

    static World seeded(long seed, Policy policy) {
        return new World(policy, Chance.of(seed));
    }

    // ---- setting up

    SimNode add(NodeId id, SimNode.Profile profile, boolean votes) {
        SimNode node = new SimNode(this, id, profile);
        if (nodes.putIfAbsent(id, node) != null) {
            throw new IllegalArgumentException("expected a new name, but " + id + " is there already");
        }
        indexes.put(id, indexes.size());
        network.place(id, profile.region());
        if (votes) firstVoters.add(id);
        if (consensus.isPresent()) node.start();
        return node;
    }

    /// Everything is switched on.
    void begin() {
        consensus = Optional.of(new Consensus(agenda, chance, network, checks, firstVoters, mutation, new Ears()));
        for (SimNode node : nodes.values()) node.start();
        provider.ifPresent(SimProvider::begin);
        tick();
    }

    private void tick() {
        consensus().tick();
        agenda.in(Consensus.TICK_MS, this::tick);
    }

    /// Machines can be rented here. Before it begins.
    void rentFrom(Market market) {
        provider = Optional.of(new SimProvider(this, market));
    }

    /// Who is told of what goes wrong.
    SimPeople people() {
        return people;
    }

    Optional<SimProvider> provider() {
        return provider;
    }

    /// Nothing is pushed and no change wakes the leader: everything has to work by looking again.
    void deaf() {
        deaf = true;
    }

    /// What gossip tells every leader from here on, rightly or not.
    void gossip(NodeId node, boolean holdsGone) {
        gone = holdsGone ? gone.with(node, agenda.now()) : gone.without(node);
    }

    Table<NodeId, Instant> gone() {
        return gone;
    }

    /// From here on this mistake is made.
    void mutate(Mutation mistake) {
        mutation = mistake;
    }

    boolean makes(Mutation mistake) {
        return mutation == mistake;
    }

    void spoil(double atLaunch, double atTransfer) {
        crashAtLaunch = atLaunch;
        transferLoss = atTransfer;
    }

    // ---- running

    /// @throws Violation when a promise was broken
    public void run(Duration time) {
        agenda.runUntil(agenda.nowMs() + time.toMillis());
    }

    /// The state after all that was committed, whoever knows it.
    public ClusterState state() {
        return consensus().truth();
    }

    /// All that was committed, in order.
    public List<Logged> log() {
        return consensus().committed().stream().map(entry -> entry.logged).toList();
    }

    public Duration elapsed() {
        return agenda.elapsed();
    }

    Desk.Order ask(String person, String why, Command command) {
        return desk.ask(person, why, command, outcome -> {});
    }

    Desk.Order ask(String person, String why, Command command, Consumer<Outcome> answered) {
        return desk.ask(person, why, command, answered);
    }

    // ---- looks

    Agenda agenda() {
        return agenda;
    }

    Chance chance() {
        return chance;
    }

    Network network() {
        return network;
    }

    Works works() {
        return works;
    }

    Checks checks() {
        return checks;
    }

    Story story() {
        return story;
    }

    Desk desk() {
        return desk;
    }

    /// Before it begins.
    void forgetAfter(Duration time) {
        policy = policy.withForgetAfter(time);
    }

    Policy policy() {
        return policy;
    }

    double crashAtLaunch() {
        return crashAtLaunch;
    }

    double transferLoss() {
        return transferLoss;
    }

    Consensus consensus() {
        return consensus.orElseThrow(() -> new IllegalStateException("expected begin() before anything else"));
    }

    List<SimNode> nodes() {
        return List.copyOf(nodes.values());
    }

    /// @throws IllegalArgumentException when there is no such machine
    SimNode node(NodeId id) {
        SimNode node = nodes.get(id);
        if (node == null) throw new IllegalArgumentException("expected one of " + nodes.keySet() + ", but found " + id);
        return node;
    }

    int indexOf(NodeId id) {
        return indexes.get(id);
    }

    Instant clockOf(NodeId id) {
        return agenda.now().plusMillis(nodes.get(id).skewMs());
    }

    Optional<SimLeader> leaderAt(NodeId id) {
        return Optional.ofNullable(leaders.get(id));
    }

    /// Why things wait, as the leader of the newest term sees it.
    List<Wait> waits() {
        return consensus().reigns().stream()
                .max((one, other) -> Long.compare(one.term, other.term))
                .flatMap(reign -> leaderAt(reign.voter.id))
                .map(SimLeader::waits)
                .orElse(List.of());
    }

    void tell(String what, String why) {
        story.tell(agenda.elapsed(), what, why);
    }

    // ---- between its parts

    /// A voter that was asked something passes it on to whom it takes for the leader.
    void forward(NodeId voter, Consumer<NodeId> atLeader) {
        Optional<NodeId> leader = consensus().voter(voter).flatMap(known -> known.leader);
        leader.ifPresent(there -> network.send(List.of(voter, there), () -> atLeader.accept(there)));
    }

    void leaderCrashed(NodeId id) {
        Optional.ofNullable(leaders.remove(id)).ifPresent(SimLeader::end);
    }

    private final class Ears implements Consensus.Listener {
        @Override
        public void committed(int index, Entry entry, ClusterState before, Handler.Step step) {
            checks.step(entry.logged, before, step);
            if (before.work().tasks().size() < RECOUNT_TASKS || index % RECOUNT_EVERY == 0) {
                checks.broken(Invariants.check(step.state()));
            }
            step.transition().ifPresent(made -> checks.broken(Invariants.check(before, made, step.state())));
            tellStep(entry.logged, step);
            step.transition().ifPresent(made -> made.events().forEach(this::event));
            provider.ifPresent(there -> step.transition()
                    .ifPresent(made ->
                            made.events().forEach(event -> there.checks().event(event, before, step.state()))));
        }

        private void event(Event event) {
            people.committed(event);
            switch (event) {
                case Event.ModelPromoted promoted -> checks.promoted(promoted.sha(), disksWith(promoted.sha()));
                case Event.PromotionRolledBack rolled ->
                    checks.promoted(rolled.to().sha(), disksWith(rolled.to().sha()));
                case Event.NodeRemoved(NodeId node) -> leaders.values().forEach(leader -> leader.removed(node));
                default -> {}
            }
        }

        @Override
        public void applied(Voter voter, Entry entry, Handler.Step step) {
            if (step.transition().isEmpty() || deaf) return;
            leaderAt(voter.id).ifPresent(SimLeader::wake);
            for (Event event : step.transition().get().events()) {
                for (NodeId node : addressees(event))
                    Optional.ofNullable(nodes.get(node)).ifPresent(there -> there.push(voter.id, step.state()));
            }
        }

        private List<NodeId> addressees(Event event) {
            return switch (event) {
                case Event.TaskPlaced(var attempt, NodeId node) -> List.of(node);
                case Event.GangPlaced placed -> placed.nodes();
                case Event.GangEnding(var attempt, Attempt.Ending ending) ->
                    state().work().newestOf(state().work().tasks().require(attempt.task())).values().stream()
                            .map(Attempt::node)
                            .toList();
                case Event.AttemptEnded(var attempt, Attempt.Ending ending) ->
                    state().work().attempts().find(attempt).map(Attempt::node).stream()
                            .toList();
                case Event.NodeReadmitted(NodeId node) -> List.of(node);
                case Event.NodeJoined joined -> List.of(joined.node());
                default -> List.of();
            };
        }

        @Override
        public void elected(Reign reign, int votes) {
            leaders.put(reign.voter.id, new SimLeader(World.this, reign));
        }

        @Override
        public void reignEnded(Reign reign, String why) {
            leaderCrashed(reign.voter.id);
            tell(reign.voter.id + " no longer leads term " + reign.term, why);
        }

        @Override
        public Instant clockOf(NodeId node) {
            return World.this.clockOf(node);
        }
    }

    private List<NodeId> disksWith(Sha256 sha) {
        return nodes.values().stream()
                .filter(node -> node.agent().everHeld(sha))
                .map(node -> node.id)
                .toList();
    }

    private void tellStep(Logged logged, Handler.Step step) {
        if (step.outcome() instanceof Outcome.Refused(var code, String message)) {
            String refusal = "refused: " + orderName(logged);
            if (!lastRefusal.equals(refusal + message)) tell(refusal, code + ", " + message);
            lastRefusal = refusal + message;
        }
        step.transition().ifPresent(made -> {
            for (Event event : made.events()) tell(Story.line(event), made.why());
        });
    }

    private static String orderName(Logged logged) {
        return logged.body() instanceof Logged.Body.Order(Envelope envelope)
                ? envelope.command().getClass().getSimpleName() + " from " + envelope.actor()
                : "voters";
    }
}
