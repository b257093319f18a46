package dev.muster.sim;

import dev.muster.core.plan.Policy;
import dev.muster.core.state.Again;
import dev.muster.core.state.Bytes;
import dev.muster.core.state.Caps;
import dev.muster.core.state.Command;
import dev.muster.core.state.Group;
import dev.muster.core.state.Hardware;
import dev.muster.core.state.Instance;
import dev.muster.core.state.Money;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Rent;
import dev.muster.core.state.Rentals;
import dev.muster.core.state.Role;
import dev.muster.market.Market;
import dev.muster.market.MarketSettings;
import dev.muster.market.Offer;
import dev.muster.market.Usd;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// One seed of a small cluster that rents: people order, stop, start and end machines on a lively market while leaders die
/// between any two steps and answers get lost, and then everything is ended, and the bill is compared.
public final class RentTrial {
    /// Of faults; the healing takes about as long again.
    public static final Duration UNTIL_DEFAULT = Duration.ofMinutes(15);

    private static final int VOTERS = 3;
    private static final int OWNED = 2;
    private static final int MACHINES = 12;
    private static final int DISK_GB = 20;
    private static final double CREDIT = 10_000;

    private final long seed;
    private final Duration until;
    private final World world;
    private final Chance chance;
    private boolean over;

    /// @param broken  the promise that was broken, if one was
    /// @param rented  machines that were found at the provider
    /// @param leaders terms
    public record Result(
            long seed, Optional<String> broken, Duration until, Duration at, int rented, long leaders, String hash) {
        /// The line that does it again.
        public String command() {
            return "./dev sim --rent --seed " + seed + " --until " + Story.time(until);
        }
    }

    private RentTrial(long seed, Duration until) {
        this.seed = seed;
        this.until = until;
        this.world = World.seeded(seed, Policy.DEFAULT);
        this.chance = world.chance();
    }

    public static Result run(long seed, Duration until) {
        return run(seed, until, line -> {});
    }

    /// @param until when the faults stop
    /// @param trace gets every line of what happens
    public static Result run(long seed, Duration until, Consumer<String> trace) {
        RentTrial trial = new RentTrial(seed, until);
        trial.world.story().listen(trace);
        return trial.result();
    }

    /// With a mistake made on purpose.
    static Result run(long seed, Duration until, Mutation mistake) {
        RentTrial trial = new RentTrial(seed, until);
        trial.world.mutate(mistake);
        return trial.result();
    }

    private Result result() {
        Optional<String> broken = Optional.empty();
        try {
            live();
        } catch (Violation e) {
            broken = Optional.of(e.getMessage());
        } catch (RuntimeException e) {
            broken = Optional.of("no exception: " + e + " at "
                    + List.of(e.getStackTrace()).subList(0, Math.min(12, e.getStackTrace().length)));
        }
        int found = (int) rentals().instances().values().stream()
                .filter(instance -> instance.seen().isPresent())
                .count();
        return new Result(
                seed,
                broken,
                until,
                world.elapsed(),
                found,
                world.state().fleet().term(),
                world.story().hash());
    }

    private Rentals rentals() {
        return world.state().rentals();
    }

    private void live() {
        MarketSettings settings = MarketSettings.standard(Agenda.START)
                .withMachines(MACHINES)
                .withChurn(chance.pick(List.of(0.0, 1.0, 10.0)))
                .withFailures(chance.pick(List.of(0.0, 1.0, 20.0)))
                .withCredit(Usd.of(CREDIT));
        world.rentFrom(Market.of(seed, settings));
        build();
        world.begin();
        SimProvider provider = world.provider().orElseThrow();
        provider.spoil(chance.pick(List.of(0.0, 0.05, 0.2)), chance.pick(List.of(0.0, 0.05, 0.2)));
        world.spoil(0.002, 0.05);
        world.people().spoil(chance.pick(List.of(0.0, 0.2)), 0.01);
        ask("", new Command.SetScaling(rentals().scaling().withEnabled(true)));
        every(45_000, this::order);
        every(90_000, this::end);
        every(180_000, this::stop);
        every(180_000, this::start);
        every(60_000, this::submit);
        every(240_000, this::cap);
        every(200_000, this::group);
        Trainers trainers = new Trainers(world, true);
        every(150_000, trainers::launch);
        every(300_000, trainers::stop);
        every(240_000, trainers::resume);
        every(300_000, this::killLeader);
        every(600_000, this::partition);
        every(500_000, this::credit);
        every(600_000, () -> provider.outage(Duration.ofMillis(chance.between(10_000, 400_000))));
        world.run(until);
        over = true;
        provider.spoil(0, 0);
        world.spoil(0, 0);
        world.people().up();
        provider.outage(Duration.ZERO);
        owns(CREDIT);
        world.network().heal();
        for (SimNode node : world.nodes()) {
            if (!provider.rents(node.id)) node.start();
        }
        world.tell("faults stop", "");
        settled();
        ended();
    }

