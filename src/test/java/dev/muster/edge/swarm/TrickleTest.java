package dev.muster.edge.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TrickleTest {
    private final Trickle trickle = new Trickle();
    private final List<Socket> sockets = new ArrayList<>();
    private ServerSocket server;

    @BeforeEach
    void listen() throws IOException {
        server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
    }

    @AfterEach
    void close() throws IOException {
        trickle.close();
        server.close();
        for (Socket socket : sockets) socket.close();
    }

    /// The sending end comes last.
    private Connection connected() throws IOException {
        Socket here = new Socket(server.getInetAddress(), server.getLocalPort());
        sockets.add(here);
        sockets.add(server.accept());
        return new Connection(here, "key", "there");
    }

    private CompletableFuture<Long> waits(Connection connection, int wanted) {
        long begun = System.nanoTime();
        return CompletableFuture.supplyAsync(() -> {
            try {
                trickle.await(connection, wanted);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
        });
    }

    @Test
    void aReaderIsWokenOnceThereIsEnough() throws Exception {
        Connection connection = connected();
        sockets.getLast().getOutputStream().write(new byte[600]);
        CompletableFuture<Long> one = waits(connection, 1_000);
        assertThat(one).isNotDone();

        sockets.getLast().getOutputStream().write(new byte[600]);

        assertThat(one.get(5, TimeUnit.SECONDS)).isLessThan(240);
        assertThat(connection.available()).isEqualTo(1_200);
    }

    @Test
    void aReaderThatLessComesForIsWokenAfterAWhile() throws Exception {
        assertThat(waits(connected(), 1_000).get(5, TimeUnit.SECONDS)).isGreaterThanOrEqualTo(250);
    }

    @Test
    void aConnectionThatThisEndClosedIsNotWaitedFor() throws Exception {
        Connection connection = connected();
        CompletableFuture<Long> one = waits(connection, 1_000);
        connection.close();
        assertThat(one.get(5, TimeUnit.SECONDS)).isLessThan(240);
    }

    @Test
    void nobodyWaitsOnceItIsClosed() throws Exception {
        List<CompletableFuture<Long>> all = new ArrayList<>();
        for (int i = 0; i < 5; i++) all.add(waits(connected(), 1_000));
        trickle.close();
        for (CompletableFuture<Long> one : all)
            assertThat(one.get(5, TimeUnit.SECONDS)).isLessThan(5_000);
        assertThat(waits(connected(), 1_000).get(5, TimeUnit.SECONDS)).isLessThan(240);
    }
}
