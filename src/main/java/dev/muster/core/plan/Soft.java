package dev.muster.core.plan;

import dev.muster.core.state.AttemptId;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Table;
import java.time.Instant;
import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;

/// What only the leader knows: who was heard when, and what they said. Never in the log; rebuilt after an election, when
/// every node counts as just heard.
///
/// @param leadingSince when this leader took over
/// @param heard        the newest heartbeat of each node
/// @param fences       when this leader fenced how many nodes lately, for the brake: time by node
public record Soft(Instant leadingSince, Table<NodeId, Heard> heard, Table<NodeId, Instant> fences) {
    /// A node's heartbeat.
    ///
    /// @param at       received
    /// @param revision the node had applied when it spoke
    /// @param attempts whose leases it holds or has just ended and not yet reported
    public record Heard(Instant at, long revision, Set<AttemptId> attempts, Telemetry telemetry) {
        public Heard {
            attempts = Collections.unmodifiableSortedSet(new TreeSet<>(attempts));
        }
    }

    /// What a node measured of itself; shares are of 1, NaN where unknown.
    ///
    /// @param diskFreeBytes of the file system that holds the data directory
    /// @param processes     of all attempts together
    public record Telemetry(
            double cpuShare,
            double memoryShare,
            double diskShare,
            long diskFreeBytes,
            double gpuShare,
            double gpuMemoryShare,
            int processes) {
        public static final Telemetry UNKNOWN =
                new Telemetry(Double.NaN, Double.NaN, Double.NaN, -1, Double.NaN, Double.NaN, 0);
    }

    public static Soft leadingSince(Instant at) {
        return new Soft(at, Table.empty(), Table.empty());
    }

    /// When the node was last heard; a new leader takes every node as just heard.
    public Instant lastHeard(NodeId node) {
        Instant at = heard.find(node).map(Heard::at).orElse(leadingSince);
        return at.isBefore(leadingSince) ? leadingSince : at;
    }

    public Soft withHeard(NodeId node, Heard news) {
        return new Soft(leadingSince, heard.with(node, news), fences);
    }

    public Soft withFence(NodeId node, Instant at) {
        return new Soft(leadingSince, heard, fences.with(node, at));
    }

    /// A removed node is not remembered.
    public Soft without(NodeId node) {
        return new Soft(leadingSince, heard.without(node), fences.without(node));
    }
}
