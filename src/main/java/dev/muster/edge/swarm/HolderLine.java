package dev.muster.edge.swarm;

import dev.muster.core.state.NodeId;
import dev.muster.core.state.Sha256;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/// Connections to holders of files, whether they can be dialled or not: where dialling does not work, the leader is asked
/// to have the holder open one.
final class HolderLine {
    private final Connections connections;
    private final Directory directory;
    private final String token;
    private final BooleanSupplier dialable;

    /// @param dialable whether others can dial this node, as far as it knows
    HolderLine(Connections connections, Directory directory, String token, BooleanSupplier dialable) {
        this.connections = connections;
        this.directory = directory;
        this.token = token;
        this.dialable = dialable;
    }

    /// @throws ConnectException when it neither accepts a connection nor opens one
    Connection to(NodeId holder, Sha256 sha, long size) throws IOException, InterruptedException {
        try {
            return connections.to(holder, false);
        } catch (ConnectException e) {
            new Hunt(sha, size, connections, directory, token).announce(dialable.getAsBoolean());
            try {
                return connections.to(holder, true);
            } catch (ConnectException none) {
                e.addSuppressed(none);
                throw e;
            }
        }
    }

    /// It proved dead.
    void forget(Connection connection) {
        connections.forget(connection);
    }

    void give(Connection connection) {
        connections.give(connection);
    }

    /// A short answer about a file; empty when the holder has none.
    ///
    /// @param what         below the file, as in `/manifest`
    /// @param patienceMillis until the answer begins
    Optional<byte[]> small(NodeId holder, Sha256 sha, long size, String what, int max, int patienceMillis)
            throws IOException, InterruptedException {
        for (int time = 0; ; time++) {
            Connection connection = to(holder, sha, size);
            boolean again = connection.proven() && time == 0; // it may have been closed for idleness
            boolean good = false;
            try {
                connection.patience(patienceMillis);
                Head answer = connection.ask("GET", "/artifacts/" + sha + what, token, Optional.empty(), new byte[0]);
                byte[] body = connection.body(max);
                connection.patience(Connections.SILENCE_MAX_MILLIS);
                good = true;
                return answer.status() == 200 ? Optional.of(body) : Optional.empty();
            } catch (IOException e) {
                if (!again || e instanceof SocketTimeoutException) throw e;
                connections.forget(connection);
            } finally {
                if (good) connections.give(connection);
                else connection.close();
            }
        }
    }
}
