package dev.muster.edge.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.muster.core.plan.Policy;
import dev.muster.core.state.Actor;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Command;
import dev.muster.core.state.Envelope;
import dev.muster.core.state.Handler;
import dev.muster.core.state.JobKind;
import dev.muster.core.state.JobSpec;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Role;
import dev.muster.edge.config.NodeConfig;
import dev.muster.edge.config.Token;
import dev.muster.edge.wire.Wire;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A follower and the feed of a voter, over a plain HTTP server of the JDK.
class FollowerTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir
    Path dir;

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final PeerClient client = new PeerClient(new Token("test-token"));
    private final Replica voter = new Replica();
    private final Replica mine = new Replica();
    private final AtomicInteger followed = new AtomicInteger();
    private volatile boolean serving = true;
    private volatile Optional<String> readOnly = Optional.empty();
    private HttpServer server;
    private RevisionFloor floor;
    private Contacts contacts;
    private Follower follower;

    @BeforeEach
    void serve() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/v1/peer/follow", this::follow);
        server.start();
        floor = RevisionFloor.open(dir.resolve("revision"));
        NodeConfig config = new NodeConfig(
                dir,
                new NodeId("w1"),
                "test",
                new Token("test-token"),
                "127.0.0.1",
                "127.0.0.1",
                NodeConfig.Ports.DEFAULT,
                Role.MIXED,
                1,
                List.of(),
                List.of(api()),
                Policy.DEFAULT,
                NodeConfig.Limits.DEFAULT);
        contacts = new Contacts(dir.resolve("voters.json"), config, mine);
        for (int i = 0; i < 3; i++) order();
    }

    private String api() {
        return "127.0.0.1:" + server.getAddress().getPort();
    }

    private void follow(HttpExchange exchange) throws IOException {
        followed.incrementAndGet();
        long from = Long.parseLong(exchange.getRequestURI().getQuery().replace("from=", ""));
        exchange.sendResponseHeaders(200, 0);
        try (exchange) {
            new Feed(voter, this::beat, () -> serving).follow(from, exchange.getResponseBody());
        }
    }

    private Frame.Beat beat() {
        return new Frame.Beat(
                "test",
                7,
                Optional.of(new NodeId("v1")),
                readOnly,
                List.of(new NodeId("v1")),
                List.of(new PeerService.Voter(
                        new NodeId("v1"), "127.0.0.1", server.getAddress().getPort(), 1)),
                voter.state().revision(),
                Instant.now());
    }

    private void order() {
        Envelope order = Envelope.of(
                Actor.person("ann"), "", new Command.SubmitJob(JobSpec.of("x", JobKind.OTHER, List.of("true"))));
        Handler.Step step = Handler.step(voter.state(), Instant.now(), order);
        voter.advanced(step.state(), step.transition().orElseThrow());
    }

    private void start() {
        follower = Follower.start(mine, contacts, client, floor, "test", InstantSource.system());
    }

    @AfterEach
    void close() {
        if (follower != null) follower.close();
        serving = false;
        client.close();
        server.stop(0);
        threads.shutdownNow();
    }

    private void same() {
        Eventually.await(
                () -> "revision " + voter.state().revision() + ", not "
                        + mine.state().revision() + " (" + follower.trouble() + ")",
                PATIENCE,
                () -> mine.state().revision() == voter.state().revision());
        assertThat(Wire.text(mine.state())).isEqualTo(Wire.text(voter.state()));
    }

    @Test
    void aFollowerHasTheVotersStateAndFoldsItsSteps() {
        start();
        same();
        for (int i = 0; i < 1_000; i++) order();
        same();
        Eventually.await("a beat", PATIENCE, () -> follower.beat().isPresent());
        assertThat(follower.beat().orElseThrow().leader()).contains(new NodeId("v1"));
        assertThat(followed).hasValue(1);
        assertThat(contacts.others()).containsExactly(api());
        assertThat(dir.resolve("voters.json")).exists();
    }

    @Test
    void aFollowerThatWasAwayGoesOnWhereItWasAndOneTooFarBehindTakesTheWholeState() {
        start();
        same();
        follower.close();
        for (int i = 0; i < 10; i++) order();
        start();
        same();

        follower.close();
        for (int i = 0; i < Recent.MAX + 10; i++) order();
        assertThat(voter.recent().placeAfter(mine.state().revision())).isEqualTo(-1);
        start();
        same();
    }

    @Test
    void aStateOlderThanTheOneActedOnIsRefused() throws Exception {
        floor.raise(voter.state().revision() + 1);
        start();

        Eventually.await(
                "it is refused",
                PATIENCE,
                () -> follower.trouble().contains("expected a state of at least revision 4"));
        assertThat(mine.state()).isSameAs(ClusterState.EMPTY);
        order();
        same();
    }
}
