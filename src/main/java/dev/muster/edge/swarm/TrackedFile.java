package dev.muster.edge.swarm;

import dev.muster.core.state.NodeId;
import dev.muster.core.state.Sha256;
import dev.muster.core.state.Table;
import dev.muster.core.swarm.ChunkSet;
import dev.muster.core.swarm.Manifest;
import dev.muster.core.swarm.SwarmPlanner;
import dev.muster.core.swarm.SwarmPlanner.Assignment;
import dev.muster.core.swarm.Traits;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One file on its way, as the leader sees it: the planner, and for each receiver what it is to be told next.
final class TrackedFile {
    /// A receiver says something at least once a second.
    private static final long SILENT_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final long HOLDERS_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
    private static final long LACKING_NANOS = TimeUnit.SECONDS.toNanos(5);
    /// Smaller changes of a round trip change nothing.
    private static final long ROUND_TRIP_STEP_MILLIS = 10;
    private static final int PEERS_TOLD = 8;
    /// A receiver with nothing new comes again after that.
    private static final long AGAIN_MILLIS = 100;

    private static final Logger LOG = LoggerFactory.getLogger(TrackedFile.class);

    private final Sha256 sha;
    private final long size;
    private final int chunkBytes;
    private final int chunks;
    private final Directory directory;
    private final Reachability reachability;
    private final SwarmPlanner planner;
    private final Map<NodeId, Receiver> receivers = new TreeMap<>();
    private final Map<NodeId, Boolean> holders = new TreeMap<>();
    /// Since when a holder lacks chunks, by somebody's word.
    private final Map<NodeId, Long> lacking = new TreeMap<>();
    private volatile Table<NodeId, Integer> strikes = Table.empty();
    private long holdersNanos = Long.MIN_VALUE;
    private long askedNanos = System.nanoTime();
    private long roundTripMillis;

    private static final class Receiver {
        private final List<Exchange.Assigned> told = new ArrayList<>();
        private final Meter meter = new Meter(now());
        private Traits traits = Traits.DEFAULT;
        private long heardNanos;
        private long roundTripMillis;
        private boolean complete;
        private int waiting;
    }

    TrackedFile(Sha256 sha, long size, Directory directory, Reachability reachability) {
        this.sha = sha;
        this.size = size;
        this.chunkBytes = Manifest.chunkBytesFor(size);
        this.chunks = (int) Math.ceilDiv(size, (long) chunkBytes);
        this.directory = directory;
        this.reachability = reachability;
        this.planner = new SwarmPlanner(chunks, chunkBytes);
    }

    synchronized long askedNanos() {
        return askedNanos;
    }

    /// Sources that gave too many damaged chunks, and how many. Waits for nobody.
    Table<NodeId, Integer> strikes() {
        return strikes;
    }

    synchronized Underway underway() {
        Table<NodeId, Underway.Receiver> seen = Table.empty();
        for (Map.Entry<NodeId, Receiver> entry : receivers.entrySet()) {
            long bytes = Math.min(size, (long) planner.count(entry.getKey()) * chunkBytes);
            seen = seen.with(
                    entry.getKey(),
                    new Underway.Receiver(bytes, entry.getValue().meter.rate(now())));
        }
        return new Underway(size, seen);
    }

    synchronized Exchange.Answer exchange(Exchange.Ask ask) throws InterruptedException {
        askedNanos = System.nanoTime();
        if (!ask.dialable()) reachability.declared(ask.node(), false);
        boolean dialable = reachability.dialable(ask.node());
        hold();
        if (ask.have().isPresent()) join(ask, dialable);
        Receiver receiver = receivers.get(ask.node());
        if (receiver == null) {
            if (dialable) callHolders(ask.node()); // it looks for the manifest
            return unknown(dialable);
        }
        receiver.heardNanos = System.nanoTime();
        roundTrips(ask, receiver);
        news(ask, receiver);
        leaveSilent();
        assign();
        await(ask, receiver);
        return answer(ask, receiver, dialable);
    }

    private Traits usual() {
        return Traits.among(directory.others().size() + 1).over(roundTripMillis);
    }

    /// The longest of all receivers': any of them may be a source of any other.
    private void roundTrips(Exchange.Ask ask, Receiver receiver) {
        receiver.roundTripMillis = ask.roundTripMillis();
        long longest = receivers.values().stream()
                .mapToLong(each -> each.roundTripMillis)
                .max()
                .orElse(0);
        if (longest / ROUND_TRIP_STEP_MILLIS == roundTripMillis / ROUND_TRIP_STEP_MILLIS) return;
        roundTripMillis = longest;
        planner.slots(usual());
    }

    private Exchange.Answer unknown(boolean dialable) {
        return new Exchange.Answer(true, false, List.of(), peers(), List.of(), dialable, 0);
    }

    private void join(Exchange.Ask ask, boolean dialable) {
        ChunkSet have;
        try {
            have = ChunkSet.of(chunks, ask.have().orElseThrow());
        } catch (IllegalArgumentException e) {
            LOG.warn("swarm.unreadable sha={} node={} reason=\"{}\"", sha.brief(), ask.node(), e.getMessage());
            return;
        }
        Receiver receiver = new Receiver();
        receiver.traits = usual().withDialable(dialable).withRates(ask.upRate(), ask.downRate());
        receiver.complete = have.complete();
        receivers.put(ask.node(), receiver);
        holders.remove(ask.node());
        planner.join(ask.node(), have, receiver.traits, now());
        if (dialable) callHolders(ask.node());
    }

