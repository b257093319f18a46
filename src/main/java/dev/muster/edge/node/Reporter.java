package dev.muster.edge.node;

import dev.muster.core.state.Actor;
import dev.muster.core.state.Command;
import dev.muster.core.state.Envelope;
import dev.muster.core.state.NodeId;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells the cluster what happened here, for as long as it takes. A report that is under way is not given twice.
final class Reporter implements AutoCloseable {
    /// Reports that ask at once; the others wait their turn.
    private static final int ASKING_MAX = 16;
    private static final Duration TRY = Duration.ofSeconds(30);
    private static final Duration PAUSE_FIRST = Duration.ofMillis(500);
    private static final Duration PAUSE_MAX = Duration.ofSeconds(5);
    /// After an answer, until the state that shows it may have come here.
    private static final Duration SETTLE_MAX = Duration.ofSeconds(5);
    private static final Duration REFUSED_PAUSE = Duration.ofSeconds(10);

    private static final Logger LOG = LoggerFactory.getLogger(Reporter.class);

    private final NodeId self;
    private final BiFunction<Envelope, Duration, Member.Answer> submit;
    private final Replica replica;
    private final BiConsumer<Command, Member.Answer.Refused> refused;
    private final Set<Command> underWay = ConcurrentHashMap.newKeySet();
    private final Semaphore asking = new Semaphore(ASKING_MAX);
    private volatile boolean closed;

    /// @param refused told when the cluster said no to a report
    Reporter(
            NodeId self,
            BiFunction<Envelope, Duration, Member.Answer> submit,
            Replica replica,
            BiConsumer<Command, Member.Answer.Refused> refused) {
        this.self = self;
        this.submit = submit;
        this.replica = replica;
        this.refused = refused;
    }

    /// Returns at once; the report goes on for as long as it takes.
    void report(Command command) {
        if (closed || !underWay.add(command)) return;
        Thread.ofVirtual().name("report").start(() -> {
            try {
                settle(command, answer(command));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                underWay.remove(command);
            }
        });
    }

    /// For the journal, where the order does not say it itself.
    private static String why(Command command) {
        return command instanceof Command.DropReplica
                ? "it is not in the node's store any more: gone, or damaged and in quarantine"
                : "";
    }

    private Member.Answer answer(Command command) throws InterruptedException {
        Envelope order = Envelope.of(Actor.node(self), why(command), command);
        boolean told = false;
        for (Duration pause = PAUSE_FIRST; ; pause = twice(pause)) {
            Member.Answer answer = asked(order);
            if (!(answer instanceof Member.Answer.Unavailable no)) {
                if (told) LOG.info("report.delivered order={}", brief(command));
                return answer;
            }
            if (closed) return answer;
            if (!told) LOG.warn("report.waits order={} reason=\"{}\"", brief(command), no.message());
            told = true;
            Thread.sleep(
                    Duration.ofMillis(ThreadLocalRandom.current().nextLong(pause.toMillis() / 2, pause.toMillis())));
        }
    }

    private Member.Answer asked(Envelope order) throws InterruptedException {
        asking.acquire();
        try {
            return submit.apply(order, TRY);
        } finally {
            asking.release();
        }
    }

    private static Duration twice(Duration pause) {
        Duration next = pause.multipliedBy(2);
        return next.compareTo(PAUSE_MAX) > 0 ? PAUSE_MAX : next;
    }

    private void settle(Command command, Member.Answer answer) throws InterruptedException {
        switch (answer) {
            case Member.Answer.Done(long revision, String created) -> replica.awaitRevision(revision, SETTLE_MAX);
            case Member.Answer.Refused no -> {
                LOG.info("report.refused order={} code={} reason=\"{}\"", brief(command), no.code(), no.message());
                refused.accept(command, no);
                Thread.sleep(REFUSED_PAUSE);
            }
            case Member.Answer.Unavailable no -> LOG.debug("closed before {} was told", command);
        }
    }

    private static String brief(Command command) {
        return switch (command) {
            case Command.FinishAttempt(var attempt, long token, var ending) ->
                "FinishAttempt " + attempt + " " + ending.status();
            case Command.ReportStarted(var attempt, long token, long pid) -> "ReportStarted " + attempt;
            default -> command.toString();
        };
    }

    @Override
    public void close() {
        closed = true;
    }
}
