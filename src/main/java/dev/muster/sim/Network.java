package dev.muster.sim;

import dev.muster.core.state.NodeId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/// Who can reach whom, how long it takes, and what gets lost. Messages of one link can overtake each other.
final class Network {
    /// One-way milliseconds between regions, from published inter-region round trips of the large clouds, halved.
    private static final Map<String, Map<String, Integer>> REGIONS = Map.of(
            "eu", Map.of("eu", 1, "us-east", 40, "us-west", 70, "asia", 110),
            "us-east", Map.of("eu", 40, "us-east", 1, "us-west", 32, "asia", 90),
            "us-west", Map.of("eu", 70, "us-east", 32, "us-west", 1, "asia", 60),
            "asia", Map.of("eu", 110, "us-east", 90, "us-west", 60, "asia", 1));
    static final List<String> REGION_NAMES = List.of("eu", "us-east", "us-west", "asia");

    private final Agenda agenda;
    private final Chance chance;
    private final Predicate<NodeId> listens;
    private final Map<NodeId, String> regionOf = new HashMap<>();
    private final Map<NodeId, Integer> slowMs = new HashMap<>();
    private final List<Cut> cuts = new ArrayList<>();
    private double loss;

    private record Link(NodeId from, NodeId to) {}

    private record Cut(Set<Link> links) {}

    /// @param listens whether the program on a node runs, so that a message can be taken there
    Network(Agenda agenda, Chance chance, Predicate<NodeId> listens) {
        this.agenda = agenda;
        this.chance = chance;
        this.listens = listens;
    }

    /// @throws IllegalArgumentException for a region that is not on the map
    void place(NodeId node, String region) {
        if (!REGIONS.containsKey(region)) {
            throw new IllegalArgumentException(
                    "expected a region of " + REGION_NAMES + ", but found \"" + region + "\"");
        }
        regionOf.put(node, region);
    }

    // ---- faults

    /// Nodes of different groups no longer reach each other; nodes in no group reach all.
    ///
    /// @return mends it
    Runnable partition(List<List<NodeId>> groups) {
        Set<Link> links = new HashSet<>();
        for (List<NodeId> group : groups) {
            for (List<NodeId> other : groups) {
                if (group == other) continue;
                for (NodeId from : group) for (NodeId to : other) links.add(new Link(from, to));
            }
        }
        return cut(links);
    }

    /// Messages in this one direction no longer arrive.
    ///
    /// @return mends it
    Runnable cut(NodeId from, NodeId to) {
        return cut(Set.of(new Link(from, to)));
    }

    private Runnable cut(Set<Link> links) {
        Cut fault = new Cut(links);
        cuts.add(fault);
        return () -> cuts.removeIf(other -> other == fault);
    }

    /// Share of all messages that vanish.
    void lose(double share) {
        loss = share;
    }

    /// What every message from and to this node takes longer.
    void slow(NodeId node, int extraMs) {
        slowMs.put(node, extraMs);
    }

    void heal() {
        cuts.clear();
        slowMs.clear();
        loss = 0;
    }

    // ---- use

    boolean open(NodeId from, NodeId to) {
        if (cuts.isEmpty() || from.equals(to)) return true;
        Link link = new Link(from, to);
        return cuts.stream().noneMatch(fault -> fault.links().contains(link));
    }

    /// Would a message get through now, there and back?
    boolean mutual(NodeId a, NodeId b) {
        return listens.test(a) && listens.test(b) && open(a, b) && open(b, a);
    }

    /// Did one of the many small messages of this moment get through? Chance has its say.
    boolean heard(NodeId from, NodeId to) {
        return listens.test(to) && open(from, to) && (from.equals(to) || !chance.of(loss));
    }

    long delayMs(NodeId from, NodeId to) {
        if (from.equals(to)) return 0;
        int base = REGIONS.get(regionOf.get(from)).get(regionOf.get(to));
        int extra = slowMs.getOrDefault(from, 0) + slowMs.getOrDefault(to, 0);
        return chance.between(base, base + base / 4 + 2) + extra;
    }

    /// Along a path of nodes; the last one has to listen when it arrives, those between when it is sent.
    void send(List<NodeId> path, Runnable arrive) {
        long delay = 0;
        for (int hop = 1; hop < path.size(); hop++) {
            NodeId from = path.get(hop - 1);
            NodeId to = path.get(hop);
            if (!heard(from, to)) return;
            delay += delayMs(from, to);
        }
        NodeId last = path.getLast();
        NodeId before = path.get(Math.max(0, path.size() - 2));
        agenda.in(delay, () -> {
            if (listens.test(last) && open(before, last)) arrive.run();
        });
    }

    /// A model of 100 MB takes about a second inside a region and four between regions.
    long transferMs(NodeId from, NodeId to, long bytes) {
        long bytesPerMs = delayMs(from, to) > 10 ? 25_000 : 100_000;
        return 4 * delayMs(from, to) + bytes / bytesPerMs;
    }
}
