package dev.muster.edge.node;

import dev.muster.core.state.Envelope;
import dev.muster.core.state.Outcome;
import dev.muster.edge.raft.Fate;
import dev.muster.edge.raft.RaftConfig;
import dev.muster.edge.wire.Wire;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Puts orders into the log, many in one entry. One thread takes what has gathered, stamps it, and proposes it; while
/// [#IN_FLIGHT_MAX] entries are under way orders gather, so a busy log makes larger entries.
final class Proposer implements AutoCloseable {
    /// Orders that may wait; more are refused at once with FULL. Some seconds of the fastest log.
    static final int QUEUE_MAX = 8_192;
    /// Most orders in one entry: 512 of about 300 bytes are 150 KB, far below [RaftConfig#ENTRY_MAX_BYTES].
    static final int BATCH_MAX = 512;
    /// Entries under way at once. One is fastest: what gathers meanwhile travels in one entry, and an entry costs each
    /// voter more than the orders in it. Measured with three voters in one busy process, orders per second for 16 and 128
    /// submitters: 1,616 and 4,879 with one entry, 617 and 3,148 with two, 647 and 2,008 with four. Over a line of 100 ms one
    /// entry at a time still carries 5,000 orders a second.
    static final int IN_FLIGHT_MAX = 1;

    /// Those just answered soon send their next order, and should travel with those that wait already: otherwise they take
    /// turns in half-filled entries. So an entry is held back until as many orders wait as there were around the last
    /// one, for at most half of what the last one took. A lone submitter never waits.
    private static final int LINGER_SHARE = 2;

    private static final long LINGER_MAX_NANOS = 5_000_000;

    private static final Logger LOG = LoggerFactory.getLogger(Proposer.class);
    private static final byte[] TAIL = "]}".getBytes(StandardCharsets.UTF_8);
    private static final int ENTRY_MAX_BYTES = RaftConfig.ENTRY_MAX_BYTES - 256;

    /// Where entries go: a voter's `propose`.
    interface Log {
        CompletableFuture<Fate> propose(byte[] entry);
    }

    private record Waiting(byte[] order, CompletableFuture<Member.Answer> answer) {}

    private final Log log;
    private final InstantSource clock;
    private final BlockingQueue<Waiting> queue = new ArrayBlockingQueue<>(QUEUE_MAX);
    private final Semaphore inFlight = new Semaphore(IN_FLIGHT_MAX);
    private final Thread thread;
    private volatile boolean closed;
    private Waiting leftOver;
    private volatile long lastNanos;
    private volatile int lastAround = 1;
    private volatile int wanted = Integer.MAX_VALUE;

    Proposer(String name, Log log, InstantSource clock) {
        this.log = log;
        this.clock = clock;
        this.thread = Thread.ofPlatform().daemon().name("proposer-" + name).start(this::run);
    }

    /// Queues an order. Never blocks; the answer comes within the log's own timeout, never exceptionally.
    CompletableFuture<Member.Answer> propose(Envelope order) {
        byte[] bytes = Wire.bytes(order);
        if (bytes.length > ENTRY_MAX_BYTES) {
            return CompletableFuture.completedFuture(new Member.Answer.Refused(
                    Outcome.Code.INVALID.name(),
                    "expected an order of at most " + ENTRY_MAX_BYTES + " bytes, but found " + bytes.length));
        }
        CompletableFuture<Member.Answer> answer = new CompletableFuture<>();
        if (closed) {
            answer.complete(stopped());
        } else if (!queue.offer(new Waiting(bytes, answer))) {
            answer.complete(new Member.Answer.Refused(
                    Outcome.Code.FULL.name(),
                    "expected at most " + QUEUE_MAX
                            + " orders to wait for the log, but there are more; try again later"));
        } else if (closed) {
            answer.complete(stopped()); // the thread may have gone before it saw this one
        } else if (queue.size() >= wanted) {
            LockSupport.unpark(thread);
        }
        return answer;
    }

