package dev.muster.edge.gossip;

import dev.muster.core.gossip.Opinion;
import dev.muster.core.gossip.Profile;
import dev.muster.core.state.NodeId;
import dev.muster.edge.config.Token;
import java.io.IOException;
import java.net.BindException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// This node's part in the gossip: takes the port, and runs the [Protocol] on it.
public final class GossipPort implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(GossipPort.class);

    /// What gossip knows of a member.
    ///
    /// @param since by this machine's clock
    public record Seen(Profile profile, Opinion opinion, Instant since) {}

    /// @param memory file in which members' addresses outlive a restart
    public record Settings(NodeId self, String cluster, Token token, String listen, int port, Path memory) {}

    /// What gossip looks at every two seconds.
    ///
    /// @param nodes as the cluster's state names them; empty while this node does not know the state
    /// @param votes whether this node does
    public record Surroundings(Supplier<Map<NodeId, Profile>> nodes, BooleanSupplier votes) {}

    private final Settings settings;
    private final ServerSocket server;
    private volatile Optional<Protocol> protocol = Optional.empty();

    private GossipPort(Settings settings, ServerSocket server) {
        this.settings = settings;
        this.server = server;
    }

    /// Takes the port, or any free one where it is taken: the others learn it from the cluster's state and from gossip, and
    /// a hint is not worth a node that does not start. Nothing is answered before [#start].
    ///
    /// @throws IOException when the address is not this machine's
    public static GossipPort open(Settings settings) throws IOException {
        try {
            return new GossipPort(settings, Sockets.listen(settings.listen(), settings.port()));
        } catch (BindException e) {
            LOG.warn(
                    "gossip.port-taken port={} then=\"any free port; --gossip-port (`ports.gossip`) chooses one\"",
                    settings.port());
            return new GossipPort(settings, Sockets.listen(settings.listen(), 0));
        }
    }

    public int port() {
        return server.getLocalPort();
    }

    /// Begins to answer and to ask.
    ///
    /// @param profile of this node
    public void start(Profile profile, Surroundings look) {
        Protocol begun = new Protocol(settings, server, profile, look);
        protocol = Optional.of(begun);
        begun.start();
    }

    /// Everyone gossip holds something of, this node included; by name.
    public Map<NodeId, Seen> members() {
        return protocol.map(Protocol::members).orElse(Map.of());
    }

    /// Says goodbye and frees the port; takes less than a second.
    @Override
    public void close() throws IOException {
        if (protocol.isPresent()) protocol.get().close();
        server.close();
    }
}
