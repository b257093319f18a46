package dev.muster.core.scale;

import static dev.muster.core.Orders.join;
import static dev.muster.core.Orders.n;
import static dev.muster.core.Story.START;

import dev.muster.core.Story;
import dev.muster.core.plan.Renting;
import dev.muster.core.plan.Soft;
import dev.muster.core.rent.Offer;
import dev.muster.core.rent.OfferQuery;
import dev.muster.core.rent.Price;
import dev.muster.core.rent.Trait;
import dev.muster.core.state.Bytes;
import dev.muster.core.state.Command;
import dev.muster.core.state.Group;
import dev.muster.core.state.Hardware;
import dev.muster.core.state.InstanceId;
import dev.muster.core.state.Market;
import dev.muster.core.state.Money;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Observed;
import dev.muster.core.state.Rent;
import dev.muster.core.state.Role;
import dev.muster.core.state.Scaling;
import dev.muster.core.state.Sighting;
import dev.muster.core.state.Windows;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeMap;

/// Groups, offers and machines as tests of the autoscaler need them, short.
final class Shop {
    static final String CARD = "RTX 3070";

    private Shop() {}

    /// `selfplay` on 3070s of one card, up to $0.10 per hour.
    static Group group(int min, int target, int max) {
        return group("selfplay", Role.SELFPLAY, min, target, max);
    }

    static Group group(String name, Role role, int min, int target, int max) {
        return new Group(
                name, "vast", List.of(CARD), 1, "", min, target, max, dollars("0.10"), Market.ON_DEMAND, role, 20, "");
    }

    static Money dollars(String text) {
        return Money.parse(text);
    }

    static Offer offer(String id, String machine, String perHour) {
        return offer(id, machine, perHour, Optional.empty());
    }

    static Offer offer(String id, String machine, String perHour, Optional<Money> bidMin) {
        TreeMap<String, Trait> traits = new TreeMap<>();
        traits.put("gpu_name", new Trait.Text(CARD));
        traits.put("num_gpus", new Trait.Number(1));
        traits.put("disk_space", new Trait.Number(100));
        traits.put("reliability", new Trait.Number(0.99));
        traits.put("verified", new Trait.Flag(true));
        traits.put("rentable", new Trait.Flag(true));
        return new Offer(
                "vast",
                id,
                machine,
                "h1",
                new Offer.Gpus(CARD, 1, 8_192),
                new Offer.Box(8, 32_000, 100, 4),
                new Offer.Terms(OptionalDouble.of(0.99), true, "Oregon, US", Optional.empty()),
                new Price(dollars(perHour), Money.ZERO, Money.ZERO, Money.ZERO, bidMin),
                traits);
    }

    static Rent rent(String offer, String machine, String perHour) {
        return new Rent(
                "vast", offer, machine, CARD, 1, Optional.empty(), dollars(perHour), Money.ZERO, 20, "", Role.SELFPLAY);
    }

    static Command.RentInstance order(Instant at, String group, Rent rent) {
        return new Command.RentInstance(Optional.empty(), rent, Optional.of(group), Scaling.DEFAULT.windowsAt(at));
    }

    static Command seen(int number, Observed observed, String perHour) {
        Money price = dollars(perHour);
        return new Command.SightInstance(
                new InstanceId(number),
                new Sighting(
                        "9" + number, observed, observed.bills() ? price : Money.ZERO, price, Optional.empty(), ""));
    }

    static NodeId node(int number) {
        return n("vast-9" + number);
    }

    /// One more machine of the group, which runs and has joined: four cores, one card, one job at once.
    static Story machine(Story story, String group, int number, String perHour) {
        return coming(story, group, number, perHour)
                .and(seen(number, Observed.RUNNING, perHour))
                .and(joins(number));
    }

    static Command joins(int number) {
        Hardware hardware = new Hardware(4_000, Bytes.gib(8), 1, Bytes.gib(8), CARD);
        return join(node(number).toString(), Role.MIXED, hardware, 1);
    }

    /// One more machine of the group, which is on its way.
    static Story coming(Story story, String group, int number, String perHour) {
        return story.and(order(story.now(), group, rent("o" + number, "m" + number, perHour)));
    }

    /// The provider was just listed, nodes just heard, and these are on offer.
    static Soft soft(Story story, Offer... offers) {
        Soft soft = Soft.leadingSince(START).withRenting(renting(story, offers));
        for (NodeId node : story.state().fleet().nodes().keys())
            soft = soft.withHeard(
                    node,
                    new Soft.Heard(story.now(), 1, Set.of(), new Soft.Telemetry(0.1, 0.1, 0.1, 1L << 40, 0.0, 0.0, 0)));
        return soft;
    }

    static Renting renting(Story story, Offer... offers) {
        Renting renting = Renting.NOTHING.listed("vast", new Renting.Listing(story.now(), story.now(), List.of()));
        Scaling scaling = story.state().rentals().scaling();
        for (Group group : story.state().rentals().groups().values()) {
            OfferQuery query = GroupQuery.of(scaling.at(group, story.now()));
            renting = renting.found(group.name(), new Renting.Found(story.now(), query, query.select(List.of(offers))));
        }
        return renting;
    }

    static Windows windows(Story story) {
        return story.state().rentals().scaling().windowsAt(story.now());
    }

    /// Scaling with other numbers than the usual ones.
    static Scaling scaling(List<dev.muster.core.state.TimeWindow> windows, int stepMax, Scaling.OnCap onCap) {
        Scaling usual = Scaling.DEFAULT;
        return new Scaling(
                true,
                "Europe/Berlin",
                windows,
                usual.upCooldown(),
                usual.downCooldown(),
                stepMax,
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
                usual.blameFor(),
                usual.rebid(),
                usual.priceRiseMax(),
                onCap,
                usual.strays());
    }

    static Duration minutes(int count) {
        return Duration.ofMinutes(count);
    }
}
