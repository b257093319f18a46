package dev.muster.edge.fleet;

import dev.muster.core.fleet.Rolling;
import dev.muster.core.fleet.Sight;
import dev.muster.edge.fleet.HostResult.Kind;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// Carries a [Rolling] out.
public final class RollingRestart {
    private static final Duration POLL = Duration.ofMillis(500);
    /// Without any progress; a voter that has been away for long needs a while to read what it missed.
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    /// The cluster may not be asked for a moment: the leader restarts, too.
    private static final Duration BLIND_MAX = Duration.ofSeconds(60);

    /// What is done to each node.
    public sealed interface Change {
        /// The same program again.
        record Again() implements Change {}

        /// Another release, which is put there first.
        record Upgrade(Bundle bundle) implements Change {}

        /// The release before, by each host's record.
        record Back() implements Change {}
    }

    private final Fleet fleet;
    private final Map<String, Sight> sights;
    private final Change change;
    private final List<HostResult> results = Collections.synchronizedList(new ArrayList<>());
    private final Map<String, Long> restartedNanos = new HashMap<>();
    private final ClusterEye eye;

    public RollingRestart(Fleet fleet, Map<String, Sight> sights, Change change) {
        this.fleet = fleet;
        this.sights = sights;
        this.change = change;
        this.eye = fleet.eye(sights);
    }

    /// What would be done, or why it cannot be.
    ///
    /// @param nodes   that would be restarted
    /// @param refusal empty when it can be done
    public record Outlook(Set<String> nodes, int voters, Optional<String> refusal) {}

    /// Looks at the cluster and touches nothing.
    public Outlook outlook() throws InterruptedException {
        Set<String> nodes = nodes();
        if (nodes.isEmpty())
            return new Outlook(nodes, 0, Optional.of("none of these hosts holds a node; `muster up` makes them"));
        try {
            Rolling.Cluster cluster = eye.cluster(Set.of(), Set.of(), Map.of());
            String refusal = rolling(nodes).refusal(cluster);
            int voters = (int) nodes.stream()
                    .filter(node -> cluster.members().containsKey(node)
                            && cluster.members().get(node).voter())
                    .count();
            return new Outlook(nodes, voters, refusal.isEmpty() ? Optional.empty() : Optional.of(refusal));
        } catch (IOException e) {
            return new Outlook(nodes, 0, Optional.of("the cluster cannot be asked: " + Fleet.reason(e)));
        }
    }

    private Rolling rolling(Set<String> nodes) {
        return Rolling.of(nodes, Rolling.Bounds.of(nodes.size()));
    }

    /// Those hosts on which this node's data lies.
    private Set<String> nodes() {
        Set<String> nodes = new TreeSet<>();
        sights.forEach((host, sight) -> {
            if (sight instanceof Sight.Reached reached
                    && reached.node().equals(Optional.of(host))
                    && !(reached.agent() instanceof Sight.Agent.Running running
                            && !running.node().equals(host))) nodes.add(host);
        });
        return nodes;
    }

    /// One batch after the other, until all are done or it is not safe to go on.
    ///
    /// @return what became of each host; and why it stopped, when it did
    public List<HostResult> run() throws InterruptedException {
        Set<String> nodes = nodes();
        fleet.without(nodes, sights).forEach((host, why) -> fleet.tell(results, HostResult.of(host, Kind.FAILED, why)));
        Set<String> ready = change instanceof Change.Upgrade(Bundle bundle) ? installed(nodes, bundle) : nodes;
        if (ready.size() < nodes.size()) {
            stopped(ready, "not begun: some hosts could not take the release");
            return List.copyOf(results);
        }
        roll(rolling(ready));
        return List.copyOf(results);
    }

    /// Everywhere before anything is restarted: a host without room is found while nothing has happened yet.
    private Set<String> installed(Set<String> nodes, Bundle bundle) throws InterruptedException {
        Set<String> ready = Collections.synchronizedSet(new TreeSet<>());
        Fleet.each(List.copyOf(nodes), node -> {
            try {
                fleet.station(node).install(bundle);
                ready.add(node);
            } catch (IOException e) {
                fleet.tell(results, HostResult.of(node, Kind.FAILED, Fleet.reason(node, e)));
            }
        });
        return ready;
    }

