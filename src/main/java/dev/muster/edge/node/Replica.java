package dev.muster.edge.node;

import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Transition;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// The newest state this node knows, whoever brings it: Raft's machine on a voter, a followed voter elsewhere, both while
/// a node becomes one or stops being one. It never goes back.
final class Replica {
    private final Recent recent = new Recent();
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition moved = lock.newCondition();
    private volatile ClusterState state = ClusterState.EMPTY;

    ClusterState state() {
        return state;
    }

    Recent recent() {
        return recent;
    }

    /// Called after each change, on the thread that made it: must not block.
    void listen(Runnable listener) {
        listeners.add(listener);
    }

    /// One step further. Ignored when the state is already there.
    void advanced(ClusterState next, Transition step) {
        lock.lock();
        try {
            if (next.revision() < state.revision()
                    || (next.revision() == state.revision() && !step.events().isEmpty())) {
                return;
            }
            state = next;
            recent.add(step, next.revision());
            moved.signalAll();
        } finally {
            lock.unlock();
        }
        listeners.forEach(Runnable::run);
    }

    /// A whole state. Ignored when older than what is known.
    ///
    /// @return whether it was taken
    boolean replace(ClusterState whole) {
        lock.lock();
        try {
            if (whole.revision() < state.revision()) return false;
            state = whole;
            recent.clear(whole.revision());
            moved.signalAll();
        } finally {
            lock.unlock();
        }
        listeners.forEach(Runnable::run);
        return true;
    }

    /// Waits until the state is another one than `known`, or the time is up.
    ClusterState awaitChange(ClusterState known, Duration timeout) throws InterruptedException {
        if (state != known) return state;
        long left = timeout.toNanos();
        lock.lock();
        try {
            while (state == known && left > 0) left = moved.awaitNanos(left);
            return state;
        } finally {
            lock.unlock();
        }
    }

    /// Waits until the state has at least this revision.
    ///
    /// @return whether it has
    boolean awaitRevision(long revision, Duration timeout) throws InterruptedException {
        if (state.revision() >= revision) return true;
        long left = TimeUnit.NANOSECONDS.convert(timeout);
        lock.lock();
        try {
            while (state.revision() < revision && left > 0) left = moved.awaitNanos(left);
            return state.revision() >= revision;
        } finally {
            lock.unlock();
        }
    }
}
