package dev.muster.core.scale;

import dev.muster.core.plan.Action;
import dev.muster.core.plan.Credit;
import dev.muster.core.plan.Errand;
import dev.muster.core.plan.Plan;
import dev.muster.core.plan.Policy;
import dev.muster.core.plan.RentReport;
import dev.muster.core.plan.Renting;
import dev.muster.core.plan.Soft;
import dev.muster.core.plan.Wait;
import dev.muster.core.state.Budgets;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Command;
import dev.muster.core.state.Durations;
import dev.muster.core.state.Group;
import dev.muster.core.state.Instance;
import dev.muster.core.state.InstanceId;
import dev.muster.core.state.Money;
import dev.muster.core.state.Rentals;
import dev.muster.core.state.Scaling;
import dev.muster.core.state.Sighting;
import dev.muster.core.state.Windows;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// Rents machines for groups that are too small for what there is to do, and ends idle ones of groups that are too large.
///
/// Each group gets one answer: an action, or a wait that says why nothing is done. What is not known is never taken for
/// nothing: without a fresh listing of its provider a group is left as it is. At most one machine is ordered in one plan,
/// since orders carry the machine's number; the next plan follows in a moment.
public final class Autoscaler {
    /// A listing that is older says nothing of what runs.
    private static final Duration LISTED = Duration.ofMinutes(2);
    /// Offers that are older have gone, mostly.
    private static final Duration FRESH = Duration.ofSeconds(60);

    /// After two in a row could not get their image, for so long no more are rented that could not either.
    private static final Duration IMAGE_REST = Duration.ofMinutes(30);

    private final ClusterState state;
    private final Rentals rentals;
    private final Scaling scaling;
    private final Renting renting;
    private final Instant now;
    private final Windows windows;
    private final Sizing sizing;
    private final List<Budgets.Use> uses;
    private final List<Action> actions = new ArrayList<>();
    private final List<Wait> waits = new ArrayList<>();
    private final Buyer buyer;

    private Autoscaler(ClusterState state, Soft soft, Policy policy, Instant now) {
        this.state = state;
        this.rentals = state.rentals();
        this.scaling = rentals.scaling();
        this.renting = soft.renting();
        this.now = now;
        this.windows = scaling.windowsAt(now);
        this.sizing = new Sizing(state.fleet(), scaling, new Idleness(state, soft, policy, now), now);
        this.uses = Budgets.uses(rentals, windows, now);
        this.buyer = new Buyer(rentals, renting, uses, now, actions, waits);
    }

    public static Plan decide(ClusterState state, Soft soft, Policy policy, Instant now) {
        if (state.rentals().groups().isEmpty()) return Plan.NOTHING;
        boolean on = state.rentals().scaling().enabled();
        Plan off = on
                ? Plan.NOTHING
                : nothing("off: nothing is rented or ended before `muster scale apply` switches the autoscaler on");
        if (!soft.renting().enabled())
            return on ? nothing("nothing can be rented: no provider has a key, or it is switched off") : off;
        if (on) return new Autoscaler(state, soft, policy, now).plan(soft);
        Plan would = new Autoscaler(RentReport.asEnabled(state), soft, policy, now).plan(soft);
        return off.and(new Plan(asking(would), List.of()));
    }

    /// Offers are asked for while it is off, too: a person wants to know what would be rented before switching it on.
    private static List<Action> asking(Plan would) {
        return would.actions().stream()
                .filter(action ->
                        action instanceof Action.Run(Errand errand, String why) && errand instanceof Errand.FindOffers)
                .toList();
    }

    private static Plan nothing(String why) {
        return new Plan(List.of(), List.of(new Wait(RentReport.AUTOSCALER, Wait.Reason.SCALE, why)));
    }

    private Plan plan(Soft soft) {
        Plan drain = scaling.onCap() == Scaling.OnCap.DRAIN
                ? CapDrain.decide(rentals, state.fleet(), uses, sizing.usefulness(), now)
                : Plan.NOTHING;
        Set<String> shrinking = groupsOf(drain);
        List<Crew> crews = new ArrayList<>(Crew.all(state, soft, now));
        // Who lacks what it must have is served first.
        crews.sort(
                Comparator.comparing((Crew crew) -> crew.size() >= crew.group().min())
                        .thenComparing(crew -> crew.group().name()));
        Backlog backlog = Backlog.of(state, now);
        for (Crew crew : crews) backlog.claim(crew, crew.coming() * scaling.backlogPer());
        for (Crew crew : crews) if (!shrinking.contains(crew.group().name())) decide(crew, backlog);
        return drain.and(new Plan(actions, waits));
    }

