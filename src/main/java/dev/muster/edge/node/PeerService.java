package dev.muster.edge.node;

import dev.muster.core.check.Report;
import dev.muster.core.check.Rounds;
import dev.muster.core.health.Twin;
import dev.muster.core.plan.Presence;
import dev.muster.core.plan.RentReport;
import dev.muster.core.plan.Soft;
import dev.muster.core.plan.Wait;
import dev.muster.core.state.AttemptId;
import dev.muster.core.state.Command;
import dev.muster.core.state.Endpoints;
import dev.muster.core.state.Envelope;
import dev.muster.core.state.Hardware;
import dev.muster.core.state.NodeId;
import dev.muster.core.state.Role;
import dev.muster.core.state.Sha256;
import dev.muster.core.state.Table;
import dev.muster.core.state.TaskId;
import dev.muster.edge.swarm.Counters;
import dev.muster.edge.swarm.Underway;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What nodes ask each other: the routes below `/v1/peer/` as a plain interface. Requests and answers are records that
/// [dev.muster.edge.wire.Wire#MAPPER] reads and writes as they are.
///
/// Artifacts between nodes (port 8767) are [Member#serving].
public interface PeerService {
    /// Lets a node into the cluster, or takes note of its present hardware and endpoints. Blocks for some seconds at most.
    JoinAnswer join(JoinRequest request);

    /// Takes orders for the log. Blocks until all are answered, some seconds at most.
    ///
    /// @param hops how often these orders were passed on already, 0 from a client; at most [#HOPS_MAX]
    /// @return one answer per order in the same order; or none, when this node neither leads nor could pass them on
    OrdersAnswer orders(List<Envelope> orders, int hops);

    /// Takes note of a heartbeat. Only a leader does: HTTP answers 200 when `leading`, 409 with the same body otherwise.
    HeartbeatAnswer heartbeat(Heartbeat heartbeat);

    /// Whether followers may follow this node; only voters are followed. HTTP answers 503 otherwise.
    boolean servesFollowers();

    /// Writes [Frame]s as lines of JSON, flushed as they come: all that happens after revision `from`, and a beat every
    /// second. Blocks until the stream breaks (the exception is the caller's way out, not an error) or this node stops
    /// serving; then returns.
    ///
    /// @param from the revision the follower has; 0 for none. When it is too old, a whole state comes first
    /// @throws IOException when the sink throws it
    void follow(long from, OutputStream sink) throws IOException;

    /// What this node knows as the leader.
    LeaderView leader();

    /// One line per node: why the task could or could not run there; empty when this node does not lead (HTTP: 409).
    Optional<List<String>> explainHere(TaskId task);

    /// What this node knows of rented machines besides the log; empty when it does not lead (HTTP: 409).
    Optional<RentReport> rentingHere();

    /// Why this node, did it lead, could not put these secrets on the machine of a run; empty when it could, and when it does
    /// not lead.
    Optional<String> lackingHere(Set<String> secrets);

    /// The output of an attempt that ran on this very node.
    ///
    /// @throws IOException when this node does not have it
    Member.LogPart logsHere(AttemptId attempt, long from, int max) throws IOException;

    /// How far a file is on its way by the swarm, as this node sees it, which has to lead; otherwise nobody gets it.
    Underway underwayHere(Sha256 sha);

    /// Who this agent is, and whether the leader knows another one with the asker's identity. Blocks for some seconds at
    /// most.
    PresenceAnswer presence(PresenceRequest request);

    /// The cluster this node is in.
    Place place();
    /// Looks at this very node, and says how it is. Blocks for a second or so, a minute when `deep`.
    Report checkHere(boolean deep);

    /// What the leader knows of nodes, and asks them; empty when this node does not lead (HTTP: 409). Blocks for 2.5 s at
    /// most, a minute when everything is asked.
    Optional<CheckRounds> checksHere(CheckRequest request);

    /// Takes note of a node's report.
    ///
    /// @return false when this node does not lead or does not know the node under this identity (HTTP: 409)
    boolean report(NodeReport report);

    /// What this node has sent and received of files.
    Counters.Figures transfers();

    /// Writes this node's logs, configuration and state as a zip, without secrets.
    ///
    /// @param version of the program
    /// @param more    further texts by name
    /// @throws IOException when the sink throws it
    void support(OutputStream sink, String version, Map<String, String> more) throws IOException;

    /// Why this node may not take work now (`/ready` answers 503 with it); empty when it may.
    Optional<String> unready();

    /// Orders are passed on at most this often: follower to voter to leader, and once more for a leader that just changed.
    int HOPS_MAX = 3;

    /// Orders in one request; more are refused with 400.
    int ORDERS_MAX = 512;

    /// A node presents itself.
    ///
    /// @param presence absent of an earlier build
    record JoinRequest(
            NodeId node,
            String identity,
            Role role,
            Hardware hardware,
            int maxParallelJobs,
            Endpoints endpoints,
            Optional<Presence> presence) {
        Command.JoinNode order() {
            return new Command.JoinNode(node, identity, role, hardware, maxParallelJobs, endpoints);
        }
    }

    /// @param raftPort where it listens for other voters
    record Voter(NodeId id, String host, int apiPort, int raftPort) {
        public String api() {
            return host + ":" + apiPort;
        }
    }

