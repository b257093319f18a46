package dev.muster.edge.view;

import dev.muster.core.plan.DiskFloor;
import dev.muster.core.plan.Presence;
import dev.muster.core.plan.Soft;
import dev.muster.core.state.Bytes;
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
    /// @param api          absent when no node of that name has ever joined
    /// @param behind       events that it had not applied when it spoke last, two seconds ago at most; absent while
    ///                     nobody leads
    /// @param version      of its program, as it said last
    /// @param readiness    [#READY], or in words what keeps it from voting as it should
    public record Row(
            NodeId id,
            boolean votes,
            boolean wanted,
            boolean alive,
            Optional<Double> heardSeconds,
            boolean leader,
            Optional<String> api,
            Optional<Long> behind,
            Optional<Long> diskFreeBytes,
            Optional<String> version,
            String readiness) {
        /// Nothing is to be done about it.
        public static final String READY = "ready";

        Row withReadiness(String words) {
            return new Row(id, votes, wanted, alive, heardSeconds, leader, api, behind, diskFreeBytes, version, words);
        }
    }

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
        Optional<Soft.Heard> heard = picture.soft().flatMap(soft -> soft.heard().find(id));
        Row row = new Row(
                id,
                fleet.voters().contains(id),
                fleet.wanted().contains(id),
                picture.voterAlive(id),
                picture.voterAlive(id) ? Optional.of(0.0) : silence(picture, id),
                picture.leads(id),
                fleet.nodes().find(id).map(node -> node.endpoints().api()),
                heard.map(news -> Math.max(0, picture.state().revision() - news.revision())),
                heard.map(news -> news.telemetry().diskFreeBytes()).filter(free -> free >= 0),
                heard.flatMap(Soft.Heard::presence).map(Presence::version),
                Row.READY);
        return row.withReadiness(Readiness.of(row, leaderVersion(picture)));
    }

    private static Optional<String> leaderVersion(Picture picture) {
        return picture.standing()
                .leader()
                .flatMap(leader -> picture.soft().flatMap(soft -> soft.heard().find(leader)))
                .flatMap(Soft.Heard::presence)
                .map(Presence::version);
    }

    /// What keeps a voter from voting as it should, the worst first.
    private static final class Readiness {
        /// Two seconds of a busy cluster's events, which a healthy voter may be behind when it speaks.
        private static final long BEHIND_MAX = 5_000;

        static String of(Row row, Optional<String> leaderVersion) {
            if (row.api().isEmpty()) return "no node of that name has ever joined: set it up and start its agent";
            if (!row.alive()) return row.votes() ? "silent: it counts for the majority all the same" : "silent";
            if (!row.wanted()) return "leaving: the leader takes it out";
            if (!row.votes()) return "joining: the leader adds it when a majority of all is heard";
            long free = row.diskFreeBytes().orElse(Long.MAX_VALUE);
            if (free < DiskFloor.DEFAULT.work())
                return "short of disk: " + new Bytes(free) + " free; a full disk ends its vote";
            if (row.behind().orElse(0L) > BEHIND_MAX) return row.behind().get() + " events behind the leader";
            boolean other = row.version().isPresent()
                    && leaderVersion.isPresent()
                    && !row.version().equals(leaderVersion);
            if (other) return "runs version " + row.version().get() + ", the leader " + leaderVersion.get();
            return Row.READY;
        }
    }
}
