package dev.muster.edge.swarm;

import dev.muster.core.state.NodeId;
import dev.muster.core.state.Table;

/// A file on its way, as the leader sees it.
///
/// @param receivers nodes that get it by the swarm, and those that have just got it
public record Underway(long size, Table<NodeId, Receiver> receivers) {
    /// Nobody asks for it.
    public static final Underway NOBODY = new Underway(0, Table.empty());

    /// @param bytes that it has, each checked
    /// @param rate  bytes per second over the last seconds
    public record Receiver(long bytes, long rate) {}
}
