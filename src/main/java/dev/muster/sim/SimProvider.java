package dev.muster.sim;

import dev.muster.core.plan.Errand;
import dev.muster.core.plan.Renting;
import dev.muster.core.rent.OfferQuery;
import dev.muster.core.rent.Rented;
import dev.muster.core.state.Bytes;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Command;
import dev.muster.core.state.Instance;
import dev.muster.core.state.InstanceId;
import dev.muster.core.state.Money;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Rent;
import dev.muster.market.Answer;
import dev.muster.market.Happening;
import dev.muster.market.Hardware;
import dev.muster.market.Market;
import dev.muster.market.Order;
import dev.muster.market.Usd;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.function.Supplier;

/// A provider: the market, the way to it, and the machines that are rented there. Requests and answers get lost, come
/// late and twice; what a leader that is gone has sent is carried out all the same.
final class SimProvider {
    static final String NAME = "vast";
    /// A client gives up waiting.
    private static final long ANSWER_MS = 30_000;

    private final World world;
    private final Chance chance;
    private final Market market;
    private final Rows rows = new Rows();
    private final RentChecks checks;
    private final Map<Long, NodeId> nodes = new TreeMap<>();
    /// When a row can be seen in listings.
    private final Map<Long, Long> listedFromMs = new HashMap<>();
    private long wokenAtMs = Long.MAX_VALUE;

    // ---- faults
    private double spoiled;
    private double crashes;
    private long outageUntilMs;
    private String next = "";

    /// What a request came to.
    private sealed interface Reply<T> {
        record Done<T>(T value) implements Reply<T> {}

        /// It was understood, and the answer is no.
        record No<T>(String why) implements Reply<T> {}

        /// Nothing was sent, or nothing came back.
        record Lost<T>(boolean sent, String why) implements Reply<T> {}
    }

    private interface Heard<T> {
        void reply(Reply<T> reply);
    }

    SimProvider(World world, Market market) {
        this.world = world;
        this.chance = world.chance();
        this.market = market;
        this.checks = new RentChecks(world, market);
    }

    Market market() {
        return market;
    }

    RentChecks checks() {
        return checks;
    }

    /// From here on, of all requests so many go wrong, and so many kill the leader that runs them.
    void spoil(double requests, double leaders) {
        spoiled = requests;
        crashes = leaders;
    }

    /// What goes wrong with the next thing that is asked and is no mere look.
    void next(String fault) {
        next = fault;
    }

    /// Nobody gets an answer for so long.
    void outage(Duration time) {
        outageUntilMs = world.agenda().nowMs() + time.toMillis();
    }

    boolean reachable() {
        return world.agenda().nowMs() >= outageUntilMs;
    }

    /// May the node's machine be on? All but rented ones may.
    boolean hosts(NodeId node) {
        for (Map.Entry<Long, NodeId> entry : nodes.entrySet()) {
            if (entry.getValue().equals(node)) return isUp(entry.getKey());
        }
        return true;
    }

    boolean rents(NodeId node) {
        return nodes.containsValue(node);
    }

    private boolean isUp(long id) {
        return market.instance(id).filter(dev.muster.market.Instance::isRunning).isPresent();
    }

    // ---- time

    void begin() {
        drive();
        watch();
    }

    private void watch() {
        checks.look();
        world.agenda().in(60_000, this::watch);
    }

    /// What happens at the market by now, and again when the next thing does.
    void drive() {
        for (Happening happening : market.advance(world.agenda().now())) happened(happening);
        market.nextAt().ifPresent(next -> {
            long atMs = Duration.between(Agenda.START, next).plusMillis(1).toMillis();
            if (atMs >= wokenAtMs) return;
            wokenAtMs = atMs;
            world.agenda().in(atMs - world.agenda().nowMs(), () -> {
                if (wokenAtMs == atMs) wokenAtMs = Long.MAX_VALUE;
                drive();
            });
        });
    }

