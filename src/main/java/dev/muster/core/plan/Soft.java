package dev.muster.core.plan;

import dev.muster.core.state.AttemptId;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Sha256;
import dev.muster.core.state.Table;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// What only the leader knows: who was heard when, and what they said. Never in the log; rebuilt after an election, when
/// every node counts as just heard.
///
/// @param leadingSince when this leader took over
/// @param heard        the newest heartbeat of each node
/// @param fences       when this leader fenced how many nodes lately, for the brake: time by node
/// @param awaiting     since when each node has told without a longer silence that it wants a file and does not have it
/// @param strikes      damaged chunks by the nodes that gave too many of them, by file
/// @param gone         nodes that gossip holds dead or left, and since when: a hint
/// @param renting      what providers have said
/// @param alerting     what seems wrong, and how people are told
public record Soft(
        Instant leadingSince,
        Table<NodeId, Heard> heard,
        Table<NodeId, Instant> fences,
        Table<NodeId, Table<Sha256, Instant>> awaiting,
        Table<Sha256, Table<NodeId, Integer>> strikes,
        Table<NodeId, Instant> gone,
        Renting renting,
        Alerting alerting) {
    /// After a longer silence a node is new: what it waited for before does not count.
    private static final Duration SILENCE_MAX = Duration.ofMinutes(1);

    /// A leader of an earlier build says nothing of alerts.
    public Soft {
        alerting = alerting == null ? Alerting.NOTHING : alerting;
    }

    /// A node's heartbeat.
    ///
    /// @param at       received
    /// @param revision the node had applied when it spoke
    /// @param attempts whose leases it holds or has just ended and not yet reported
    /// @param awaited  files that it wants and does not have: why they do not come, or an empty text while one is on its
    ///                 way and nothing went wrong; also models that it has and cannot put in place: why
    /// @param presence which agent speaks; absent of an earlier build
    public record Heard(
            Instant at,
            long revision,
            Set<AttemptId> attempts,
            Telemetry telemetry,
            Table<Sha256, String> awaited,
            Optional<Presence> presence) {
        public Heard {
            attempts = Collections.unmodifiableSortedSet(new TreeSet<>(attempts));
        }

        public Heard(Instant at, long revision, Set<AttemptId> attempts, Telemetry telemetry) {
            this(at, revision, attempts, telemetry, Table.empty());
        }

        public Heard(
                Instant at,
                long revision,
                Set<AttemptId> attempts,
                Telemetry telemetry,
                Table<Sha256, String> awaited) {
            this(at, revision, attempts, telemetry, awaited, Optional.empty());
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
        return new Soft(
                at,
                Table.empty(),
                Table.empty(),
                Table.empty(),
                Table.empty(),
                Table.empty(),
                Renting.NOTHING,
                Alerting.NOTHING);
    }

    /// When the node was last heard; a new leader takes every node as just heard.
    public Instant lastHeard(NodeId node) {
        Instant at = heard.find(node).map(Heard::at).orElse(leadingSince);
        return at.isBefore(leadingSince) ? leadingSince : at;
    }

    public Soft withHeard(NodeId node, Heard news) {
        return new Soft(
                leadingSince,
                heard.with(node, news),
                fences,
                awaiting.with(node, awaiting(node, news)),
                strikes,
                gone,
                renting,
                alerting);
    }

    private Table<Sha256, Instant> awaiting(NodeId node, Heard news) {
        boolean silent = heard.find(node)
                .filter(last -> Duration.between(last.at(), news.at()).compareTo(SILENCE_MAX) <= 0)
                .isEmpty();
        Table<Sha256, Instant> before = silent ? Table.empty() : awaiting.getOrDefault(node, Table.empty());
        Table<Sha256, Instant> now = Table.empty();
        for (Sha256 sha : news.awaited().keys()) now = now.with(sha, before.getOrDefault(sha, news.at()));
        return now;
    }

    /// Since when the node has told that it wants the file; empty when it does not.
    public Optional<Instant> awaitingSince(NodeId node, Sha256 sha) {
        return awaiting.find(node).flatMap(files -> files.find(sha));
    }

    public Soft withFence(NodeId node, Instant at) {
        return new Soft(leadingSince, heard, fences.with(node, at), awaiting, strikes, gone, renting, alerting);
    }

    /// A removed node is not remembered.
    public Soft without(NodeId node) {
        return new Soft(
                leadingSince,
                heard.without(node),
                fences.without(node),
                awaiting.without(node),
                strikes,
                gone,
                renting,
                alerting.without(node));
    }

    public Soft withStrikes(Table<Sha256, Table<NodeId, Integer>> seen) {
        return new Soft(leadingSince, heard, fences, awaiting, seen, gone, renting, alerting);
    }

    public Soft withGone(Table<NodeId, Instant> nodes) {
        return new Soft(leadingSince, heard, fences, awaiting, strikes, nodes, renting, alerting);
    }

    public Soft withRenting(Renting now) {
        return new Soft(leadingSince, heard, fences, awaiting, strikes, gone, now, alerting);
    }

    public Soft withAlerting(Alerting now) {
        return new Soft(leadingSince, heard, fences, awaiting, strikes, gone, renting, now);
    }

    /// Without the files of which all there is to tell is that they come.
    public Soft withoutMoving() {
        Table<NodeId, Heard> rest = heard;
        for (Map.Entry<NodeId, Heard> entry : heard) {
            Heard news = entry.getValue();
            Table<Sha256, String> troubles = news.awaited();
            for (Map.Entry<Sha256, String> file : news.awaited())
                if (file.getValue().isEmpty()) troubles = troubles.without(file.getKey());
            if (troubles != news.awaited())
                rest = rest.with(
                        entry.getKey(),
                        new Heard(
                                news.at(),
                                news.revision(),
                                news.attempts(),
                                news.telemetry(),
                                troubles,
                                news.presence()));
        }
        return new Soft(leadingSince, rest, fences, awaiting, strikes, gone, renting, alerting);
    }

    /// Is the file on its way to the node, and has nothing gone wrong so far? As the node tells.
    public boolean fetching(NodeId node, Sha256 sha) {
        return heard.find(node)
                .flatMap(news -> news.awaited().find(sha))
                .filter(String::isEmpty)
                .isPresent();
    }

    /// Why the node says that it cannot get the file; empty when it says nothing.
    public Optional<String> trouble(NodeId node, Sha256 sha) {
        return heard.find(node).flatMap(news -> news.awaited().find(sha)).filter(why -> !why.isEmpty());
    }
}
