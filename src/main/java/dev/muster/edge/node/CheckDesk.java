package dev.muster.edge.node;

import dev.muster.core.check.Report;
import dev.muster.core.check.Rounds;
import dev.muster.core.health.Health;
import dev.muster.core.plan.Policy;
import dev.muster.core.plan.Soft;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Desired;
import dev.muster.core.state.Durations;
import dev.muster.core.state.Node;
import dev.muster.core.state.NodeId;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Gathers what nodes say of themselves. The leader keeps each one's newest report; who wants fresh ones is answered as
/// soon as all have come, asked for in two ways at once: directly, and by the answers to heartbeats, which also reach a
/// node that cannot be dialled.
final class CheckDesk {
    /// As promised by [PeerService#checksHere]; a heartbeat comes every two seconds.
    private static final Duration FRESH_MAX = Duration.ofMillis(2_500);

    static final Duration DEEP_MAX = Duration.ofSeconds(70);
    /// What is older says nothing about now.
    private static final Duration KEPT = Duration.ofMinutes(5);

    private static final int ASKED_MAX = 64;

    private static final Logger LOG = LoggerFactory.getLogger(CheckDesk.class);

    private record Kept(Report report, Instant at) {}

    private record Wanted(long number, boolean deep, long untilNanos) {}

    private final NodeId self;
    private final Policy policy;
    private final Replica replica;
    private final PeerClient client;
    private final InstantSource clock;
    private final Own own;
    private final Map<NodeId, Kept> kept = new ConcurrentHashMap<>();
    private final Map<NodeId, Wanted> wanted = new ConcurrentHashMap<>();
    private final AtomicLong numbers;
    private final Object news = new Object();

    /// Looks at this very node.
    interface Own {
        Report look(boolean deep);
    }

    CheckDesk(NodeId self, Policy policy, Replica replica, PeerClient client, InstantSource clock, Own own) {
        this.self = self;
        this.policy = policy;
        this.replica = replica;
        this.client = client;
        this.clock = clock;
        this.own = own;
        this.numbers = new AtomicLong(clock.millis());
    }

    /// A node told how it is.
    void heard(NodeId node, Report report) {
        kept.put(node, new Kept(report, clock.instant()));
        wanted.computeIfPresent(node, (same, asked) -> report.answers() >= asked.number() ? null : asked);
        synchronized (news) {
            news.notifyAll();
        }
    }

    /// What the node is to be asked with the answer to its heartbeat.
    PeerService.LeaderWord word(NodeId node, String version) {
        Wanted asked = wanted.get(node);
        boolean due = asked != null && asked.untilNanos() - System.nanoTime() > 0;
        return new PeerService.LeaderWord(clock.instant(), version, due ? asked.number() : 0, due && asked.deep());
    }

    /// As the leader.
    Rounds gather(Soft soft, PeerService.CheckRequest request) throws InterruptedException {
        ClusterState state = replica.state();
        Instant now = clock.instant();
        kept.keySet().removeIf(node -> !state.fleet().nodes().has(node));
        wanted.keySet().removeIf(node -> !state.fleet().nodes().has(node));
        Map<NodeId, String> away = new TreeMap<>();
        List<Node> present = new ArrayList<>();
        for (Node node : nodes(state, request)) {
            Optional<String> why = away(state, node, soft, now);
            if (why.isPresent()) away.put(node.id(), why.get());
            else present.add(node);
        }
        if (request.depth() != PeerService.CheckDepth.LATEST)
            refresh(present, request.depth() == PeerService.CheckDepth.DEEP);
        return rounds(state, request, away);
    }

    private Optional<String> away(ClusterState state, Node node, Soft soft, Instant now) {
        if (node.fenced()) return Optional.of("fenced: the cluster declared it gone; start its agent");
        if (node.id().equals(self) || !Health.suspect(state, node.id(), soft, policy, now)) return Optional.empty();
        Duration silence = Health.silence(state, node.id(), soft, now).truncatedTo(ChronoUnit.SECONDS);
        Instant last = soft.lastHeard(node.id()).truncatedTo(ChronoUnit.SECONDS);
        return Optional.of("unreachable (silent for " + Durations.brief(silence) + ", last heard " + last + ")");
    }

