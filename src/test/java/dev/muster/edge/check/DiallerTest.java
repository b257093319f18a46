package dev.muster.edge.check;

import static dev.muster.core.Orders.n;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.core.Story;
import dev.muster.core.check.Report.Unreached;
import dev.muster.core.state.Bytes;
import dev.muster.core.state.Command;
import dev.muster.core.state.Endpoints;
import dev.muster.core.state.Hardware;
import dev.muster.core.state.Role;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DiallerTest {
    private final Dialler dialler = new Dialler(n("n1"), new Random(1));
    private ServerSocket api;
    private ServerSocket artifacts;
    private volatile String health = "";

    @BeforeEach
    void listen() throws IOException {
        api = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        artifacts = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::serve);
    }

    @AfterEach
    void close() throws IOException {
        api.close();
        artifacts.close();
    }

    private void serve() {
        while (!api.isClosed()) {
            try (Socket socket = api.accept()) {
                socket.getInputStream().read(new byte[1024]);
                socket.getOutputStream()
                        .write(("HTTP/1.1 200 OK\r\n\r\n" + health).getBytes(StandardCharsets.US_ASCII));
            } catch (IOException e) {
                if (!api.isClosed()) throw new IllegalStateException(e);
            }
        }
    }

    private Command.JoinNode join(String name, int apiPort, int artifactPort) {
        return new Command.JoinNode(
                n(name),
                name + "-id",
                Role.MIXED,
                Hardware.cpus(1, Bytes.gib(1)),
                1,
                new Endpoints("127.0.0.1", apiPort, artifactPort, 1));
    }

    private Story fleet() {
        return Story.given(join("n1", 1, 1), join("n2", api.getLocalPort(), artifacts.getLocalPort()));
    }

    @Test
    void aNodeThatAnswersUnderItsNameIsReachedAndNobodyDialsItself() throws Exception {
        health = "{\"healthy\":true,\"node_id\":\"n2\"}";
        dialler.round(fleet().state());
        assertThat(dialler.last().dialled()).containsExactly(n("n2"));
        assertThat(dialler.last().unreached()).isEmpty();
    }

    @Test
    void somebodyElseBehindThePortIsNotTheNode() throws Exception {
        health = "{\"healthy\":true,\"node_id\":\"n20\"}";
        dialler.round(fleet().state());
        assertThat(dialler.last().unreached())
                .containsExactly(new Unreached(n("n2"), "api", api.getLocalPort(), "somebody else answers"));
    }

    @Test
    void aClosedPortIsTriedAgainUntilItOpens() throws Exception {
        health = "{\"node_id\":\"n2\"}";
        int port = artifacts.getLocalPort();
        Story fleet = fleet();
        artifacts.close();
        dialler.round(fleet.state());
        assertThat(dialler.last().unreached()).containsExactly(new Unreached(n("n2"), "artifacts", port, "refused"));
        artifacts = new ServerSocket(port, 50, InetAddress.getLoopbackAddress());
        dialler.again(fleet.state());
        assertThat(dialler.last().unreached()).isEmpty();
        assertThat(dialler.last().dialled()).containsExactly(n("n2"));
    }

    @Test
    void whoIsOutOfServiceIsNotDialledAndForgotten() throws Exception {
        health = "{\"node_id\":\"n9\"}";
        Story fleet = fleet();
        dialler.round(fleet.state());
        fleet.and(new Command.RetireNode(n("n2")));
        dialler.again(fleet.state());
        assertThat(dialler.last()).isEqualTo(new Dialler.Seen(java.util.Set.of(), java.util.List.of()));
    }

    @Test
    void inALargeClusterVotersAndASampleAreDialled() throws Exception {
        Story fleet = fleet();
        for (int i = 3; i <= 100; i++) fleet.and(join("n" + i, api.getLocalPort(), artifacts.getLocalPort()));
        fleet.voters("n90", "n91");
        dialler.round(fleet.state());
        assertThat(dialler.last().dialled()).contains(n("n90"), n("n91")).hasSize(18);
    }
}
