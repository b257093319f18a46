package dev.muster.core.run;

import dev.muster.core.plan.Action;
import dev.muster.core.plan.Credit;
import dev.muster.core.plan.Errand;
import dev.muster.core.plan.Renting;
import dev.muster.core.plan.Soft;
import dev.muster.core.plan.Wait;
import dev.muster.core.scale.Buyer;
import dev.muster.core.state.Attempt;
import dev.muster.core.state.Budgets;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Command;
import dev.muster.core.state.Fit;
import dev.muster.core.state.Group;
import dev.muster.core.state.Instance;
import dev.muster.core.state.InstanceId;
import dev.muster.core.state.JobSpec;
import dev.muster.core.state.Money;
import dev.muster.core.state.Node;
import dev.muster.core.state.Rent;
import dev.muster.core.state.Rentals;
import dev.muster.core.state.Run;
import dev.muster.core.state.RunSpec;
import dev.muster.core.state.SecretBlanks;
import dev.muster.core.state.Sighting;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.stream.Stream;

/// The machines of runs that have their own: rented when a stage is to run, replaced when they fail (the keeper ends those),
/// and stopped or ended when the run is over and all that is asked for is safe elsewhere.
final class Machines {
    /// The provider's charges for a machine that has ended come within a day or two; then our own count stands.
    private static final Duration SETTLED = Duration.ofDays(3);
    /// An attempt that runs for so long is not what its machine failed of at once.
    private static final Duration WORKED = Duration.ofMinutes(10);

    /// Secrets that were there so lately are still.
    private static final Duration FOUND = Duration.ofMinutes(1);

