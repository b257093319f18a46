package dev.muster.edge.vastsim;

import dev.muster.market.Happening;
import dev.muster.market.Market;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.function.Function;

/// Drives the market by the machine's clock, at some speed: to now before each call, and to whatever happens next in
/// between.
final class Clockwork implements AutoCloseable {
    /// It looks at least so often, whatever the clock of the machine does meanwhile.
    private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Market market;
    private final double speed;
    private final BiConsumer<Market, List<Happening>> listener;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Thread thread;
    private final long begin = System.nanoTime();
    private Instant origin;
    private boolean closed;

    /// @param listener is told what happened, under the lock; it may ask the market, and must be quick
    private Clockwork(Market market, double speed, BiConsumer<Market, List<Happening>> listener) {
        this.market = market;
        this.speed = speed;
        this.listener = listener;
        this.origin = market.now();
        this.thread = Thread.ofPlatform().daemon().name("vastsim-clock").unstarted(this::run);
    }

    static Clockwork start(Market market, double speed, BiConsumer<Market, List<Happening>> listener) {
        Clockwork clockwork = new Clockwork(market, speed, listener);
        clockwork.thread.start();
        return clockwork;
    }

    /// Asks or orders something of the market as it is now.
    <T> T with(Function<Market, T> call) {
        lock.lock();
        try {
            catchUp();
            T answer = call.apply(market);
            // What the order brought about at once.
            catchUp();
            changed.signal();
            return answer;
        } finally {
            lock.unlock();
        }
    }

    /// Lets so much virtual time pass at once.
    void jump(Duration time) {
        lock.lock();
        try {
            origin = origin.plus(time);
            catchUp();
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    private void catchUp() {
        Instant now = now();
        List<Happening> happened = market.advance(now.isBefore(market.now()) ? market.now() : now);
        if (!happened.isEmpty()) listener.accept(market, happened);
    }

    private Instant now() {
        return origin.plusNanos((long) ((System.nanoTime() - begin) * speed)).truncatedTo(ChronoUnit.MICROS);
    }

    private void run() {
        lock.lock();
        try {
            while (!closed) {
                catchUp();
                Optional<Instant> next = market.nextAt();
                long nanos = next.map(at -> (long) (nanos(at) / speed)).orElse(LOOK_NANOS);
                changed.awaitNanos(Math.clamp(nanos, TimeUnit.MILLISECONDS.toNanos(1), LOOK_NANOS));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }

    private double nanos(Instant at) {
        return now().until(at, ChronoUnit.MICROS) * 1000.0;
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signal();
        } finally {
            lock.unlock();
        }
    }
}
