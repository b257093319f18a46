package dev.muster.core.state;

import static dev.muster.core.state.Outcome.accepted;
import static dev.muster.core.state.Outcome.refused;

import dev.muster.core.state.Outcome.Code;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Orders about rented machines, groups and budgets.
final class RentOrders {
    private static final Money CHARGE_MAX = Money.ofDollars(10_000_000);
    private static final int FILES_TOLD = 3;
    /// While a machine is open, so much between its bill and its provider's is left to the last charge.
    private static final Money CHARGE_LITTLE = new Money(1_000);
    /// Of a node's name, so that a number still fits behind it.
    private static final int NAME_MAX = 42;

    private RentOrders() {}

    static Outcome handle(ClusterState state, Command.OfRentals command, Actor by, Instant at) {
        return switch (command) {
            case Command.RentInstance order -> rent(state, order, at);
            case Command.AdoptInstance order -> adopt(state, order);
            case Command.SightInstance(InstanceId id, Sighting seen) -> sight(state, id, seen);
            case Command.AbandonInstance(InstanceId id, String note) -> abandon(state, id, note);
            case Command.FinishInstance(InstanceId id, String note) -> finish(state, id, note, at);
            case Command.StartInstance(InstanceId id, Windows windows) -> start(state, id, windows, at);
            case Command.StopInstance(InstanceId id) -> stop(state, id, by);
            case Command.EndInstance(InstanceId id, boolean abandon) -> end(state, id, abandon, by);
            case Command.ReplaceInstance(InstanceId id) -> replace(state, id);
            case Command.ReleaseInstance(InstanceId id) -> release(state, id);
            case Command.RaiseBid order -> raise(state, order, at);
            case Command.RecordCharge order -> charge(state, order, at);
            case Command.BlameMachine order -> blame(state, order);
            case Command.TellTrouble(Trouble kind, String subject, String note) ->
                state.rentals().told(kind, subject, at)
                        ? accepted()
                        : accepted(new Event.TroubleTold(kind, subject, note));
            case Command.EndTrouble(Trouble kind, String subject, String note) ->
                state.rentals().told(kind, subject, at)
                        ? accepted(new Event.TroubleEnded(kind, subject, note))
                        : accepted();
            case Command.SetGroup(Group group) -> setGroup(state, group);
            case Command.DeleteGroup(String name) -> deleteGroup(state, name);
            case Command.SetBudget(String scope, Caps caps) -> setBudget(state, scope, caps);
            case Command.SetScaling(Scaling scaling) ->
                scaling.equals(state.rentals().scaling()) ? accepted() : accepted(new Event.ScalingSet(scaling));
            case Command.EvictAttempt(AttemptId attempt, long token) -> evict(state, attempt, token, at);
        };
    }

    private static Outcome rent(ClusterState state, Command.RentInstance order, Instant at) {
        Rentals rentals = state.rentals();
        InstanceId next = new InstanceId(rentals.next());
        if (order.id().filter(id -> !id.equals(next)).isPresent())
            return refused(
                    Code.STALE,
                    "expected the next machine to be " + next + ", but found "
                            + order.id().get());
        Optional<Outcome> no = full(rentals)
                .or(() -> order.group().flatMap(name -> takes(state, name, order.rent(), at)))
                .or(() -> Budgets.refusal(rentals, order.rent().perHour(), order.group(), order.windows(), at));
        if (no.isPresent()) return no.get();
        Event ordered = new Event.InstanceOrdered(next, label(state, next), order.rent(), order.group(), order.again());
        return new Outcome.Accepted(List.of(ordered), next.toString());
    }

    private static Optional<Outcome> full(Rentals rentals) {
        int open = rentals.open().size();
        return open < Rentals.OPEN_MAX
                ? Optional.empty()
                : Optional.of(
                        refused(Code.FULL, "expected fewer than " + Rentals.OPEN_MAX + " machines, but found " + open));
    }