    /// Everybody in service, whoever is asked for: who reaches whom takes all. A retired node is not missed.
    private static List<Node> nodes(ClusterState state, PeerService.CheckRequest request) {
        return state.fleet().nodes().values().stream()
                .filter(node ->
                        node.desired() != Desired.RETIRED || request.nodes().contains(node.id()))
                .toList();
    }

    private void refresh(List<Node> nodes, boolean deep) throws InterruptedException {
        long number = numbers.incrementAndGet();
        Duration most = deep ? DEEP_MAX : FRESH_MAX;
        long end = System.nanoTime() + most.toNanos();
        for (Node node : nodes) wanted.put(node.id(), new Wanted(number, deep, end));
        ExecutorService threads = Executors.newFixedThreadPool(
                ASKED_MAX, Thread.ofVirtual().name("check-", 0).factory());
        try {
            for (Node node : nodes) threads.execute(() -> ask(node, number, deep, most));
            threads.shutdown();
            await(nodes, number, end);
        } finally {
            threads.shutdownNow();
        }
    }

    private void ask(Node node, long number, boolean deep, Duration most) {
        try {
            Report report = node.id().equals(self)
                    ? own.look(deep)
                    : client.check(node.endpoints().api(), deep, most);
            heard(node.id(), report.answering(number));
        } catch (IOException | RuntimeException e) {
            LOG.debug("{} is asked by its heartbeat alone", node.id(), e);
        }
    }

    private void await(List<Node> nodes, long number, long end) throws InterruptedException {
        synchronized (news) {
            while (nodes.stream().anyMatch(node -> lacks(node.id(), number))) {
                long left = (end - System.nanoTime()) / 1_000_000;
                if (left <= 0) return;
                news.wait(left);
            }
        }
    }

    private boolean lacks(NodeId node, long number) {
        Kept last = kept.get(node);
        return last == null || last.report().answers() < number;
    }

    private Rounds rounds(ClusterState state, PeerService.CheckRequest request, Map<NodeId, String> away) {
        Instant now = clock.instant();
        List<Rounds.Seen> seen = new ArrayList<>();
        for (Node node : nodes(state, request)) {
            Optional<Kept> last = Optional.ofNullable(kept.get(node.id()))
                    .filter(one -> Duration.between(one.at(), now).compareTo(KEPT) < 0);
            seen.add(new Rounds.Seen(
                    node.id(),
                    Optional.ofNullable(away.get(node.id())),
                    last.map(Kept::report),
                    last.map(Kept::at).orElse(now)));
        }
        return Rounds.of(seen, asked(state, request), now);
    }

    private static TreeSet<NodeId> asked(ClusterState state, PeerService.CheckRequest request) {
        TreeSet<NodeId> asked = new TreeSet<>(request.nodes());
        if (asked.isEmpty()) nodes(state, request).forEach(node -> asked.add(node.id()));
        return asked;
    }

    /// Without a leader: each node is asked, and who does not answer cannot be reached from here.
    Rounds askAll(PeerService.CheckRequest request) throws InterruptedException {
        ClusterState state = replica.state();
        boolean deep = request.depth() == PeerService.CheckDepth.DEEP;
        Map<NodeId, Rounds.Seen> seen = new ConcurrentHashMap<>();
        List<Node> nodes = nodes(state, request);
        try (ExecutorService threads = Executors.newFixedThreadPool(
                ASKED_MAX, Thread.ofVirtual().name("check-", 0).factory())) {
            for (Node node : nodes) threads.execute(() -> seen.put(node.id(), asked(node, deep)));
        }
        List<Rounds.Seen> all = nodes.stream()
                .map(node -> seen.getOrDefault(node.id(), silent(node, "it was not asked in time")))
                .toList();
        return Rounds.of(all, asked(state, request), clock.instant());
    }

    private Rounds.Seen asked(Node node, boolean deep) {
        try {
            Report report = node.id().equals(self)
                    ? own.look(deep)
                    : client.check(node.endpoints().api(), deep, deep ? DEEP_MAX : FRESH_MAX);
            return new Rounds.Seen(node.id(), Optional.empty(), Optional.of(report), clock.instant());
        } catch (IOException | RuntimeException e) {
            return silent(node, String.valueOf(e.getMessage()));
        }
    }

    private Rounds.Seen silent(Node node, String why) {
        return new Rounds.Seen(
                node.id(),
                Optional.of("unreachable from " + self + " (" + why + ")"),
                Optional.empty(),
                clock.instant());
    }
}
