package dev.muster.sim;

import dev.muster.core.plan.Alerting;
import dev.muster.core.state.AlertLevel;
import dev.muster.core.state.Bulletin;
import dev.muster.core.state.Command;
import dev.muster.core.state.Event;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// Who is told of what goes wrong: a chat that is told everything, and a pager for what is critical. Both may be down, lose what they
/// are told or their answer, and leaders die while they tell.
final class SimPeople {
    static final String CHAT = "chat";
    static final String PAGER = "pager";
    private static final long ANSWER_MS = 10_000;

    /// What arrived.
    record Heard(String way, Bulletin bulletin, long atMs) {}

    private final World world;
    private final List<Heard> heard = new ArrayList<>();
    private final Map<String, Long> downUntilMs = new TreeMap<>();
    private List<Alerting.Way> ways = List.of(
            new Alerting.Way(CHAT, "chat", Set.of(AlertLevel.values()), List.of(), List.of(), List.of()),
            new Alerting.Way(PAGER, "pager", Set.of(AlertLevel.CRITICAL), List.of(), List.of(), List.of()));
    /// Notices that the log says are to be told, and whom they did not reach yet.
    private final Map<Long, TreeSet<String>> owed = new TreeMap<>();
    private double spoiled;
    private double deaths;

    SimPeople(World world) {
        this.world = world;
    }

    List<Alerting.Way> ways() {
        return ways;
    }

    void nobody() {
        ways = List.of();
    }

    void down(String way, Duration time) {
        downUntilMs.put(way, world.agenda().nowMs() + time.toMillis());
    }

    /// Of tries: those that are lost on their way there or back, and those during which the leader dies.
    void spoil(double lost, double dies) {
        spoiled = lost;
        deaths = dies;
    }

    void up() {
        downUntilMs.clear();
        spoil(0, 0);
    }

    /// What the log says of telling, against what arrived.
    void committed(Event event) {
        switch (event) {
            case Event.AlertTold(Bulletin told) -> {
                if (!told.channels().isEmpty()) owed.put(told.number(), new TreeSet<>(told.channels()));
            }
            case Event.AlertDelivered(long number, String alert, String way) -> {
                if (heard.stream()
                        .noneMatch(one ->
                                one.bulletin().number() == number && one.way().equals(way)))
                    throw new Violation(
                            "what is told arrives", "notice " + number + " of " + alert + " never came to " + way);
                settle(number, way);
            }
            case Event.AlertUndelivered(long number, String alert, String way, String why) -> settle(number, way);
            default -> {}
        }
    }

    private void settle(long number, String way) {
        TreeSet<String> ways = owed.getOrDefault(number, new TreeSet<>());
        ways.remove(way);
        if (ways.isEmpty()) owed.remove(number);
    }

    /// What people still have to hear, once all is well; and what they would wrongly take to go on.
    List<String> missing() {
        List<String> missing = new ArrayList<>();
        owed.forEach((number, ways) -> missing.add("notice " + number + " has not come to " + ways));
        for (String rule : List.of("node-lost", "quorum"))
            if (world.state().alerts().alerts().has(rule)) missing.add("the alert " + rule + " is not over");
        return missing;
    }

    /// All that arrived, doubles too.
    List<Heard> heard() {
        return List.copyOf(heard);
    }

    void give(SimLeader leader, Bulletin bulletin, String way) {
        leader.alerting(known -> known.begun(bulletin.number(), way, leader.now()));
        if (world.chance().of(deaths)) {
            leader.die("before it told " + way + " notice " + bulletin.number());
            return;
        }
        boolean up = world.agenda().nowMs() >= downUntilMs.getOrDefault(way, 0L);
        boolean there = up && !world.chance().of(spoiled);
        boolean back = there && !world.chance().of(spoiled);
        long trip = 100 + world.chance().between(0, 400);
        if (world.makes(Mutation.TELLS_WITHOUT_ASKING)) taken(leader, bulletin, way);
        world.agenda().in(trip, () -> {
            if (there) arrived(way, bulletin);
            if (there && world.chance().of(deaths)) leader.die("after it told " + way + " notice " + bulletin.number());
        });
        if (back) world.agenda().in(2 * trip, () -> taken(leader, bulletin, way));
        else world.agenda().in(up ? ANSWER_MS : 2 * trip, () -> failed(leader, bulletin, way));
    }

    /// Again is right, out of order is not: people would take for going on what is over.
    private void arrived(String way, Bulletin bulletin) {
        boolean again = false;
        long newest = 0;
        for (Heard one : heard) {
            if (!one.way().equals(way) || !one.bulletin().alert().equals(bulletin.alert())) continue;
            newest = Math.max(newest, one.bulletin().number());
            again |= one.bulletin().number() == bulletin.number();
        }
        if (!again && bulletin.number() < newest)
            throw new Violation(
                    "people are told in order", "notice " + bulletin.number() + " came to " + way + " after " + newest);
        heard.add(new Heard(way, bulletin, world.agenda().nowMs()));
    }

    private static void taken(SimLeader leader, Bulletin bulletin, String way) {
        leader.order(new Command.RecordDelivery(bulletin.number(), way, true, ""), "it was taken");
    }

    private static void failed(SimLeader leader, Bulletin bulletin, String way) {
        leader.alerting(known ->
                known.failed(bulletin.number(), way, leader.now(), "nobody answers there", false, Optional.empty()));
    }
}