    private void happened(Happening happening) {
        long id = happening.instance();
        Optional<SimNode> node = Optional.ofNullable(nodes.get(id)).map(world::node);
        switch (happening) {
            case Happening.Created created ->
                listedFromMs.put(id, world.agenda().nowMs() + chance.between(0, 20_000));
            case Happening.Booted booted -> world.tell("market: " + id + " is up", "");
            case Happening.Halted halted -> {
                world.tell("market: " + id + " is down", halted.cause().toString());
                node.ifPresent(SimNode::powerOff);
            }
            case Happening.Wiped wiped -> node.ifPresent(SimNode::wipe);
            case Happening.Destroyed destroyed -> {
                world.tell("market: " + id + " is gone", destroyed.cause().toString());
                node.ifPresent(SimNode::lose);
            }
            case Happening.Queued queued -> world.tell("market: " + id + " waits for its GPUs", "");
            case Happening.Failed failed -> world.tell("market: " + id + " has failed", failed.message());
            case Happening.KeysChanged changed -> {}
            case Happening.RiseOffered offered -> {}
        }
    }

    // ---- the way there

    /// How one request fares.
    ///
    /// @param dies    when the leader that asks is killed
    /// @param unsent  it never gets there
    /// @param lost    the answer never comes
    /// @param doubled the answer comes twice
    private record Luck(Dies dies, boolean unsent, boolean lost, boolean doubled, long thereMs, long backMs) {}

    private enum Dies {
        NEVER,
        BEFORE,
        MEANWHILE,
        AFTER
    }

    private Luck luck(boolean looks) {
        boolean dies = chance.of(crashes);
        Luck drawn = new Luck(
                dies ? chance.pick(List.of(Dies.BEFORE, Dies.MEANWHILE, Dies.AFTER)) : Dies.NEVER,
                !reachable() || chance.of(spoiled / 2),
                chance.of(spoiled),
                chance.of(spoiled),
                chance.of(spoiled) ? chance.between(1_000, 60_000) : chance.between(20, 800),
                chance.of(spoiled) ? chance.between(1_000, 60_000) : chance.between(20, 800));
        if (looks || next.isEmpty()) return drawn;
        String fault = next;
        next = "";
        Dies when = fault.equals("kill-leader-before")
                ? Dies.BEFORE
                : fault.equals("kill-leader-after") ? Dies.AFTER : drawn.dies();
        long back = fault.equals("late-reply") ? ANSWER_MS * 2 : drawn.backMs();
        return new Luck(
                when,
                drawn.unsent() || fault.equals("lose-request"),
                fault.equals("lose-reply"),
                drawn.doubled(),
                drawn.thereMs(),
                back);
    }

    /// @param at     the provider, when the request comes
    /// @param heard  where it was asked, perhaps twice, perhaps never
    private <T> void ask(SimLeader leader, Errand errand, Supplier<Reply<T>> at, Heard<T> heard) {
        boolean looks = errand instanceof Errand.Look
                || errand instanceof Errand.FindOffers
                || errand instanceof Errand.AskCharges
                || errand instanceof Errand.AskCredit;
        Luck luck = luck(looks);
        if (luck.dies() == Dies.BEFORE) {
            leader.die("before it asked to " + errand);
            return;
        }
        if (luck.unsent()) {
            back(chance.between(20, 2_000), leader, new Reply.Lost<>(false, "cannot be reached"), heard);
            return;
        }
        boolean comes = !luck.lost() && luck.thereMs() + luck.backMs() <= ANSWER_MS;
        world.agenda().in(luck.thereMs(), () -> {
            Reply<T> reply = at.get();
            drive();
            if (luck.dies() == Dies.AFTER) leader.die("after it asked to " + errand);
            if (comes) back(luck.backMs(), leader, reply, heard);
            if (comes && luck.doubled()) back(luck.backMs() + chance.between(10, 5_000), leader, reply, heard);
        });
        if (!comes) back(ANSWER_MS, leader, new Reply.Lost<>(true, "no answer"), heard);
        if (luck.dies() == Dies.MEANWHILE) leader.die("while it asked to " + errand);
    }

    private <T> void back(long delayMs, SimLeader leader, Reply<T> reply, Heard<T> heard) {
        world.agenda().in(delayMs, () -> heardBack(leader, reply, heard));
    }

    private <T> void heardBack(SimLeader leader, Reply<T> reply, Heard<T> heard) {
        if (leader.leads()) heard.reply(reply);
    }

    // ---- errands

