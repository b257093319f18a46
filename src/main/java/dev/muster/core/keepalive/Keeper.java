package dev.muster.core.keepalive;

import dev.muster.core.plan.Action;
import dev.muster.core.plan.Credit;
import dev.muster.core.plan.Errand;
import dev.muster.core.plan.Plan;
import dev.muster.core.plan.Policy;
import dev.muster.core.plan.Renting;
import dev.muster.core.plan.Soft;
import dev.muster.core.plan.Wait;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Durations;
import dev.muster.core.state.Group;
import dev.muster.core.state.Instance;
import dev.muster.core.state.Rentals;
import dev.muster.core.state.Run;
import dev.muster.core.state.Trouble;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/// What is seen of rented machines is brought to what is wanted of them; nothing else changes what is wanted, save where
/// a machine has failed its deadlines, and is replaced.
///
/// Each look at a provider is one question for all machines. A failed one concludes nothing: what was known stays, and
/// [Wait.Reason#STUCK] tells people.
public final class Keeper {
    /// While something is on its way in or out.
    static final Duration LOOK_SOON = Duration.ofSeconds(5);
    /// Otherwise; far below the five minutes within which nothing may be unlisted.
    static final Duration LOOK_CALM = Duration.ofSeconds(30);
    /// After which a person should hear that a provider cannot be asked.
    private static final Duration BLIND_MAX = Duration.ofMinutes(2);

    private static final Duration CHARGES_EVERY = Duration.ofMinutes(10);
    private static final Duration CREDIT_EVERY = Duration.ofMinutes(2);
    private static final Duration CHARGES_LAST = Duration.ofSeconds(20);
    /// Charges of a machine that has ended come within a day or two, or not at all.
    private static final Duration CHARGES_AWAITED = Duration.ofDays(3);

    private Keeper() {}

    public static Plan decide(ClusterState state, Soft soft, Policy policy, Instant now) {
        Rentals rentals = state.rentals();
        boolean never = rentals.instances().isEmpty()
                && rentals.groups().isEmpty()
                && state.runs().runs().isEmpty();
        if (never || !soft.renting().enabled()) return Plan.NOTHING;
        List<Action> actions = new ArrayList<>();
        List<Wait> waits = new ArrayList<>();
        Map<String, Rows> rows = new HashMap<>();
        for (String provider : providers(state)) {
            rows.put(provider, new Rows(soft.renting().of(provider)));
            look(rentals, provider, soft.renting(), now, actions, waits);
            charges(rentals, provider, soft.renting(), now, actions);
            credit(rentals, provider, soft.renting(), now, actions);
        }
        for (Instance instance : rentals.instances().values()) {
            if (!instance.open()) continue;
            Rows known = rows.getOrDefault(instance.rent().provider(), Rows.NONE);
            new Care(state, soft, policy, now, known, instance).decide(actions, waits);
        }
        Another.decide(state, soft.renting(), now, actions, waits);
        Strays.decide(rentals, soft.renting(), now, actions, waits);
        return new Plan(actions, waits);
    }

    private static TreeSet<String> providers(ClusterState state) {
        Rentals rentals = state.rentals();
        TreeSet<String> providers = new TreeSet<>();
        for (Instance instance : rentals.instances().values())
            providers.add(instance.rent().provider());
        for (Group group : rentals.groups().values()) providers.add(group.provider());
        for (Run run : state.runs().open())
            run.spec().machines().map(Group::provider).ifPresent(providers::add);
        return providers;
    }

    private static void look(
            Rentals rentals, String provider, Renting renting, Instant now, List<Action> actions, List<Wait> waits) {
        boolean flux = rentals.instances().values().stream()
                .filter(instance ->
                        instance.open() && instance.rent().provider().equals(provider))
                .anyMatch(Keeper::moves);
        Duration every = flux ? LOOK_SOON : LOOK_CALM;
        Errand look = new Errand.Look(provider);
        Optional<Instant> last =
                renting.of(provider).map(listings -> listings.newest().asked());
        boolean old = last.map(asked -> !now.isBefore(asked.plus(every))).orElse(true);
        if (old && renting.due(look, now)) actions.add(new Action.Run(look, "every " + Durations.brief(every)));
        renting.last(look)
                .filter(Renting.Tried::denied)
                .flatMap(tried -> Alarm.of(rentals, Trouble.KEY_REFUSED, provider, tried.note(), now))
                .ifPresent(actions::add);
        renting.last(look)
                .filter(tried -> tried.failures() == 0 && last.isPresent())
                .filter(tried -> rentals.told(Trouble.KEY_REFUSED, provider, now))
                .ifPresent(tried -> actions.add(Alarm.over(Trouble.KEY_REFUSED, provider, "the key is taken again")));
        renting.last(look)
                .filter(tried -> tried.failures() > 0)
                .filter(tried -> tried.since().plus(BLIND_MAX).isBefore(now))
                .ifPresent(tried -> waits.add(new Wait(
                        provider,
                        Wait.Reason.STUCK,
                        "cannot be asked for " + Durations.brief(Duration.between(tried.since(), now)) + ": "
                                + tried.note() + "; what is known of its machines stays")));
    }

    /// Is it on its way to something else?
    private static boolean moves(Instance instance) {
        return switch (instance.phase(true)) {
            case RUNNING, STOPPED, ENDED, ABANDONED -> false;
            case ORDERED, STARTING, JOINING, OUTBID, DRAINING, STOPPING, ENDING, FAILED -> true;
        };
    }

    private static void charges(Rentals rentals, String provider, Renting renting, Instant now, List<Action> actions) {
        List<Instance> ours = rentals.instances().values().stream()
                .filter(instance -> instance.rent().provider().equals(provider)
                        && instance.seen().isPresent())
                .filter(instance -> instance.open() || awaited(instance, now))
                .toList();
        if (ours.isEmpty()) return;
        Duration every = ours.stream().allMatch(Instance::open) ? CHARGES_EVERY : CHARGES_LAST;
        Errand ask = new Errand.AskCharges(provider);
        boolean old = renting.last(ask)
                .map(tried -> !now.isBefore(tried.at().plus(every)))
                .orElse(true);
        if (old && renting.due(ask, now)) actions.add(new Action.Run(ask, "every " + Durations.brief(every)));
    }

    /// Looked at only while it lacks, and where a machine may have been stopped for it.
    private static void credit(Rentals rentals, String provider, Renting renting, Instant now, List<Action> actions) {
        if (Credit.over(rentals, renting, provider, now)) {
            actions.add(Alarm.over(Trouble.NO_CREDIT, provider, "the account has credit again"));
            return;
        }
        Optional<String> lack = Credit.lack(rentals, renting, provider, now);
        if (lack.isEmpty()) return;
        Errand ask = new Errand.AskCredit(provider);
        boolean old = renting.last(ask)
                .filter(tried -> tried.failures() == 0)
                .map(tried -> !now.isBefore(tried.at().plus(CREDIT_EVERY)))
                .orElse(true);
        if (old && renting.due(ask, now)) actions.add(new Action.Run(ask, lack.get()));
        Alarm.of(rentals, Trouble.NO_CREDIT, provider, "the account lacks credit", now)
                .ifPresent(actions::add);
    }

    /// Its last charges are still to come.
    private static boolean awaited(Instance instance, Instant now) {
        return !instance.settled()
                && instance.ended()
                        .filter(ended -> ended.at().plus(CHARGES_AWAITED).isAfter(now))
                        .isPresent();
    }
}
