package dev.muster.edge.node;

import dev.muster.core.state.Envelope;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Outcome;
import dev.muster.edge.wire.Wire;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/// Orders on their way to a leader elsewhere. Those that gather while requests are under way travel together.
///
/// One try each; whoever posts decides whether to try again.
final class Outbox {
    /// Orders that may wait; more are refused at once.
    static final int QUEUE_MAX = 8_192;
    /// Requests under way at once: fewer carry more orders each, and a second one goes on while the first one hangs.
    private static final int SENDERS_MAX = 2;
    /// Bytes of one request; the other side reads it whole.
    private static final int REQUEST_MAX_BYTES = 512 << 10;
    /// The leader answers within its propose timeout of four seconds, or somebody on the way gives up.
    private static final Duration ANSWER_MAX = Duration.ofSeconds(8);
    /// How long a hint outlives an election.
    private static final Duration HINT_MAX = Duration.ofSeconds(3);
    /// How long an address that did not answer is passed over.
    private static final Duration SHUNNED = Duration.ofSeconds(1);

    private record Waiting(byte[] order, CompletableFuture<Member.Answer> answer) {}

    private record Hint(String api, long untilNanos) {}

    private final PeerClient client;
    private final Contacts contacts;
    private final Supplier<Optional<NodeId>> leader;
    private final BlockingQueue<Waiting> queue = new ArrayBlockingQueue<>(QUEUE_MAX);
    private final AtomicInteger senders = new AtomicInteger();
    private final AtomicInteger turn = new AtomicInteger();
    private volatile Hint hint;
    private volatile Hint shunned;

    Outbox(PeerClient client, Contacts contacts, Supplier<Optional<NodeId>> leader) {
        this.client = client;
        this.contacts = contacts;
        this.leader = leader;
    }

    /// The answer comes within [#ANSWER_MAX] of the request that carries the order; never exceptionally.
    CompletableFuture<Member.Answer> post(Envelope order) {
        CompletableFuture<Member.Answer> answer = new CompletableFuture<>();
        byte[] bytes = Wire.bytes(order);
        if (!queue.offer(new Waiting(bytes, answer))) {
            answer.complete(new Member.Answer.Refused(
                    Outcome.Code.FULL.name(),
                    "expected at most " + QUEUE_MAX
                            + " orders to wait for the leader, but there are more; try again later"));
            return answer;
        }
        if (senders.get() < SENDERS_MAX) startSender();
        return answer;
    }

    private void startSender() {
        if (senders.incrementAndGet() > SENDERS_MAX) {
            senders.decrementAndGet();
            return;
        }
        Thread.ofVirtual().name("outbox").start(() -> {
            try {
                for (List<Waiting> batch = take(); !batch.isEmpty(); batch = take()) send(batch);
            } finally {
                senders.decrementAndGet();
            }
            if (!queue.isEmpty()) startSender(); // came between the last look and the end
        });
    }

    private List<Waiting> take() {
        List<Waiting> batch = new ArrayList<>();
        int bytes = 0;
        while (batch.size() < PeerService.ORDERS_MAX && bytes < REQUEST_MAX_BYTES) {
            Waiting next = queue.poll();
            if (next == null) break;
            batch.add(next);
            bytes += next.order().length;
        }
        return batch;
    }

    private void send(List<Waiting> batch) {
        Optional<String> target = target();
        if (target.isEmpty()) {
            all(batch, "no voter is known; name one with `seeds` in node.yaml", false);
            return;
        }
        try {
            answer(batch, client.orders(target.get(), array(batch), 0, ANSWER_MAX));
        } catch (IOException e) {
            hint = null;
            shunned = new Hint(target.get(), System.nanoTime() + SHUNNED.toNanos());
            all(batch, e.getMessage(), !(e.getCause() instanceof ConnectException));
        } catch (RuntimeException e) {
            all(batch, "internal error: " + e, true);
        }
    }

    private static byte[] array(List<Waiting> batch) {
        ByteArrayOutputStream array = new ByteArrayOutputStream();
        array.write('[');
        for (int i = 0; i < batch.size(); i++) {
            if (i > 0) array.write(',');
            array.writeBytes(batch.get(i).order());
        }
        array.write(']');
        return array.toByteArray();
    }

    private void answer(List<Waiting> batch, PeerService.OrdersAnswer answer) {
        switch (answer) {
            case PeerService.OrdersAnswer.Answered(List<Member.Answer> answers)
            when answers.size() == batch.size() -> {
                for (int i = 0; i < batch.size(); i++) batch.get(i).answer().complete(answers.get(i));
            }
            case PeerService.OrdersAnswer.Answered(List<Member.Answer> answers) ->
                all(batch, "expected " + batch.size() + " answers, but found " + answers.size(), true);
            case PeerService.OrdersAnswer.NotLeading(String message, boolean maybe, var who, var api) -> {
                hint = api.map(known -> new Hint(known, System.nanoTime() + HINT_MAX.toNanos()))
                        .orElse(null);
                all(batch, message, maybe);
            }
        }
    }

    private static void all(List<Waiting> batch, String message, boolean maybe) {
        batch.forEach(waiting -> waiting.answer().complete(new Member.Answer.Unavailable(message, maybe)));
    }

    /// Who is most likely to lead; else the voters and seeds in turn, which pass orders on.
    private Optional<String> target() {
        return fresh(hint)
                .or(() -> leader.get().flatMap(contacts::api))
                .filter(api -> !fresh(shunned).equals(Optional.of(api)))
                .or(this::inTurn);
    }

    private static Optional<String> fresh(Hint known) {
        return known != null && known.untilNanos() - System.nanoTime() > 0
                ? Optional.of(known.api())
                : Optional.empty();
    }

    private Optional<String> inTurn() {
        List<String> others = contacts.others();
        return others.isEmpty()
                ? Optional.empty()
                : Optional.of(others.get(Math.floorMod(turn.getAndIncrement(), others.size())));
    }
}