    /// An agent asks whether it is the only one with its identity.
    ///
    /// @param passedOn by a node that does not lead: whoever gets it asks nobody else
    record PresenceRequest(NodeId node, String identity, Presence presence, boolean passedOn) {
        PresenceRequest onward() {
            return new PresenceRequest(node, identity, presence, true);
        }
    }

    /// @param node     that answers
    /// @param presence of the agent that answers; empty while it is itself not yet let in
    /// @param informed the leader has answered, and has led for long enough to know who is there
    /// @param twin     as the leader knows it
    record PresenceAnswer(
            NodeId node, String identity, Optional<Presence> presence, boolean informed, Optional<Twin> twin) {}

    /// A cluster and where it is reached.
    ///
    /// @param voters as this node knows them; empty when it knows none yet
    record Place(String clusterId, List<Voter> voters) {
        public Place {
            voters = List.copyOf(voters);
        }
    }

    /// What became of a join.
    sealed interface JoinAnswer {
        /// HTTP 200, as it is.
        record Joined(String clusterId, Optional<NodeId> leader, List<Voter> voters, long revision)
                implements JoinAnswer {
            public Joined {
                voters = List.copyOf(voters);
            }
        }

        /// HTTP by its code: 409 CONFLICT when another machine has the name.
        record Refused(String code, String message) implements JoinAnswer {}

        /// HTTP 503.
        record Unavailable(String message) implements JoinAnswer {}
    }

    /// What became of a request with orders.
    sealed interface OrdersAnswer {
        /// HTTP 200 with the array alone.
        record Answered(List<Member.Answer> answers) implements OrdersAnswer {
            public Answered {
                answers = List.copyOf(answers);
            }
        }

        /// HTTP 503 with `{"code":"UNAVAILABLE","message","hint":"","maybe","leader","leader_api"}`: certainly not applied,
        /// unless `maybe`.
        ///
        /// @param leader    whom this node takes for the leader
        /// @param leaderApi where to reach it, `host:port`
        record NotLeading(String message, boolean maybe, Optional<NodeId> leader, Optional<String> leaderApi)
                implements OrdersAnswer {}
    }

    /// @param revision applied by the node
    /// @param attempts  whose leases it holds, or whose end it has not reported yet
    /// @param refilling it is a voter that lost its log and has not got it back: the leader readmits it
    /// @param awaited   as in [Soft.Heard]; at most [#AWAITED_MAX], none from an earlier build
    /// @param presence  which agent speaks; absent of an earlier build
    record Heartbeat(
            NodeId node,
            String identity,
            long revision,
            Set<AttemptId> attempts,
            Soft.Telemetry telemetry,
            boolean refilling,
            Table<Sha256, String> awaited,
            Optional<Presence> presence) {
        /// Enough for the models of a team; a heartbeat stays below 4 KB.
        public static final int AWAITED_MAX = 16;

        public Heartbeat {
            attempts = Set.copyOf(attempts);
        }
    }

    /// @param leading     this node leads and took note; otherwise ask `leader`
    /// @param leaderApi   where the leader is reached, `host:port`
    /// @param revision    of the answering node
    /// @param votersHeard by the answering node
    /// @param refused     the leader takes another agent for the node: this one has to end
    /// @param word        of a leader; absent from an earlier build
    record HeartbeatAnswer(
            long term,
            boolean leading,
            Optional<NodeId> leader,
            Optional<String> leaderApi,
            long revision,
            List<NodeId> votersHeard,
            Optional<String> refused,
            Optional<LeaderWord> word) {
        public HeartbeatAnswer {
            votersHeard = List.copyOf(votersHeard);
        }

        HeartbeatAnswer refusing(String why) {
            return new HeartbeatAnswer(term, leading, leader, leaderApi, revision, votersHeard, Optional.of(why), word);
        }

        HeartbeatAnswer withWord(LeaderWord said) {
            return new HeartbeatAnswer(
                    term, leading, leader, leaderApi, revision, votersHeard, refused, Optional.of(said));
        }
    }

    /// What a leader says with each answer.
    ///
    /// @param at      its clock
    /// @param version of its program
    /// @param check   the number of a request to look at itself that the node has not answered yet; 0 for none
    /// @param deep    everything, whatever it costs
    record LeaderWord(Instant at, String version, long check, boolean deep) {}

    /// How closely nodes are looked at.
    enum CheckDepth {
        /// What they told last, a minute ago at most.
        LATEST,
        /// What can be measured in a moment is measured now.
        FRESH,
        /// Everything anew; takes a minute at most.
        DEEP
    }

    /// @param nodes of which to tell; none: all in service
    record CheckRequest(List<NodeId> nodes, CheckDepth depth) {
        public CheckRequest {
            nodes = List.copyOf(nodes);
        }
    }

    /// @param by  who gathered it
    /// @param led whether that was the leader; otherwise `by` asked each node itself
    record CheckRounds(NodeId by, boolean led, Rounds rounds) {}

    /// @param identity as in [JoinRequest]: another machine under the name is not listened to
    record NodeReport(NodeId node, String identity, Report report) {}

    /// What the leader knows and nobody else; all but `leader` is empty where `leading` is false. Every node asks for it
    /// once a second, so it does not tell of files that come as they should: see [#underwayHere].
    record LeaderView(boolean leading, Optional<NodeId> leader, Optional<Soft> soft, List<Wait> waits) {
        public LeaderView {
            waits = List.copyOf(waits);
        }
    }
}
