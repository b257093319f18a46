package dev.muster.edge.http;

import dev.muster.core.plan.Action;
import dev.muster.core.plan.Errand;
import dev.muster.core.plan.Renting;
import dev.muster.core.plan.Wait;
import dev.muster.core.rent.Offer;
import dev.muster.core.rent.OfferQuery;
import dev.muster.core.rent.Rented;
import dev.muster.core.state.ArtifactKind;
import dev.muster.core.state.Bytes;
import dev.muster.core.state.Caps;
import dev.muster.core.state.Command;
import dev.muster.core.state.Group;
import dev.muster.core.state.Hardware;
import dev.muster.core.state.InstanceId;
import dev.muster.core.state.JobId;
import dev.muster.core.state.Market;
import dev.muster.core.state.Money;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Observed;
import dev.muster.core.state.Rent;
import dev.muster.core.state.Rentals;
import dev.muster.core.state.Role;
import dev.muster.core.state.Scaling;
import dev.muster.core.state.Sha256;
import dev.muster.core.state.Sighting;
import dev.muster.core.state.Windows;
import dev.muster.edge.wire.Wire;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/// A cluster with rented machines in all their phases: one that runs with work and a file that is only there, one that is
/// ordered, one whose image is fetched, one that was outbid, one that is drained, one that has ended and an adopted one.
public final class RentScene {
    private static final String GROUP = "selfplay-rtx3070";

    private RentScene() {}

    public static InMemoryMember make() {
        InMemoryMember member = InMemoryMember.ofFour();
        member.order(new Command.SetGroup(group()));
        member.order(new Command.SetScaling(RentForms.scaling(Scaling.DEFAULT.withEnabled(false), windows())));
        for (int number = 1; number <= 6; number++) rent(member, number);
        see(member, 1, "101", Observed.RUNNING, "");
        see(member, 6, "106", Observed.RUNNING, "");
        member.order(new Command.EndInstance(new InstanceId(6), false));
        works(member);
        member.now = member.now.plusSeconds(7_200);
        member.order(new Command.ReleaseInstance(new InstanceId(6)));
        member.order(new Command.FinishInstance(new InstanceId(6), "it is gone from two lists"));
        see(member, 3, "103", Observed.PULLING, "Pulling fs layer 3 of 9");
        see(member, 4, "104", Observed.PREEMPTED, "");
        see(member, 5, "105", Observed.RUNNING, "");
        joins(member, "vast-105");
        member.order(new Command.EndInstance(new InstanceId(5), false));
        member.order(new Command.AdoptInstance(
                "ann-tries", terms("7007", Optional.empty()), sighting("107", Observed.STOPPED, ""), Optional.empty()));
        caps(member);
        member.now = member.now.plusSeconds(600);
        member.soft = Optional.of(member.allHeard().withRenting(renting(member)));
        plan(member);
        return member;
    }

    private static Group group() {
        return new Group(
                GROUP,
                "vast",
                List.of("RTX 3070"),
                1,
                "reliability>0.9",
                0,
                5,
                10,
                Money.parse("0.08"),
                Market.BID,
                Role.SELFPLAY,
                32,
                "");
    }

    private static JsonNode windows() {
        return Wire.MAPPER.valueToTree(Map.of(
                "zone",
                "Europe/Berlin",
                "windows",
                List.of(
                        Map.of("name", "day", "from", "08:00", "to", "20:00", "max", 6, "days", List.of("sat", "sun")),
                        Map.of("name", "night", "from", "22:00", "to", "06:00", "price_max", 0.1))));
    }

    private static Windows now(InMemoryMember member) {
        return member.state().rentals().scaling().windowsAt(member.now);
    }

    private static void rent(InMemoryMember member, int number) {
        Optional<Money> bid = number == 4 ? Optional.of(Money.parse("0.05")) : Optional.empty();
        Optional<String> group = number == 2 ? Optional.empty() : Optional.of(GROUP);
        member.order(new Command.RentInstance(Optional.empty(), terms("900" + number, bid), group, now(member)));
    }

    private static Rent terms(String machine, Optional<Money> bid) {
        return new Rent(
                "vast",
                "55" + machine,
                machine,
                "RTX 3070",
                1,
                bid,
                Money.parse("0.075"),
                Money.parse("0.0032"),
                32,
                "pytorch/pytorch:2.0",
                Role.SELFPLAY);
    }

    private static void see(InMemoryMember member, int number, String rented, Observed observed, String message) {
        member.order(new Command.SightInstance(new InstanceId(number), sighting(rented, observed, message)));
    }

    private static Sighting sighting(String rented, Observed observed, String message) {
        Money now = Money.parse(observed.bills() ? "0.075" : "0.0032");
        return new Sighting(
                rented,
                observed,
                now,
                Money.parse("0.075"),
                Optional.of(Instant.parse("2026-03-20T00:00:00Z")),
                message);
    }

