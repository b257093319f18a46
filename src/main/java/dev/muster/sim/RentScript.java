package dev.muster.sim;

import dev.muster.core.state.Again;
import dev.muster.core.state.Bytes;
import dev.muster.core.state.Caps;
import dev.muster.core.state.Command;
import dev.muster.core.state.Group;
import dev.muster.core.state.Instance;
import dev.muster.core.state.InstanceId;
import dev.muster.core.state.Market;
import dev.muster.core.state.Money;
import dev.muster.core.state.Rent;
import dev.muster.core.state.Rentals;
import dev.muster.core.state.Role;
import dev.muster.core.state.Windows;
import dev.muster.market.MarketSettings;
import dev.muster.market.Offer;
import dev.muster.market.Order;
import dev.muster.market.Usd;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// The words of a scenario about rented machines.
///
///     market machines=12                           calm: nobody else is there, nothing fails by itself
///     rent gpus=1 bid=120 again=2                  the cheapest, or at so many percent of the least bid; others if it fails
///     stop-instance i1 · start-instance i1 · end-instance i1 · abandon-instance i1
///     group work min=0 target=1 max=3 price=2 bid=yes role=selfplay gpu=RTX_3070
///     scale on · scale off                         as `muster scale apply`: nothing is rented by itself before
///     budget hour=1.50 day=20 month=400 group=work
///     next-stuck · next-bad-image · next-busy      the next machine that is asked for
///     outbid i1 hours=1 · host-offline i1 · host-returns i1 · price-rise i1 · halt-instance i1 · vanish i1
///     outage 3m                                    the provider answers nobody
///     credit 0                                     so many dollars are on the account
///     lose-request · lose-reply · late-reply       of the next thing that is asked
///     kill-leader-before · kill-leader-after       the next thing that is asked, and does not come back
///     stranger label=demo                          a machine in the account that nobody here has ordered
///     market-show
final class RentScript {
    private static final int DISK_GB = 20;

    private final World world;

    RentScript(World world) {
        this.world = world;
    }

    /// @return whether the verb is one of these
    boolean perform(Script.Words words) {
        switch (words.verb()) {
            case "market" ->
                world.rentFrom(dev.muster.market.Market.of(
                        1,
                        MarketSettings.calm(Agenda.START)
                                .withMachines(words.number("machines", 12))
                                .withCredit(Usd.of(10_000))));
            case "rent" -> rent(words);
            case "stop-instance" -> ask(words, new Command.StopInstance(id(words)));
            case "start-instance" -> ask(words, new Command.StartInstance(id(words), windows()));
            case "end-instance" -> ask(words, new Command.EndInstance(id(words), false));
            case "abandon-instance" -> ask(words, new Command.EndInstance(id(words), true));
            case "group" -> ask(words, new Command.SetGroup(group(words)));
            case "scale" ->
                ask(
                        words,
                        new Command.SetScaling(world.state()
                                .rentals()
                                .scaling()
                                .withEnabled(words.arg(0).equals("on"))));
            case "budget" -> budget(words);
            case "outage" -> {
                world.tell("outage", "");
                provider().outage(Scenario.duration(words.arg(0)));
            }
            case "credit" -> {
                world.tell("credit " + words.arg(0), "");
                market().faults().credit(Usd.of(Double.parseDouble(words.arg(0))));
                provider().drive();
            }
            case "lose-request", "lose-reply", "late-reply", "kill-leader-before", "kill-leader-after" ->
                provider().next(words.verb());
            case "stranger" -> stranger(words);
            case "market-show" -> show();
            default -> {
                return fault(words);
            }
        }
        return true;
    }

    private boolean fault(Script.Words words) {
        var faults = List.of(
                "next-stuck",
                "next-bad-image",
                "next-busy",
                "outbid",
                "host-offline",
                "host-returns",
                "price-rise",
                "vanish",
                "halt-instance");
        if (!faults.contains(words.verb())) return false;
        world.tell(
                String.join(" ", words.verb(), String.join(" ", words.args())).strip(), "");
        switch (words.verb()) {
            case "next-stuck" -> market().faults().nextIsStuck();
            case "next-bad-image" -> market().faults().nextHasBadImage();
            case "next-busy" -> market().faults().nextIsBusy();
            case "outbid" -> market().faults().outbid(rented(words), words.number("hours", 1));
            case "host-offline" -> market().faults().hostOffline(rented(words));
            case "host-returns" -> market().faults().hostReturns(rented(words));
            case "price-rise" -> market().faults().offerRise(rented(words));
            case "vanish" -> market().destroy(rented(words));
            default -> market().stop(rented(words));
        }
        provider().drive();
        return true;
    }