    /// What keeps a planner from doing the same twice, and a run from costing more than it may.
    private static Optional<Outcome> takes(ClusterState state, String name, Rent rent, Instant at) {
        Rentals rentals = state.rentals();
        Run run = rentals.groups().has(name) ? null : state.runs().named(name).orElse(null);
        if (run == null) return groupTakes(rentals, name);
        if (!run.open() || run.stopping().isPresent())
            return Optional.of(refused(Code.CONFLICT, "expected " + name + " to go on, but it is over or stops"));
        int most = run.spec().machines().map(Group::target).orElse(0);
        long members = members(rentals, name);
        if (members >= most)
            return Optional.of(refused(
                    Code.FULL, "expected fewer than " + most + " machines of " + name + ", but found " + members));
        Money used = rentals.spent(run.launchedAt(), at, name).plus(rentals.committed(Optional.of(name)));
        return run.spec()
                .totalMax()
                .filter(cap -> used.plus(rent.perHour()).compareTo(cap) > 0)
                .map(cap -> refused(
                        Code.OVER_BUDGET,
                        "expected an hour for " + rent.perHour() + " to fit into the total of " + name + ", but " + used
                                + " of " + cap + " is used"));
    }

    private static long members(Rentals rentals, String name) {
        return rentals.open().stream()
                .filter(instance -> instance.group().equals(Optional.of(name)) && instance.will() == Instance.Will.RUN)
                .count();
    }

    private static Optional<Outcome> groupTakes(Rentals rentals, String name) {
        Group group = rentals.groups().find(name).orElse(null);
        if (group == null) return Optional.of(unknownGroup(rentals, name));
        long members = members(rentals, name);
        // A window may allow more than the group by itself; how much is the planner's to know.
        int max = rentals.scaling().windows().stream()
                .filter(window -> window.isFor(name))
                .flatMap(window -> window.max().or(() -> window.target()).or(() -> window.min()).stream())
                .reduce(group.max(), Math::max);
        return members < max
                ? Optional.empty()
                : Optional.of(refused(
                        Code.FULL, "expected fewer than " + max + " machines in " + name + ", but found " + members));
    }

    /// Every cluster has a mark of its own, so that two that share an account tell their machines apart.
    private static String label(ClusterState state, InstanceId id) {
        String known = state.rentals().mark();
        if (!known.isEmpty()) return known + "-" + id;
        int seed = 17;
        for (Node node : state.fleet().nodes().values())
            seed = 31 * seed + node.identity().hashCode();
        return "muster-" + String.format("%08x", seed) + "-" + id;
    }

    private static Outcome adopt(ClusterState state, Command.AdoptInstance order) {
        Rentals rentals = state.rentals();
        Optional<Instance> known =
                known(rentals, order.rent().provider(), order.seen().rented());
        if (known.isPresent()) {
            return refused(
                    Code.CONFLICT,
                    order.rent().provider() + " " + order.seen().rented() + " is "
                            + known.get().id() + " already");
        }
        Optional<Instance> labelled = order.label().isEmpty()
                ? Optional.empty()
                : rentals.labelled(order.label()).filter(Instance::open);
        if (labelled.isPresent())
            return refused(
                    Code.CONFLICT,
                    order.label() + " is the label of " + labelled.get().id());
        Optional<Outcome> no = full(rentals);
        if (no.isPresent()) return no.get();
        InstanceId id = new InstanceId(rentals.next());
        NodeId node = order.node()
                .orElseGet(() -> name(order.rent().provider(), order.seen().rented()));
        if (rentals.of(node).isPresent())
            return refused(
                    Code.CONFLICT,
                    node + " is the node of " + rentals.of(node).get().id());
        Optional<Outcome> taken = named(state, order, node);
        if (taken.isPresent()) return taken.get();
        Event adopted = new Event.InstanceAdopted(id, order.label(), order.rent(), order.seen(), node);
        return new Outcome.Accepted(List.of(adopted), id.toString());
    }

