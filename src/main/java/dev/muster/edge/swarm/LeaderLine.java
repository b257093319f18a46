package dev.muster.edge.swarm;

import dev.muster.core.state.Sha256;
import dev.muster.edge.wire.Wire;
import java.io.IOException;
import java.util.Optional;
import tools.jackson.core.JacksonException;

/// Asks the leader's API port, on connections that stay open: dozens of short questions a second while a file is on its
/// way.
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

    /// @param api the leader's, `host:port`
    public Exchange.Answer ask(String api, Exchange.Ask ask) throws IOException {
        return post(api, path(ask.sha()), ask, ask.waitMillis(), Exchange.Answer.class);
    }

    private static String path(Sha256 sha) {
        return "/v1/peer/swarm/" + sha;
    }

    /// @param api the leader's, `host:port`
    public Exchange.Calls reach(String api, Exchange.Reach reach) throws IOException {
        return post(api, "/v1/peer/swarm", reach, reach.waitMillis(), Exchange.Calls.class);
    }

    private <T> T post(String api, String path, Object body, long waitMillis, Class<T> type) throws IOException {
        byte[] bytes = Wire.bytes(body);
        while (true) {
            Connection connection = connections.to(api);
            boolean again = connection.proven();
            boolean good = false;
            try {
                connection.patience((int) waitMillis + PATIENCE_MILLIS);
                Head head = connection.ask("POST", path, token, Optional.empty(), bytes);
                byte[] answer = connection.body(ANSWER_MAX);
                good = true;
                if (head.status() != 200 && head.status() != 409) {
                    throw new IOException("expected " + api + " to answer, but it said " + head.start());
                }
                return Wire.read(answer, type);
            } catch (JacksonException e) {
                throw new IOException("expected an answer from " + api + ", but found " + e.getOriginalMessage(), e);
            } catch (IOException e) {
                if (good || !again) throw e; // a kept connection may have been closed meanwhile; a new one was not
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
