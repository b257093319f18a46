package dev.muster.core.run;

import dev.muster.core.plan.Action;
import dev.muster.core.plan.Credit;
import dev.muster.core.plan.Soft;
import dev.muster.core.plan.Wait;
import dev.muster.core.scale.Buyer;
import dev.muster.core.state.Budgets;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Command;
import dev.muster.core.state.Fit;
import dev.muster.core.state.Group;
import dev.muster.core.state.Instance;
import dev.muster.core.state.JobSpec;
import dev.muster.core.state.Money;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Rent;
import dev.muster.core.state.Rentals;
import dev.muster.core.state.Run;
import dev.muster.core.state.RunSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// The machines of runs that have their own: rented when a stage is to run, replaced when they fail (the keeper ends those),
/// and stopped or ended when the run is over and all that is asked for is safe elsewhere.
final class Machines {
    /// The provider's charges for a machine that has ended come within a day or two; then our own count stands.
    private static final Duration SETTLED = Duration.ofDays(3);

    private final ClusterState state;
    private final Rentals rentals;
    private final Soft soft;
    private final Instant now;
    private final List<Action> actions;
    private final List<Wait> waits;
    private final Buyer buyer;

    Machines(ClusterState state, Soft soft, Instant now, List<Action> actions, List<Wait> waits) {
        this.state = state;
        this.rentals = state.rentals();
        this.soft = soft;
        this.now = now;
        this.actions = actions;
        this.waits = waits;
        this.buyer = new Buyer(
                rentals,
                soft.renting(),
                Budgets.uses(rentals, rentals.scaling().windowsAt(now), now),
                now,
                actions,
                waits);
    }

    /// What its machines have cost so far.
    static Money spent(ClusterState state, Run run, Instant now) {
        return state.rentals().spent(run.launchedAt(), now, run.id().name());
    }

    /// Sees to it that an open run has its machines.
    ///
    /// @param job that is to run there
    /// @param why it needs them
    /// @return why it can have none, and is to fail; empty while it may
    Optional<String> keep(Run run, JobSpec job, String why) {
        Group terms = run.spec().machines().orElse(null);
        if (terms == null) return Optional.empty();
        List<Instance> open = of(run).filter(one -> one.open() && one.will() == Instance.Will.RUN)
                .toList();
        for (Instance one : open) unfit(one, job);
        if (open.size() >= terms.target()) return Optional.empty();
        Optional<String> failed = failed(run);
        if (failed.isPresent()) return failed;
        if (!soft.renting().enabled()) {
            hold(run, Wait.Reason.INSTANCE, "nothing can be rented: no provider has a key, or it is switched off");
            return Optional.empty();
        }
        Optional<Instance> stopped = of(run).filter(one -> one.open() && one.will() == Instance.Will.STOP)
                .findFirst();
        if (stopped.isPresent()) {
            actions.add(new Action.Propose(
                    new Command.StartInstance(
                            stopped.get().id(), rentals.scaling().windowsAt(now)),
                    run.id() + " goes on"));
            return Optional.empty();
        }
        Optional<String> lack = Credit.noOrder(rentals, soft.renting(), terms.provider(), now);
        if (lack.isPresent()) hold(run, Wait.Reason.INSTANCE, "no machine is ordered: " + lack.get());
        else if (!buyer.ordered()) buyer.buy(run.id().toString(), terms, why);
        return Optional.empty();
    }

    /// A machine that has joined and lacks what it was rented for (a card that its driver has lost) would be paid for, and
    /// the job would wait for ever.
    private void unfit(Instance instance, JobSpec job) {
        Optional<String> never = instance.node()
                .flatMap((NodeId node) -> state.fleet().nodes().find(node))
                .filter(node -> !node.fenced())
                .flatMap(node -> Fit.never(job, node));
        if (never.isEmpty()) return;
        Rent rent = instance.rent();
        Duration time = rentals.scaling().blameFor();
        String what = instance.id() + " is not as it was offered: " + never.get();
        if (!rent.machine().isEmpty() && !time.isZero())
            actions.add(new Action.Propose(
                    new Command.BlameMachine(rent.provider(), rent.machine(), time, what), what));
        actions.add(new Action.Propose(new Command.EndInstance(instance.id(), false), never.get()));
    }

    /// Machines that failed one after the other, since the run last got anywhere: another would cost as much.
    private Optional<String> failed(Run run) {
        Instant since = run.stages().stream()
                .flatMap(stage -> stage.endedAt().stream())
                .max(Comparator.naturalOrder())
                .filter(run.since()::isBefore)
                .orElse(run.since());
        List<Instance> last = of(run).filter(
                        one -> one.orderedAt().isAfter(since) || one.orderedAt().equals(since))
                .filter(one -> !one.open() || one.leaving())
                .sorted(Comparator.comparing(Instance::id).reversed())
                .limit(run.spec().launchesMax())
                .toList();
        boolean all = last.size() == run.spec().launchesMax() && last.stream().noneMatch(this::worked);
        return all
                ? Optional.of(last.size() + (last.size() == 1 ? " machine" : " machines in a row")
                        + " failed before anything ran there; the last, "
                        + last.getFirst().id() + ": "
                        + last.getFirst()
                                .cause()
                                .orElseGet(() -> last.getFirst().reason()))
                : Optional.empty();
    }

    /// Has an attempt run there?
    private boolean worked(Instance instance) {
        return instance.node().isPresent()
                && state.runs().runs().values().stream()
                        .filter(run ->
                                instance.group().equals(Optional.of(run.id().name())))
                        .flatMap(run -> run.stages().stream())
                        .flatMap(stage -> stage.job().stream())
                        .flatMap(job -> state.work().attemptsOf(job).values().stream())
                        .anyMatch(
                                attempt -> attempt.node().equals(instance.node().get())
                                        && attempt.startedAt().isPresent());
    }

    /// A run that is over needs no machines; how long what they hold must stay is the drainer's to know.
    void over(Run run) {
        if (run.spec().machines().isEmpty()) return;
        boolean open = false;
        for (Instance instance : of(run).toList()) {
            open |= instance.open();
            if (!instance.open() || instance.will() != Instance.Will.RUN) continue;
            boolean wanted = run.endedAt().filter(instance.willAt()::isAfter).isPresent();
            if (run.spec().after() == RunSpec.After.KEEP || wanted) continue;
            boolean never = instance.node().filter(state.fleet().nodes()::has).isEmpty();
            Command end = run.spec().after() == RunSpec.After.END || never
                    ? new Command.EndInstance(instance.id(), false)
                    : new Command.StopInstance(instance.id());
            actions.add(new Action.Propose(end, run.id() + " is over: " + run.status()));
        }
        if (!open && run.cost().isEmpty()) settle(run);
    }

    /// Once its provider has charged for all of them, or will no more.
    private void settle(Run run) {
        boolean settled = of(run).allMatch(instance -> instance.settled()
                || instance.ended()
                        .filter(end -> !end.found() || !now.isBefore(end.at().plus(SETTLED)))
                        .isPresent());
        if (settled)
            actions.add(new Action.Propose(
                    new Command.SettleRun(run.id(), spent(state, run, now)), "its machines' bills are settled"));
    }

    private java.util.stream.Stream<Instance> of(Run run) {
        Optional<String> name = Optional.of(run.id().name());
        return rentals.instances().values().stream().filter(one -> one.group().equals(name));
    }

    private void hold(Run run, Wait.Reason reason, String why) {
        waits.add(new Wait(run.id().toString(), reason, why));
    }
}
