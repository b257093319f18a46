package dev.muster.edge.node;

import dev.muster.core.plan.Soft;
import dev.muster.edge.config.NodeConfig;
import java.io.IOException;
import java.util.function.Supplier;

/// Opens a node's HTTP servers. Given by whoever puts the program together: the servers know the node, not the node them.
public interface Servers {
    /// Listens at [NodeConfig#listen] on the API and the artifact port.
    ///
    /// @param telemetry what the node measured of itself last
    /// @throws IOException when a port is taken; the message says which and what to do
    Listening open(NodeConfig config, Member member, PeerService peers, Supplier<Soft.Telemetry> telemetry)
            throws IOException;

    /// Servers that listen.
    interface Listening extends AutoCloseable {
        int apiPort();

        int artifactPort();

        /// Frees the ports; takes a second at most.
        @Override
        void close();
    }
}
