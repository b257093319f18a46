package dev.muster.edge.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.state.Actor;
import dev.muster.core.state.Command;
import dev.muster.core.state.Envelope;
import dev.muster.core.state.JobId;
import dev.muster.edge.raft.Fate;
import dev.muster.edge.wire.Batch;
import dev.muster.edge.wire.Wire;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ProposerTest {
    private static final Instant AT = Instant.parse("2026-01-01T00:00:00Z");

    private record Entry(Batch batch, CompletableFuture<Fate> fate) {
        void applied() {
            List<Member.Answer> answers = new ArrayList<>();
            for (Envelope order : batch.orders()) answers.add(new Member.Answer.Done(1, order.why()));
            fate.complete(new Fate.Applied(1, Answers.bytes(answers)));
        }
    }

    /// A log that answers when it is told to.
    private final BlockingQueue<Entry> log = new LinkedBlockingQueue<>();
    private final Proposer proposer = new Proposer("test", this::proposed, InstantSource.fixed(AT));

    private CompletableFuture<Fate> proposed(byte[] entry) {
        CompletableFuture<Fate> fate = new CompletableFuture<>();
        log.add(new Entry(Wire.read(entry, Batch.class), fate));
        return fate;
    }

    @AfterEach
    void close() {
        proposer.close();
    }

    @Test
    void ordersThatGatherWhileEntriesAreUnderWayTravelTogether() throws Exception {
        List<Entry> first = fill();
        List<CompletableFuture<Member.Answer>> answers = new ArrayList<>();
        for (int i = 0; i < Proposer.BATCH_MAX + 1; i++) answers.add(proposer.propose(order("w" + i)));
        assertThat(log).isEmpty();

        first.forEach(Entry::applied);
        Entry second = next();
        second.applied();
        Entry third = next();
        third.applied();

        assertThat(second.batch().at()).isEqualTo(AT);
        assertThat(second.batch().orders()).hasSize(Proposer.BATCH_MAX);
        assertThat(third.batch().orders()).hasSize(1);
        for (int i = 0; i < answers.size(); i++)
            assertThat(answers.get(i).get(5, TimeUnit.SECONDS)).isEqualTo(new Member.Answer.Done(1, "w" + i));
    }

    @Test
    void aFullQueueRefusesAtOnce() throws Exception {
        fill();
        for (int i = 0; i < Proposer.QUEUE_MAX; i++)
            assertThat(proposer.propose(order("x"))).isNotDone();

        assertThat(proposer.propose(order("x")).getNow(null))
                .isInstanceOfSatisfying(
                        Member.Answer.Refused.class, no -> assertThat(no.code()).isEqualTo("FULL"));
    }

    @Test
    void whatMayHaveBeenAppliedIsToldApartFromWhatWasNot() throws Exception {
        CompletableFuture<Member.Answer> unknown = proposer.propose(order("a"));
        next().fate().complete(new Fate.Unknown("lost the majority"));
        CompletableFuture<Member.Answer> not = proposer.propose(order("b"));
        next().fate().complete(new Fate.NotLeader(Optional.of("n2")));

        assertThat(unknown.get(5, TimeUnit.SECONDS))
                .isEqualTo(new Member.Answer.Unavailable("lost the majority", true));
        assertThat(not.get(5, TimeUnit.SECONDS)).isEqualTo(new Member.Answer.Unavailable("n2 leads now", false));
    }

    @Test
    void closingAnswersWhatWaits() throws Exception {
        fill();
        CompletableFuture<Member.Answer> waiting = proposer.propose(order("x"));

        proposer.close();

        assertThat(waiting.get(5, TimeUnit.SECONDS)).isInstanceOf(Member.Answer.Unavailable.class);
        assertThat(proposer.propose(order("y")).get(5, TimeUnit.SECONDS)).isInstanceOf(Member.Answer.Unavailable.class);
    }

    /// As many entries under way as may be.
    private List<Entry> fill() throws InterruptedException {
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < Proposer.IN_FLIGHT_MAX; i++) {
            proposer.propose(order("first"));
            entries.add(next());
        }
        return entries;
    }

    private Entry next() throws InterruptedException {
        Entry entry = log.poll(5, TimeUnit.SECONDS);
        assertThat(entry).isNotNull();
        return entry;
    }

    private static Envelope order(String why) {
        return Envelope.of(Actor.person("ann"), why, new Command.StopJob(new JobId(1)));
    }
}
