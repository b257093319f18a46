package dev.muster.edge.config;

import dev.muster.core.state.Desired;
import dev.muster.core.state.NodeId;
import java.util.Optional;
import java.util.OptionalInt;

/// One change of a file of hosts.
public sealed interface HostEdit {
    NodeId host();

    /// The host's `status:` says what is wanted of it.
    record Status(NodeId host, Desired desired) implements HostEdit {}

    /// A new host behind the others.
    ///
    /// @param address of SSH
    /// @param user    empty where SSH's own default does
    /// @param role    the file's word; may be empty
    record Add(NodeId host, String address, String user, OptionalInt port, String role, Desired desired)
            implements HostEdit {}

    /// The host and its own comments.
    record Remove(NodeId host) implements HostEdit {}

    /// The file as it is to be.
    ///
    /// @param text     the same as before when it says so already
    /// @param reminder what else names the host and was left as it is; empty when nothing does
    record Edited(byte[] text, Optional<String> reminder) {}
}
