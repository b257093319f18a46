package dev.muster.edge.raft;

import static dev.muster.edge.raft.Voters.await;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Connections that stay open and on which nothing comes any more, as a partition leaves them.
@Tag("slow")
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class ReconnectTest {
    @TempDir
    Path dir;

    /// Passes bytes on, until it is told to let the connections hang that it has; new ones work.
    private static final class Line implements AutoCloseable {
        private final ServerSocket server;
        private final int to;
        private final List<Socket> open = new CopyOnWriteArrayList<>();
        private volatile int hanging;

        Line(int to) throws IOException {
            this.to = to;
            this.server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
            Thread.ofVirtual().start(this::accept);
        }

        private void accept() {
            try {
                while (true) {
                    Socket from = server.accept();
                    Socket on = new Socket(InetAddress.getLoopbackAddress(), to);
                    int number = open.size();
                    open.addAll(List.of(from, on));
                    Thread.ofVirtual().start(() -> pass(from, on, number));
                    Thread.ofVirtual().start(() -> pass(on, from, number));
                }
            } catch (IOException e) {
                // closed
            }
        }

        private void pass(Socket from, Socket on, int number) {
            byte[] buffer = new byte[1 << 16];
            try {
                InputStream in = from.getInputStream();
                OutputStream out = on.getOutputStream();
                for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                    if (number >= hanging) {
                        out.write(buffer, 0, read);
                        out.flush();
                    }
                }
                if (number >= hanging) on.close();
            } catch (IOException e) {
                // the other side has ended
            }
        }

        void hang() {
            hanging = open.size();
        }

        @Override
        public void close() throws IOException {
            server.close();
            for (Socket socket : open) socket.close();
        }
    }

    @Test
    void aVoterBehindHangingConnectionsHasAllSoonAfterTheyAreMadeAnew() throws Exception {
        try (Voters voters = Voters.started(dir, 3, 1000)) {
            voters.propose("before");
            RaftVoter leader = voters.leader();
            String follower = voters.follower();
            VoterAddress known = voters.founders().stream()
                    .filter(voter -> voter.id().equals(follower))
                    .findFirst()
                    .orElseThrow();
            try (Line line = new Line(known.port())) {
                leader.ask(known, new VoterAddress(known.id(), "127.0.0.1", line.server.getLocalPort()));
                leader.reconnect(follower);
                await("the leader's connections to lead over the line", () -> line.open.size() >= 4);
                voters.propose("over the line");
                await("it to come", () -> voters.machine(follower).entries().contains("over the line"));

                line.hang();
                voters.propose("during");
                long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(4);
                await("some timeouts of Raft's", () -> System.nanoTime() > until);
                assertThat(voters.machine(follower).entries()).doesNotContain("during");

                leader.reconnect(follower);
                await("it to come", () -> voters.machine(follower).entries().contains("during"));
            }
        }
    }
}