    private Set<String> groupsOf(Plan drain) {
        Set<String> names = new TreeSet<>();
        for (Action action : drain.actions()) {
            if (action instanceof Action.Propose(Command.EndInstance(InstanceId id, boolean abandon), String why))
                rentals.instances().find(id).flatMap(Instance::group).ifPresent(names::add);
        }
        return names;
    }

    private void decide(Crew crew, Backlog backlog) {
        Group group = crew.group();
        Optional<String> unknown =
                unknown(group.provider()).or(() -> Credit.noOrder(state, renting, group.provider(), now));
        if (unknown.isPresent()) {
            hold(group, Wait.Reason.SCALE, unknown.get());
            return;
        }
        switch (sizing.of(crew, backlog)) {
            case Size.Stay(String why) -> hold(group, Wait.Reason.SCALE, why);
            case Size.Down(List<Instance> machines, String why) -> {
                for (Instance one : machines)
                    actions.add(
                            new Action.Propose(new Command.EndInstance(one.id(), false), subject(group) + ": " + why));
            }
            case Size.Up up -> {
                backlog.claim(crew, up.more() * up.claim());
                up(crew, up);
            }
        }
    }

    /// Why nobody knows what runs there; empty when it is known.
    private Optional<String> unknown(String provider) {
        Errand look = new Errand.Look(provider);
        Optional<String> denied =
                renting.last(look).filter(Renting.Tried::denied).map(Renting.Tried::note);
        if (denied.isPresent())
            return Optional.of("what runs at " + provider + " is not known, so nothing is changed: " + denied.get());
        Optional<Instant> listed =
                renting.of(provider).map(listings -> listings.newest().at());
        if (listed.filter(at -> !now.isAfter(at.plus(LISTED))).isPresent()) return Optional.empty();
        String note = renting.last(look)
                .map(Renting.Tried::note)
                .filter(text -> !text.isEmpty())
                .map(text -> ": " + text)
                .orElse("");
        String what = listed.map(at -> "was last listed " + Durations.brief(Duration.between(at, now)) + " ago")
                .orElse("has not been listed yet");
        return Optional.of("what runs at " + provider + " is not known, so nothing is changed: it " + what + note);
    }

    // ---- up

    private void up(Crew crew, Size.Up up) {
        Group group = crew.group();
        Optional<String> full = full(crew).or(() -> noImage(group));
        if (buyer.ordered()) {
            hold(
                    group,
                    Wait.Reason.SCALE,
                    up.why() + "; to grow by " + up.more() + " in a moment, machines are ordered one by one");
        } else if (full.isPresent()) {
            hold(group, Wait.Reason.SCALE, up.why() + "; " + full.get());
        } else {
            Optional<Budgets.Use> out =
                    buyer.tightest(group).filter(use -> use.left().compareTo(Money.ZERO) <= 0);
            if (out.isPresent())
                hold(
                        group,
                        Wait.Reason.BUDGET,
                        up.why() + "; to grow by " + up.more() + ", but " + out.get() + " is used");
            else buyer.buy(subject(group), group, up.why());
        }
    }

    /// Machines that are lost count until they are ended.
    private Optional<String> full(Crew crew) {
        int open = rentals.open().size();
        if (open >= Rentals.OPEN_MAX) return Optional.of("there are " + open + " machines, and may be no more");
        int wanted = crew.size() + crew.lost().size();
        if (wanted < crew.group().max()) return Optional.empty();
        return Optional.of(
                crew.lost().isEmpty()
                        ? "it has its most, " + Sizing.machines(crew.group().max()) + ", until one that is offline ends"
                        : crew.lost().getFirst().id() + " is lost, and to be ended before another takes its place");
    }

    private Optional<String> noImage(Group group) {
        List<Instance> last = rentals.instances().values().stream()
                .filter(one -> one.group().filter(group.name()::equals).isPresent()
                        && one.rent().image().equals(group.image()))
                .sorted(Comparator.comparing(Instance::id).reversed())
                .limit(2)
                .toList();
        boolean both = last.size() == 2
                && last.stream()
                        .allMatch(one -> one.ended().isPresent()
                                && one.seen().filter(Sighting::imageFault).isPresent());
        if (!both) return Optional.empty();
        Duration rest =
                Duration.between(now, last.getFirst().ended().orElseThrow().at().plus(IMAGE_REST));
        return rest.isPositive()
                ? Optional.of(last.getLast().id() + " and " + last.getFirst().id() + " could not get their image: "
                        + last.getFirst().seen().map(Sighting::message).orElse("") + "; tried again in "
                        + Durations.brief(rest) + ", or as soon as the group has another image")
                : Optional.empty();
    }

    private void hold(Group group, Wait.Reason reason, String why) {
        waits.add(new Wait(subject(group), reason, why));
    }

    private static String subject(Group group) {
        return "group " + group.name();
    }
}