    private final ClusterState state;
    private final Rentals rentals;
    private final Soft soft;
    private final Instant now;
    private final List<Action> actions;
    private final List<Wait> waits;
    private final Buyer buyer;
    private final Map<String, List<Instance>> grouped = new TreeMap<>();

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
        for (Instance instance : rentals.instances().values())
            instance.group()
                    .ifPresent(name -> grouped.computeIfAbsent(name, key -> new ArrayList<>())
                            .add(instance));
    }

    /// What its machines have cost so far.
    static Money spent(ClusterState state, Run run, Instant now) {
        return state.rentals().spent(run.launchedAt(), now, run.id().name());
    }

    /// Why its total can pay for no machine any more; empty while it may. What is open is not bought again, and costs less
    /// once it goes.
    Optional<String> poor(Run run) {
        Group terms = run.spec().machines().orElse(null);
        Money cap = run.spec().totalMax().orElse(null);
        if (terms == null || cap == null || of(run).anyMatch(Instance::open)) return Optional.empty();
        Money spent = spent(state, run, now);
        return buyer.offered(terms)
                .filter(rent -> rent.perHour().plus(spent).compareTo(cap) > 0)
                .map(rent -> "it has cost " + spent + " of at most " + cap
                        + ", into which no hour of another machine for " + rent.perHour() + " fits");
    }

    /// Sees to it that an open run has its machines, and none that are of no use to it.
    ///
    /// @param job that is to run there
    /// @param why it needs them
    /// @return why it can have none, and is to fail; empty while it may
    Optional<String> keep(Run run, JobSpec job, String why) {
        List<Instance> staying = staying(run, job, Instance.Will.RUN);
        Group terms = run.spec().machines().orElse(null);
        if (terms == null || staying.size() >= terms.target()) return Optional.empty();
        Optional<String> failed = failed(run);
        if (failed.isPresent()) return failed;
        if (!soft.renting().enabled()) {
            hold(run, Wait.Reason.INSTANCE, "nothing can be rented: no provider has a key, or it is switched off");
            return Optional.empty();
        }
        Optional<Instance> stopped = stopped(run, job, terms);
        if (stopped.isPresent()) again(run, stopped.get());
        else more(run, terms, why);
        return Optional.empty();
    }

    /// One to be started again. Those that are dearer than it may pay now are ended; what a person has stopped meanwhile is left.
    private Optional<Instance> stopped(Run run, JobSpec job, Group terms) {
        for (Instance stopped : staying(run, job, Instance.Will.STOP)) {
            Optional<String> dear = stoppedSince(run, stopped) ? Optional.empty() : dear(terms, stopped);
            if (dear.isEmpty()) return Optional.of(stopped);
            actions.add(new Action.Propose(
                    new Command.EndInstance(stopped.id(), false), "of no use to " + run.id() + ": " + dear.get()));
        }
        return Optional.empty();
    }

    /// Why a stopped machine costs more than these terms allow; empty when it does not.
    static Optional<String> dear(Group terms, Instance stopped) {
        Money perHour = started(stopped);
        return perHour.compareTo(terms.priceMax()) > 0
                ? Optional.of("it costs " + perHour + " per hour, and at most " + terms.priceMax() + " is asked for")
                : Optional.empty();
    }

    /// Per hour, once it runs again.
    private static Money started(Instance stopped) {
        return stopped.seen()
                .map(Sighting::perHourRunning)
                .orElse(Money.ZERO)
                .max(stopped.rent().perHour());
    }

    private static boolean stoppedSince(Run run, Instance stopped) {
        return stopped.willAt().isAfter(run.since());
    }

    /// Its open machines of which that is wanted, without those that it cannot use: those are ended.
    private List<Instance> staying(Run run, JobSpec job, Instance.Will will) {
        List<Instance> staying = new ArrayList<>();
        for (Instance instance : of(run).toList()) {
            if (!instance.open() || instance.will() != will) continue;
            Optional<String> useless = useless(run, instance, job);
            if (useless.isEmpty()) staying.add(instance);
            else {
                blame(run, instance, useless.get());
                actions.add(new Action.Propose(
                        new Command.EndInstance(instance.id(), false),
                        "of no use to " + run.id() + ": " + useless.get()));
            }
        }
        return staying;
    }

    /// It was rented on other terms, or is not what was offered; what runs there may end.
    private Optional<String> useless(Run run, Instance instance, JobSpec job) {
        if (instance.node()
                .filter(node -> !state.work().activeOn(node).isEmpty())
                .isPresent()) return Optional.empty();
        Group terms = run.spec().machines().orElse(null);
        if (terms == null) return Optional.of("it needs no machine of its own any more");
        Optional<Node> node = instance.node().flatMap(state.fleet().nodes()::find);
        return Buyer.unlike(terms, instance.rent()).or(() -> node.flatMap(there -> Fit.never(job, there)));
    }

    /// One that it has, and that was stopped with it. What a person has stopped since is the person's to start.
    private void again(Run run, Instance stopped) {
        InstanceId id = stopped.id();
        if (stoppedSince(run, stopped)) {
            hold(
                    run,
                    Wait.Reason.INSTANCE,
                    id + " was stopped while " + run.id() + " was open; `muster instance start " + id
                            + "` has it go on, and `muster instance destroy " + id + "` has another rented");
            return;
        }
        Money extra = started(stopped).minus(stopped.committed());
        Optional<Budgets.Use> over = Budgets.tightest(
                        rentals, stopped.group(), rentals.scaling().windowsAt(now), now)
                .filter(use -> extra.compareTo(Money.ZERO) > 0 && extra.compareTo(use.left()) > 0);
        if (over.isPresent()) {
            hold(run, Wait.Reason.BUDGET, id + " is not started: " + over.get() + " is used");
            return;
        }
        Optional<String> lack = unkept(run);
        if (lack.isPresent()) {
            hold(run, Wait.Reason.INSTANCE, id + " is not started: " + lack.get());
            return;
        }
        hold(run, Wait.Reason.INSTANCE, id + " is started again");
        actions.add(new Action.Propose(
                new Command.StartInstance(id, rentals.scaling().windowsAt(now)), run.id() + " goes on"));
    }

    private void more(Run run, Group terms, String why) {
        Money open = rentals.committed(Optional.of(terms.name()));
        Optional<Money> left = run.spec()
                .totalMax()
                .map(cap -> cap.minus(spent(state, run, now)).minus(open));
        boolean full = left.isPresent()
                && buyer.offered(terms)
                        .filter(rent -> rent.perHour().compareTo(left.get()) > 0)
                        .isPresent();
        Optional<String> lack =
                Credit.noOrder(state, soft.renting(), terms.provider(), now).or(() -> unkept(run));
        if (lack.isPresent()) hold(run, Wait.Reason.INSTANCE, "no machine is ordered: " + lack.get());
        else if (full)
            hold(
                    run,
                    Wait.Reason.BUDGET,
                    "no machine is ordered: with an hour of what is open for " + open
                            + ", another does not fit into the" + " total of "
                            + run.spec().totalMax().orElseThrow());
        else if (!buyer.ordered()) buyer.buy(run.id().toString(), terms, why);
    }

    /// Which secrets its machine would lack, since the leader's host does; empty when it has all. It looks before each order
    /// anew, and again while one is missing.
    private Optional<String> unkept(Run run) {
        SortedSet<String> names = SecretBlanks.names(run.spec());
        if (names.isEmpty()) return Optional.empty();
        Errand find = new Errand.FindSecrets(run.id(), names);
        Optional<Renting.Tried> last = soft.renting().last(find);
        boolean fresh = last.filter(tried -> !tried.running()
                        && tried.failures() == 0
                        && now.isBefore(tried.at().plus(FOUND)))
                .isPresent();
        if (fresh) return Optional.empty();
        if (soft.renting().due(find, now))
            actions.add(new Action.Run(find, run.id() + " needs " + String.join(", ", names)));
        return Optional.of(last.filter(tried -> tried.failures() > 0)
                .map(tried -> "the leader, "
                        + state.fleet().leader().map(Object::toString).orElse("") + ", lacks what its machine needs: "
                        + tried.note())
                .orElse("the leader looks for its secrets: " + String.join(", ", names)));
    }

    /// One that lacks what it was rented for, as a card that its driver has lost, would be the cheapest offer again.
    private void blame(Run run, Instance instance, String what) {
        Rent rent = instance.rent();
        Duration time = rentals.scaling().blameFor();
        boolean asAgreed = run.spec()
                .machines()
                .filter(terms -> Buyer.unlike(terms, rent).isEmpty())
                .isPresent();
        if (asAgreed && !rent.machine().isEmpty() && !time.isZero())
            actions.add(new Action.Propose(
                    new Command.BlameMachine(rent.provider(), rent.machine(), time, instance.id() + ": " + what),
                    what));
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
                        + " failed before anything came of it; the last, "
                        + last.getFirst().id() + ": "
                        + last.getFirst()
                                .cause()
                                .orElseGet(() -> last.getFirst().reason()))
                : Optional.empty();
    }

    /// Has anything come of it? An attempt that began there and was gone soon, without having saved anything, may be what takes
    /// each machine with it.
    private boolean worked(Instance instance) {
        return instance.node().isPresent()
                && state.runs().runs().values().stream()
                        .filter(run ->
                                instance.group().equals(Optional.of(run.id().name())))
                        .flatMap(run -> run.stages().stream())
                        .flatMap(stage -> stage.job().stream())
                        .flatMap(job -> state.work().attemptsOf(job).values().stream())
                        .anyMatch(
                                attempt -> attempt.node().equals(instance.node().get()) && worked(instance, attempt));
    }

    private boolean worked(Instance instance, Attempt attempt) {
        if (attempt.startedAt().isEmpty()) return false;
        // That its node is gone is known later than it is.
        Instant last = Stream.concat(attempt.endedAt().stream(), instance.ended().map(end -> end.at()).stream())
                .min(Comparator.naturalOrder())
                .orElse(now);
        return attempt.status() == Attempt.Status.SUCCEEDED
                || attempt.saved().number() > 0
                || Duration.between(attempt.startedAt().get(), last).compareTo(WORKED) >= 0;
    }

    /// A run that is over needs no machines; how long what they hold must stay is the drainer's to know.
    void over(Run run) {
        if (run.spec().machines().isEmpty() && of(run).findAny().isEmpty()) return;
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
        // Once its machines are forgotten, nothing is booked any more, and the books go, too.
        if (!open && (run.cost().isEmpty() || of(run).findAny().isPresent())) settle(run);
    }

    /// Once its provider has charged for all of them, or will no more; and again, should it charge more.
    private void settle(Run run) {
        Money spent = spent(state, run, now);
        if (run.cost().equals(Optional.of(spent))) return;
        boolean settled = of(run).allMatch(instance -> instance.settled()
                || instance.ended()
                        .filter(end -> !end.found() || !now.isBefore(end.at().plus(SETTLED)))
                        .isPresent());
        if (settled)
            actions.add(new Action.Propose(new Command.SettleRun(run.id(), spent), "its machines' bills are settled"));
    }

    private Stream<Instance> of(Run run) {
        return grouped.getOrDefault(run.id().name(), List.of()).stream();
    }

    private void hold(Run run, Wait.Reason reason, String why) {
        waits.add(new Wait(run.id().toString(), reason, why));
    }
}
