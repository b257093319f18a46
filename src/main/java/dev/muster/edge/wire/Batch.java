package dev.muster.edge.wire;

import dev.muster.core.state.Envelope;
import java.time.Instant;
import java.util.List;

/// One entry of the replicated log: orders that became durable together.
///
/// @param at stamped by the leader before the entry is replicated
public record Batch(Instant at, List<Envelope> orders) {
    public Batch {
        orders = List.copyOf(orders);
    }
}
