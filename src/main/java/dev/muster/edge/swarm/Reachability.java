package dev.muster.edge.swarm;

import dev.muster.core.state.NodeId;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/// Whom the leader can dial: it tries. Nodes it cannot dial ask it to whom they shall open connections.
final class Reachability {
    private static final long CHECKED_NANOS = TimeUnit.SECONDS.toNanos(60);
    /// A node that asked lately takes its calls.
    private static final long LISTENS_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final Directory directory;
    private final Map<NodeId, Entry> entries = new ConcurrentHashMap<>();

    private static final class Entry {
        private boolean declared = true;
        private boolean dialled = true;
        private boolean checking;
        private long checkedNanos = Long.MIN_VALUE;
        private long askedNanos = Long.MIN_VALUE;
        private final Set<NodeId> calls = new TreeSet<>();
    }

    Reachability(Directory directory) {
        this.directory = directory;
    }

    private Entry entry(NodeId node) {
        return entries.computeIfAbsent(node, any -> new Entry());
    }

    /// Can others open connections to it, as far as is known? Tries it from time to time, without waiting.
    boolean dialable(NodeId node) {
        Entry entry = entry(node);
        synchronized (entry) {
            if (!entry.declared) return false;
            long now = System.nanoTime();
            boolean stale = entry.checkedNanos == Long.MIN_VALUE || now - entry.checkedNanos > CHECKED_NANOS;
            if (stale && !entry.checking && !node.equals(directory.self())) {
                entry.checking = true;
                Thread.ofVirtual().name("dial-" + node).start(() -> check(node, entry));
            }
            return entry.dialled;
        }
    }

    /// The node says itself that it cannot be dialled, or that it may be.
    void declared(NodeId node, boolean dialable) {
        Entry entry = entry(node);
        synchronized (entry) {
            entry.declared = dialable;
        }
    }

    private void check(NodeId node, Entry entry) {
        boolean good = directory.artifacts(node).map(Reachability::answers).orElse(true);
        synchronized (entry) {
            entry.dialled = good;
            entry.checking = false;
            entry.checkedNanos = System.nanoTime();
            entry.notifyAll();
        }
    }

    private static boolean answers(String address) {
        try {
            Connections.socket(address).close();
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /// The node is to open connections to the receiver.
    void call(NodeId node, NodeId receiver) {
        Entry entry = entry(node);
        synchronized (entry) {
            entry.calls.add(receiver);
            entry.notifyAll();
        }
    }

    /// Has the node, which cannot be dialled, asked lately to whom it shall open connections?
    boolean listens(NodeId node) {
        Entry entry = entry(node);
        synchronized (entry) {
            return entry.askedNanos != Long.MIN_VALUE && System.nanoTime() - entry.askedNanos < LISTENS_NANOS;
        }
    }

    Exchange.Calls reach(Exchange.Reach reach) throws InterruptedException {
        declared(reach.node(), reach.dialable());
        boolean first = dialable(reach.node());
        Entry entry = entry(reach.node());
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(Math.clamp(reach.waitMillis(), 0, 2_000));
        synchronized (entry) {
            entry.askedNanos = System.nanoTime();
            while (entry.checking) TimeUnit.SECONDS.timedWait(entry, 3);
            boolean dialable = first && entry.dialled;
            while (!dialable && entry.calls.isEmpty() && System.nanoTime() < end) {
                TimeUnit.NANOSECONDS.timedWait(entry, Math.max(1, end - System.nanoTime()));
            }
            entry.askedNanos = System.nanoTime();
            List<NodeId> calls = List.copyOf(entry.calls);
            entry.calls.clear();
            return new Exchange.Calls(true, dialable, calls);
        }
    }
}
