package dev.muster.edge.node;

import dev.muster.core.gossip.Opinion;
import dev.muster.core.gossip.Profile;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Endpoints;
import dev.muster.core.state.Node;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Table;
import dev.muster.edge.config.NodeConfig;
import dev.muster.edge.config.Release;
import dev.muster.edge.gossip.GossipPort;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/// This node's gossip: whom the state names is asked, and what is held of them becomes a hint for the leader.
final class Neighbours implements AutoCloseable {
    private final GossipPort port;
    private volatile Book book = new Book(Table.empty(), Map.of());

    /// The state's nodes as gossip wants them; made anew only when they changed.
    private record Book(Table<NodeId, Node> nodes, Map<NodeId, Profile> profiles) {}

    /// Takes the port.
    Neighbours(NodeConfig config, DataDir dirs) throws IOException {
        this.port = GossipPort.open(new GossipPort.Settings(
                config.name(),
                config.clusterId(),
                config.token(),
                config.listen(),
                config.ports().gossip(),
                dirs.members()));
    }

    int port() {
        return port.port();
    }

    void start(
            NodeConfig config,
            String identity,
            Endpoints endpoints,
            Supplier<ClusterState> state,
            BooleanSupplier votes) {
        Profile own = new Profile(
                identity,
                Release.own(),
                config.role(),
                endpoints,
                votes.getAsBoolean(),
                config.network().dialable(),
                List.of());
        port.start(own, new GossipPort.Surroundings(() -> profiles(state.get()), votes));
    }

    private Map<NodeId, Profile> profiles(ClusterState state) {
        Book last = book;
        Table<NodeId, Node> nodes = state.fleet().nodes();
        if (nodes == last.nodes()) return last.profiles();
        Map<NodeId, Profile> profiles = new TreeMap<>();
        for (Node node : nodes.values()) {
            profiles.put(
                    node.id(),
                    new Profile(
                            node.identity(),
                            "",
                            node.role(),
                            node.endpoints(),
                            state.fleet().votes(node.id()),
                            true,
                            List.of()));
        }
        book = new Book(nodes, profiles);
        return profiles;
    }

    Map<NodeId, GossipPort.Seen> members() {
        return port.members();
    }

    /// Who is held dead, or has left, and since when.
    Table<NodeId, Instant> gone() {
        Table<NodeId, Instant> gone = Table.empty();
        for (Map.Entry<NodeId, GossipPort.Seen> entry : port.members().entrySet()) {
            Opinion opinion = entry.getValue().opinion();
            if (!opinion.present())
                gone = gone.with(entry.getKey(), entry.getValue().since());
        }
        return gone;
    }

    @Override
    public void close() throws IOException {
        port.close();
    }
}