    void run(SimLeader leader, Errand errand, ClusterState state) {
        switch (errand) {
            case Errand.Look(String provider) -> look(leader, errand);
            case Errand.FindOffers find -> find(leader, find);
            case Errand.Create(InstanceId id) ->
                create(leader, errand, state.rentals().instances().require(id));
            case Errand.Install(InstanceId id) ->
                install(leader, errand, state.rentals().instances().require(id));
            case Errand.Start(InstanceId id) -> on(leader, errand, state, id, market::start);
            case Errand.Stop(InstanceId id) -> on(leader, errand, state, id, market::stop);
            case Errand.Destroy(InstanceId id) -> on(leader, errand, state, id, market::destroy);
            case Errand.Bid(InstanceId id, Money perHour) ->
                on(leader, errand, state, id, rented -> market.bid(rented, OptionalDouble.of(perHour.dollars())));
            case Errand.DestroyStray(String provider, String rented, String label) ->
                ask(
                        leader,
                        errand,
                        () -> {
                            checks.strayDestroyed(Long.parseLong(rented), label);
                            return reply(market.destroy(Long.parseLong(rented)));
                        },
                        told(leader, errand));
            case Errand.AskCharges(String provider) -> charges(leader, errand);
            case Errand.AskCredit(String provider) -> credit(leader, errand);
            case Errand.FindSecrets find -> this.<Long>told(leader, errand).reply(new Reply.Done<>(0L));
        }
    }

    private interface Deed {
        Answer does(long id);
    }

    private void on(SimLeader leader, Errand errand, ClusterState state, InstanceId id, Deed deed) {
        long rented =
                Long.parseLong(state.rentals().instances().require(id).rented().orElseThrow());
        ask(
                leader,
                errand,
                () -> {
                    checks.asked(errand, id, rented);
                    return reply(deed.does(rented));
                },
                told(leader, errand));
    }

    private static Reply<Long> reply(Answer answer) {
        return switch (answer) {
            case Answer.Done(long id) -> new Reply.Done<>(id);
            case Answer.Queued(long id) -> new Reply.Done<>(id);
            case Answer.Refused(var reason, String message, var left) -> new Reply.No<>(message);
        };
    }

    private <T> Heard<T> told(SimLeader leader, Errand errand) {
        return reply -> leader.renting(known -> switch (reply) {
            case Reply.Done<T> done ->
                pays(errand)
                        ? known.done(errand, leader.now()).paid(NAME, leader.now())
                        : known.done(errand, leader.now());
            case Reply.No<T>(String why) ->
                why.contains("lacks credit")
                        ? known.failed(errand, leader.now(), why).lacksCredit(NAME, leader.now())
                        : known.failed(errand, leader.now(), why);
            case Reply.Lost<T>(boolean sent, String why) -> known.failed(errand, leader.now(), why);
        });
    }

    private static boolean pays(Errand errand) {
        return errand instanceof Errand.Create || errand instanceof Errand.Start;
    }

    private void credit(SimLeader leader, Errand errand) {
        Instant asked = leader.now();
        this.<Boolean>ask(
                leader, errand, () -> new Reply.Done<>(market.account().credit().compareTo(Usd.ZERO) > 0), reply -> {
                    this.<Boolean>told(leader, errand).reply(reply);
                    if (reply instanceof Reply.Done<Boolean>(Boolean some))
                        leader.renting(known -> known.asked(NAME, some, asked, leader.now()));
                });
    }

    private void look(SimLeader leader, Errand errand) {
        Instant asked = leader.now();
        this.<List<Rented>>ask(
                leader,
                errand,
                () -> {
                    drive();
                    return new Reply.Done<>(market.instances().stream()
                            .filter(row -> listedFromMs.getOrDefault(row.id(), 0L)
                                    <= world.agenda().nowMs())
                            .map(rows::rented)
                            .toList());
                },
                reply -> {
                    this.<List<Rented>>told(leader, errand).reply(reply);
                    if (reply instanceof Reply.Lost && world.makes(Mutation.FAILED_IS_EMPTY))
                        leader.renting(
                                known -> known.listed(NAME, new Renting.Listing(asked, leader.now(), List.of())));
                    if (reply instanceof Reply.Done<List<Rented>>(List<Rented> machines))
                        leader.renting(known -> known.listed(NAME, new Renting.Listing(asked, leader.now(), machines)));
                });
    }

