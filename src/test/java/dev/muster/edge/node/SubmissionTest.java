package dev.muster.edge.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.plan.Policy;
import dev.muster.core.state.Actor;
import dev.muster.core.state.Command;
import dev.muster.core.state.Envelope;
import dev.muster.core.state.JobId;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Role;
import dev.muster.edge.config.NodeConfig;
import dev.muster.edge.config.Token;
import dev.muster.edge.raft.Fate;
import dev.muster.edge.wire.Batch;
import dev.muster.edge.wire.Wire;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SubmissionTest {
    private static final Envelope ORDER = Envelope.of(Actor.person("ann"), "", new Command.StopJob(new JobId(1)));

    @TempDir
    Path dir;

    private final PeerClient client = new PeerClient(new Token("test-token"));
    private final List<Envelope> seen = new CopyOnWriteArrayList<>();
    private final List<Fate> fates = new ArrayList<>();
    private final Proposer proposer = new Proposer("test", this::proposed, InstantSource.system());

    private synchronized CompletableFuture<Fate> proposed(byte[] entry) {
        seen.addAll(Wire.read(entry, Batch.class).orders());
        return CompletableFuture.completedFuture(fates.removeFirst());
    }

    @AfterEach
    void close() {
        proposer.close();
        client.close();
    }

    private Submission submission(Optional<Proposer> mine, Optional<String> readOnly) {
        NodeConfig config = new NodeConfig(
                dir,
                new NodeId("n1"),
                "test",
                new Token("test-token"),
                "127.0.0.1",
                "127.0.0.1",
                NodeConfig.Ports.DEFAULT,
                Role.MIXED,
                1,
                List.of(),
                List.of(),
                Policy.DEFAULT,
                NodeConfig.Limits.DEFAULT);
        Contacts contacts = new Contacts(dir.resolve("voters.json"), config, new Replica());
        Member.Standing standing = new Member.Standing(
                true, Optional.empty(), 1, false, readOnly, Instant.EPOCH, List.of(), Map.of(), Instant.EPOCH);
        return new Submission(
                () -> mine, new Outbox(client, contacts, Optional::empty), contacts, client, () -> standing);
    }

    @Test
    void anOrderWhoseAnswerWasLostIsGivenAgainUnderTheSameRequest() {
        fates.add(new Fate.Unknown("lost the majority"));
        fates.add(new Fate.Unavailable("no leader is ready"));
        fates.add(new Fate.Applied(3, Answers.bytes(List.of(new Member.Answer.Done(9, "j1")))));

        Member.Answer answer =
                submission(Optional.of(proposer), Optional.empty()).submit(ORDER, Duration.ofSeconds(20));

        assertThat(answer).isEqualTo(new Member.Answer.Done(9, "j1"));
        assertThat(seen).hasSize(3);
        assertThat(seen.getFirst().request()).isPresent();
        assertThat(seen).allMatch(order -> order.equals(seen.getFirst()));
    }

    @Test
    void withoutAMajorityItGivesUpInTimeAndSaysWhatMayHaveHappened() {
        fates.add(new Fate.Unknown("lost the majority"));
        for (int i = 0; i < 200; i++) fates.add(new Fate.Unavailable("no leader is ready"));
        long start = System.nanoTime();

        Member.Answer answer =
                submission(Optional.of(proposer), Optional.of("1 of 3")).submit(ORDER, Duration.ofMinutes(1));

        assertThat(answer).isEqualTo(new Member.Answer.Unavailable("read-only: 1 of 3", true));
        assertThat(Duration.ofNanos(System.nanoTime() - start))
                .isBetween(Duration.ofSeconds(3), Duration.ofSeconds(15));
    }

    @Test
    void ordersOfAPeerAreNotPassedOnForEver() {
        PeerService.OrdersAnswer answer =
                submission(Optional.empty(), Optional.of("1 of 3")).orders(List.of(ORDER), PeerService.HOPS_MAX);

        assertThat(answer)
                .isEqualTo(new PeerService.OrdersAnswer.NotLeading(
                        "read-only: 1 of 3", false, Optional.empty(), Optional.empty()));
    }
}
