package dev.muster.edge.node;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.muster.core.plan.RentReport;
import dev.muster.core.plan.Soft;
import dev.muster.core.plan.Wait;
import dev.muster.core.state.AttemptId;
import dev.muster.core.state.ClusterState;
import dev.muster.core.state.Envelope;
import dev.muster.core.state.Journal;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Sha256;
import dev.muster.core.state.TaskId;
import dev.muster.edge.gossip.GossipPort;
import dev.muster.edge.swarm.Serving;
import dev.muster.edge.swarm.Underway;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;

/// A node as the HTTP API sees it. Every node, voter or not, answers all of this: reads from what it knows, orders by
/// passing them on to the leader.
public interface Member {
    NodeId self();

    /// The newest state this node knows. Never blocks.
    ClusterState state();

    Standing standing();

    /// Gives an order to the cluster, wherever the leader is. Blocks until it is answered or `timeout` has passed; retries
    /// with the same request id meanwhile, so that an order whose answer was lost is applied once. Once it was done,
    /// [#state] shows it, unless this node is more than a second behind.
    Answer submit(Envelope order, Duration timeout);

    /// What the leader has heard of the nodes; from the leader at most a second ago, empty when there is none.
    Optional<Soft> soft();

    /// What gossip holds of everyone, this node included; never blocks, and needs no voter. A hint: the log alone makes a
    /// node gone.
    Map<NodeId, GossipPort.Seen> sightings();

    /// What the leader's newest plan does not do, and why; empty when there is no leader.
    Optional<List<Wait>> waits();

    /// How far a file is on its way by the swarm, as the leader sees it; may ask it. Without a leader nobody gets it.
    Underway underway(Sha256 sha);

    /// One line per node: why the task could or could not run there; empty when there is no leader.
    Optional<List<String>> explain(TaskId task);

    /// What the leader knows of rented machines besides the log; asks it, and is empty when there is none.
    Optional<RentReport> renting();

    /// How this very node tells people, or would if it led.
    Telling telling();

    /// Events that this node keeps, also those that the state remembers no more: the newest `limit` that are wanted, oldest
    /// first.
    ///
    /// @param after only later revisions
    /// @param since not earlier
    /// @param words one of these stands in each of them; empty: any
    /// @throws IOException when they cannot be read
    List<Journal.Entry> history(
            long after, Instant since, int limit, Set<String> words, Predicate<Journal.Entry> wanted)
            throws IOException;

    /// Calls back for each event after `revision`, in order, from now on, until the subscription is closed. Events older
    /// than the recent ones are skipped.
    AutoCloseable subscribe(long revision, Consumer<Journal.Entry> listener);

    /// How nodes are, from the leader; where there is none, this node asks each one itself. Blocks for some seconds at
    /// most, for a minute where everything is looked at.
    PeerService.CheckRounds checks(PeerService.CheckRequest request);

    /// An attempt's output (stdout and stderr), from whichever node has it.
    ///
    /// @param from absolute offset since the attempt's start
    /// @param max  bytes at most
    /// @throws IOException when the node that has it cannot be reached
    LogPart logs(AttemptId attempt, long from, int max) throws IOException;

    /// What this node serves on its artifact port.
    Serving serving();

    /// Files of this node and of others, as people ask for them.
    Shelf shelf();

    /// Who this node is in the mesh at this moment.
    ///
    /// @param voter        takes part in Raft
    /// @param leader       whom this node follows
    /// @param leading      it is this node, and it may propose
    /// @param readOnly     why orders cannot be given now, in words that follow "read-only: "; empty when they can
    /// @param asOf         the state is known to have been current then
    /// @param votersHeard  voters known to be alive, by this node's own contact or another voter's word
    /// @param voterHeardAt when each voter was last known to be alive, by this node's clock; without those it never was of
    /// @param startedAt    of this agent
    record Standing(
            boolean voter,
            Optional<NodeId> leader,
            long term,
            boolean leading,
            Optional<String> readOnly,
            Instant asOf,
            List<NodeId> votersHeard,
            Map<NodeId, Instant> voterHeardAt,
            Instant startedAt) {
        public Standing {
            votersHeard = List.copyOf(votersHeard);
            voterHeardAt = Map.copyOf(voterHeardAt);
        }

        Standing withReadOnly(String why) {
            return new Standing(
                    voter, leader, term, leading, Optional.of(why), asOf, votersHeard, voterHeardAt, startedAt);
        }
    }

    /// Part of an attempt's output.
    ///
    /// @param from    where `bytes` really starts: later than asked for when older output was rotated away
    /// @param ended   nothing more will come after these bytes
    record LogPart(long from, byte[] bytes, boolean ended) {}

    /// What became of an order.
    @JsonTypeInfo(use = JsonTypeInfo.Id.SIMPLE_NAME, property = "type")
    sealed interface Answer {
        /// @param revision the state has at least this revision where the order was applied
        /// @param created  the id it made, or empty
        record Done(long revision, String created) implements Answer {}

        /// The cluster looked at it and said no.
        record Refused(String code, String message) implements Answer {}

        /// Nobody could look at it: no quorum, no leader in time.
        ///
        /// @param maybe it may have been applied all the same; the same request id tells
        record Unavailable(String message, boolean maybe) implements Answer {}
    }
}
