package dev.muster.edge.swarm;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.Optional;

/// Asks the leader's artifact port, on connections that stay open: dozens of short questions a second while a file is on
/// its way.
public final class LeaderLine implements AutoCloseable {
    private static final int ANSWER_MAX = 1 << 20;
    /// Beyond the time that the leader may hold its answer.
    private static final int PATIENCE_MILLIS = 3_000;

    private final Connections connections;
    private final String token;

    public LeaderLine(Directory directory, String token) {
        this.connections = new Connections(directory);
        this.token = token;
    }

    /// @param leader its artifact port, `host:port`
    public Exchange.Answer ask(String leader, Exchange.Ask ask) throws IOException {
        String path = "/artifacts/" + ask.sha() + "/exchange";
        return ExchangeCodec.answer(post(leader, path, ExchangeCodec.bytes(ask), ask.waitMillis()));
    }

    /// @param leader its artifact port, `host:port`
    public Exchange.Calls reach(String leader, Exchange.Reach reach) throws IOException {
        return ExchangeCodec.calls(post(leader, "/artifacts/reach", ExchangeCodec.bytes(reach), reach.waitMillis()));
    }

    private byte[] post(String leader, String path, byte[] body, long waitMillis) throws IOException {
        while (true) {
            Connection connection = connections.to(leader);
            boolean again = connection.proven();
            boolean good = false;
            try {
                connection.patience((int) waitMillis + PATIENCE_MILLIS);
                Head head = connection.ask("POST", path, token, Optional.empty(), body);
                byte[] answer = connection.body(ANSWER_MAX);
                good = true;
                if (head.status() != 200) {
                    throw new IOException("expected " + leader + " to answer, but it said " + head.start());
                }
                return answer;
            } catch (IOException e) {
                if (good || !again || e instanceof SocketTimeoutException)
                    throw e; // a kept connection may have been closed meanwhile; a new one was not
                connections.forget(connection);
            } finally {
                if (good) connections.give(connection);
                else connection.close();
            }
        }
    }

    @Override
    public void close() {
        connections.close();
    }
}
