package dev.muster.edge.rent;

import dev.muster.core.plan.Renting;
import dev.muster.core.plan.Soft;
import dev.muster.core.state.Actor;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Command;
import dev.muster.core.state.Envelope;
import dev.muster.core.state.Handler;
import dev.muster.core.state.Instance;
import dev.muster.core.state.InstanceId;
import dev.muster.core.state.Money;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Observed;
import dev.muster.core.state.Outcome;
import dev.muster.core.state.Rent;
import dev.muster.core.state.Role;
import dev.muster.core.state.RunId;
import dev.muster.core.state.Sighting;
import dev.muster.edge.node.Errands;
import dev.muster.edge.node.Member;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/// A leader of one term, whose log is always there.
final class FakeLead implements Errands.Lead {
    static final Instant BEGUN = Instant.parse("2026-03-01T12:00:00Z");
    private static final NodeId SELF = new NodeId("v1");

    final List<Command> orders = new ArrayList<>();
    volatile boolean leads = true;
    private final long term;
    private Instant now = BEGUN;
    private ClusterState state = ClusterState.EMPTY;
    private Soft soft = Soft.leadingSince(now);

    FakeLead(long term) throws InterruptedException {
        this.term = term;
        order(new Command.AnnounceLeader(SELF, term), "");
    }

    /// The same log, led by the next term.
    FakeLead next() throws InterruptedException {
        FakeLead next = new FakeLead(term + 1);
        next.state = state;
        next.now = now;
        next.order(new Command.AnnounceLeader(SELF, term + 1), "");
        return next;
    }

    Instance ordered() throws InterruptedException {
        return ordered(Optional.empty());
    }

    Instance orderedFor(RunId run) throws InterruptedException {
        return ordered(Optional.of(run.name()));
    }

    private Instance ordered(Optional<String> group) throws InterruptedException {
        Rent rent = new Rent(
                "fake",
                "offer-7",
                "m1",
                "RTX 3070",
                1,
                Optional.empty(),
                new Money(120_000),
                new Money(2_000),
                20,
                "",
                Role.SELFPLAY);
        order(
                new Command.RentInstance(
                        Optional.empty(), rent, group, state.rentals().scaling().windowsAt(now)),
                "a person wants it");
        return state.rentals().instances().values().stream()
                .reduce((one, other) -> other)
                .orElseThrow();
    }

    Instance sighted(InstanceId id, String rented) throws InterruptedException {
        Money price = new Money(120_000);
        order(
                new Command.SightInstance(
                        id, new Sighting(rented, Observed.RUNNING, price, price, Optional.empty(), "")),
                "");
        return instance(id);
    }

    Instance instance(InstanceId id) {
        return state.rentals().instances().require(id);
    }

    synchronized Instant now() {
        return now;
    }

    synchronized void pass(long seconds) {
        now = now.plusSeconds(seconds);
    }

    @Override
    public long term() {
        return term;
    }

    @Override
    public boolean leads() {
        return leads;
    }

    @Override
    public boolean confirmed() {
        return leads;
    }

    @Override
    public synchronized ClusterState state() {
        return state;
    }

    @Override
    public synchronized Soft soft() {
        return soft;
    }

    Renting renting() {
        return soft().renting();
    }

    @Override
    public synchronized void tell(UnaryOperator<Renting> news) {
        soft = soft.withRenting(news.apply(soft.renting()));
    }

    @Override
    public synchronized Member.Answer order(Command order, String why) throws InterruptedException {
        orders.add(order);
        Handler.Step step = Handler.step(state, now, Envelope.of(Actor.leader(SELF), why, order));
        state = step.state();
        return switch (step.outcome()) {
            case Outcome.Accepted done -> new Member.Answer.Done(state.revision(), done.created());
            case Outcome.Refused no -> new Member.Answer.Refused(no.code().name(), no.message());
        };
    }
}
