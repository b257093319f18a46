package dev.muster.core;

import dev.muster.core.plan.Renting;
import dev.muster.core.plan.Soft;
import dev.muster.core.rent.Offer;
import dev.muster.core.rent.Rented;
import dev.muster.core.state.Caps;
import dev.muster.core.state.Command;
import dev.muster.core.state.Group;
import dev.muster.core.state.InstanceId;
import dev.muster.core.state.Market;
import dev.muster.core.state.Money;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Observed;
import dev.muster.core.state.Rent;
import dev.muster.core.state.Role;
import dev.muster.core.state.Scaling;
import dev.muster.core.state.Sighting;
import dev.muster.core.state.TimeWindow;
import dev.muster.core.state.Trouble;
import dev.muster.core.state.Windows;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/// Orders about rented machines as tests need them, short.
public final class Rents {
    /// The first machine's label in a cluster that had no nodes when it was ordered.
    public static final String LABEL = "muster-00000011-i1";

    private Rents() {}

    public static InstanceId i(long number) {
        return new InstanceId(number);
    }

    public static Money usd(String amount) {
        return Money.parse(amount);
    }

    /// One RTX 3070 on machine m1, on demand.
    public static Rent rent(String perHour) {
        return rent(perHour, Optional.empty());
    }

    /// The disk costs a cent, the traffic what is left of the hour's price.
    public static Rent bid(String bid, String perHour) {
        return rent(perHour, Optional.of(usd(bid)));
    }

    private static Rent rent(String perHour, Optional<Money> bid) {
        return new Rent("vast", "o1", "m1", "RTX 3070", 1, bid, usd(perHour), usd("0.01"), 20, "", Role.MIXED);
    }

    public static Windows today(Instant at) {
        return Scaling.DEFAULT.windowsAt(at);
    }

    /// By the name of a node that runs there already.
    public static Command adopt(Rent rent, Sighting seen, NodeId node) {
        return new Command.AdoptInstance("", rent, seen, Optional.of(node), Optional.of(node));
    }

    public static Command.RentInstance order(Rent rent) {
        return new Command.RentInstance(Optional.empty(), rent, Optional.empty(), today(Story.START));
    }

    public static Command.RentInstance order(Rent rent, String group) {
        return new Command.RentInstance(Optional.empty(), rent, Optional.of(group), today(Story.START));
    }

    /// It costs $0.10 while it runs, and a cent otherwise.
    public static Sighting seen(String rented, Observed observed) {
        return seen(rented, observed, "0.10");
    }

    public static Sighting seen(String rented, Observed observed, String perHour) {
        Money now = observed.bills() ? usd(perHour) : usd("0.01");
        return new Sighting(rented, observed, now, usd(perHour), Optional.empty(), "");
    }

    public static Command sight(long id, String rented, Observed observed) {
        return new Command.SightInstance(i(id), seen(rented, observed));
    }

    public static Command sight(long id, String rented, Observed observed, String perHour) {
        return new Command.SightInstance(i(id), seen(rented, observed, perHour));
    }

    public static Command start(long id) {
        return new Command.StartInstance(i(id), today(Story.START));
    }

    public static Command stop(long id) {
        return new Command.StopInstance(i(id));
    }

    /// Told of one of two, or over with the first.
    public static Command trouble(int which) {
        return which == 0
                ? new Command.EndTrouble(Trouble.STRAY_FOUND, "vast 1", "note")
                : new Command.TellTrouble(Trouble.STRAY_FOUND, "vast " + which, "note");
    }

    public static Command end(long id) {
        return new Command.EndInstance(i(id), false);
    }

    public static Command release(long id) {
        return new Command.ReleaseInstance(i(id));
    }

    public static Command charge(long id, String total, Instant upTo) {
        return new Command.RecordCharge(i(id), usd(total), upTo);
    }

    public static Command budget(String scope, String hour, String day, String month) {
        return new Command.SetBudget(scope, new Caps(cap(hour), cap(day), cap(month)));
    }

    private static Optional<Money> cap(String amount) {
        return amount.equals("-") ? Optional.empty() : Optional.of(usd(amount));
    }

    /// Of machines with an RTX 3070 at up to $0.50 per hour.
    public static Group group(String name, int min, int target, int max) {
        return new Group(
                name,
                "vast",
                List.of("RTX 3070"),
                1,
                "",
                min,
                target,
                max,
                usd("0.50"),
                Market.ON_DEMAND,
                Role.MIXED,
                20,
                "");
    }

    public static Command grouped(String name, int max) {
        return new Command.SetGroup(group(name, 0, 0, max));
    }

    /// As `vast` lists what [#seen] is made of.
    public static Rented row(String id, String label, Observed observed) {
        return row(id, label, observed, "0.10");
    }

    public static Rented row(String id, String label, Observed observed, String perHour) {
        Sighting seen = seen(id, observed, perHour);
        return new Rented(
                "vast",
                id,
                label,
                "o1",
                "m1",
                observed,
                new Offer.Gpus("RTX 3070", 1, 8_000),
                new Rented.Reach("root", Optional.empty(), Optional.empty(), new TreeMap<>()),
                new Rented.Bill(
                        seen.perHourNow(),
                        seen.perHourRunning(),
                        usd("0.01"),
                        false,
                        Optional.empty(),
                        Optional.empty()),
                "",
                "",
                "");
    }

    /// Its provider answered at once.
    public static Soft listed(Soft soft, Instant at, Rented... rows) {
        Renting.Listing listing = new Renting.Listing(at, at, List.of(rows));
        return soft.withRenting(soft.renting().listed("vast", listing));
    }

    public static Scaling scaling(String zone, TimeWindow... windows) {
        return scaling(zone, Scaling.Strays.END, Scaling.DEFAULT.blameFor(), windows);
    }

    public static Scaling scaling(String zone, Scaling.Strays strays, Duration blameFor, TimeWindow... windows) {
        Scaling usual = Scaling.DEFAULT;
        return new Scaling(
                usual.enabled(),
                zone,
                List.of(windows),
                usual.upCooldown(),
                usual.downCooldown(),
                usual.stepMax(),
                usual.upAt(),
                usual.downAt(),
                usual.backlogPer(),
                usual.idleAfter(),
                usual.ageMin(),
                usual.selfplayShare(),
                usual.bootMax(),
                usual.joinMax(),
                usual.lostMax(),
                usual.outbidMax(),
                usual.drainMax(),
                usual.stoppedMax(),
                blameFor,
                usual.rebid(),
                usual.priceRiseMax(),
                usual.onCap(),
                strays);
    }

    /// With a day that begins elsewhere.
    public static Scaling inBerlin(boolean enabled) {
        Scaling usual = Scaling.DEFAULT;
        return scaling("Europe/Berlin", usual.strays(), usual.blameFor()).withEnabled(enabled);
    }
}