    private void roll(Rolling rolling) throws InterruptedException {
        long progress = System.nanoTime();
        long seen = System.nanoTime();
        String held = "";
        while (true) {
            Rolling.Next next;
            Rolling.Cluster cluster;
            try {
                cluster = look(rolling);
                seen = System.nanoTime();
                rolling = rolling.seen(cluster);
                next = rolling.next(cluster);
            } catch (IOException e) {
                if (System.nanoTime() - seen > BLIND_MAX.toNanos()) {
                    stopped(left(rolling), "the cluster cannot be asked: " + Fleet.reason(e));
                    return;
                }
                Thread.sleep(POLL);
                continue;
            }
            switch (next) {
                case Rolling.Next.Go(List<String> nodes) -> {
                    Optional<Rolling.Cluster> before = before(nodes);
                    if (before.isEmpty()) continue; // asked again, with the patience that is left
                    rolling = restart(rolling.begun(nodes, before.get()), nodes);
                    progress = System.nanoTime();
                }
                case Rolling.Next.Hold(String why) -> {
                    if (!why.equals(held)) fleet.remark("waiting " + why);
                    held = why;
                    if (System.nanoTime() - progress > PATIENCE.toNanos()) {
                        stopped(left(rolling), "not done: it waited " + PATIENCE.toMinutes() + " minutes " + why);
                        return;
                    }
                    Thread.sleep(POLL);
                }
                case Rolling.Next.Stop(String why) -> {
                    told(rolling);
                    stopped(left(rolling), "not done, because " + why);
                    return;
                }
                case Rolling.Next.Finished finished -> {
                    told(rolling);
                    return;
                }
            }
        }
    }

    /// Nodes that came back without what they ran were told as restarted; the last word on them is another.
    private void told(Rolling rolling) {
        rolling.failed().forEach((node, why) -> {
            boolean restarted =
                    results.removeIf(result -> result.host().equals(node) && result.kind() == Kind.RESTARTED);
            if (restarted) fleet.tell(results, HostResult.of(node, Kind.FAILED, why));
        });
    }

    private static Set<String> left(Rolling rolling) {
        Set<String> left = new TreeSet<>(rolling.waiting());
        rolling.underway().forEach((node, underway) -> {
            if (!underway.restarted()) left.add(node);
        });
        return left;
    }

    private void stopped(Set<String> nodes, String why) {
        for (String node : nodes) fleet.tell(results, HostResult.of(node, Kind.LEFT, why));
    }

    private Rolling.Cluster look(Rolling rolling) throws IOException, InterruptedException {
        Set<String> known = new TreeSet<>();
        rolling.underway().values().forEach(underway -> known.addAll(underway.attempts()));
        Map<String, Duration> silences = new HashMap<>();
        long now = System.nanoTime();
        restartedNanos.forEach((node, at) -> silences.put(node, Duration.ofNanos(now - at)));
        return eye.cluster(rolling.underway().keySet(), known, silences);
    }

    /// With what runs on those that are next, which nobody has to ask of all the others.
    private Optional<Rolling.Cluster> before(List<String> nodes) throws InterruptedException {
        try {
            return Optional.of(eye.cluster(Set.copyOf(nodes), Set.of(), Map.of()));
        } catch (IOException e) {
            Thread.sleep(POLL);
            return Optional.empty();
        }
    }

    private Rolling restart(Rolling rolling, List<String> nodes) throws InterruptedException {
        Map<String, String> failures = Collections.synchronizedMap(new HashMap<>());
        Map<String, Long> done = Collections.synchronizedMap(new HashMap<>());
        Fleet.each(nodes, node -> {
            Station station = fleet.station(node);
            try {
                Station.Answering now = switch (change) {
                    case Change.Again again -> station.restart();
                    case Change.Upgrade(Bundle bundle) -> station.change(bundle.release());
                    case Change.Back back -> station.rollback();
                };
                done.put(node, System.nanoTime());
                fleet.tell(results, new HostResult(node, Kind.RESTARTED, now.pid(), "", now.release(), ""));
            } catch (IOException e) {
                failures.put(node, Fleet.reason(node, e));
                fleet.tell(results, HostResult.of(node, Kind.FAILED, Fleet.reason(node, e)));
            }
        });
        restartedNanos.putAll(done);
        Rolling after = rolling;
        for (String node : nodes) {
            String failure = failures.get(node);
            after = failure == null ? after.restarted(node) : after.failed(node, failure);
        }
        return after;
    }
}
