package dev.muster.edge.raft;

import java.util.Objects;

/// Where one voter listens for the others.
///
/// @param id never reused for another machine
/// @param host a name or an address that every other voter can reach
/// @param port of the Raft traffic
public record VoterAddress(String id, String host, int port) {
    public VoterAddress {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(host, "host");
        if (id.isBlank() || host.isBlank())
            throw new IllegalArgumentException("a voter needs an id and a host: " + id + "@" + host);
        if (port < 1 || port > 65_535)
            throw new IllegalArgumentException("port of " + id + " must be 1..65535, not " + port);
    }

    @Override
    public String toString() {
        return id + "@" + host + ":" + port;
    }
}