    private static void joins(InMemoryMember member, String name) {
        member.join(name, Role.SELFPLAY, new Hardware(8_000, Bytes.gib(16), 1, Bytes.gib(8), "RTX 3070"));
    }

    /// A job that only the rented node can take, and a file that is nowhere else.
    private static void works(InMemoryMember member) {
        joins(member, "vast-101");
        member.order(new Command.SubmitJob(Forms.job(
                Wire.STRICT.readTree("{\"name\":\"play\",\"kind\":\"selfplay\",\"command\":[\"play\"],\"tasks\":2}"))));
        member.start(member.place(new JobId(1).toString(), 0, "vast-101"));
        member.order(new Command.PutArtifact(
                new Sha256("5c".repeat(32)),
                41_943_040,
                "games-17.jsonl",
                ArtifactKind.OTHER,
                Optional.empty(),
                new NodeId("vast-101")));
    }

    private static void caps(InMemoryMember member) {
        Optional<Money> none = Optional.empty();
        member.order(new Command.SetBudget(
                Rentals.ALL,
                new Caps(
                        Optional.of(Money.parse("0.6")),
                        Optional.of(Money.parse("2")),
                        Optional.of(Money.parse("40")))));
        member.order(new Command.SetBudget(GROUP, new Caps(none, Optional.of(Money.parse("1.1")), none)));
    }

    private static Renting renting(InMemoryMember member) {
        Renting.Listing listing = new Renting.Listing(
                member.now.minusSeconds(21),
                member.now.minusSeconds(20),
                List.of(
                        machine("101", label(member, 1), Observed.RUNNING, Optional.of("203.0.113.7")),
                        machine("104", label(member, 4), Observed.PREEMPTED, Optional.empty()),
                        machine("666", "muster-12345678-i9", Observed.RUNNING, Optional.empty()),
                        machine("777", "", Observed.STOPPED, Optional.empty())));
        Errand stop = stop(4);
        OfferQuery.Selection selection = new OfferQuery.Selection(
                List.of(),
                41,
                List.of(
                        new OfferQuery.Dropped("price", 23),
                        new OfferQuery.Dropped("reliability", 12),
                        new OfferQuery.Dropped("disk", 6)));
        return Renting.NOTHING
                .listed("vast", listing)
                .found(GROUP, new Renting.Found(member.now.minusSeconds(40), OfferQuery.DEFAULT, selection))
                .begun(stop, member.now.minusSeconds(90))
                .failed(stop, member.now.minusSeconds(80), "vast: is out of order (502 \"Bad Gateway\")");
    }

    private static String label(InMemoryMember member, int number) {
        return member.state()
                .rentals()
                .instances()
                .require(new InstanceId(number))
                .label();
    }

    private static Rented machine(String id, String label, Observed observed, Optional<String> address) {
        TreeMap<String, Rented.Endpoint> ports = new TreeMap<>();
        address.ifPresent(host -> {
            ports.put("22/tcp", new Rented.Endpoint(host, 40_022));
            ports.put("8770/tcp", new Rented.Endpoint(host, 40_870));
        });
        return new Rented(
                "vast",
                id,
                label,
                "",
                "",
                observed,
                new Offer.Gpus("RTX 3070", 1, 8_192),
                new Rented.Reach(
                        "root",
                        Optional.ofNullable(ports.get("22/tcp")),
                        Optional.of(new Rented.Endpoint("ssh5.vast.invalid", 10_101)),
                        ports),
                new Rented.Bill(
                        Money.parse("0.075"),
                        Money.parse("0.075"),
                        Money.parse("0.0032"),
                        false,
                        Optional.empty(),
                        Optional.empty()),
                "",
                "",
                "");
    }

    private static void plan(InMemoryMember member) {
        member.actions = List.of(
                new Action.Propose(
                        new Command.RentInstance(
                                Optional.empty(), terms("9009", Optional.empty()), Optional.of(GROUP), now(member)),
                        "3 of 5 machines"),
                new Action.Run(stop(4), "it is to be stopped"),
                new Action.Run(new Errand.Look("vast"), "look around"));
        member.waits = Optional.of(List.of(
                new Wait("j1.1", Wait.Reason.NO_ROOM, "needs 1 cpu"),
                new Wait("group " + GROUP, Wait.Reason.SCALE, "3 of 5 machines; no offer will do"),
                new Wait("i3", Wait.Reason.INSTANCE, "its image is fetched for 10m; after 15m it is replaced"),
                new Wait("i4", Wait.Reason.STUCK, "cannot be stopped since 1m30s: vast is out of order")));
    }

    private static Errand stop(int number) {
        return new Errand.Stop(new InstanceId(number));
    }
}
