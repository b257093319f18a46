package dev.muster.edge.node;

import dev.muster.core.state.Actor;
import dev.muster.core.state.Envelope;
import dev.muster.core.state.NodeId;
import dev.muster.edge.wire.Wire;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/// An order's way into the log from any node: into this node's own [Proposer] when it leads, through the [Outbox]
/// otherwise; tried again, under the same request id, until it is answered.
final class Submission {
    /// Without a leader for this long there is none to wait for: an election takes one or two seconds.
    static final Duration NO_LEADER_MAX = Duration.ofSeconds(5);
    private static final Duration PASS_ON_MAX = Duration.ofSeconds(6);
    private static final String READ_ONLY = "read-only: ";
    private static final long PAUSE_MIN_MS = 50;
    private static final long PAUSE_MAX_MS = 500;

    private final Supplier<Optional<Proposer>> proposer;
    private final Outbox outbox;
    private final Contacts contacts;
    private final PeerClient client;
    private final Supplier<Member.Standing> standing;

    Submission(
            Supplier<Optional<Proposer>> proposer,
            Outbox outbox,
            Contacts contacts,
            PeerClient client,
            Supplier<Member.Standing> standing) {
        this.proposer = proposer;
        this.outbox = outbox;
        this.contacts = contacts;
        this.client = client;
        this.standing = standing;
    }

    /// As [Member#submit].
    Member.Answer submit(Envelope order, Duration timeout) {
        Envelope sure = identified(order);
        long start = System.nanoTime();
        long end = start + timeout.toNanos();
        boolean maybe = false;
        for (long pause = PAUSE_MIN_MS; ; pause = Math.min(PAUSE_MAX_MS, 2 * pause)) {
            Member.Answer answer = once(sure, end - System.nanoTime());
            if (!(answer instanceof Member.Answer.Unavailable no)) return answer;
            maybe |= no.maybe();
            long pauseNanos =
                    TimeUnit.MILLISECONDS.toNanos(ThreadLocalRandom.current().nextLong(PAUSE_MIN_MS, pause + 1));
            long then = System.nanoTime() + pauseNanos;
            Optional<String> readOnly = standing.get().readOnly();
            boolean hopeless = then - start > NO_LEADER_MAX.toNanos()
                    && (readOnly.isPresent() || standing.get().leader().isEmpty());
            if (then > end || hopeless || Thread.currentThread().isInterrupted()) {
                return new Member.Answer.Unavailable(
                        readOnly.map(READ_ONLY::concat).orElse(no.message()), maybe);
            }
            pause(pauseNanos);
        }
    }

    /// A person's order gets an id under which a retry is recognised; what nodes order says itself what it is about.
    private static Envelope identified(Envelope order) {
        if (order.request().isPresent() || order.actor().kind() != Actor.Kind.PERSON) return order;
        return new Envelope(Optional.of(UUID.randomUUID().toString()), order.actor(), order.why(), order.command());
    }

    private Member.Answer once(Envelope order, long nanos) {
        CompletableFuture<Member.Answer> answer =
                proposer.get().map(mine -> mine.propose(order)).orElseGet(() -> outbox.post(order));
        try {
            return answer.get(Math.max(1, nanos), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            return new Member.Answer.Unavailable("no answer in time", true);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Member.Answer.Unavailable("interrupted", true);
        } catch (ExecutionException e) {
            throw new IllegalStateException("an answer never fails, but found " + e.getCause(), e);
        }
    }

    private static void pause(long nanos) {
        try {
            TimeUnit.NANOSECONDS.sleep(nanos);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// As [PeerService#orders].
    PeerService.OrdersAnswer orders(List<Envelope> orders, int hops) {
        Optional<Proposer> mine = proposer.get();
        return mine.isPresent() ? proposed(mine.get(), orders) : passedOn(orders, hops);
    }

    private PeerService.OrdersAnswer proposed(Proposer mine, List<Envelope> orders) {
        List<CompletableFuture<Member.Answer>> answers = new ArrayList<>(orders.size());
        for (Envelope order : orders) answers.add(mine.propose(order));
        List<Member.Answer> known = new ArrayList<>(orders.size());
        for (CompletableFuture<Member.Answer> answer : answers) known.add(answer.join());
        Optional<Member.Answer> lost = known.stream()
                .filter(answer -> answer instanceof Member.Answer.Unavailable)
                .findFirst();
        if (lost.isEmpty() || known.size() > 1) return new PeerService.OrdersAnswer.Answered(known);
        Member.Answer.Unavailable no = (Member.Answer.Unavailable) lost.get();
        return notLeading(no.message(), no.maybe());
    }

    private PeerService.OrdersAnswer passedOn(List<Envelope> orders, int hops) {
        Optional<String> api = leader().flatMap(contacts::api);
        if (api.isEmpty() || hops >= PeerService.HOPS_MAX) {
            return notLeading(
                    standing.get()
                            .readOnly()
                            .map(READ_ONLY::concat)
                            .orElse("no leader is known here; try again in a second"),
                    false);
        }
        try {
            return client.orders(api.get(), Wire.bytes(orders), hops + 1, PASS_ON_MAX);
        } catch (IOException e) {
            return notLeading(e.getMessage(), true);
        }
    }

    private Optional<NodeId> leader() {
        Member.Standing now = standing.get();
        return now.leading() ? Optional.empty() : now.leader();
    }

    private PeerService.OrdersAnswer notLeading(String message, boolean maybe) {
        Optional<NodeId> leader = leader();
        return new PeerService.OrdersAnswer.NotLeading(message, maybe, leader, leader.flatMap(contacts::api));
    }
}
