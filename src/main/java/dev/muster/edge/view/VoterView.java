package dev.muster.edge.view;

import dev.muster.core.state.Fleet;
import dev.muster.core.state.NodeId;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Who votes, who is wanted to, and whether they are a majority.
///
/// @param quorum voters that must be alive: more than half of the configured ones
/// @param alive  configured voters known to be alive
public record VoterView(Optional<NodeId> leader, long term, int quorum, int alive, boolean quorumOk, List<Row> voters) {

    /// @param votes  in Raft's configuration
    /// @param wanted a person wants it to vote; where it differs from `votes` the leader is changing it
    public record Row(NodeId id, boolean votes, boolean wanted, boolean alive, boolean leader, Optional<String> api) {}

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

    private static Row row(Picture picture, NodeId id) {
        Fleet fleet = picture.state().fleet();
        boolean self = id.equals(picture.self()) && picture.standing().voter();
        return new Row(
                id,
                fleet.voters().contains(id),
                fleet.wanted().contains(id),
                self || picture.standing().votersHeard().contains(id),
                picture.leads(id),
                fleet.nodes().find(id).map(node -> node.endpoints().api()));
    }
}