    private void build() {
        for (int index = 1; index <= VOTERS + OWNED; index++) {
            boolean votes = index <= VOTERS;
            Hardware hardware = new Hardware(16_000, Bytes.gib(64), 1, Bytes.gib(24), "simulated");
            world.add(
                    new NodeId((votes ? "v" : "n") + index),
                    new SimNode.Profile(votes ? Role.COORDINATOR : Role.MIXED, hardware, 8, "eu", 0),
                    votes);
        }
    }

    private void every(long meanMs, Runnable what) {
        world.agenda().in(chance.between(meanMs / 10, meanMs * 19 / 10), () -> {
            if (over) return;
            what.run();
            every(meanMs, what);
        });
    }

    // ---- people

    private void ask(String why, Command command) {
        world.ask("ann", why, command);
    }

    private void order() {
        List<Offer> offers = market().offers().stream()
                .filter(offer -> offer.rentable() && offer.machine().diskGb() >= DISK_GB)
                .toList();
        if (offers.isEmpty() || rentals().open().size() >= 8) return;
        if (chance.of(0.2)) market().faults().nextHasBadImage();
        Rent rent = rent(chance.pick(offers));
        ask(
                "more machines",
                new Command.RentInstance(
                        Optional.empty(),
                        rent,
                        Optional.empty(),
                        rentals().scaling().windowsAt(world.agenda().now()),
                        again(rent)));
    }

    /// Should it fail before it has joined, the next offer of its size will do, at twice its price.
    private Optional<Again> again(Rent rent) {
        if (chance.of(0.4)) return Optional.empty();
        return Optional.of(new Again(
                "num_gpus=" + rent.gpus(),
                rent.perHour().plus(rent.perHour()),
                Bytes.ZERO,
                Bytes.ZERO,
                (int) chance.between(0, 3),
                Optional.empty()));
    }

    private Rent rent(Offer offer) {
        Money disk = Rows.money(offer.storagePerHour(DISK_GB));
        Optional<Money> bid = chance.of(0.4)
                ? Optional.of(Rows.money(offer.minBid()).share(chance.between(90, 140), 100))
                : Optional.empty();
        return new Rent(
                SimProvider.NAME,
                Long.toString(offer.ask()),
                Integer.toString(offer.machine().machineId()),
                offer.machine().gpuName(),
                offer.gpus(),
                bid,
                bid.orElse(Rows.money(offer.perHour())).plus(disk),
                disk,
                DISK_GB,
                "",
                Role.MIXED);
    }

    private Market market() {
        return world.provider().orElseThrow().market();
    }

    private Optional<Instance> any(Instance.Will will) {
        List<Instance> found = rentals().open().stream()
                .filter(instance -> instance.will() == will)
                .toList();
        return found.isEmpty() ? Optional.empty() : Optional.of(chance.pick(found));
    }

    private void end() {
        any(chance.of(0.7) ? Instance.Will.RUN : Instance.Will.STOP)
                .ifPresent(instance -> ask("enough", new Command.EndInstance(instance.id(), chance.of(0.05))));
    }

    private void stop() {
        any(Instance.Will.RUN).ifPresent(instance -> ask("pause", new Command.StopInstance(instance.id())));
    }

    private void start() {
        any(Instance.Will.STOP)
                .ifPresent(instance -> ask(
                        "go on",
                        new Command.StartInstance(
                                instance.id(),
                                rentals().scaling().windowsAt(world.agenda().now()))));
    }

    private void submit() {
        String text = "submit work tasks=%d gpus=1 cpus=1 run=%ds output=games.bin"
                .formatted(chance.between(1, 6), chance.between(5, 300));
        if (chance.of(0.2)) text += " nodes=2";
        if (chance.of(0.5)) text += " sync=ratings.db,games.jsonl every=%ds".formatted(chance.between(10, 60));
        ask("", Orders.of(Script.Words.of(text)).orElseThrow());
    }

    private void cap() {
        Optional<Money> hour =
                chance.of(0.3) ? Optional.empty() : Optional.of(new Money(chance.between(200_000, 4_000_000)));
        // A cap below what is open refuses what is new, and ends nothing.
        boolean fits = hour.filter(cap -> rentals().committed(Optional.empty()).compareTo(cap) > 0)
                .isEmpty();
        if (fits) ask("", new Command.SetBudget(Rentals.ALL, new Caps(hour, Optional.empty(), Optional.empty())));
    }

