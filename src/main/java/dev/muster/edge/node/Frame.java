package dev.muster.edge.node;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Transition;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// One line of the stream that followers read.
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
    @JsonSubTypes.Type(value = Frame.State.class, name = "state"),
    @JsonSubTypes.Type(value = Frame.Step.class, name = "step"),
    @JsonSubTypes.Type(value = Frame.Beat.class, name = "beat")
})
sealed interface Frame {
    /// Everything, for a follower that is new or too far behind.
    record State(ClusterState state) implements Frame {}

    /// One transition.
    ///
    /// @param revision of the state after it
    record Step(Transition step, long revision) implements Frame {}

    /// Nothing happened, or nothing more: the sender is alive and has sent all it has.
    ///
    /// @param readOnly why orders cannot be given, by the sender's word; empty when they can
    /// @param voters   all of them, with their addresses, so that a follower survives its seeds
    /// @param asOf     the sender's state is known to have been current then, by its clock
    record Beat(
            String clusterId,
            long term,
            Optional<NodeId> leader,
            Optional<String> readOnly,
            List<NodeId> votersHeard,
            List<PeerService.Voter> voters,
            long revision,
            Instant asOf)
            implements Frame {
        public Beat {
            votersHeard = List.copyOf(votersHeard);
            voters = List.copyOf(voters);
        }
    }
}