    /// Nodes that cannot be dialled are told at once: the receiver needs the manifest before anything else.
    private void callHolders(NodeId receiver) {
        holders.forEach((holder, dialable) -> {
            if (!dialable) reachability.call(holder, receiver);
        });
    }

    private void news(Exchange.Ask ask, Receiver receiver) {
        for (Exchange.Got got : ask.got()) {
            if (got.chunk() < 0 || got.chunk() >= chunks) continue;
            planner.got(ask.node(), got.source(), got.chunk(), now());
            receiver.meter.add(chunkBytes, now());
        }
        for (Exchange.Failed failed : ask.failed()) {
            if (failed.chunk() < 0 || failed.chunk() >= chunks) continue;
            planner.failed(ask.node(), failed.source(), failed.chunk(), failed.why(), now());
            if (failed.why() == SwarmPlanner.Failure.CORRUPT) {
                LOG.warn(
                        "artifact.corrupt-source sha={} source={} chunk={} receiver={}",
                        sha.brief(),
                        failed.source(),
                        failed.chunk(),
                        ask.node());
            }
        }
        receiver.complete = receiver.complete || planner.complete(ask.node());
        for (NodeId node : planner.struck()) {
            if (!strikes.has(node)) {
                strikes = strikes.with(node, planner.strikes(node));
                LOG.error(
                        "artifact.source-struck sha={} source={} reason=\"it gave corrupt chunks {} times\""
                                + " then=\"nobody gets this file from it, and it reads its copy again\"",
                        sha.brief(),
                        node,
                        planner.strikes(node));
            }
        }
    }

    /// Holders come from the state's receipts: they need not ask for anything.
    private void hold() {
        long now = System.nanoTime();
        if (holdersNanos != Long.MIN_VALUE && now - holdersNanos < HOLDERS_NANOS) return;
        holdersNanos = now;
        Set<NodeId> gone = new TreeSet<>(holders.keySet());
        List<NodeId> held = new ArrayList<>(directory.holders(sha));
        if (directory.holdsItself(sha)) held.add(directory.self());
        for (NodeId node : held) {
            if (receivers.containsKey(node) || !directory.alive(node)) continue;
            boolean dialable = reachability.dialable(node);
            if (!dialable && !reachability.listens(node)) continue;
            gone.remove(node);
            Boolean known = holders.put(node, dialable);
            boolean forgetful = known != null && lacksSome(node, now);
            if (known == null || known != dialable || forgetful) {
                planner.join(node, ChunkSet.all(chunks), usual().withDialable(dialable), now());
                if (!dialable) callAll(node);
            }
        }
        for (NodeId node : gone) {
            holders.remove(node);
            lacking.remove(node);
            planner.leave(node, now());
        }
    }

    /// It was said of a holder that it lacks chunks, and its receipt still says that it has all: it is asked again after a
    /// while.
    private boolean lacksSome(NodeId holder, long now) {
        if (planner.count(holder) == chunks) {
            lacking.remove(holder);
            return false;
        }
        Long since = lacking.putIfAbsent(holder, now);
        if (since == null || now - since < LACKING_NANOS) return false;
        lacking.remove(holder);
        return true;
    }

    private void callAll(NodeId holder) {
        receivers.forEach((receiver, state) -> {
            if (state.traits.dialable() && !state.complete) reachability.call(holder, receiver);
        });
    }

    private void leaveSilent() {
        long now = System.nanoTime();
        for (Iterator<Map.Entry<NodeId, Receiver>> all = receivers.entrySet().iterator(); all.hasNext(); ) {
            Map.Entry<NodeId, Receiver> entry = all.next();
            Receiver receiver = entry.getValue();
            if (receiver.waiting > 0 || now - receiver.heardNanos < SILENT_NANOS) continue;
            if (receiver.complete && directory.alive(entry.getKey())) continue; // it is a source now
            planner.leave(entry.getKey(), now());
            all.remove();
        }
    }

    private void assign() {
        boolean any = false;
        for (Assignment made : planner.assign(now())) {
            Receiver receiver = receivers.get(made.receiver());
            if (receiver == null) continue;
            boolean reversed = !reachability.dialable(made.source());
            if (reversed) reachability.call(made.source(), made.receiver());
            receiver.told.add(new Exchange.Assigned(made.chunk(), made.source(), reversed));
            any = true;
        }
        if (any) notifyAll();
    }

    private void await(Exchange.Ask ask, Receiver receiver) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(Math.clamp(ask.waitMillis(), 0, 2_000));
        receiver.waiting++;
        try {
            while (receiver.told.isEmpty() && !receiver.complete && receivers.get(ask.node()) == receiver) {
                long left = end - System.nanoTime();
                if (left <= 0) break;
                TimeUnit.NANOSECONDS.timedWait(this, Math.min(left, TimeUnit.MILLISECONDS.toNanos(250)));
                if (receiver.told.isEmpty()) {
                    hold();
                    assign(); // a pause may be over
                }
            }
        } finally {
            receiver.waiting--;
            receiver.heardNanos = System.nanoTime();
        }
    }

    private Exchange.Answer answer(Exchange.Ask ask, Receiver receiver, boolean dialable) {
        List<Exchange.Assigned> told = List.copyOf(receiver.told);
        receiver.told.clear();
        List<NodeId> peers = ask.have().isPresent() ? peers() : List.of();
        return new Exchange.Answer(true, true, told, peers, List.copyOf(planner.struck()), dialable, AGAIN_MILLIS);
    }

    private List<NodeId> peers() {
        return receivers.keySet().stream().limit(PEERS_TOLD).toList();
    }

    private static long now() {
        return System.nanoTime();
    }
}
