package dev.muster.core.state;

import java.util.OptionalInt;

/// Where a node can be reached, as it advertised; a node behind NAT is reached by nobody and dials out.
///
/// @param host         advertised host name or address
/// @param apiPort      HTTP API (8770)
/// @param artifactPort artifact transfer (8767)
/// @param raftPort     Raft, should the node be made a voter (8771)
/// @param gossipPort   membership (8765); absent of a node whose build has none
/// @param hidden       it is behind NAT; false in what earlier builds wrote
public record Endpoints(
        String host, int apiPort, int artifactPort, int raftPort, OptionalInt gossipPort, boolean hidden) {
    /// @throws IllegalArgumentException when a port is out of range
    public Endpoints {
        for (int port : new int[] {apiPort, artifactPort, raftPort, gossipPort.orElse(raftPort)}) {
            if (port < 1 || port > 65535) {
                throw new IllegalArgumentException("expected a port of 1 to 65535, but found " + port);
            }
        }
    }

    /// Of a node that others can dial.
    public Endpoints(String host, int apiPort, int artifactPort, int raftPort, OptionalInt gossipPort) {
        this(host, apiPort, artifactPort, raftPort, gossipPort, false);
    }

    /// Without gossip.
    public Endpoints(String host, int apiPort, int artifactPort, int raftPort) {
        this(host, apiPort, artifactPort, raftPort, OptionalInt.empty());
    }

    public boolean gossips() {
        return gossipPort.isPresent();
    }

    public String api() {
        return host + ":" + apiPort;
    }

    public String artifacts() {
        return host + ":" + artifactPort;
    }
}
