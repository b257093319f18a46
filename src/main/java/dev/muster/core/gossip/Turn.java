package dev.muster.core.gossip;

import dev.muster.core.state.Endpoints;
import dev.muster.core.state.NodeId;
import java.util.List;
import java.util.Optional;

/// What is to be done after some inputs, and what became known.
public record Turn(List<Send> sends, List<Change> changes) {
    public Turn {
        sends = List.copyOf(sends);
        changes = List.copyOf(changes);
    }

    /// @param at where the member can be dialled when no line to it is open; empty when only an open line will do
    public record Send(NodeId to, Optional<Endpoints> at, Letter letter) {}

    /// For people and planners.
    public sealed interface Change {
        /// A member's opinion or profile is another than before.
        record Changed(Sighting now) implements Change {}

        /// A living member has this name already. Told once for each pair; the known one stays.
        ///
        /// @param known    identity of the one that is kept
        /// @param intruder identity of the other
        record Conflict(NodeId name, String known, String intruder) implements Change {}
    }
}
