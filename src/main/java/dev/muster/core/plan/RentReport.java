package dev.muster.core.plan;

import dev.muster.core.rent.OfferQuery;
import dev.muster.core.rent.Rented;
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
import dev.muster.core.state.Scaling;
import dev.muster.core.state.Table;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// What the leader knows of rented machines besides the log, for people: what providers list and offer, what does not
/// do, what it would do next, and what not and why.
///
/// @param reaches  how a machine is come to, as it was last listed
/// @param steps    what it does, and what it would do with the autoscaler on
/// @param waits    of those about machines, groups and budgets
/// @param enabled  whether the autoscaler is on
/// @param able     whether the leader has a key for any provider
public record RentReport(
        List<Source> sources,
        List<Stray> strays,
        Table<InstanceId, Rented.Reach> reaches,
        List<Search> searches,
        List<Trouble> troubles,
        List<Step> steps,
        List<Wait> waits,
        boolean enabled,
        boolean able) {
    /// @param at when its newest whole list came
    public record Source(String provider, Instant at, int machines) {}

    /// A machine at a provider that is in no state.
    ///
    /// @param ours  it carries a label of this cluster's
    /// @param whose for people: what is known of its owner, and what is done about it
    public record Stray(
            String provider,
            String id,
            String label,
            boolean ours,
            Observed observed,
            String gear,
            Money perHourNow,
            String whose) {}

    /// What could be rented for a group.
    ///
    /// @param seen    how many came
    /// @param kept    of these
    /// @param dropped for what the others were
    public record Search(
            String group, Instant at, int seen, int kept, Optional<Money> cheapest, List<OfferQuery.Dropped> dropped) {}

    /// An errand that does not do; also, as `credit vast`, an account that cannot pay.
    ///
    /// @param since  when it first failed
    /// @param denied the key was not taken
    public record Trouble(String errand, Instant since, int failures, String note, boolean denied) {}

    /// @param what as in `end i7`
    /// @param held it is not done, because the autoscaler is off
    public record Step(String what, String why, boolean held) {}

    /// The subject of waits that are of all groups.
    public static final String AUTOSCALER = "autoscaler";

    /// Errands whose key goes on with a machine's id.
    private static final List<String> OF_MACHINES = List.of("create", "install", "start", "stop", "destroy", "bid");

    private static final int STRAYS_MAX = 200;
    private static final int STEPS_MAX = 200;

    /// The errand of a [Trouble] with an account that cannot pay.
    public static String credit(String provider) {
        return "credit " + provider;
    }

    /// @param plan    of the state as it is
    /// @param enabled of [#asEnabled]'s
    public static RentReport of(ClusterState state, Renting renting, Plan plan, Plan enabled) {
        return new RentReport(
                sources(renting),
                strays(state, renting),
                reaches(state, renting),
                searches(state, renting),
                troubles(state, renting),
                steps(plan, enabled),
                Stream.concat(
                                plan.waits().stream()
                                        .filter(wait -> wait.subject().equals(AUTOSCALER)),
                                enabled.waits().stream())
                        .filter(RentReport::isAboutRenting)
                        .distinct()
                        .toList(),
                state.rentals().scaling().enabled(),
                renting.enabled());
    }

    /// The state as it would be with the autoscaler on: what it would do is asked of a plan of this.
    public static ClusterState asEnabled(ClusterState state) {
        if (state.rentals().scaling().enabled()) return state;
        Envelope order = Envelope.of(
                Actor.leader(new NodeId("nobody")),
                "",
                new Command.SetScaling(state.rentals().scaling().withEnabled(true)));
        return Handler.step(state, state.at(), order).state();
    }

    private static List<Source> sources(Renting renting) {
        List<Source> sources = new ArrayList<>();
        for (Map.Entry<String, Renting.Listings> entry : renting.listings()) {
            Renting.Listing newest = entry.getValue().newest();
            sources.add(
                    new Source(entry.getKey(), newest.at(), newest.machines().size()));
        }
        return sources;
    }

    private static List<Stray> strays(ClusterState state, Renting renting) {
        return dev.muster.core.plan.Stray.of(state.rentals(), renting).stream()
                .filter(stray -> stray.machine().observed() != Observed.GONE)
                .limit(STRAYS_MAX)
                .map(stray -> stray(state, stray))
                .toList();
    }

    private static Stray stray(ClusterState state, dev.muster.core.plan.Stray stray) {
        Rented machine = stray.machine();
        int gpus = machine.gpus().count();
        return new Stray(
                machine.provider(),
                machine.id(),
                machine.label(),
                state.rentals().ours(machine.label()),
                machine.observed(),
                gpus == 0 ? "no GPU" : gpus + "x " + machine.gpus().name(),
                machine.bill().perHourNow(),
                stray.whose() + done(state, stray.fate()));
    }

    private static String done(ClusterState state, dev.muster.core.plan.Stray.Fate fate) {
        boolean ends = state.rentals().scaling().strays() == Scaling.Strays.END;
        return switch (fate) {
            case END -> ends ? "; it is ended" : "; it is left alone (`strays: report`)";
            case ADOPT -> "; it is looked after again";
            case FORGOTTEN, UNKNOWN -> "";
        };
    }

    private static Table<InstanceId, Rented.Reach> reaches(ClusterState state, Renting renting) {
        Table<InstanceId, Rented.Reach> reaches = Table.empty();
        for (Instance instance : state.rentals().open()) {
            Optional<Rented> listed = renting.of(instance.rent().provider())
                    .flatMap(listings -> instance.rented().flatMap(listings::withId));
            if (listed.isPresent())
                reaches = reaches.with(instance.id(), listed.get().reach());
        }
        return reaches;
    }

    /// What is looked for in the place of a machine that failed is no group's.
    private static List<Search> searches(ClusterState state, Renting renting) {
        List<Search> searches = new ArrayList<>();
        for (Map.Entry<String, Renting.Found> entry : renting.offers()) {
            if (!state.rentals().groups().has(entry.getKey())) continue;
            Renting.Found found = entry.getValue();
            OfferQuery.Selection selection = found.selection();
            Optional<Money> cheapest = selection.offers().stream()
                    .map(offer -> offer.cost(found.query().deal()))
                    .min(Money::compareTo);
            searches.add(new Search(
                    entry.getKey(),
                    found.at(),
                    selection.seen(),
                    selection.offers().size(),
                    cheapest,
                    selection.dropped()));
        }
        return searches;
    }

    private static List<Trouble> troubles(ClusterState state, Renting renting) {
        List<Trouble> troubles = new ArrayList<>();
        for (Map.Entry<String, Renting.Credit> entry : renting.credits()) {
            Renting.Credit credit = entry.getValue();
            if (credit.lacking())
                troubles.add(
                        new Trouble(credit(entry.getKey()), credit.since(), 1, Credit.words(entry.getKey()), false));
        }
        for (Map.Entry<String, Renting.Tried> entry : renting.tried()) {
            Renting.Tried tried = entry.getValue();
            if (tried.failures() > 0 && !over(state, entry.getKey()))
                troubles.add(
                        new Trouble(entry.getKey(), tried.since(), tried.failures(), tried.note(), tried.denied()));
        }
        return troubles;
    }

    /// What it was asked for has come about since, by whatever way, or is of no use any more: an order is found, a machine is
    /// up, or gone.
    private static boolean over(ClusterState state, String errand) {
        String[] words = errand.split(" ");
        if (words.length < 2 || !OF_MACHINES.contains(words[0])) return false;
        Instance instance = state.rentals()
                .instances()
                .find(InstanceId.parse(words[1]))
                .filter(Instance::open)
                .orElse(null);
        if (instance == null) return true;
        return switch (words[0]) {
            case "create" -> instance.seen().isPresent();
            case "start" -> instance.observed().filter(Observed.RUNNING::equals).isPresent();
            default -> false;
        };
    }

    private static List<Step> steps(Plan plan, Plan enabled) {
        List<Step> steps = new ArrayList<>();
        for (Action action : enabled.actions()) {
            Optional<String> what = what(action);
            if (what.isPresent() && steps.size() < STEPS_MAX)
                steps.add(new Step(what.get(), action.why(), !plan.actions().contains(action)));
        }
        return steps;
    }

    private static Optional<String> what(Action action) {
        return switch (action) {
            case Action.Propose(Command.OfRentals order, String why) -> order(order);
            case Action.Run(Errand errand, String why) -> errand(errand);
            case Action.Propose other -> Optional.empty();
            case Action.SetVoters other -> Optional.empty();
            case Action.Tell other -> Optional.empty();
        };
    }

    /// In words; nothing for what only keeps the books.
    private static Optional<String> order(Command.OfRentals order) {
        return switch (order) {
            case Command.RentInstance rent ->
                Optional.of("rent " + rent.rent().gear() + " at "
                        + rent.rent().perHour().brief() + " per hour, offer "
                        + rent.rent().offer() + " of " + rent.rent().provider()
                        + rent.group().map(name -> ", for " + name).orElse(""));
            case Command.StartInstance start -> Optional.of("start " + start.id());
            case Command.StopInstance stop -> Optional.of("drain and stop " + stop.id());
            case Command.EndInstance end -> Optional.of("drain and end " + end.id());
            case Command.ReplaceInstance replace -> Optional.of("end " + replace.id() + ", and rent another for it");
            case Command.ReleaseInstance release -> Optional.of("release " + release.id() + ": nothing is only there");
            case Command.RaiseBid raise -> Optional.of("bid " + raise.bid() + " per hour for " + raise.id());
            case Command.EvictAttempt evict -> Optional.of("evict " + evict.attempt());
            case Command.AdoptInstance adopt ->
                Optional.of(
                        "adopt " + adopt.rent().provider() + " " + adopt.seen().rented());
            case Command.AbandonInstance abandon -> Optional.of("give up " + abandon.id());
            case Command.FinishInstance finish -> Optional.of("close the books on " + finish.id());
            case Command.BlameMachine blame ->
                Optional.of("rent nothing on machine " + blame.machine() + " of " + blame.provider() + " for a while");
            case Command.SightInstance sight -> Optional.empty();
            case Command.RecordCharge charge -> Optional.empty();
            case Command.TellTrouble tell -> Optional.empty();
            case Command.EndTrouble end -> Optional.empty();
            case Command.SetGroup set -> Optional.empty();
            case Command.DeleteGroup delete -> Optional.empty();
            case Command.SetBudget set -> Optional.empty();
            case Command.SetScaling set -> Optional.empty();
        };
    }

    /// In words; nothing for what only asks.
    private static Optional<String> errand(Errand errand) {
        return switch (errand) {
            case Errand.Create(InstanceId id) -> Optional.of("order " + id + " from its provider");
            case Errand.Install(InstanceId id) -> Optional.of("put the agent on " + id);
            case Errand.Start(InstanceId id) -> Optional.of("have " + id + " started");
            case Errand.Stop(InstanceId id) -> Optional.of("have " + id + " stopped");
            case Errand.Destroy(InstanceId id) -> Optional.of("have " + id + " destroyed");
            case Errand.Bid(InstanceId id, Money perHour) ->
                Optional.of("have the bid for " + id + " set to " + perHour);
            case Errand.DestroyStray(String provider, String rented, String label) ->
                Optional.of("have the stray " + provider + " " + rented + " (" + label + ") destroyed");
            case Errand.Look look -> Optional.empty();
            case Errand.FindOffers find -> Optional.empty();
            case Errand.AskCharges ask -> Optional.empty();
            case Errand.AskCredit ask -> Optional.empty();
            case Errand.FindSecrets find -> Optional.empty();
        };
    }

    private static boolean isAboutRenting(Wait wait) {
        return switch (wait.reason()) {
            case SCALE, BUDGET, INSTANCE, STUCK, STRAY -> true;
            case NEVER_FITS, NO_ROOM, BACKOFF, BRAKE, SUSPECT, REPLICAS, STAGE, VOTER, ALERT -> false;
        };
    }
}
