package dev.muster.edge.swarm;

import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// What a node's configuration says of other programs that may bring files, and of single peers.
///
/// @param ssh       how this node is reached by SSH, and how it reaches others
/// @param aria2     of an aria2 that runs on this node
/// @param overrides bytes per second to and from a peer, by its name or a pattern with `*`
public record Ways(Ssh ssh, Optional<Aria2Rpc> aria2, Map<String, Long> overrides) {
    /// Nothing is offered, and others are reached as this machine's ssh is configured.
    public static final Ways NONE = new Ways(
            new Ssh(Optional.empty(), "127.0.0.1", 22, Optional.empty(), Optional.empty()), Optional.empty(), Map.of());

    public Ways {
        overrides = Map.copyOf(overrides);
    }

    /// @param user     others log in here as; empty when they cannot
    /// @param host     where others reach this node's sshd
    /// @param identity private key with which this node logs in elsewhere; ssh's own choice when empty
    /// @param known    keys of hosts that were met here first; ssh's own file when empty
    public record Ssh(Optional<String> user, String host, int port, Optional<Path> identity, Optional<Path> known) {
        public Ssh {
            if (user.isPresent()) new SshPlace(user.get(), host, port, "/any", 0); // its checks are ours
        }
    }

    /// @param rpc    on this machine: it writes into this node's store
    /// @param secret its `--rpc-secret`; empty when it has none
    public record Aria2Rpc(URI rpc, String secret) {
        @Override
        public String toString() {
            return "Aria2Rpc[rpc=" + rpc + "]";
        }
    }
}