    /// A node that runs elsewhere would stand for the machine: its health would be shown, and its files be looked at, and
    /// the machine be destroyed unseen. The usual name is of the provider's id, and what was thought gone has its own.
    private static Optional<Outcome> named(ClusterState state, Command.AdoptInstance order, NodeId node) {
        boolean back = !order.label().isEmpty()
                && state.rentals()
                        .labelled(order.label())
                        .flatMap(Instance::node)
                        .filter(node::equals)
                        .isPresent();
        if (back || !state.fleet().nodes().has(node)) return Optional.empty();
        if (state.fleet().votes(node))
            return Optional.of(refused(
                    Code.CONFLICT,
                    "expected a name that is no voter's, but " + node + " votes, and what voters run on is never ended;"
                            + " `muster voter remove " + node + "` first, if it runs on this machine"));
        boolean usual = node.equals(name(order.rent().provider(), order.seen().rented()));
        return usual || order.runs().filter(node::equals).isPresent()
                ? Optional.empty()
                : Optional.of(refused(
                        Code.UNSAFE,
                        "expected a name that is no node's, but " + node + " is in the cluster: its health would be"
                                + " shown as this machine's, and it would be removed with it; `--confirm " + node
                                + "` says that it runs on this very machine"));
    }

    private static Optional<Instance> known(Rentals rentals, String provider, String rented) {
        return rentals.instances().values().stream()
                .filter(Instance::open)
                .filter(one ->
                        one.rent().provider().equals(provider) && one.rented().equals(Optional.of(rented)))
                .findFirst();
    }

    private static Outcome sight(ClusterState state, InstanceId id, Sighting seen) {
        Instance instance = state.rentals().instances().find(id).orElse(null);
        if (instance == null) return unknown(id);
        if (!instance.open()) return over(instance);
        if (instance.seen()
                .filter(before -> !before.rented().equals(seen.rented()))
                .isPresent()) {
            return refused(
                    Code.CONFLICT,
                    "expected " + id + " to be " + instance.rented().get() + ", but found " + seen.rented()
                            + " under its label, too");
        }
        Optional<Instance> other = known(state.rentals(), instance.rent().provider(), seen.rented())
                .filter(one -> !one.id().equals(id));
        if (other.isPresent())
            return refused(Code.CONFLICT, seen.rented() + " is " + other.get().id());
        if (instance.seen().filter(seen::same).isPresent()) return accepted();
        NodeId usual = name(instance.rent().provider(), seen.rented());
        NodeId node =
                instance.node().orElse(state.rentals().of(usual).isEmpty() ? usual : new NodeId(usual + "-" + id));
        return accepted(new Event.InstanceSeen(id, seen, node));
    }

    /// `vast-12345`, as the runbooks have it.
    private static NodeId name(String provider, String rented) {
        String name = provider + "-" + rented.replaceAll("[^A-Za-z0-9._-]", "-");
        return new NodeId(name.substring(0, Math.min(name.length(), NAME_MAX)));
    }

    private static Outcome abandon(ClusterState state, InstanceId id, String note) {
        Instance instance = state.rentals().instances().find(id).orElse(null);
        if (instance == null) return unknown(id);
        if (!instance.open()) return accepted();
        if (instance.seen().isPresent())
            return refused(
                    Code.CONFLICT,
                    "expected nobody to have found " + id + ", but it is "
                            + instance.rented().get());
        return accepted(new Event.InstanceAbandoned(id, note));
    }

    private static Outcome finish(ClusterState state, InstanceId id, String note, Instant at) {
        Instance instance = state.rentals().instances().find(id).orElse(null);
        if (instance == null) return unknown(id);
        if (!instance.open()) return accepted();
        if (instance.seen().isEmpty())
            return refused(Code.CONFLICT, "expected somebody to have found " + id + ", but nobody has");
        List<Event> events = new ArrayList<>();
        events.add(new Event.InstanceEnded(id, note));
        Optional<NodeId> node = instance.node().filter(state.fleet().nodes()::has);
        boolean votes = node.filter(state.fleet()::votes).isPresent();
        if (node.isPresent() && !votes) {
            events.addAll(JobOrders.lost(state, node.get(), at, id + " is gone: " + note));
            events.add(new Event.NodeRemoved(node.get()));
        }
        return new Outcome.Accepted(events, "");
    }

