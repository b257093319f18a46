package dev.muster.core.state;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// Everything rented: machines from order to last bill, groups, budgets, and what was spent.
///
/// @param next      the number of the next machine
/// @param mark      what all labels of this cluster begin with; empty until the first machine is rented
/// @param instances those that are open, and the last that ended
/// @param caps      of all machines under the empty name, of a group under its own
/// @param blames    by [#place]: on which physical machines nothing is rented for now
/// @param told      of which [Trouble], and of what, the events told when, and when it was over
public record Rentals(
        long next,
        String mark,
        Table<InstanceId, Instance> instances,
        Table<String, Group> groups,
        Table<String, Caps> caps,
        Scaling scaling,
        Table<String, Blame> blames,
        Ledger ledger,
        Table<String, Instant> told) {
    /// The name of the caps that are for everything.
    public static final String ALL = "";
    /// Machines at once.
    public static final int OPEN_MAX = 2_000;
    public static final int GROUPS_MAX = 100;
    /// Ended ones that are shown; what they cost stays in the ledger.
    static final int ENDED_KEPT = 1_000;
    /// For so long; every planner walks them, so a year's would make each decision slow. A provider's last charges come
    /// within days.
    static final Duration ENDED_FOR = Duration.ofDays(7);
    private static final int BLAMES_MAX = 1_000;

    /// The same trouble is not told again before.
    private static final Duration TOLD_FOR = Duration.ofHours(24);
    private static final int TOLD_MAX = 500;

    /// Nothing is rented by itself before somebody has said so.
    static final Rentals EMPTY = new Rentals(
            1,
            "",
            Table.empty(),
            Table.empty(),
            Table.empty(),
            Scaling.DEFAULT.withEnabled(false),
            Table.empty(),
            Ledger.EMPTY,
            Table.empty());

    /// What an earlier build did not write is empty.
    public Rentals {
        told = told == null ? Table.empty() : told;
    }

    public List<Instance> open() {
        return instances.values().stream().filter(Instance::open).toList();
    }

    /// The open one that this node runs on.
    public Optional<Instance> of(NodeId node) {
        for (Instance instance : instances.values())
            if (instance.open() && instance.node().equals(Optional.of(node))) return Optional.of(instance);
        return Optional.empty();
    }

    /// Those that open ones run as, whether they have joined or not.
    Set<NodeId> nodes() {
        Set<NodeId> nodes = new TreeSet<>();
        for (Instance instance : instances.values())
            if (instance.open()) instance.node().ifPresent(nodes::add);
        return nodes;
    }

    /// The one that took its place.
    public Optional<Instance> insteadOf(InstanceId failed) {
        for (Instance instance : instances.from(failed).values())
            if (instance.again().flatMap(Again::insteadOf).equals(Optional.of(failed))) return Optional.of(instance);
        return Optional.empty();
    }

    /// The newest with that label: one that was adopted again has that of its earlier life.
    public Optional<Instance> labelled(String label) {
        Optional<Instance> newest = Optional.empty();
        for (Instance instance : instances.values()) if (instance.label().equals(label)) newest = Optional.of(instance);
        return newest;
    }

    /// Is the label one of this cluster's, whether anybody remembers its machine or not?
    public boolean ours(String label) {
        return !mark.isEmpty() && label.startsWith(mark + "-");
    }

    /// A physical machine's key in [#blames].
    public static String place(String provider, String machine) {
        return provider + "/" + machine;
    }

    public Optional<Blame> blamed(String provider, String machine, Instant at) {
        return blames.find(place(provider, machine)).filter(blame -> at.isBefore(blame.until()));
    }

    /// Spent after `from`, up to now, by machines that were rented for that role.
    public Money spent(Instant from, Instant now, Role role) {
        Money sum = ledger.since(from, role);
        for (Instance instance : instances.values())
            if (instance.open() && instance.rent().role() == role)
                sum = sum.plus(instance.bill().since(from, now));
        return sum;
    }

    /// Spent after `from`, up to now, by all machines.
    public Money spent(Instant from, Instant now) {
        Money sum = ledger.since(from);
        for (Instance instance : instances.values())
            if (instance.open()) sum = sum.plus(instance.bill().since(from, now));
        return sum;
    }

    /// Spent after `from`, up to now, by one group; by what belongs to none under the empty name.
    public Money spent(Instant from, Instant now, String group) {
        Money sum = ledger.since(from, group);
        for (Instance instance : instances.values())
            if (instance.open() && instance.group().orElse("").equals(group))
                sum = sum.plus(instance.bill().since(from, now));
        return sum;
    }

    /// Per hour, what we are committed to pay; of one group, or of all.
    public Money committed(Optional<String> group) {
        Money sum = Money.ZERO;
        for (Instance instance : instances.values()) {
            boolean counts = group.isEmpty() || instance.group().equals(group);
            if (instance.open() && counts) sum = sum.plus(instance.committed());
        }
        return sum;
    }

    // ---- facts

    Rentals applied(Event.OfRentals event, long term, Instant at, String why) {
        return switch (event) {
            case Event.InstanceOrdered ordered -> ordered(ordered, term, at, why);
            case Event.InstanceAdopted adopted -> adopted(adopted, term, at, why);
            case Event.InstanceSeen(InstanceId id, Sighting seen, NodeId node) -> seen(id, seen, node, at);
            case Event.InstanceStarting(InstanceId id) ->
                with(instances.require(id).wanted(Instance.Will.RUN, false, at, why));
            case Event.InstanceStopping(InstanceId id) ->
                with(instances.require(id).wanted(Instance.Will.STOP, false, at, why));
            case Event.InstanceEnding(InstanceId id, boolean abandon) ->
                with(instances.require(id).wanted(Instance.Will.END, abandon, at, why));
            case Event.InstanceReplaced(InstanceId id) ->
                with(instances
                        .require(id)
                        .wanted(Instance.Will.END, false, at, why)
                        .asReplaced());
            case Event.InstanceReleased(InstanceId id) ->
                with(instances.require(id).released(at));
            case Event.InstanceBidRaised(InstanceId id, Rent rent) ->
                with(instances.require(id).bidRaised(rent, at, why));
            case Event.InstanceEnded(InstanceId id, String note) -> ended(id, at, note);
            case Event.InstanceAbandoned(InstanceId id, String note) -> ended(id, at, note);
            case Event.InstanceCharged(InstanceId id, Money total, Instant upTo) -> charged(id, total, upTo);
            case Event.MachineBlamed(String provider, String machine, Duration time, String reason) ->
                blamed(place(provider, machine), time, at, reason);
            case Event.TroubleTold(Trouble kind, String subject, String note) ->
                told(trouble(kind, subject), over(trouble(kind, subject)), at);
            case Event.TroubleEnded(Trouble kind, String subject, String note) ->
                told(over(trouble(kind, subject)), trouble(kind, subject), at);
            case Event.GroupSet(Group group) ->
                new Rentals(
                        next, mark, instances, groups.with(group.name(), group), caps, scaling, blames, ledger, told);
            case Event.GroupDeleted(String name) -> deleted(name, at);
            case Event.BudgetSet(String scope, Caps now) ->
                new Rentals(
                        next,
                        mark,
                        instances,
                        groups,
                        now.none() ? caps.without(scope) : caps.with(scope, now),
                        scaling,
                        blames,
                        ledger,
                        told);
            case Event.ScalingSet(Scaling now) ->
                new Rentals(next, mark, instances, groups, caps, now, blames, ledger, told);
        };
    }

    /// Its machines, those that still end and those whose last charge is to come, and what it spent keep a name of their own.
    private Rentals deleted(String name, Instant at) {
        String closed = Ledger.closed(name, at);
        Table<InstanceId, Instance> kept = instances;
        for (Instance instance : instances.values())
            if (instance.group().equals(Optional.of(name)))
                kept = kept.with(instance.id(), instance.withGroup(Optional.of(closed)));
        return new Rentals(
                next,
                mark,
                kept,
                groups.without(name),
                caps.without(name),
                scaling,
                blames,
                ledger.renamed(name, closed),
                told);
    }

    /// What earlier leaders have written down, and nobody has found yet, is passed on by nobody any more.
    Rentals led(long term, Instant at) {
        Rentals next = this;
        for (Instance instance : instances.values()) {
            boolean orphan = instance.open() && instance.seen().isEmpty() && instance.term() < term;
            if (orphan && instance.orphanedAt().isEmpty()) next = next.with(instance.orphaned(at));
        }
        return next;
    }

    private Rentals ordered(Event.InstanceOrdered event, long term, Instant at, String why) {
        String ours = event.label().substring(0, event.label().lastIndexOf('-'));
        Instance instance = Instance.ordered(
                event.instance(), event.label(), event.rent(), event.group(), term, at, why, event.again());
        return new Rentals(
                event.instance().number() + 1,
                ours,
                instances.with(event.instance(), instance),
                groups,
                caps,
                scaling,
                blames,
                ledger,
                told);
    }

    private Rentals adopted(Event.InstanceAdopted event, long term, Instant at, String why) {
        Instance instance = Instance.ordered(
                        event.instance(),
                        event.label(),
                        event.rent(),
                        Optional.empty(),
                        term,
                        at,
                        why,
                        Optional.empty())
                .asAdopted()
                .seen(event.seen(), event.node(), at)
                .withBill(new Bill(Money.ZERO, at, event.seen().perHourNow(), Optional.empty()));
        return new Rentals(
                event.instance().number() + 1,
                mark,
                instances.with(event.instance(), instance),
                groups,
                caps,
                scaling,
                blames,
                ledger,
                told);
    }

    private Rentals seen(InstanceId id, Sighting seen, NodeId node, Instant at) {
        Instance before = instances.require(id);
        boolean sameRate = before.bill().perHour().equals(seen.perHourNow());
        Rentals next = sameRate ? this : booked(before, at);
        Bill bill = next.instances.require(id).bill();
        Bill now = sameRate ? bill : new Bill(bill.booked(), bill.at(), seen.perHourNow(), bill.charged());
        return next.with(before.seen(seen, node, at).withBill(now));
    }

    /// Books what has come up since, so that its price may change.
    private Rentals booked(Instance instance, Instant at) {
        Bill bill = instance.bill();
        Ledger next = ledger.booked(
                bill, at, instance.group().orElse(""), instance.rent().role());
        Bill now = new Bill(bill.total(at), at.isAfter(bill.at()) ? at : bill.at(), bill.perHour(), bill.charged());
        return new Rentals(
                this.next,
                mark,
                instances.with(instance.id(), instance.withBill(now)),
                groups,
                caps,
                scaling,
                blames,
                next,
                told);
    }

    /// What the provider says that it has cost goes over what we reckoned; the difference is booked in that hour.
    private Rentals charged(InstanceId id, Money total, Instant upTo) {
        Rentals next = instances.require(id).open() ? booked(instances.require(id), upTo) : this;
        Instance instance = next.instances.require(id);
        Bill bill = instance.bill();
        Ledger adjusted = next.ledger.with(
                upTo, instance.group().orElse(""), instance.rent().role(), total.minus(bill.booked()));
        Bill now = new Bill(total, bill.at(), bill.perHour(), Optional.of(upTo));
        return new Rentals(
                this.next,
                mark,
                next.instances.with(id, instance.withBill(now)),
                groups,
                caps,
                scaling,
                blames,
                adjusted,
                told);
    }

    private Rentals ended(InstanceId id, Instant at, String note) {
        Rentals next = booked(instances.require(id), at);
        Instance instance = next.instances.require(id);
        Bill bill = instance.bill();
        Bill last = new Bill(bill.booked(), bill.at(), Money.ZERO, bill.charged());
        return next.with(instance.ended(at, note).withBill(last)).pruned(at);
    }

    /// The oldest that have ended make room, and those that ended long ago.
    private Rentals pruned(Instant now) {
        List<Instance> over =
                instances.values().stream().filter(one -> !one.open()).toList();
        Table<InstanceId, Instance> kept = instances;
        int many = over.size();
        for (Instance instance : over) {
            Instant end = instance.ended().orElseThrow().at();
            if (many <= ENDED_KEPT && !end.isBefore(now.minus(ENDED_FOR))) continue;
            kept = kept.without(instance.id());
            many--;
        }
        return new Rentals(next, mark, kept, groups, caps, scaling, blames, ledger, told);
    }

    /// Each failure on a machine doubles the time, up to sixteen times.
    private Rentals blamed(String place, Duration time, Instant at, String why) {
        int times = blames.find(place).map(Blame::times).orElse(0) + 1;
        Instant until = at.plus(time.multipliedBy(1L << Math.min(times - 1, 4)));
        Table<String, Blame> kept = blames;
        for (Map.Entry<String, Blame> entry : blames) {
            boolean over = !at.isBefore(entry.getValue().until().plus(time));
            if (over || kept.size() >= BLAMES_MAX) kept = kept.without(entry.getKey());
        }
        return new Rentals(
                next,
                mark,
                instances,
                groups,
                caps,
                scaling,
                kept.with(place, new Blame(at, until, times, why)),
                ledger,
                told);
    }

    private static String trouble(Trouble kind, String subject) {
        return kind + " " + subject;
    }

    /// Was it told lately?
    public boolean told(Trouble kind, String subject, Instant at) {
        return told.find(trouble(kind, subject))
                .filter(since -> at.isBefore(since.plus(TOLD_FOR)))
                .isPresent();
    }

    /// What of that kind was told lately, and is not over: subjects, and since when.
    public Map<String, Instant> told(Trouble kind, Instant at) {
        Map<String, Instant> subjects = new java.util.TreeMap<>();
        String head = trouble(kind, "");
        for (Map.Entry<String, Instant> entry : told) {
            String subject = entry.getKey().startsWith(head) ? entry.getKey().substring(head.length()) : "";
            if (!subject.isEmpty() && told(kind, subject, at)) subjects.put(subject, entry.getValue());
        }
        return subjects;
    }

    /// When it was last over; that is forgotten after a day, and when it is told again.
    public Optional<Instant> over(Trouble kind, String subject) {
        return told.find(over(trouble(kind, subject)));
    }

    private static String over(String trouble) {
        return trouble + " is over";
    }

    private Rentals told(String trouble, String instead, Instant at) {
        Table<String, Instant> kept = told.without(instead);
        for (Map.Entry<String, Instant> entry : kept) {
            boolean old = !at.isBefore(entry.getValue().plus(TOLD_FOR));
            if (old || kept.size() >= TOLD_MAX) kept = kept.without(entry.getKey());
        }
        return new Rentals(next, mark, instances, groups, caps, scaling, blames, ledger, kept.with(trouble, at));
    }

    private Rentals with(Instance instance) {
        return new Rentals(
                next, mark, instances.with(instance.id(), instance), groups, caps, scaling, blames, ledger, told);
    }
}