    /// The autoscaler does its part, in all that goes wrong.
    private void group() {
        int max = (int) chance.between(0, 3);
        int target = (int) chance.between(0, max);
        ask(
                "",
                new Command.SetGroup(new Group(
                        "work",
                        SimProvider.NAME,
                        List.of(),
                        1,
                        "",
                        (int) chance.between(0, target),
                        target,
                        max,
                        Money.ofDollars(2),
                        chance.of(0.4) ? dev.muster.core.state.Market.BID : dev.muster.core.state.Market.ON_DEMAND,
                        Role.MIXED,
                        DISK_GB,
                        "")));
    }

    // ---- faults

    /// All that runs is stopped by the market, and nothing can be rented, until somebody pays.
    private void credit() {
        owns(0);
        world.agenda().in(chance.between(10_000, 400_000), () -> owns(CREDIT));
    }

    private void owns(double dollars) {
        world.tell("fault: credit " + dollars, "");
        market().faults().credit(Usd.of(dollars));
        world.provider().orElseThrow().drive();
    }

    private void killLeader() {
        world.consensus().reigns().stream().findFirst().ifPresent(reign -> {
            SimNode node = world.node(reign.voter.id);
            world.tell("fault: leader " + node.id + " killed", "");
            node.crash();
            world.agenda().in(chance.between(500, 60_000), node::start);
        });
    }

    private void partition() {
        List<List<NodeId>> groups = List.of(new ArrayList<>(), new ArrayList<>());
        for (SimNode node : world.nodes()) chance.pick(groups).add(node.id);
        world.tell("fault: partition " + groups, "");
        world.agenda().in(chance.between(5_000, 120_000), world.network().partition(groups));
    }

    // ---- the end

    /// What is wanted is so: every order found or given up, what is to end ended.
    private void settled() {
        until(Duration.ofMinutes(60), () -> {
            List<String> missing = new ArrayList<>();
            if (world.consensus().reigns().stream().noneMatch(Reign::ready)) missing.add("there is no leader");
            for (Instance instance : rentals().open())
                if (instance.seen().isEmpty()) missing.add(instance.id() + " is neither found nor given up");
            for (Desk.Order order : world.desk().orders())
                if (order.open()) missing.add(order.request + " is not answered");
            missing.addAll(Trainers.missing(world));
            return missing;
        });
    }

    /// People end everything, in the end with what it holds; then nothing is left, and the bill is right.
    private void ended() {
        ask("the end", new Command.SetScaling(rentals().scaling().withEnabled(false)));
        world.run(Duration.ofSeconds(30));
        for (Instance instance : rentals().open()) ask("the end", new Command.EndInstance(instance.id(), false));
        Duration patience = world.elapsed().plus(Duration.ofMinutes(45));
        while (!rentals().open().isEmpty() && world.elapsed().compareTo(patience) < 0)
            world.run(Duration.ofSeconds(30));
        for (Instance instance : rentals().open()) ask("the end", new Command.EndInstance(instance.id(), true));
        until(Duration.ofMinutes(60), () -> {
            List<String> missing = new ArrayList<>();
            for (Instance instance : rentals().open())
                missing.add(instance.id() + " is still " + instance.phase(true) + " " + instance.seen());
            for (var machine : market().instances()) missing.add(machine.id() + " is still at the market");
            return missing;
        });
        until(Duration.ofMinutes(30), this::unpaid);
        until(Duration.ofMinutes(5), () -> Trainers.unpaid(world));
    }

    /// Bills that differ from what the market has charged, by a cent or more.
    private List<String> unpaid() {
        Map<Long, Money> charges = new Rows().charges(market(), world.agenda().now());
        List<String> wrong = new ArrayList<>();
        Money ours = Money.ZERO;
        Money theirs = Money.ZERO;
        for (Instance instance : rentals().instances().values()) {
            if (instance.rented().isEmpty()) continue;
            Money charged =
                    charges.getOrDefault(Long.parseLong(instance.rented().get()), Money.ZERO);
            ours = ours.plus(instance.bill().booked());
            theirs = theirs.plus(charged);
            if (!instance.bill().booked().equals(charged))
                wrong.add(instance.id() + " has cost " + charged + ", and is booked with "
                        + instance.bill().booked());
        }
        Money ledger = rentals().ledger().since(Agenda.START);
        if (!ledger.equals(ours)) wrong.add("the ledger has " + ledger + ", and the bills " + ours);
        return wrong;
    }

    private interface Looks {
        List<String> missing();
    }

    private void until(Duration atMost, Looks looks) {
        Duration end = world.elapsed().plus(atMost);
        List<String> missing = looks.missing();
        while (!missing.isEmpty()) {
            if (world.elapsed().compareTo(end) > 0) {
                world.waits()
                        .forEach(wait -> world.tell("waits: " + wait.subject() + " " + wait.reason(), wait.message()));
                throw new Violation("liveness", Story.time(atMost) + " after: " + String.join("; ", missing));
            }
            world.run(Duration.ofSeconds(10));
            missing = looks.missing();
        }
    }
}
