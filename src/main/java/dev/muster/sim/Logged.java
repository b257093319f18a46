package dev.muster.sim;

import dev.muster.core.state.Actor;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Envelope;
import dev.muster.core.state.Handler;
import dev.muster.core.state.NodeId;
import java.time.Instant;
import java.util.List;

/// One place of the log as it can be written down and replayed.
///
/// @param at the leader's time stamp
public record Logged(Instant at, Body body) {
    /// What stands there.
    public sealed interface Body {
        /// An order, applied by [Handler#step].
        record Order(Envelope envelope) implements Body {}

        /// Raft's own configuration changed, applied by [Handler#votersChanged].
        record Voters(List<NodeId> voters, Actor by) implements Body {
            public Voters {
                voters = List.copyOf(voters);
            }
        }
    }

    /// The same on every voter, and again when an old log is replayed.
    public Handler.Step apply(ClusterState state) {
        return switch (body) {
            case Body.Order(Envelope envelope) -> Handler.step(state, at, envelope);
            case Body.Voters(List<NodeId> voters, Actor by) -> Handler.votersChanged(state, voters, by);
        };
    }
}
