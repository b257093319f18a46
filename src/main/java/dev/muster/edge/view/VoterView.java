package dev.muster.edge.view;

import dev.muster.core.state.Fleet;
import dev.muster.core.state.NodeId;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Who votes, who is wanted to, and whether they are a majority.
///
/// @param quorum voters that must be alive: more than half of the configured ones
/// @param alive  configured voters known to be alive
public record VoterView(Optional<NodeId> leader, long term, int quorum, int alive, boolean quorumOk, List<Row> voters) {

    /// @param votes  in Raft's configuration
    /// @param wanted       a person wants it to vote; where it differs from `votes` the leader is changing it
    /// @param alive        by the node that answers: what it reached itself, or the leader told it
    /// @param heardSeconds since it was last known to be alive; 0 while it is, absent when it never was since the
    ///                     answering agent's start
    public record Row(
            NodeId id,
            boolean votes,
            boolean wanted,
            boolean alive,
            Optional<Double> heardSeconds,
            boolean leader,
            Optional<String> api) {}

    public static VoterView of(Picture picture) {
        Fleet fleet = picture.state().fleet();
        List<Row> rows = Stream.concat(fleet.voters().stream(), fleet.wanted().stream())
                .distinct()
                .sorted()
                .map(id -> row(picture, id))
                .toList();
        int alive =
                (int) rows.stream().filter(row -> row.votes() && row.alive()).count();
        return new VoterView(
                picture.standing().leader(),
                picture.standing().term(),
                fleet.quorum(),
                alive,
                alive >= fleet.quorum(),
                rows);
    }

    private static Optional<Double> silence(Picture picture, NodeId id) {
        return Optional.ofNullable(picture.standing().voterHeardAt().get(id))
                .map(at -> Math.max(0, Duration.between(at, picture.now()).toMillis()) / 1000.0);
    }

    private static Row row(Picture picture, NodeId id) {
        Fleet fleet = picture.state().fleet();
        return new Row(
                id,
                fleet.voters().contains(id),
                fleet.wanted().contains(id),
                picture.voterAlive(id),
                picture.voterAlive(id) ? Optional.of(0.0) : silence(picture, id),
                picture.leads(id),
                fleet.nodes().find(id).map(node -> node.endpoints().api()));
    }
}