    private static Outcome start(ClusterState state, InstanceId id, Windows windows, Instant at) {
        Instance instance = state.rentals().instances().find(id).orElse(null);
        if (instance == null) return unknown(id);
        if (!instance.open()) return over(instance);
        if (instance.will() == Instance.Will.RUN) return accepted();
        if (instance.will() == Instance.Will.END && instance.released().isPresent()) return ending(instance);
        Money more = instance.perHourRunning().minus(instance.committed()).max(Money.ZERO);
        // What is paid already commits to nothing.
        if (more.equals(Money.ZERO)) return accepted(new Event.InstanceStarting(id));
        return Budgets.refusal(state.rentals(), more, instance.group(), windows, at)
                .orElseGet(() -> accepted(new Event.InstanceStarting(id)));
    }

    private static Outcome stop(ClusterState state, InstanceId id, Actor by) {
        Instance instance = state.rentals().instances().find(id).orElse(null);
        if (instance == null) return unknown(id);
        if (!instance.open()) return over(instance);
        if (instance.will() == Instance.Will.STOP) return accepted();
        if (instance.will() == Instance.Will.END) return ending(instance);
        Optional<RunId> resumed = state.runOf(instance)
                .filter(run -> state.runs().runs().require(run).open());
        if (resumed.isPresent() && by.kind() != Actor.Kind.PERSON)
            return refused(Code.STALE, "expected " + resumed.get() + " to be over, but it goes on");
        return voter(state, instance).orElseGet(() -> accepted(new Event.InstanceStopping(id)));
    }

    private static Outcome end(ClusterState state, InstanceId id, boolean abandon, Actor by) {
        Instance instance = state.rentals().instances().find(id).orElse(null);
        if (instance == null) return unknown(id);
        if (!instance.open()) return over(instance);
        if (abandon && by.kind() != Actor.Kind.PERSON)
            return refused(Code.UNSAFE, "only a person may abandon what " + id + " holds");
        if (instance.will() == Instance.Will.END && (instance.abandon() || !abandon)) return accepted();
        return voter(state, instance).orElseGet(() -> accepted(new Event.InstanceEnding(id, abandon)));
    }

    private static Outcome replace(ClusterState state, InstanceId id) {
        Instance instance = state.rentals().instances().find(id).orElse(null);
        if (instance == null) return unknown(id);
        if (!instance.open()) return over(instance);
        if (instance.replaced()) return accepted();
        if (instance.will() != Instance.Will.RUN)
            return refused(Code.CONFLICT, "expected " + id + " to be to run, but it is to " + instance.will());
        if (instance.again().filter(Again::more).isEmpty())
            return refused(Code.CONFLICT, "expected another to be wanted in the place of " + id + ", but none is");
        if (instance.node().filter(state.fleet().nodes()::has).isPresent())
            return refused(Code.CONFLICT, "expected " + id + " never to have joined, but it has");
        return accepted(new Event.InstanceReplaced(id));
    }

    private static Optional<Outcome> voter(ClusterState state, Instance instance) {
        return instance.node().filter(state.fleet()::votes).map(NodeOrders::voter);
    }

    private static Outcome release(ClusterState state, InstanceId id) {
        Instance instance = state.rentals().instances().find(id).orElse(null);
        if (instance == null) return unknown(id);
        if (!instance.open()) return over(instance);
        if (instance.will() == Instance.Will.RUN)
            return refused(Code.CONFLICT, "expected " + id + " to be stopped or ended, but it is to run");
        if (instance.released().isPresent()) return accepted();
        if (instance.abandon()) return accepted(new Event.InstanceReleased(id));
        Optional<String> held = instance.node().flatMap(node -> Custody.holds(state, node, FILES_TOLD));
        return held.isPresent()
                ? refused(Code.UNSAFE, "expected nothing on " + id + " to be only there, but " + held.get())
                : accepted(new Event.InstanceReleased(id));
    }