    private static Member.Answer.Unavailable stopped() {
        return new Member.Answer.Unavailable("this node stops", true);
    }

    private void run() {
        List<Waiting> batch = new ArrayList<>(BATCH_MAX);
        try {
            while (!closed) {
                inFlight.acquire();
                take(batch);
                send(List.copyOf(batch));
                batch.clear();
            }
        } catch (InterruptedException e) {
            LOG.debug("closed", e);
        } finally {
            closed = true;
            batch.forEach(waiting -> waiting.answer().complete(stopped()));
            if (leftOver != null) leftOver.answer().complete(stopped());
            for (Waiting waiting = queue.poll(); waiting != null; waiting = queue.poll())
                waiting.answer().complete(stopped());
        }
    }

    /// At least one order; then as many as there are and fit.
    private void take(List<Waiting> batch) throws InterruptedException {
        Waiting next = leftOver != null ? leftOver : queue.take();
        leftOver = null;
        gather(lastAround - 1);
        int bytes = 0;
        while (next != null) {
            bytes += next.order().length + 1;
            if (bytes > ENTRY_MAX_BYTES && !batch.isEmpty()) {
                leftOver = next;
                return;
            }
            batch.add(next);
            next = batch.size() < BATCH_MAX ? queue.poll() : null;
        }
    }

    /// Waits until this many orders are in the queue, or for as long as it is worth.
    private void gather(int orders) {
        long end = System.nanoTime() + Math.min(LINGER_MAX_NANOS, lastNanos / LINGER_SHARE);
        wanted = orders;
        while (queue.size() < orders && !Thread.currentThread().isInterrupted()) {
            long left = end - System.nanoTime();
            if (left <= 0) break;
            LockSupport.parkNanos(left);
        }
        wanted = Integer.MAX_VALUE;
    }

    private void send(List<Waiting> batch) {
        long start = System.nanoTime();
        CompletableFuture<Fate> fate;
        try {
            fate = log.propose(entry(clock.instant(), batch));
        } catch (RuntimeException e) {
            LOG.error("propose.broken orders={}", batch.size(), e);
            fate = CompletableFuture.completedFuture(new Fate.Unavailable("internal error: " + e));
        }
        fate.whenComplete((known, thrown) -> {
            lastNanos = System.nanoTime() - start;
            lastAround = batch.size() + queue.size();
            inFlight.release();
            answer(batch, known != null ? known : new Fate.Unknown(String.valueOf(thrown)));
        });
    }

    /// A [dev.muster.edge.wire.Batch], put together from orders that were encoded where they came in.
    private static byte[] entry(Instant at, List<Waiting> batch) {
        int size = 64;
        for (Waiting waiting : batch) size += waiting.order().length + 1;
        ByteArrayOutputStream entry = new ByteArrayOutputStream(size);
        entry.writeBytes(("{\"at\":\"" + at + "\",\"orders\":[").getBytes(StandardCharsets.UTF_8));
        for (int i = 0; i < batch.size(); i++) {
            if (i > 0) entry.write(',');
            entry.writeBytes(batch.get(i).order());
        }
        entry.writeBytes(TAIL);
        return entry.toByteArray();
    }

    private static void answer(List<Waiting> batch, Fate fate) {
        switch (fate) {
            case Fate.Applied(long index, byte[] result) -> {
                List<Member.Answer> answers = Answers.read(result);
                for (int i = 0; i < batch.size(); i++) batch.get(i).answer().complete(answers.get(i));
            }
            case Fate.NotLeader(var leader) ->
                all(
                        batch,
                        new Member.Answer.Unavailable(
                                leader.map(name -> name + " leads now").orElse("no voter leads now"), false));
            case Fate.Unavailable(String why) -> all(batch, new Member.Answer.Unavailable(why, false));
            case Fate.Unknown(String why) -> all(batch, new Member.Answer.Unavailable(why, true));
        }
    }

    private static void all(List<Waiting> batch, Member.Answer answer) {
        batch.forEach(waiting -> waiting.answer().complete(answer));
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
    }
}