    private void find(SimLeader leader, Errand.FindOffers find) {
        this.<OfferQuery.Selection>ask(
                leader,
                find,
                () -> new Reply.Done<>(find.query()
                        .select(market.offers().stream().map(rows::offer).toList())),
                reply -> {
                    this.<OfferQuery.Selection>told(leader, find).reply(reply);
                    if (reply instanceof Reply.Done<OfferQuery.Selection>(OfferQuery.Selection selection))
                        leader.renting(known ->
                                known.found(find.group(), new Renting.Found(leader.now(), find.query(), selection)));
                });
    }

    private void create(SimLeader leader, Errand errand, Instance instance) {
        ask(leader, errand, () -> created(instance), reply -> {
            this.<Long>told(leader, errand).reply(reply);
            switch (reply) {
                case Reply.Done<Long> done -> {}
                case Reply.No<Long>(String why) ->
                    leader.order(new Command.AbandonInstance(instance.id(), why), "the provider said no");
                case Reply.Lost<Long>(boolean sent, String why) -> {
                    if (!sent) leader.order(new Command.AbandonInstance(instance.id(), why), "it was never sent");
                }
            }
        });
    }

    private Reply<Long> created(Instance instance) {
        Rent rent = instance.rent();
        Order order = Order.of(Long.parseLong(rent.offer()))
                .withLabel(instance.label())
                .withDisk(rent.diskGb());
        Order wanted = rent.bid().map(bid -> order.withBid(bid.dollars())).orElse(order);
        Answer answer = market.create(wanted);
        if (answer instanceof Answer.Done(long id)) checks.created(instance, id);
        // A bid that does not win leaves a stopped machine behind; a client that dies now never takes it back.
        if (answer instanceof Answer.Refused(var reason, var message, var left) && left.isPresent()) {
            checks.created(instance, left.getAsLong());
            if (chance.of(0.5)) market.destroy(left.getAsLong());
        }
        return reply(answer);
    }

    /// By SSH: no answer gets lost that would not show in the cluster.
    private void install(SimLeader leader, Errand errand, Instance instance) {
        long rented = Long.parseLong(instance.rented().orElseThrow());
        world.agenda().in(chance.between(15_000, 90_000), () -> {
            boolean done = isUp(rented) && !chance.of(spoiled * 3);
            if (done) installed(rented, instance);
            if (leader.leads())
                leader.renting(known -> done
                        ? known.done(errand, leader.now())
                        : known.failed(errand, leader.now(), "cannot be reached by SSH"));
        });
    }

    private void installed(long rented, Instance instance) {
        NodeId name = instance.node().orElseThrow();
        if (nodes.putIfAbsent(rented, name) == null) {
            world.add(name, profile(rented, instance.rent()), false);
            return;
        }
        SimNode node = world.node(name);
        node.powerOn();
        node.start();
    }

    private SimNode.Profile profile(long rented, Rent rent) {
        Hardware machine = market.instance(rented).orElseThrow().offer().machine();
        return new SimNode.Profile(
                rent.role(),
                new dev.muster.core.state.Hardware(
                        Math.max(4, machine.cpuCores()) * 1_000,
                        Bytes.mib(machine.cpuRamMb()),
                        rent.gpus(),
                        Bytes.mib(machine.gpuRamMb()),
                        rent.gpu()),
                8,
                chance.pick(Network.REGION_NAMES),
                chance.between(-2_000, 2_000));
    }

    private void charges(SimLeader leader, Errand errand) {
        Instant asked = leader.now();
        this.<Map<Long, Money>>ask(
                leader,
                errand,
                () -> {
                    drive();
                    return new Reply.Done<>(rows.charges(market, world.agenda().now()));
                },
                reply -> {
                    this.<Map<Long, Money>>told(leader, errand).reply(reply);
                    if (reply instanceof Reply.Done<Map<Long, Money>>(Map<Long, Money> sums))
                        record(leader, sums, asked);
                });
    }

    /// What was charged after it was asked for may be in it or not.
    private void record(SimLeader leader, Map<Long, Money> sums, Instant asked) {
        for (Instance instance : leader.state().rentals().instances().values()) {
            Optional<Money> total = instance.rented().map(Long::parseLong).map(sums::get);
            // Charges are of a moment ago; what has changed since is told the next time.
            if (total.isPresent() && !instance.settled())
                leader.order(new Command.RecordCharge(instance.id(), total.get(), asked), "as the provider charges");
        }
    }
}