    private static Outcome raise(ClusterState state, Command.RaiseBid order, Instant at) {
        Instance instance = state.rentals().instances().find(order.id()).orElse(null);
        if (instance == null) return unknown(order.id());
        if (!instance.open()) return over(instance);
        Rent rent = instance.rent();
        if (rent.bid().isEmpty())
            return refused(Code.CONFLICT, "expected " + order.id() + " to be rented at a bid, but it is not");
        if (order.bid().compareTo(rent.bid().get()) <= 0)
            return refused(Code.STALE, "expected a bid above " + rent.bid().get() + ", but found " + order.bid());
        Money more = order.bid().minus(rent.bid().get());
        if (!Rent.price(order.bid()).equals(order.bid())
                || !Rent.price(rent.perHour().plus(more)).equals(rent.perHour().plus(more)))
            return refused(Code.INVALID, "expected a bid that somebody would pay, but found " + order.bid());
        Rent next = new Rent(
                rent.provider(),
                rent.offer(),
                rent.machine(),
                rent.gpu(),
                rent.gpus(),
                Optional.of(order.bid()),
                rent.perHour().plus(more),
                rent.perHourStopped(),
                rent.diskGb(),
                rent.image(),
                rent.role());
        return Budgets.refusal(state.rentals(), more, instance.group(), order.windows(), at)
                .orElseGet(() -> accepted(new Event.InstanceBidRaised(order.id(), next)));
    }

    private static Outcome charge(ClusterState state, Command.RecordCharge order, Instant at) {
        Instance instance = state.rentals().instances().find(order.id()).orElse(null);
        if (instance == null) return unknown(order.id());
        Bill bill = instance.bill();
        boolean early = instance.open() && order.upTo().isBefore(bill.at());
        if (early || order.upTo().isAfter(at.plusSeconds(60))) {
            return refused(
                    Code.STALE,
                    "expected charges up to " + bill.at() + " or later, but found them up to " + order.upTo());
        }
        if (order.total().micros() < 0 || order.total().compareTo(CHARGE_MAX) > 0)
            return refused(
                    Code.INVALID,
                    "expected charges of $0 to " + CHARGE_MAX + " for one machine, but found " + order.total());
        Money off = order.total().minus(bill.total(order.upTo()));
        boolean told = bill.charged().isPresent() && (instance.open() || instance.settled());
        boolean little = instance.open() && Math.abs(off.micros()) < CHARGE_LITTLE.micros();
        boolean same = told && (off.equals(Money.ZERO) || little);
        return same ? accepted() : accepted(new Event.InstanceCharged(order.id(), order.total(), order.upTo()));
    }

    /// The same words again are the same failure.
    private static Outcome blame(ClusterState state, Command.BlameMachine order) {
        boolean known = state.rentals()
                .blames()
                .find(Rentals.place(order.provider(), order.machine()))
                .filter(blame -> blame.why().equals(order.reason()))
                .isPresent();
        if (known) return accepted();
        boolean right = !order.machine().isEmpty()
                && order.time().compareTo(Duration.ZERO) > 0
                && order.time().compareTo(Scaling.BLAME_MAX) <= 0;
        return right
                ? accepted(new Event.MachineBlamed(order.provider(), order.machine(), order.time(), order.reason()))
                : refused(
                        Code.INVALID,
                        "expected a machine and up to " + Durations.brief(Scaling.BLAME_MAX) + ", but found \""
                                + order.machine() + "\" and " + order.time());
    }

