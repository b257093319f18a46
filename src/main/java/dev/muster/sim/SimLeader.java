package dev.muster.sim;

import dev.muster.core.Leader;
import dev.muster.core.alert.Lookout;
import dev.muster.core.health.Admission;
import dev.muster.core.health.Twin;
import dev.muster.core.plan.Action;
import dev.muster.core.plan.Alerting;
import dev.muster.core.plan.Errand;
import dev.muster.core.plan.Plan;
import dev.muster.core.plan.Presence;
import dev.muster.core.plan.Renting;
import dev.muster.core.plan.Soft;
import dev.muster.core.plan.Wait;
import dev.muster.core.state.Actor;
import dev.muster.core.state.Bulletin;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Command;
import dev.muster.core.state.Envelope;
import dev.muster.core.state.Instance;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Outcome;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/// The leader's hands: hears heartbeats, asks [Leader] what to do, proposes it. Lives as long as the voter believes to
/// lead; whatever it knows dies with it.
final class SimLeader {
    /// Answers that do not come for this long are not waited for: what was meant is decided again.
    private static final long ANSWERS_MS = 5_000;
    /// Between a change and the decisions it causes, so that a burst of changes causes few.
    private static final long AFTER_CHANGE_MS = 100;

    /// How often it decides again though answers are on their way; then it orders things twice.
    private static final double IMPATIENT = 0.03;

    private final World world;
    private final Reign reign;
    private Optional<Soft> soft = Optional.empty();
    private Plan plan = Plan.NOTHING;
    private int unanswered;
    private long proposedAtMs;
    private boolean woken;
    private boolean over;

    SimLeader(World world, Reign reign) {
        this.world = world;
        this.reign = reign;
        beat();
    }

    NodeId id() {
        return reign.voter.id;
    }

    void end() {
        over = true;
    }

    /// Why things wait, by the newest decision.
    List<Wait> waits() {
        return plan.waits();
    }

    /// @return who else is that node, and was there first
    Optional<Twin> heard(NodeId node, Soft.Heard news) {
        if (over || !reign.ready()) return Optional.empty();
        Optional<Twin> twin = news.presence().flatMap(asking -> twin(node, asking));
        if (twin.isEmpty()) soft = Optional.of(softNow().withHeard(node, news));
        return twin;
    }

    private Optional<Twin> twin(NodeId node, Presence asking) {
        return Twin.of(softNow(), node, asking, world.policy(), world.clockOf(id()));
    }

    /// What it says of an agent that asks whether it may be the node.
    Admission.Word word(NodeId node, Presence asking) {
        boolean informed = !over && reign.ready() && Twin.informed(softNow(), world.policy(), world.clockOf(id()));
        return new Admission.Word(true, informed, twin(node, asking));
    }

    void removed(NodeId node) {
        soft = soft.map(known -> known.without(node));
    }

    private Soft softNow() {
        return soft.orElseGet(() -> Soft.leadingSince(world.clockOf(id())));
    }

    private void beat() {
        if (over) return;
        decide();
        world.agenda().in(world.policy().heartbeat().toMillis(), this::beat);
    }

    /// Something changed; look soon.
    void wake() {
        if (woken || over) return;
        woken = true;
        world.agenda().in(AFTER_CHANGE_MS, () -> {
            woken = false;
            if (!over) decide();
        });
    }

    private void decide() {
        boolean late = world.agenda().nowMs() - proposedAtMs >= ANSWERS_MS
                || world.chance().of(IMPATIENT);
        boolean waiting = unanswered > 0 && !late;
        if (!reign.ready() || waiting) return;
        unanswered = 0;
        soft = Optional.of(softNow());
        lookOut();
        Soft hinted = soft.get().withGone(world.gone());
        plan = Leader.decide(reign.voter.state, hinted, world.policy(), world.clockOf(id()));
        for (Action action : plan.actions()) {
            if (!over) perform(action);
        }
        if (!over) mistakes();
    }

    private void perform(Action action) {
        switch (action) {
            case Action.Propose(Command command, String why) -> propose(command, why);
            case Action.SetVoters(List<NodeId> voters, String why) -> {
                world.consensus().setVoters(id(), voters, why);
            }
            case Action.Run(Errand errand, String why) -> run(errand);
            case Action.Tell(Bulletin bulletin, String way, String why) ->
                world.people().give(this, bulletin, way);
        }
    }

    // ---- alerts

    private void lookOut() {
        Soft now = softNow();
        Alerting alerting = now.alerting().with(world.people().ways());
        Soft seen = now.withAlerting(alerting);
        soft = Optional.of(seen.withAlerting(Lookout.look(reign.voter.state, seen, world.policy(), now())));
    }

    /// How telling people goes, for as long as it leads.
    void alerting(UnaryOperator<Alerting> told) {
        if (over) return;
        soft = soft.map(known -> known.withAlerting(told.apply(known.alerting())));
        wake();
    }

    // ---- rented machines

    /// What it does when it is made to do wrong.
    private void mistakes() {
        for (Instance instance : reign.voter.state.rentals().open()) {
            boolean again = instance.seen().isEmpty()
                    && !renting().created().has(instance.id())
                    && world.makes(Mutation.CREATES_AGAIN);
            boolean atOnce = instance.seen().isPresent()
                    && instance.will() == Instance.Will.END
                    && world.makes(Mutation.DESTROYS_AT_ONCE);
            Errand errand = again ? new Errand.Create(instance.id()) : new Errand.Destroy(instance.id());
            if (!over && (again || atOnce) && renting().due(errand, now())) run(errand);
        }
    }

    private Renting renting() {
        return softNow().renting();
    }

    private void run(Errand errand) {
        boolean sweeps = errand instanceof Errand.DestroyStray;
        if (world.provider().isEmpty() || sweeps && world.makes(Mutation.NO_SWEEP)) return;
        renting(known -> known.begun(errand, now()));
        world.provider().get().run(this, errand, reign.voter.state);
    }

    /// What a provider said, for as long as it leads.
    void renting(UnaryOperator<Renting> told) {
        if (over) return;
        soft = soft.map(known -> known.withRenting(told.apply(known.renting())));
        wake();
    }

    void order(Command command, String why) {
        if (!over) propose(command, why);
    }

    boolean leads() {
        return !over && reign.ready();
    }

    Instant now() {
        return world.clockOf(id());
    }

    ClusterState state() {
        return reign.voter.state;
    }

    /// Its program is killed, at a moment that somebody chose.
    void die(String when) {
        if (over) return;
        world.tell("fault: leader " + id() + " killed", when);
        SimNode node = world.node(id());
        node.crash();
        world.agenda().in(world.chance().between(500, 60_000), node::start);
    }

    private void propose(Command command, String why) {
        unanswered++;
        proposedAtMs = world.agenda().nowMs();
        if (command instanceof Command.FenceNode(NodeId node)) {
            soft = soft.map(known -> known.withFence(node, world.clockOf(id())));
        }
        world.consensus().propose(id(), Envelope.of(Actor.leader(id()), why, command), this::answered);
    }

    private void answered(Outcome outcome) {
        unanswered--;
        if (unanswered == 0) wake();
    }
}