    private SimProvider provider() {
        return world.provider()
                .orElseThrow(() -> new IllegalArgumentException("expected `market` before anything about renting"));
    }

    private dev.muster.market.Market market() {
        return provider().market();
    }

    private void ask(Script.Words words, Command command) {
        world.ask("ann", words.option("because").orElse(""), command);
    }

    private static InstanceId id(Script.Words words) {
        return InstanceId.parse(words.arg(0));
    }

    private long rented(Script.Words words) {
        return Long.parseLong(
                world.state().rentals().instances().require(id(words)).rented().orElseThrow());
    }

    private Windows windows() {
        return world.state().rentals().scaling().windowsAt(world.agenda().now());
    }

    private void rent(Script.Words words) {
        int gpus = words.number("gpus", 1);
        Offer offer = market().offers().stream()
                .filter(one ->
                        one.rentable() && one.gpus() == gpus && one.machine().diskGb() >= DISK_GB)
                .min(Comparator.comparing(Offer::perHour))
                .orElseThrow(() -> new IllegalArgumentException("expected an offer of " + gpus + " GPUs"));
        Optional<Money> bid =
                words.option("bid").map(percent -> Rows.money(offer.minBid()).share(Long.parseLong(percent), 100));
        Money disk = Rows.money(offer.storagePerHour(DISK_GB));
        Rent rent = new Rent(
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
        Optional<Again> again = words.option("again").map(tries -> again(rent, Integer.parseInt(tries)));
        ask(words, new Command.RentInstance(Optional.empty(), rent, words.option("group"), windows(), again));
    }

    /// The next that fits is of the same size, at up to twice the price.
    private static Again again(Rent rent, int tries) {
        return new Again(
                "num_gpus=" + rent.gpus(),
                rent.perHour().plus(rent.perHour()),
                Bytes.ZERO,
                Bytes.ZERO,
                tries,
                Optional.empty());
    }

    private static Group group(Script.Words words) {
        int target = words.number("target", 1);
        return new Group(
                words.arg(0),
                SimProvider.NAME,
                words.option("gpu").map(gpu -> List.of(gpu.replace('_', ' '))).orElse(List.of()),
                words.number("gpus", 1),
                words.option("query").orElse(""),
                words.number("min", 0),
                target,
                words.number("max", Math.max(1, target * 2)),
                Money.parse(words.option("price").orElse("2")),
                words.option("bid").isPresent() ? Market.BID : Market.ON_DEMAND,
                words.option("role")
                        .map(text -> Role.valueOf(text.toUpperCase(Locale.ROOT)))
                        .orElse(Role.MIXED),
                DISK_GB,
                "");
    }

    private void budget(Script.Words words) {
        Caps caps = new Caps(
                words.option("hour").map(Money::parse),
                words.option("day").map(Money::parse),
                words.option("month").map(Money::parse));
        ask(words, new Command.SetBudget(words.option("group").orElse(Rentals.ALL), caps));
    }

    private void stranger(Script.Words words) {
        Offer offer =
                market().offers().stream().filter(Offer::rentable).findFirst().orElseThrow();
        Order order = Order.of(offer.ask());
        market().create(words.option("label").map(order::withLabel).orElse(order));
        provider().drive();
        world.tell("somebody else rents " + offer.ask(), "");
    }

    /// What the market has, and what it has charged.
    private void show() {
        Map<Long, Money> charges = new Rows().charges(market(), world.agenda().now());
        for (var machine : market().instances())
            world.tell(
                    "market: " + machine.id() + " " + machine.label().orElse("-") + " "
                            + machine.actual().orElse("new") + ", to be " + machine.intended(),
                    "");
        for (Instance instance : world.state().rentals().instances().values()) {
            Optional<Money> charged = instance.rented().map(Long::parseLong).map(charges::get);
            world.tell(
                    "show " + instance.id() + " " + instance.phase(joined(instance)) + ", to " + instance.will()
                            + charged.map(sum -> ", charged " + sum).orElse(""),
                    instance.cause().orElse(""));
        }
    }

    private boolean joined(Instance instance) {
        return instance.node().filter(world.state().fleet().nodes()::has).isPresent();
    }
}