    private static Outcome setGroup(ClusterState state, Group group) {
        Rentals rentals = state.rentals();
        if (group.equals(rentals.groups().find(group.name()).orElse(null))) return accepted();
        if (state.runs().named(group.name()).isPresent())
            return refused(Code.CONFLICT, "expected a name that is no run's, but " + group.name() + " is one");
        if (!rentals.groups().has(group.name()) && rentals.groups().size() >= Rentals.GROUPS_MAX)
            return refused(Code.FULL, "expected fewer than " + Rentals.GROUPS_MAX + " groups");
        return accepted(new Event.GroupSet(group));
    }

    private static Outcome deleteGroup(ClusterState state, String name) {
        Rentals rentals = state.rentals();
        if (!rentals.groups().has(name)) return unknownGroup(rentals, name);
        List<InstanceId> members = rentals.open().stream()
                .filter(instance -> instance.group().equals(Optional.of(name)))
                .filter(instance -> instance.will() != Instance.Will.END)
                .map(Instance::id)
                .toList();
        return members.isEmpty()
                ? accepted(new Event.GroupDeleted(name))
                : refused(
                        Code.CONFLICT,
                        "expected " + name + " to have no machines, but it has " + members + "; `muster group set "
                                + name + " --min 0 --target 0 --max 0` has the autoscaler end them, `muster instance"
                                + " destroy` ends one");
    }

    private static Outcome setBudget(ClusterState state, String scope, Caps caps) {
        Rentals rentals = state.rentals();
        if (!scope.equals(Rentals.ALL) && !rentals.groups().has(scope)) return unknownGroup(rentals, scope);
        boolean same = rentals.caps().getOrDefault(scope, Caps.NONE).equals(caps);
        return same ? accepted() : accepted(new Event.BudgetSet(scope, caps));
    }

    private static Outcome evict(ClusterState state, AttemptId id, long token, Instant at) {
        Attempt attempt = state.work().attempts().find(id).orElse(null);
        if (attempt == null || !attempt.status().isActive() || attempt.token() != token)
            return refused(Code.STALE, "expected " + id + " to run under " + token + ", but it does not");
        boolean leaving =
                state.fleet().nodes().find(attempt.node()).filter(Node::leaving).isPresent();
        if (!leaving) return refused(Code.CONFLICT, "expected " + attempt.node() + " to be leaving, but it is not");
        String why = attempt.node() + " is leaving";
        Optional<Instant> due = state.work().evictionEnds(attempt);
        if (due.isEmpty())
            return accepted(
                    state.work().specOf(id).gang()
                            ? GangOrders.evicting(attempt, why)
                            : new Event.AttemptEvicting(id, why));
        return at.isBefore(due.get())
                ? refused(Code.CONFLICT, "expected " + id + " to have until " + due.get() + ", but it is " + at)
                : new Outcome.Accepted(JobOrders.evicted(state, id, at, why + ", and it did not end by itself"), "");
    }

    private static Outcome unknown(InstanceId id) {
        return refused(Code.NOT_FOUND, "no instance " + id + "; `muster instance list` shows those there are");
    }

    private static Outcome over(Instance instance) {
        Instance.Ended end = instance.ended().orElseThrow();
        return refused(
                Code.CONFLICT,
                instance.id() + (end.found() ? " has ended at " : " never came to be, and was given up at ") + end.at()
                        + ": " + instance.cause().orElse(""));
    }

    private static Outcome ending(Instance instance) {
        return refused(
                Code.CONFLICT,
                instance.id() + " is to end (" + instance.reason() + ")"
                        + (instance.released().isPresent()
                                ? ", and its provider is asked to already"
                                : "; `muster instance start " + instance.id() + "` keeps it"));
    }

    private static Outcome unknownGroup(Rentals rentals, String name) {
        return refused(
                Code.NOT_FOUND,
                "no group " + name + "; "
                        + (rentals.groups().isEmpty()
                                ? "there are none, `muster group create` makes one"
                                : "there are "
                                        + String.join(", ", rentals.groups().keys())));
    }
}
